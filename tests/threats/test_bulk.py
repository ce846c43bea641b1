"""Ten thousand rows a call: upserts by source and identifier, whole or as far as they are good."""

import json

import pytest

from missions.choices import Classification, Role
from records.models import ExternalId
from records.services import withdraw_record
from tests import saying
from tests.factories import (
    AdminAreaFactory,
    ArmedActorFactory,
    FieldOfficeFactory,
    IncidentFactory,
)
from threats.models import Alert, Community, EvidenceChange, Incident, RecomputeRequest
from threats.services.incidents import edit_incident

URL = "/api/v1/incidents/bulk"


@pytest.fixture
def analyst(member):
    return member(Role.ANALYST, Classification.CONFIDENTIAL)


@pytest.fixture
def client(analyst, api):
    return api(analyst)


def row(number, **values):
    return saying.INCIDENT | {
        "external_id": str(number), "kind": "killing", "start_date": "2022-12-01",
        "longitude": 20.5, "latitude": 5.5, "deaths_best": 2,
    } | values  # fmt: skip


def send(client, mission, rows, query="", url=URL, **extra):
    return client.post(f"{url}?mission={mission.code}&source=hotline{query}", rows, **extra)


def counts(answer) -> dict:
    return {name: number for name, number in answer.json().items() if name != "results" and number}


def test_rows_are_made_once_and_follow_their_source(mission, client, analyst):
    area = AdminAreaFactory(mission=mission, field_office=FieldOfficeFactory(mission=mission))
    rows = [row(n) for n in range(3)]
    answer = send(client, mission, rows)
    assert answer.status_code == 200, answer.content
    assert counts(answer) == {"stored": True, "created": 3}
    stored = Incident.objects.get(pk=answer.json()["results"][0]["id"])
    assert (stored.dataset, stored.external_id) == ("hotline", "0")
    assert stored.created_by == analyst
    assert stored.against_civilians
    assert (stored.deaths_best, stored.admin_area) == (2, area)
    assert EvidenceChange.objects.filter(mission=mission).count() == 3
    rows[1]["deaths_best"] = 5
    again = send(client, mission, rows)
    assert counts(again) == {"stored": True, "changed": 1, "unchanged": 2}
    assert Incident.objects.get(external_id="1", mission=mission).deaths_best == 5
    assert Incident.objects.filter(mission=mission).count() == 3
    assert EvidenceChange.objects.filter(mission=mission, sign=-1).count() == 1


def test_the_quick_way_stores_what_the_form_would(mission, client, api, analyst):
    actor = ArmedActorFactory(mission=mission)
    full = {
        "kind": "attack", "against_civilians": False, "start_date": "2022-11-30",
        "end_date": "2022-12-02", "time_of_day": "night", "date_precision": "week",
        "place_name": "Ndah\tor \\N", "longitude": 20.25, "latitude": 5, "classification": 1,
        "place_precision": "near", "deaths_low": 0, "deaths_best": 1, "deaths_high": 9,
        "civilian_deaths": 1, "injured": 2, "abducted": 3, "displaced": 400,
        "victims": {"women": 1, "boys": 0}, "notes": "Two lines\nof \"text\"",
        "parts": [{"actor": actor.pk, "part": "perpetrator"}],
    }  # fmt: skip
    single = client.post("/api/v1/incidents/", full | {"mission": mission.code})
    assert single.status_code == 201, single.content
    answer = send(client, mission, [full | {"external_id": 7}])
    assert counts(answer) == {"stored": True, "created": 1}, answer.content
    address = f"/api/v1/incidents/{answer.json()['results'][0]['id']}/"
    differing = ("id", "created_at", "modified_at", "dataset", "external_id")
    one, other = client.get(address).json(), single.json()
    for name in differing:
        one.pop(name), other.pop(name)
    times = [part.pop("standard_set_at") for found in (one, other) for part in found["parts"]]
    assert all(times)
    assert one == other


def test_one_bad_row_keeps_all_out_and_says_why(mission, client):
    rows = [row(0), row(1, kind="nonsense"), row(2, start_date="2023-01-01"), "text", row(0)]
    answer = send(client, mission, rows)
    assert answer.status_code == 422
    assert counts(answer) == {"refused": 4}
    assert not Incident.objects.filter(mission=mission).exists()
    found = {r["row"]: r["errors"][0]["field"] for r in answer.json()["results"]}
    assert found == {1: "kind", 2: "start_date", 3: "non_field_errors", 4: "external_id"}


def test_good_rows_are_kept_on_request(mission, client):
    answer = send(client, mission, [row(0), row(1, latitude=91)], "&mode=keep_good")
    assert answer.status_code == 200
    assert counts(answer) == {"stored": True, "created": 1, "refused": 1}
    assert Incident.objects.get(mission=mission).external_id == "0"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"external_id": None}, "external_id"),
        ({"external_id": "x" * 101}, "external_id"),
        ({"deaths_best": -1}, "deaths_best"),
        ({"deaths_best": 2**31}, "deaths_best"),
        ({"deaths_best": "many"}, "deaths_best"),
        ({"deaths_best": [[]]}, "deaths_best"),
        ({"longitude": None}, "longitude"),
        ({"longitude": {}}, "longitude"),
        ({"start_date": []}, "start_date"),
        ({"start_date": "2022-02-30"}, "start_date"),
        ({"end_date": "2022-11-01"}, "end_date"),
        ({"victims": {"dogs": 1}}, "victims"),
        ({"victims": None}, "victims"),
        ({"notes": 5 * ["x"]}, "notes"),
        ({"classification": 2}, "classification"),
        ({"kind": {"a": 1}}, "kind"),
        ({"colour": "red"}, "colour"),
        ({"mission": "OTHER"}, "mission"),
        ({"source": "other"}, "source"),
        ({"parts": [{"actor": 0, "part": "perpetrator"}]}, "parts.0.actor"),
    ],
)
def test_what_is_wrong_with_a_row(mission, client, change, field):
    answer = send(client, mission, [row(0) | change])
    assert answer.status_code == 422, answer.content
    (found,) = answer.json()["results"]
    assert field in [error["field"] for error in found["errors"]], found
    assert not Incident.objects.filter(mission=mission).exists()


def test_what_a_person_changed_or_withdrew_is_left_alone(mission, client, analyst):
    send(client, mission, [row(0), row(1)])
    first, second = Incident.objects.filter(mission=mission).order_by("external_id")
    edit_incident(first, user=analyst, deaths_best=9)
    withdraw_record(second, user=analyst, reason="mistaken")
    answer = send(client, mission, [row(0, deaths_best=3), row(1, deaths_best=3)])
    assert counts(answer) == {"stored": True, "held": 2}
    first.refresh_from_db()
    assert first.deaths_best == 9


def test_what_one_may_not_change_is_refused(mission, client, member, api):
    IncidentFactory(mission=mission, dataset="hotline", external_id="0", classification=2)
    # Of a record that is hidden it tells nothing: the row is one of its own.
    (found,) = send(client, mission, [row(0)]).json()["results"]
    assert found["status"] == "created"
    viewer = api(member(Role.VIEWER))
    assert send(viewer, mission, [row(1)]).status_code == 403
    stranger = send(client, type(mission)(code="OTHER"), [row(1)])
    assert (stranger.status_code, stranger.json()["errors"][0]["field"]) == (400, "mission")


def test_an_office_writes_for_itself(mission, member, api):
    inside, outside = FieldOfficeFactory(mission=mission), FieldOfficeFactory(mission=mission)
    AdminAreaFactory(mission=mission, field_office=inside)
    user = member(Role.ANALYST)
    user.memberships.get().field_offices.add(outside)
    assert send(api(user), mission, [row(0)]).status_code == 422


def test_ndjson_and_its_bad_lines(mission, client):
    lines = "\n".join([json.dumps(row(0)), "{", json.dumps(row(1)), ""])
    answer = send(
        client, mission, lines.encode(), "&mode=keep_good", content_type="application/x-ndjson"
    )
    assert counts(answer) == {"stored": True, "created": 2, "refused": 1}
    assert answer.json()["results"][1]["errors"][0]["message"].startswith("The body is not JSON")


@pytest.mark.parametrize("body", [[], {}, "text", None, [None] * 10_001])
def test_bodies_that_are_no_rows(mission, client, body):
    answer = client.post(f"{URL}?mission={mission.code}&source=hotline", body, format="json")
    assert answer.status_code == 400


def test_many_rows_ask_for_a_whole_pass(mission, client):
    answer = send(client, mission, [row(n) for n in range(600)])
    assert counts(answer) == {"stored": True, "created": 600}
    assert not EvidenceChange.objects.filter(mission=mission).exists()
    assert RecomputeRequest.objects.filter(mission=mission).exists()


def test_the_number_of_queries_is_that_of_a_call(mission, client, django_assert_max_num_queries):
    with django_assert_max_num_queries(40):
        send(client, mission, [row(n) for n in range(700)])


def test_a_call_sent_again_with_its_key(mission, client):
    keyed = {"Idempotency-Key": "night-of-the-first"}
    first = send(client, mission, [row(0)], headers=keyed)
    again = send(client, mission, [row(0)], headers=keyed)
    assert first.content == again.content


def test_communities_and_alerts(mission, client):
    place = {"external_id": "P1", "name": "Ndah", "longitude": 20.5, "latitude": 5.5}
    url = "/api/v1/communities/bulk"
    assert counts(send(client, mission, [place], url=url)) == {"stored": True, "created": 1}
    assert counts(send(client, mission, [place], url=url)) == {"stored": True, "unchanged": 1}
    again = send(client, mission, [place | {"population": 900}], url=url)
    assert counts(again) == {"stored": True, "changed": 1}
    assert Community.objects.get(mission=mission).population == 900
    gone = send(client, mission, [place], url=url)
    assert counts(gone) == {"stored": True, "changed": 1}
    assert Community.objects.get(mission=mission).population is None
    alert = {
        "external_id": 12, "kind": "attack", "imminence": "imminent", "details": "Men on the road",
        "longitude": 20.5, "latitude": 5.5, "source_kind": "community", "place_precision": "exact",
    }  # fmt: skip
    url = "/api/v1/alerts/bulk"
    first = send(client, mission, [alert], url=url)
    assert counts(first) == {"stored": True, "created": 1}, first.content
    assert counts(send(client, mission, [alert], url=url)) == {"stored": True, "unchanged": 1}
    bad = send(client, mission, [alert, alert | {"external_id": 13, "kind": "x"}], url=url)
    assert (bad.status_code, Alert.objects.filter(mission=mission).count()) == (422, 1)
    assert ExternalId.objects.get(mission=mission).record == Alert.objects.get(mission=mission).pk
