import csv
import datetime
import io
import json

import factory
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from lxml import html

from exchange.intake.mapping import targets
from missions.choices import Classification, Role
from tests.battery import ResourceBattery
from tests.factories import CommunityFactory
from tests.plugin.hazards.models import Hazard


class HazardFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Hazard

    name = factory.Sequence(lambda n: f"Bridge {n}")
    kind = "mine"
    community = factory.SubFactory(CommunityFactory, mission=factory.SelfAttribute("..mission"))
    longitude, latitude = 21.2, 6.25
    found_on = datetime.date(2022, 12, 1)


class TestHazards(ResourceBattery):
    resource, factory, change = "hazards", HazardFactory, {"kind": "device"}

    def payload(self, mission):
        return {
            "mission": mission.code, "name": "Ford", "kind": "remnant", "found_on": "2022-12-01",
            "longitude": 21.2, "latitude": 6.25,
        }  # fmt: skip


@pytest.fixture
def one(mission):
    """A community with a hazard all may know of and one that few may."""
    community = CommunityFactory(mission=mission, name="Ippy")
    HazardFactory(mission=mission, community=community, name="Bridge")
    HazardFactory(
        mission=mission, community=community, name="Depot",
        classification=Classification.STRICTLY_CONFIDENTIAL,
    )  # fmt: skip
    return community


def page(client, name, mission, *args, query=""):
    answer = client.get(reverse(name, args=[mission.code, *args]) + query)
    assert answer.status_code == 200
    parts = getattr(answer, "streaming_content", None)
    return (b"".join(parts) if parts else answer.content).decode("utf-8-sig")


# -- the record's own pages -----------------------------------------------------------------------


def test_menu_list_and_page(mission, member, signed_in, one):
    reader = signed_in(member(clearance=0))
    text = page(reader, "hazard-list", mission)
    assert "<title" in text
    assert reverse("hazard-list", args=[mission.code]) in text
    assert "Bridge" in text
    assert "Depot" not in text
    shown, hidden = Hazard.objects.order_by("pk")
    assert "Mine" in page(reader, "hazard-detail", mission, shown.pk)
    unseen = reader.get(reverse("hazard-detail", args=[mission.code, hidden.pk]))
    assert unseen.status_code == 404


def test_buttons_by_role(mission, member, signed_in):
    add, sheet = reverse("hazard-report", args=[mission.code]), "?resource=hazards"
    for role, may in ((Role.VIEWER, False), (Role.ANALYST, True)):
        client = signed_in(member(role))
        text = page(client, "hazard-list", mission)
        assert (f'href="{add}"' in text) is may
        assert (sheet in text) is may
        assert client.get(add).status_code == (200 if may else 403)


def test_form(mission, member, signed_in, one):
    client = signed_in(member(Role.ANALYST))
    values = {
        "name": "Culvert", "kind": "mine", "community": one.pk, "longitude": 21, "latitude": 6,
        "found_on": "2022-12-02", "classification": 0,
    }  # fmt: skip
    address = reverse("hazard-report", args=[mission.code])
    assert client.post(address, values | {"longitude": 700}).status_code == 422
    assert client.post(address, values).status_code == 302
    assert Hazard.objects.get(name="Culvert").community == one


def test_search_finds_them(mission, member, signed_in, one):
    text = page(signed_in(member(clearance=0)), "search", mission, query="?q=bridge")
    assert "Explosive hazards" in text
    assert "Depot" not in page(signed_in(member(clearance=0)), "search", mission, query="?q=depot")


def test_sheets_can_become_hazards(mission, member, api):
    assert "hazards" in targets()
    rows = [{"external_id": "1", "name": "Ford", "kind": "mine", "found_on": "2022-12-01",
             "longitude": 21.2, "latitude": 6.25}]  # fmt: skip
    client = api(member(Role.ANALYST))
    answer = client.post(f"/api/v1/hazards/bulk?mission={mission.code}&source=sheet", rows)
    assert answer.json()["created"] == 1, answer.json()


# -- what it adds to communities ------------------------------------------------------------------


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize(("clearance", "count"), [(0, 1), (2, 2)])
def test_column_filter_sort_and_panel(mission, member, signed_in, one, clearance, count):
    CommunityFactory(mission=mission, name="Bria")
    client = signed_in(member(clearance=clearance))
    (first, second) = rows_of(
        page(client, "community-list", mission, query="?format=csv&sort=-open_hazards")
    )
    assert (first["Name"], first["Hazards"]) == ("Ippy", str(count))
    assert (second["Name"], second["Hazards"]) == ("Bria", "0")
    assert list(first)[:3] == ["Name", "Watch band", "Hazards"]  # behind the band
    text = page(client, "community-list", mission, query=f"?hazards_min={count}")
    assert "Hazards, at least" in text
    assert "Ippy" in text
    assert "Bria" not in text
    assert "Ippy" not in page(client, "community-list", mission, query=f"?hazards_min={count + 1}")
    shown = page(client, "community-detail", mission, one.pk)
    assert "Bridge" in shown
    assert ("Depot" in shown) is (count == 2)
    other = page(client, "community-detail", mission, second_key(mission))
    assert "Explosive hazards" not in other


def second_key(mission):
    return CommunityFactory(mission=mission, name="Bambari").pk


@pytest.mark.parametrize(("clearance", "count"), [(0, 1), (2, 2)])
def test_field_filter_and_order_of_the_api(mission, member, api, one, clearance, count):
    CommunityFactory(mission=mission, name="Bria")
    client = api(member(clearance=clearance))
    found = client.get("/api/v1/communities/?ordering=-open_hazards").json()["results"]
    assert [row["open_hazards"] for row in found] == [count, 0]
    names = list(found[0])
    assert names[names.index("band") + 1] == "open_hazards"
    assert client.get(f"/api/v1/communities/{one.pk}/").json()["open_hazards"] == count
    asked = client.get(f"/api/v1/communities/?hazards_min={count}&fields=id,open_hazards")
    assert asked.json()["results"] == [{"id": one.pk, "open_hazards": count}]
    layer = client.get(f"/api/v1/ogc/collections/communities/items?hazards_min={count}").json()
    assert [each["properties"]["open_hazards"] for each in layer["features"]] == [count]
    lines = b"".join(client.get("/api/v1/communities/?format=csv&hxl=1").streaming_content)
    first, tags, *_rest = csv.reader(io.StringIO(lines.decode("utf-8-sig")))
    assert tags[first.index("open_hazards")] == "#indicator+hazards+num"


def test_what_is_written_is_answered_with_it(mission, member, api, one):
    client = api(member(Role.ANALYST))
    address = f"/api/v1/communities/{one.pk}/"
    refused = client.patch(address, {"population": 900, "open_hazards": 7})
    assert refused.status_code == 400  # a figure is not set
    answer = client.patch(address, {"population": 900})
    assert answer.status_code == 200
    assert answer.json()["open_hazards"] == 2


def test_as_many_queries_for_many(mission, member, signed_in, api, one):
    user = member(Role.ANALYST)
    client, caller = signed_in(user), api(user)

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            page(client, "community-list", mission)
            page(client, "hazard-list", mission)
            caller.get("/api/v1/communities/")
        return len(found)

    counts = []
    for _more in (1, 5, 9):
        HazardFactory.create_batch(3, mission=mission)
        counts.append(min(queries(), queries()))  # what is kept for seconds is at times read anew
    assert counts[1] == counts[2], counts


def test_schema_tells_of_all(client, db):
    schema = client.get("/api/v1/schema/?format=json").json()
    assert "/api/v1/hazards/" in schema["paths"]
    community = schema["components"]["schemas"]["Community"]["properties"]
    assert community["open_hazards"]["readOnly"]
    assert community["open_hazards"]["description"] == "Explosive hazards not cleared yet."
    listed = schema["paths"]["/api/v1/communities/"]["get"]["parameters"]
    assert "hazards_min" in [each["name"] for each in listed]
    assert "open_hazards" not in schema["components"]["schemas"]["CommunityRequest"]["properties"]


def test_hazards_are_a_layer_and_can_be_followed(mission, member, api, one):
    client = api(member(clearance=0))
    layer = client.get("/api/v1/ogc/collections/hazards/items").json()
    assert [each["properties"]["name"] for each in layer["features"]] == ["Bridge"]
    start = client.get("/api/v1/hazards/?modified_since=start").json()
    Hazard.objects.filter(name="Bridge").update(name="Ford")
    after = client.get(start["follow"]).json()["results"]
    assert [row["name"] for row in after] == ["Ford"]


def test_its_signs_are_on_the_map(mission, member, signed_in):
    text = page(signed_in(member()), "presence", mission)
    (layers,) = html.fromstring(text).xpath("//script[@id='map-layers']/text()")
    drawn = {layer["name"]: layer for layer in json.loads(layers)}
    assert list(drawn) == ["office", "base", "activity", "hazard"]
    hazards = drawn["hazard"]
    assert hazards["from"] == f"/api/v1/hazards/?mission={mission.code}"
    assert hazards["page"] == reverse("hazard-detail", args=[mission.code, 0])
    assert 'class="key-hazard" aria-hidden="true">!' in text
