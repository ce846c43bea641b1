"""What the API does not know it refuses, with the nearest names: nothing is dropped in silence."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.urls import get_resolver
from rest_framework.views import APIView

from missions.choices import Role
from poc_portal.api import strict
from poc_portal.api.router import resources
from poc_portal.api.strict import StrictView, nearest
from poc_portal.api.views import ExplorerView
from tests.factories import (
    AlertFactory,
    ArmedActorFactory,
    AssessmentFactory,
    IncidentFactory,
    ThreatFactory,
)
from threats.models import Incident

LOOTING = {
    "kind": "looting", "start_date": "2022-12-28", "place_name": "Bria", "longitude": 21.99,
    "latitude": 6.54,
}  # fmt: skip


def problems(answer) -> dict[str, str]:
    assert answer.status_code == 400, answer.content
    assert answer["Content-Type"].startswith("application/problem+json")
    return {row["field"]: row["message"] for row in answer.json()["errors"]}


def test_deaths_under_another_name_are_refused_with_the_right_one(mission, member, api):
    body = LOOTING | {"mission": mission.code, "deaths_civilians": 12}
    before = Incident.objects.count()
    answer = api(member(Role.ANALYST)).post("/api/v1/incidents/", body)
    assert "Nearest: civilian_deaths" in problems(answer)["deaths_civilians"]
    assert Incident.objects.count() == before


def test_deaths_under_another_name_are_refused_in_bulk_too(mission, member, api):
    row = LOOTING | {"mission": mission.code, "external_id": "1", "deaths_civilians": 12}
    answer = api(member(Role.ANALYST)).post("/api/v1/incidents/bulk?source=own", [row])
    assert answer.status_code == 422
    (error,) = answer.json()["results"][0]["errors"]
    assert "Nearest: civilian_deaths" in error["message"]


@pytest.mark.parametrize("method", ["put", "patch"])
def test_unknown_fields_are_refused_in_changes(mission, member, api, method):
    incident = IncidentFactory(mission=mission)
    answer = getattr(api(member(Role.ANALYST)), method)(
        f"/api/v1/incidents/{incident.pk}/", {"injuredd": 3}
    )
    assert "Nearest: injured" in problems(answer)["injuredd"]


def test_unknown_fields_of_nested_objects_are_refused(mission, member, api):
    actor = ArmedActorFactory(mission=mission)
    part = {"actor": actor.pk, "part": "perpetrator", "standard_of_prof": "x"}
    body = LOOTING | {"mission": mission.code, "parts": [part]}
    found = problems(api(member(Role.ANALYST)).post("/api/v1/incidents/", body))
    assert any("standard_of_prof" in name for name in found)


def test_what_only_the_portal_sets_is_not_taken_for_set(mission, member, api):
    threat = ThreatFactory(mission=mission)
    AssessmentFactory(threat=threat, mission=mission, likelihood=2)
    client = api(member(Role.ANALYST))
    answer = client.patch(f"/api/v1/threats/{threat.pk}/", {"likelihood": 5})
    assert "likelihood" in problems(answer)


def test_a_record_that_was_read_can_be_sent_back(mission, member, api):
    incident = IncidentFactory(mission=mission, injured=1)
    client = api(member(Role.ANALYST))
    record = client.get(f"/api/v1/incidents/{incident.pk}/").json()
    answer = client.put(f"/api/v1/incidents/{incident.pk}/", record | {"injured": 4})
    assert answer.status_code == 200, answer.content
    assert answer.json()["injured"] == 4


def test_an_action_takes_no_field_it_does_not_know(mission, member, api):
    alert = AlertFactory(mission=mission)
    step = {"step": "acknowledged", "notes": "Called back."}
    found = problems(api(member(Role.ANALYST)).post(f"/api/v1/alerts/{alert.pk}/steps/", step))
    assert "Nearest: note" in found["notes"]


@pytest.mark.parametrize("name", sorted(resources()))
def test_no_list_takes_a_parameter_it_does_not_know(mission, member, api, name):
    client = api(member(Role.ANALYST))
    found = problems(client.get(f"/api/v1/{name}/?mission={mission.code}&misssion=X"))
    assert found["misssion"].startswith("There is no such parameter.")


def test_a_filter_that_was_misspelt_does_not_give_the_whole_list(mission, member, api):
    found = problems(api(member()).get("/api/v1/incidents/?min_civilian_death=1"))
    assert "min_civilian_death" in found


@pytest.mark.parametrize(
    ("query", "field", "told"),
    [
        ("since=", "since", "Given empty; leave it out."),
        ("mission=", "mission", "Given empty; leave it out."),
        ("page_size=5&page_size=6", "page_size", "Given more than once; give one value."),
        ("page_size=1001", "page_size", "is not a number from 1 to 1000."),
        ("hxl=yes", "hxl", "“yes” is none of its values. There are: true, false."),
        ("ordering=start_dat", "ordering", "Nearest: start_date"),
        ("ordering=id,start_date", "ordering", "“id,start_date” is none of its values."),
        ("against_civilians=2", "against_civilians", "“2” is none of its values."),
        ("actor=x", "actor", "“x” is none of its values."),
    ],
)
def test_no_value_is_passed_over(mission, member, api, query, field, told):
    assert told in problems(api(member()).get(f"/api/v1/incidents/?{query}"))[field]


def test_what_takes_several_values_is_given_several_times(mission, member, api):
    first, second = (ThreatFactory(mission=mission) for _n in range(2))
    address = f"/api/v1/activities/?threats={first.pk}&threats={second.pk}"
    assert api(member()).get(address).status_code == 200


def test_free_text_may_be_empty(mission, member, api):
    for query in ("search=", "q="):
        assert api(member()).get(f"/api/v1/incidents/?{query}").status_code == 200


@pytest.mark.parametrize(
    "address", ["", "conformance", "collections", "collections/incidents",
                "collections/incidents/items"],
)  # fmt: skip
def test_layers_answer_400_to_unknown_parameters_as_their_standard_demands(
    mission, member, api, address
):
    answer = api(member()).get(f"/api/v1/ogc/{address}?limits=5")
    if answer.status_code == 404:
        answer = api(member()).get(f"/api/v1/ogc/{address}/?limits=5")
    assert "limits" in problems(answer)


def test_every_view_of_the_api_is_strict():
    def views(patterns):
        for pattern in patterns:
            if hasattr(pattern, "url_patterns"):
                yield from views(pattern.url_patterns)
            else:
                yield getattr(pattern.callback, "cls", None)

    found = {v for v in views(get_resolver().url_patterns) if v and issubclass(v, APIView)}
    assert len(found) > 20
    assert {v for v in found if not issubclass(v, StrictView)} <= {ExplorerView}


def test_the_schema_says_that_bodies_hold_nothing_else(tmp_path):
    path = tmp_path / "schema.json"
    call_command("spectacular", format="openapi-json", file=str(path))
    schema = json.loads(path.read_text())
    open_ones = []
    for address, operations in schema["paths"].items():
        for operation in operations.values():
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            name = body.get("schema", {}).get("$ref", "").rpartition("/")[2]
            if (
                name
                and schema["components"]["schemas"][name].get("additionalProperties") is not False
            ):
                open_ones.append((address, name))
    assert not open_ones


@pytest.mark.parametrize(
    ("given", "wanted"),
    [("deaths_civilians", "civilian_deaths"), ("lattitude", "latitude"), ("Kind", "kind"),
     ("place-name", "place_name")],
)  # fmt: skip
def test_the_nearest_name_is_told(given, wanted):
    assert nearest(given, [*LOOTING, "civilian_deaths", "deaths_low", "deaths_best"])[0] == wanted


def test_nothing_alike_is_no_name():
    assert nearest("zzz", ["kind", "place_name"]) == []


def test_the_first_requests_after_a_start_do_not_disturb_each_other(monkeypatch):
    """drf-spectacular finds its extensions at the first look; two threads at once broke it."""
    inside, most = [], []

    def described(view):
        inside.append(view)
        most.append(len(inside))
        time.sleep(0.02)
        inside.remove(view)
        return []

    monkeypatch.setattr(strict, "_described", described)
    monkeypatch.setattr(strict, "_parameters", {})
    views = [
        SimpleNamespace(action=str(n), request=SimpleNamespace(method="GET")) for n in range(4)
    ]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(strict.parameters_of, views)) == [frozenset()] * 4
    assert most == [1, 1, 1, 1]
