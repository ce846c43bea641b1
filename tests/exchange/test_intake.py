"""Forms collected elsewhere: submissions as KoboToolbox and ODK send them, through a mapping."""

import pytest

from missions.choices import Classification, Role
from tests import saying
from tests.factories import IntakeFactory
from threats.models import Alert, Incident

MAPPING = {
    "kind": {"from": "event/type", "values": {"attaque": "attack", "pillage": "looting"}},
    "start_date": {"from": "event/day"},
    "point": {"from": "event/where"},
    "notes": {"from": "what"},
    "injured": {"from": "event/injured"},
    **saying.for_every_row("incidents"),
}
KOBO = {
    "_id": 41, "_uuid": "6f1b", "event/type": "pillage", "event/day": "2022-12-30",
    "event/where": "5.5 20.5 0 12", "event/injured": "3", "what": "Le marché",
    "_attachments": [{"filename": "a.jpg", "mimetype": "image/jpeg"}],
    "_submitted_by": "somebody",
}  # fmt: skip
ODK = {
    "__id": "uuid:77", "__system": {"submitterName": "somebody"},
    "event": {"type": "attaque", "day": "2022-12-29T08:30:00Z", "injured": None,
              "where": {"type": "Point", "coordinates": [20.25, 5.25, 0]}},
    "what": "",
}  # fmt: skip


@pytest.fixture
def intake(mission):
    return IntakeFactory(mission=mission, mapping=MAPPING, name="kobo")


@pytest.fixture
def client(member, api):
    return api(member(Role.ANALYST))


def send(client, intake, body, action="submissions"):
    return client.post(f"/api/v1/intakes/{intake.pk}/{action}/", body)


def test_submissions_become_incidents_once(mission, client, intake):
    first = send(client, intake, KOBO)
    assert first.status_code == 200, first.content
    assert first.json()["attachments"] == 1
    record = Incident.objects.get(mission=mission)
    assert (record.kind, record.injured, record.notes) == ("looting", 3, "Le marché")
    assert (record.longitude, record.latitude) == (20.5, 5.5)
    assert (record.dataset, record.external_id) == ("kobo", "6f1b")
    again = send(client, intake, KOBO).json()
    assert again["results"][0]["status"] == "unchanged"
    both = send(client, intake, [ODK, KOBO | {"event/injured": "4"}]).json()
    assert [row["status"] for row in both["results"]] == ["created", "changed"]
    other = Incident.objects.get(external_id="uuid:77")
    assert (other.kind, str(other.start_date), other.injured) == ("attack", "2022-12-29", None)
    assert (other.longitude, other.latitude) == (20.25, 5.25)


def test_a_preview_stores_nothing(mission, client, intake):
    found = send(client, intake, [KOBO, {"event/type": "fête"}], "preview").json()
    assert found["rows"][0]["kind"] == "looting"
    assert found["rows"][1] is None
    assert found["results"][0]["status"] == "created"
    (error,) = found["results"][1]["errors"]
    assert error["field"] == "kind"
    assert "pillage" in error["message"]
    assert not Incident.objects.filter(mission=mission).exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"event/where": "somewhere"}, "point"),
        ({"event/day": "3/4/2022"}, "start_date"),
        ({"event/day": "31/2/2022"}, "start_date"),
        ({"event/day": None}, "start_date"),
        ({"event/injured": "many"}, "injured"),
        ({"_uuid": ""}, "external_id"),
        ({"event/type": ["a"]}, "kind"),
    ],
)
def test_what_is_wrong_with_a_submission(mission, client, intake, change, field):
    answer = send(client, intake, KOBO | change)
    assert answer.status_code == 422, answer.content
    (row,) = answer.json()["results"]
    assert row["errors"][0]["field"] == field
    assert not Incident.objects.filter(mission=mission).exists()


@pytest.mark.parametrize("body", [[], "text", 5, [5], [[]]])
def test_what_is_no_submission(mission, client, intake, body):
    assert send(client, intake, body).status_code in (400, 422)


def test_what_comes_in_is_as_secret_as_its_intake(mission, member, api, client):
    secret = IntakeFactory(mission=mission, mapping=MAPPING, classification=1)
    low = api(member(Role.ANALYST, Classification.UNCLASSIFIED))
    assert send(low, secret, KOBO).status_code == 404
    send(client, secret, KOBO)
    assert Incident.objects.get(mission=mission).classification == 1


def test_who_may_not_file_files_nothing_this_way(mission, member, api, intake):
    answer = send(api(member(Role.VIEWER)), intake, KOBO)
    assert answer.status_code == 422
    assert not Incident.objects.filter(mission=mission).exists()


def test_alerts_come_in_too(mission, client):
    intake = IntakeFactory(
        mission=mission, resource="alerts",
        mapping=saying.for_every_row("alerts")
        | {"details": {"from": "what"}, "point": {"from": "event/where"},
           "imminence": {"always": "imminent"}},
    )  # fmt: skip
    assert send(client, intake, KOBO).status_code == 200
    assert send(client, intake, KOBO).json()["results"][0]["status"] == "unchanged"
    assert Alert.objects.get(mission=mission).details == "Le marché"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"resource": "memberships"}, "resource"),
        ({"mapping": {}}, "mapping"),
        ({"mapping": {"kind": "type"}}, "mapping"),
        ({"mapping": {"kind": {"from": 5}}}, "mapping"),
        ({"mapping": {"kind": {"from": "a", "always": "b"}}}, "mapping"),
        ({"mapping": {"kind": {"from": "a", "values": []}}}, "mapping"),
    ],
)
def test_what_is_wrong_with_an_intake(mission, member, api, change, field):
    body = {"mission": mission.code, "name": "f", "resource": "incidents", "mapping": MAPPING}
    answer = api(member(Role.ADVISER)).post("/api/v1/intakes/", body | change)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"].split(".")[0] == field


@pytest.mark.parametrize(("own", "said", "stored"), [(2, "0", 2), (1, "2", 2), (1, "0", 1)])
def test_an_intake_never_stores_below_its_own_level_nor_below_the_row_s(
    mission, client, own, said, stored
):
    mapping = MAPPING | {"classification": {"from": "cl"}}
    intake = IntakeFactory(mission=mission, mapping=mapping, name="kobo", classification=own)
    assert send(client, intake, KOBO | {"cl": said}).json()["results"][0]["status"] == "created"
    assert Incident.objects.get(mission=mission).classification == stored
