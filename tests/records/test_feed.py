"""Following a list: where one may go on from, and what one is told of what is gone."""

import base64
import datetime
import json
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone
from rest_framework.utils.urls import replace_query_param

from missions.choices import Classification, Role
from missions.models import User
from records.feed.reading import RETENTION, keep_marks
from records.models import Change, ChangeLog, ChangeMark
from records.services import update_record, withdraw_record
from tests.factories import IncidentFactory, MembershipFactory

INCIDENTS = "/api/v1/incidents/?modified_since=start"


@pytest.fixture
def client(mission, member, api):
    return api(member(Role.VIEWER, Classification.UNCLASSIFIED))


@pytest.fixture
def analyst(member):
    return member(Role.ANALYST, Classification.STRICTLY_CONFIDENTIAL)


def test_a_list_is_followed_to_its_end_and_on(mission, client, analyst):
    made = [IncidentFactory(mission=mission) for _n in range(5)]
    page = client.get(INCIDENTS + "&page_size=2").json()
    found = [row["id"] for row in page["results"]]
    while page["next"]:
        page = client.get(page["next"]).json()
        found += [row["id"] for row in page["results"]]
    assert found == [record.pk for record in made]
    follow = client.get(INCIDENTS).json()["follow"]
    withdraw_record(made[0], user=analyst, reason="mistaken")
    update_record(made[1], user=analyst, kind="looting")
    after = client.get(follow).json()
    assert made[0].pk in after["removed"]
    assert [row["kind"] for row in after["results"] if row["id"] == made[1].pk] == ["looting"]


def test_nothing_is_said_of_what_was_never_visible(mission, client, analyst):
    follow = client.get(INCIDENTS).json()["follow"]
    secret = IncidentFactory(mission=mission, classification=Classification.CONFIDENTIAL)
    update_record(secret, user=analyst, kind="looting")
    withdraw_record(secret, user=analyst, reason="mistaken")
    answer = client.get(follow).json()
    assert (answer["results"], answer["removed"]) == ([], [])


def test_what_is_classified_higher_is_removed(mission, client, analyst):
    record = IncidentFactory(mission=mission)
    follow = client.get(INCIDENTS).json()["follow"]
    update_record(record, user=analyst, classification=Classification.CONFIDENTIAL)
    answer = client.get(follow).json()
    assert (answer["results"], answer["removed"]) == ([], [record.pk])


def test_what_leaves_the_filters_is_removed(mission, client, analyst):
    record = IncidentFactory(mission=mission, kind="killing")
    follow = client.get(INCIDENTS + "&kind=killing").json()["follow"]
    update_record(record, user=analyst, kind="looting")
    assert client.get(follow).json()["removed"] == [record.pk]


def test_another_clearance_or_mission_begins_again(mission, member, api):
    user = member(Role.VIEWER)
    client = api(user)
    follow = client.get(INCIDENTS).json()["follow"]
    assert client.get(follow).status_code == 200
    MembershipFactory(member=user)
    answer = api(User.objects.get(pk=user.pk)).get(follow)
    assert answer.status_code == 410
    assert "modified_since=start" in answer.json()["detail"]


def test_what_is_no_longer_kept_begins_again(mission, client, analyst):
    record = IncidentFactory(mission=mission)
    follow = client.get(INCIDENTS).json()["follow"]
    update_record(record, user=analyst, kind="looting")
    withdraw_record(record, user=analyst, reason="mistaken")
    long_ago = timezone.now() - RETENTION - datetime.timedelta(days=1)
    keep_marks()
    ChangeMark.objects.update(at=long_ago, horizon=2**40)
    keep_marks()
    assert not Change.objects.exists()
    assert ChangeLog.objects.get().kept_from == 2**40
    assert client.get(follow).status_code == 410
    old = (long_ago - datetime.timedelta(days=1)).isoformat().replace("+", "%2B")
    assert client.get(f"/api/v1/incidents/?modified_since={old}").status_code == 410


def test_a_moment_goes_back_to_the_mark_before_it(mission, client):
    keep_marks()
    moment = timezone.now().isoformat().replace("+", "%2B")
    record = IncidentFactory(mission=mission)
    answer = client.get(f"/api/v1/incidents/?modified_since={moment}").json()
    assert record.pk in [row["id"] for row in answer["results"]]


def forged(address: str, place: int, value) -> str:
    cursor = parse_qs(urlsplit(address).query)["cursor"][0]
    mark = json.loads(base64.urlsafe_b64decode(cursor))
    mark[place] = value
    text = base64.urlsafe_b64encode(json.dumps(mark).encode()).decode()
    return replace_query_param(address, "cursor", text)


@pytest.mark.parametrize("place", range(8))
@pytest.mark.parametrize("value", [None, -1, 2**70, 1e300, "\x00", [[]], {}])
def test_a_forged_place_is_refused(mission, client, place, value):
    follow = client.get(INCIDENTS).json()["follow"]
    answer = client.get(forged(follow, place, value))
    assert answer.status_code in (400, 410)
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("modified_since=yesterday", "modified_since"),
        ("modified_since=2022-13-01", "modified_since"),
        ("modified_since=start&ordering=-id", "ordering"),
        ("modified_since=start&cursor=W10=", "cursor"),
        ("modified_since=start&cursor=%ff", "cursor"),
    ],
)
def test_what_cannot_be_followed_is_named(mission, client, query, field):
    answer = client.get(f"/api/v1/incidents/?{query}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == field


def test_a_cursor_belongs_to_its_list_and_filters(mission, client):
    follow = client.get(INCIDENTS).json()["follow"]
    assert client.get(follow.replace("incidents", "communities")).status_code == 400
    assert client.get(follow + "&kind=killing").status_code == 400


def test_a_record_changed_meanwhile_is_not_withdrawn(mission, analyst, api):
    record = IncidentFactory(mission=mission)
    client = api(analyst)
    seen = client.get(f"/api/v1/incidents/{record.pk}/")["ETag"]
    update_record(record, user=analyst, kind="looting")
    address = f"/api/v1/incidents/{record.pk}/?reason=mistaken"
    answer = client.delete(address, headers={"If-Match": seen})
    assert answer.status_code == 412
    assert answer.json()["current"]["kind"] == "looting"
    assert client.delete(address, headers={"If-Match": answer["ETag"]}).status_code == 204
