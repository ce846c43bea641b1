"""OGC API – Features: the layers, and the clients GIS officers have."""

import datetime
import json
import shutil
import subprocess

import pytest
from owslib.ogcapi.features import Features

from missions.choices import Classification, Role
from poc_portal.api.features.collection import collections
from poc_portal.api.features.standard import CONFORMS_TO
from tests.factories import (
    AdminAreaFactory,
    AlertFactory,
    CommunityFactory,
    IncidentFactory,
    MembershipFactory,
    MissionFactory,
    UserFactory,
)

OGC = "/api/v1/ogc"
COUNTS = {"communities": 393, "incidents": 1848, "field-offices": 12, "admin-areas": 17}


@pytest.fixture
def client(mission, member, api):
    return api(member(Role.VIEWER, Classification.UNCLASSIFIED))


def items(client, name="incidents", **query):
    return client.get(f"{OGC}/collections/{name}/items", query)


def ids(answer) -> list[int]:
    assert answer.status_code == 200, answer.content
    return [feature["id"] for feature in json.loads(answer.content)["features"]]


def test_what_is_wanted_as_a_layer_is_one():
    wanted = {"communities", "incidents", "alerts", "field-offices", "admin-areas", "activities"}
    assert wanted <= set(collections())


def test_the_landing_page_leads_to_everything(client):
    landing = client.get(OGC).json()
    found = {link["rel"]: link["href"] for link in landing["links"]}
    assert {"self", "alternate", "service-desc", "service-doc", "conformance", "data"} <= set(found)
    for rel in ("self", "service-desc", "service-doc", "conformance", "data"):
        assert client.get(found[rel]).status_code == 200, rel
    assert client.get(found["conformance"]).json()["conformsTo"] == CONFORMS_TO


def test_every_form_of_every_document(mission, client):
    IncidentFactory(mission=mission)
    for address in ("", "/conformance", "/collections", "/collections/incidents",
                    "/collections/incidents/items"):  # fmt: skip
        plain = client.get(OGC + address, headers={"Accept": "application/json"})
        assert plain["Content-Type"].split(";")[0] in ("application/json", "application/geo+json")
        page = client.get(OGC + address, headers={"Accept": "text/html,*/*"})
        assert page["Content-Type"].startswith("text/html")
        assert client.get(OGC + address, {"f": "xml"}).status_code == 400


def test_pages_are_walked_by_their_links(mission, client):
    made = {IncidentFactory(mission=mission).pk for _n in range(7)}
    found, address, pages = [], f"{OGC}/collections/incidents/items?limit=3", 0
    while address:
        answer = client.get(address)
        body = json.loads(answer.content)
        assert body["numberReturned"] == len(body["features"])
        assert body.get("numberMatched", 7) == 7
        found += ids(answer)
        address = {link["rel"]: link["href"] for link in body["links"]}.get("next")
        pages += 1
    assert (set(found), len(found), pages) == (made, 7, 3)


def test_a_layer_holds_what_its_reader_may_see(mission, member, client, api):
    seen = IncidentFactory(mission=mission)
    secret = IncidentFactory(mission=mission, classification=2, longitude=30, latitude=9)
    assert ids(items(client)) == [seen.pk]
    one = f"{OGC}/collections/incidents/items/{secret.pk}"
    assert client.get(one).status_code == 404
    extent = client.get(f"{OGC}/collections/incidents").json()["extent"]
    assert extent["spatial"]["bbox"][0][2] < 30
    cleared = api(member())
    assert set(ids(items(cleared))) == {seen.pk, secret.pk}
    assert json.loads(cleared.get(one).content)["geometry"]["coordinates"] == [30, 9]
    assert ids(items(api(UserFactory()))) == []


def test_bbox_and_datetime_and_properties(mission, client):
    west = IncidentFactory(mission=mission, longitude=15, latitude=4, start_date="2022-01-01",
                           end_date="2022-01-10", kind="killing")  # fmt: skip
    east = IncidentFactory(mission=mission, longitude=25, latitude=9, start_date="2022-06-01",
                           end_date="2022-06-01", kind="looting")  # fmt: skip
    nowhere = IncidentFactory(mission=mission, longitude=None, latitude=None, kind="clash",
                              start_date="2022-03-01", end_date="2022-03-01")  # fmt: skip
    assert ids(items(client)) == [nowhere.pk, east.pk, west.pk]
    assert ids(items(client, bbox="14,3,16,5")) == [west.pk]
    assert ids(items(client, bbox="14,3,0,16,5,9")) == [west.pk]
    assert ids(items(client, bbox="170,-90,20,90")) == [west.pk]  # across the antimeridian
    assert ids(items(client, datetime="2022-01-05")) == [west.pk]
    assert ids(items(client, datetime="2022-01-05/2022-03-01")) == [nowhere.pk, west.pk]
    assert ids(items(client, datetime="2022-03-02T00:00:00Z/..")) == [east.pk]
    assert ids(items(client, kind="looting")) == [east.pk]
    assert ids(items(client, limit=1, kind="looting", datetime="../2022-03-01")) == []


def test_a_moment_without_an_offset_is_of_the_clocks_of_the_mission(member, api):
    juba, utc = (MissionFactory(time_zone=zone) for zone in ("Africa/Juba", "UTC"))
    reader = member(where=juba)
    MembershipFactory(member=reader, mission=utc, clearance=2)
    at = datetime.datetime(2022, 12, 30, 22, 30, tzinfo=datetime.UTC)  # half past midnight in Juba
    in_juba, in_utc = (
        AlertFactory(mission=mission, received_at=at, longitude=20.0, latitude=5.0)
        for mission in (juba, utc)
    )

    def found(when):
        return ids(items(api(reader), "alerts", datetime=when))

    assert found("2022-12-31") == [in_juba.pk]
    assert found("2022-12-30") == [in_utc.pk]
    assert found("2022-12-31T00:00:00/2022-12-31T01:00:00") == [in_juba.pk]
    assert found("2022-12-30T22:00:00Z/2022-12-30T23:00:00Z") == [in_utc.pk, in_juba.pk]


def test_areas_meet_the_box(mission, client):
    area = AdminAreaFactory(mission=mission)
    west, south, east, north = client.get(f"{OGC}/collections/admin-areas").json()["extent"][
        "spatial"
    ]["bbox"][0]
    inside = f"{west + 0.1},{south + 0.1},{west + 0.2},{south + 0.2}"
    assert ids(items(client, "admin-areas", bbox=inside)) == [area.pk]
    assert (
        ids(items(client, "admin-areas", bbox=f"{east + 1},{north + 1},{east + 2},{north + 2}"))
        == []
    )


def test_communities_carry_their_risk(demo, member, api):
    body = json.loads(items(api(member(where=demo)), "communities", limit=500).content)
    assert len(body["features"]) == COUNTS["communities"]
    assert all("probability" in feature["properties"] for feature in body["features"])
    CommunityFactory(mission=demo)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"bbox": "1,2,3"}, "bbox"), ({"bbox": "x,2,3,4"}, "bbox"), ({"bbox": "1,5,2,3"}, "bbox"),
        ({"bbox": "1e999,2,3,4"}, "bbox"), ({"bbox": "nan,2,3,4"}, "bbox"),
        ({"datetime": "yesterday"}, "datetime"), ({"datetime": "2022-02-01/2022-01-01"}, "datetime"),
        ({"datetime": "2022-13-01"}, "datetime"), ({"limit": "0"}, "limit"),
        ({"limit": "-1"}, "limit"), ({"limit": "x"}, "limit"), ({"cursor": "x"}, "cursor"),
        ({"cursor": "9" * 30}, "cursor"), ({"colour": "red"}, "colour"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_question(mission, client, query, field):
    answer = items(client, **query)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == field


def test_an_unknown_layer(client):
    assert client.get(f"{OGC}/collections/informants").status_code == 404
    assert items(client, "informants").status_code == 404


def test_a_person_signs_in_and_a_program_is_told_to(db, client):
    from django.test import Client

    person = Client().get(OGC, headers={"Accept": "text/html"})
    assert (person.status_code, person["Location"]) == (
        302,
        f"/sign-in/?next={OGC.replace('/', '%2F')}",
    )
    assert Client().get(OGC, headers={"Accept": "application/json"}).status_code == 401


# -- as clients read them -----------------------------------------------------------------------


@pytest.fixture
def ogr(served):
    if shutil.which("ogrinfo") is None:
        pytest.skip("ogrinfo is not on this machine; install Debian's package gdal-bin")

    def run(program: str, *arguments: str) -> str:
        header = f"Authorization: Token {served.token('viewer')}"
        found = subprocess.run(
            [program, "--config", "GDAL_HTTP_HEADERS", header, *arguments],
            capture_output=True, text=True, timeout=120, check=True,
        )  # fmt: skip
        assert "ERROR" not in found.stderr, found.stderr
        return found.stdout

    return run


def test_ogrinfo_reads_every_layer_whole(served, ogr):
    text = ogr("ogrinfo", "-al", f"OAPIF:{served.address}{OGC}")
    layers = {part.split("\n")[0].strip(): part for part in text.split("Layer name: ")[1:]}
    assert set(collections()) <= set(layers)
    for name, count in COUNTS.items():
        assert layers[name].count("OGRFeature(") == count, name
        assert f"Feature Count: {count}" in layers[name]
    activities = layers["activities"]
    assert (
        activities.count("OGRFeature(")
        == int(activities.split("Feature Count: ")[1].split()[0])
        > 0
    )


def test_ogr2ogr_copies_a_layer_within_a_box(served, ogr, tmp_path):
    target = tmp_path / "communities.geojson"
    source = f"OAPIF:{served.address}{OGC}/"
    ogr("ogr2ogr", str(target), source, "communities", "-spat", "18", "4", "19", "5")
    features = json.loads(target.read_text())["features"]
    assert features
    for feature in features:
        longitude, latitude = feature["geometry"]["coordinates"]
        assert 18 <= longitude <= 19
        assert 4 <= latitude <= 5
        assert 0 < feature["properties"]["probability"] < 1


def test_owslib_reads_layers(served):
    header = {"Authorization": f"Token {served.token('viewer')}"}
    features = Features(f"{served.address}{OGC}", headers=header)
    assert set(collections()) <= set(features.feature_collections())
    found = features.collection_items("incidents", limit=2000)
    assert found["numberMatched"] == found["numberReturned"] == COUNTS["incidents"]
    near = features.collection_items("communities", bbox=[18, 4, 19, 5], limit=500)
    assert 0 < near["numberReturned"] < COUNTS["communities"]


def test_a_token_may_come_as_a_password(served):
    import requests

    found = requests.get(
        f"{served.address}{OGC}/collections", auth=("me", served.token("viewer")), timeout=30
    )
    assert found.status_code == 200
    wrong = requests.get(f"{served.address}{OGC}", auth=("me", "wrong"), timeout=30)
    assert wrong.status_code == 401
