"""What the frame of the API promises for every resource."""

import json
import re

import pytest
from django.core.management import call_command
from rest_framework.test import APIClient

from missions.choices import Role
from tests.factories import CommunityFactory, IncidentActorFactory, IncidentFactory, UserFactory


def test_the_schema_is_openapi_3_1_and_without_warnings(tmp_path):
    path = tmp_path / "schema.json"
    call_command(
        "spectacular", "--validate", "--fail-on-warn", format="openapi-json", file=str(path)
    )
    schema = json.loads(path.read_text())
    assert schema["openapi"].startswith("3.1")
    for resource in (
        "missions", "components", "field-offices", "admin-areas", "memberships", "communities",
        "armed-actors", "actor-identifiers", "incidents", "incident-sources", "threats",
        "assessments", "risk-scores", "risk-models", "activities",
        "alerts", "risk-history", "risk-backtests",
    ):  # fmt: skip
        assert f"/api/v1/{resource}/" in schema["paths"]
    assert not re.search("informant", path.read_text(), re.IGNORECASE)


def test_a_token_signs_in_and_out(mission, member):
    user = member(Role.VIEWER)
    user.set_password("a long enough one")
    user.save()
    client = APIClient()
    wrong = {"username": user.username, "password": "wrong"}  # pragma: allowlist secret
    assert client.post("/api/v1/tokens/", wrong).status_code == 403
    right = {"username": user.username, "password": "a long enough one"}  # pragma: allowlist secret
    token = client.post("/api/v1/tokens/", right).json()["token"]
    client.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    assert client.get("/api/v1/missions/").status_code == 200
    assert client.delete("/api/v1/tokens/current/").status_code == 204
    assert client.get("/api/v1/missions/").status_code == 401


def test_a_session_that_writes_needs_its_csrf_token(mission, member):
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(member(Role.ANALYST))
    body = {"mission": mission.code, "title": "x"}
    assert client.post("/api/v1/threats/", body).status_code == 403


def test_pages_follow_a_cursor_and_skip_nothing(mission, member, api):
    made = {IncidentFactory(mission=mission).pk for _n in range(7)}
    client, found = api(member()), []
    page = "/api/v1/incidents/?page_size=2&ordering=start_date"
    while page:
        answer = client.get(page).json()
        found += [row["id"] for row in answer["results"]]
        if len(found) == 2:
            IncidentFactory(mission=mission, start_date="1999-01-01", end_date="1999-01-01")
        page = answer["next"]
    assert made <= set(found)
    assert len(found) == len(set(found))


@pytest.mark.parametrize("ordering", ["population", "-population", "name", "-modified_at", "-id"])
def test_every_order_walks_the_whole_list_unknown_values_included(mission, member, api, ordering):
    for number in range(9):
        CommunityFactory(mission=mission, population=None if number % 3 else number)
    client, found = api(member()), []
    page = f"/api/v1/communities/?page_size=2&ordering={ordering}"
    while page:
        answer = client.get(page).json()
        found += [row["id"] for row in answer["results"]]
        page = answer["next"]
    assert len(found) == len(set(found)) == 9


def test_filters_by_actor_and_date(mission, member, api):
    part = IncidentActorFactory(incident__mission=mission)
    IncidentFactory(mission=mission, start_date="2001-01-01")
    client = api(member())

    def ids(query):
        return [row["id"] for row in client.get(f"/api/v1/incidents/?{query}").json()["results"]]

    assert ids(f"actor={part.actor_id}") == [part.incident_id]
    assert ids("since=2022-01-01") == [part.incident_id]
    assert len(ids(f"mission={mission.code}")) == 2


@pytest.mark.parametrize(
    "query",
    [
        "since=yesterday",
        "actor=0",
        "ordering=secret",
        "cursor=forged",
        "cursor=W10=",
        "page_size=x",
    ],
)
def test_odd_parameters_are_no_server_error(mission, member, api, query):
    assert api(member()).get(f"/api/v1/incidents/?{query}").status_code in (200, 400, 404)


def test_a_stranger_sees_empty_lists(db, api):
    answer = api(UserFactory()).get("/api/v1/incidents/")
    assert answer.json()["results"] == []


@pytest.mark.parametrize("body", ["{", "[]", '{"mission": null}', '"text"'])
def test_bodies_of_the_wrong_shape(mission, member, api, body):
    answer = api(member(Role.ANALYST)).post(
        "/api/v1/incidents/", body, content_type="application/json"
    )
    assert answer.status_code == 400
    assert answer["Content-Type"].startswith("application/problem+json")


@pytest.mark.parametrize("form", ["json", "csv", "ndjson", "geojson", "xlsx"])
def test_a_list_of_no_fields_is_refused(demo, member, api, form):
    client = api(member(Role.VIEWER, where=demo))
    answer = client.get("/api/v1/incidents/", {"fields": "id", "omit": "id", "format": form})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "omit"
