"""Tokens, limits, and requests that are sent twice."""

import datetime

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from exchange.models import AccessToken
from exchange.tokens.services import issue_token
from missions.choices import Role
from poc_portal.api.once import forget_sent
from poc_portal.models import SentOnce
from tests import saying
from tests.factories import ObjectiveFactory, UserFactory
from threats.models import Incident

INCIDENTS = "/api/v1/incidents/"
PROBLEM = "application/problem+json"


def with_token(user, **given) -> tuple[APIClient, AccessToken]:
    values = {"name": "a script", "may_write": True, "resources": [], "days": 1} | given
    record, token = issue_token(user=user, **values)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    return client, record


@pytest.fixture
def analyst(member):
    return member(Role.ANALYST)


def report(mission, **values):
    said = {"mission": mission.code, "kind": "killing", "start_date": "2022-12-01"}
    return saying.INCIDENT | said | values


def test_a_reading_token_reads_only(mission, analyst):
    client, _record = with_token(analyst, may_write=False)
    assert client.get(INCIDENTS).status_code == 200
    answer = client.post(INCIDENTS, report(mission))
    assert (answer.status_code, answer["Content-Type"]) == (403, PROBLEM)
    assert not Incident.objects.filter(mission=mission).exists()


def test_a_token_for_some_resources_opens_no_others(mission, analyst):
    client, _record = with_token(analyst, resources=["communities"])
    assert client.get("/api/v1/communities/").status_code == 200
    assert client.get(INCIDENTS).status_code == 403
    assert client.get("/api/v1/overview/", {"mission": mission.code}).status_code == 403


def test_a_token_for_some_resources_opens_their_layers(mission, analyst):
    client, _record = with_token(analyst, resources=["communities"])
    layers = client.get("/api/v1/ogc/collections").json()["collections"]
    assert [layer["id"] for layer in layers] == ["communities"]
    assert client.get("/api/v1/ogc").status_code == 200
    assert client.get("/api/v1/ogc/collections/communities/items").status_code == 200
    assert client.get("/api/v1/ogc/collections/incidents/items").status_code == 403
    assert client.get("/api/v1/ogc/collections/incidents").status_code == 403


def test_a_token_expires_and_is_revoked(mission, analyst):
    client, record = with_token(analyst)
    assert client.get(INCIDENTS).status_code == 200
    record.refresh_from_db()
    assert timezone.now() - record.last_used_at < datetime.timedelta(minutes=1)
    AccessToken.objects.update(expiry=timezone.now() - datetime.timedelta(seconds=1))
    assert client.get(INCIDENTS).status_code == 401


@pytest.mark.parametrize("header", ["Token", "Token \xff", "Token a b", "Token \x01", "Token x"])
def test_a_token_of_the_wrong_shape(db, header):
    answer = APIClient().get(INCIDENTS, headers={"Authorization": header})
    assert (answer.status_code, answer["Content-Type"]) == (401, PROBLEM)


def test_the_page_shows_a_token_once_and_revokes_it(mission, analyst, signed_in):
    client = signed_in(analyst)
    form = {"name": "Power BI", "may_write": "no", "days": 30, "resources": ["incidents"]}
    page = client.post("/tokens/", form).content.decode()
    record = AccessToken.objects.get(name="Power BI")
    shown = page.split('class="secret">')[1].split("<")[0]
    assert record.token_key == shown[:15]
    page = client.get("/tokens/").content.decode()
    assert "Power BI" in page
    assert shown not in page
    other = signed_in(UserFactory())
    assert other.post(f"/tokens/{record.pk}/revoke/").status_code == 404
    client.post(f"/tokens/{record.pk}/revoke/")
    assert not AccessToken.objects.filter(pk=record.pk).exists()


@pytest.mark.parametrize(
    "change", [{"days": 0}, {"days": 366}, {"resources": ["secrets"]}, {"name": ""}]
)
def test_a_token_that_cannot_be_made_keeps_what_was_typed(analyst, signed_in, change):
    form = {"name": "Power BI", "may_write": "no", "days": 30} | change
    answer = signed_in(analyst).post("/tokens/", form)
    assert answer.status_code == 422
    assert not AccessToken.objects.exists()


def test_requests_are_limited_by_token_and_said_so(analyst, settings):
    settings.API_REQUESTS_PER_MINUTE = 2
    client, _record = with_token(analyst)
    first = client.get(INCIDENTS)
    assert first["RateLimit-Policy"] == '"requests";q=2;w=60'
    assert first["RateLimit"].startswith('"requests";r=1;t=')
    assert client.get(INCIDENTS).status_code == 200
    refused = client.get(INCIDENTS)
    assert (refused.status_code, refused["Content-Type"]) == (429, PROBLEM)
    assert 0 < int(refused["Retry-After"]) <= 60
    assert with_token(analyst)[0].get(INCIDENTS).status_code == 200


def test_a_body_may_not_be_larger_than_ten_mebibytes(mission, analyst, api):
    client = api(analyst)
    body = b'{"notes": "' + b"x" * 11 * 2**20 + b'"}'
    answer = client.post(INCIDENTS, body, content_type="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (413, PROBLEM)


def test_an_unknown_address_is_a_problem_too(analyst, api):
    answer = api(analyst).get("/api/v1/nothing/")
    assert (answer.status_code, answer["Content-Type"]) == (404, PROBLEM)


def test_a_request_sent_again_is_answered_again_and_not_done_again(mission, analyst, api):
    client = api(analyst)
    keyed = {"Idempotency-Key": "7f1c"}
    first = client.post(INCIDENTS, report(mission), headers=keyed)
    again = client.post(INCIDENTS, report(mission), headers=keyed)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again["ETag"] == first["ETag"]
    assert again["Idempotency-Replayed"] == "true"
    assert Incident.objects.filter(mission=mission).count() == 1
    other = client.post(INCIDENTS, report(mission, kind="looting"), headers=keyed)
    assert (other.status_code, other["Content-Type"]) == (422, PROBLEM)
    assert Incident.objects.filter(mission=mission).count() == 1


def test_keys_are_each_callers_own(mission, member, api):
    keyed = {"Idempotency-Key": "7f1c"}
    for _n in range(2):
        user = member(Role.ANALYST)
        assert api(user).post(INCIDENTS, report(mission), headers=keyed).status_code == 201
    assert Incident.objects.filter(mission=mission).count() == 2


def test_what_was_refused_may_be_put_right_under_its_key(mission, analyst, api):
    client = api(analyst)
    keyed = {"Idempotency-Key": "7f1c"}
    wrong = client.post(INCIDENTS, report(mission, kind="nonsense"), headers=keyed)
    assert wrong.status_code == 400
    assert not SentOnce.objects.exists()
    assert client.post(INCIDENTS, report(mission), headers=keyed).status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb"])
def test_a_key_of_the_wrong_shape(mission, analyst, api, key):
    answer = api(analyst).post(INCIDENTS, report(mission), headers={"Idempotency-Key": key})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "Idempotency-Key"


def test_actions_honour_the_key_and_answers_are_forgotten_after_a_day(mission, member, api):

    strategy = ObjectiveFactory(strategy__mission=mission).strategy
    client = api(member(Role.ADVISER))
    address = f"/api/v1/strategies/{strategy.pk}/endorse/"
    keyed = {"Idempotency-Key": "7f1c"}
    first = client.post(address, headers=keyed)
    assert first.status_code == 200, first.content
    assert client.post(address, headers=keyed).content == first.content
    SentOnce.objects.update(created_at=timezone.now() - datetime.timedelta(days=2))
    forget_sent()
    assert not SentOnce.objects.exists()
