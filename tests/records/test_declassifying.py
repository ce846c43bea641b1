"""A record is made less secret by who filed it or an adviser, with a reason, and by no row of many."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from exchange.models import Notification
from missions.choices import Role
from records.declassifying import declassifying
from records.models import Declassification
from records.services import update_record
from tests.factories import (
    ActivityFactory,
    AlertFactory,
    ArmedActorFactory,
    CommunityFactory,
    IncidentFactory,
    IntakeFactory,
    StrategyFactory,
    ThreatFactory,
)

KINDS = {
    "incidents": IncidentFactory,
    "alerts": AlertFactory,
    "communities": CommunityFactory,
    "armed-actors": ArmedActorFactory,
    "threats": ThreatFactory,
    "activities": ActivityFactory,
    "strategies": StrategyFactory,
    "intakes": IntakeFactory,
}
WHY = "declassification_reason"


@pytest.mark.parametrize("resource", KINDS)
def test_lowering_takes_a_reason_and_the_originator_or_an_adviser(mission, member, api, resource):
    adviser, author = member(Role.ADVISER, 2), member(Role.ANALYST, 2)
    record = KINDS[resource](mission=mission, classification=2, created_by=author)
    address = f"/api/v1/{resource}/{record.pk}/"
    others = [member(Role.ANALYST, 2), member(Role.PLANNER, 2)]
    for user in others:
        for body in ({"classification": 0}, {"classification": 0, WHY: "public by now"}):
            assert api(user).patch(address, body).status_code in (400, 403)
    for body in ({"classification": 1}, {"classification": 1, WHY: " "}):
        assert api(adviser).patch(address, body).status_code == 400
    record.refresh_from_db()
    assert record.classification == 2
    assert not Declassification.objects.filter(mission=mission).exists()
    answer = api(adviser).patch(address, {"classification": 1, WHY: "public by now"})
    assert answer.status_code == 200, answer.content
    assert WHY not in answer.json()
    (kept,) = Declassification.objects.filter(mission=mission)
    assert (kept.by, kept.from_level, kept.to_level) == (adviser, 2, 1)
    assert (kept.record, kept.reason) == (record.pk, "public by now")
    told = Notification.objects.filter(mission=mission, kind="declassified")
    assert [row.member for row in told] == [author]


def test_who_filed_it_lowers_their_own_and_the_advisers_are_told(mission, member, api):
    author, adviser = member(Role.REPORTER, 2), member(Role.ADVISER, 2)
    record = IncidentFactory(mission=mission, classification=2, created_by=author)
    body = {"classification": 1, WHY: "told on the radio"}
    answer = api(author).patch(f"/api/v1/incidents/{record.pk}/", body)
    assert answer.status_code == 200, answer.content
    told = Notification.objects.filter(mission=mission, kind="declassified")
    assert [row.member for row in told] == [adviser]


def test_raising_and_leaving_take_no_reason(mission, member, api):
    record = IncidentFactory(mission=mission, classification=1)
    client = api(member(Role.ANALYST, 2))
    for body in ({"classification": 1, "injured": 3}, {"classification": 2}):
        assert client.patch(f"/api/v1/incidents/{record.pk}/", body).status_code == 200
    assert not Declassification.objects.filter(mission=mission).exists()


@pytest.mark.parametrize(
    ("resource", "named"),
    [
        ("incidents", {"kind": "killing", "start_date": "2022-12-01", "date_precision": "day"}),
        ("communities", {"name": "Zangba", "longitude": 20.0, "latitude": 5.0}),
    ],
)
def test_a_row_of_many_lowers_nothing(mission, member, api, resource, named):
    client = api(member(Role.ADVISER, 2))
    address = f"/api/v1/{resource}/bulk/?mission={mission.code}&source=jmac"
    row = {"external_id": "1", "classification": 2} | named
    (first,) = client.post(address, [row]).json()["results"]
    assert first["status"] == "created"
    (again,) = client.post(address, [row | {"classification": 1}]).json()["results"]
    assert again["status"] == "refused"
    assert [error["field"] for error in again["errors"]] == ["classification"]
    record = KINDS[resource]._meta.model.objects.get(pk=first["id"])
    assert record.classification == 2


def test_the_page_asks_why_and_shows_it_to_those_cleared_for_what_it_was(
    mission, member, signed_in
):
    adviser = member(Role.ADVISER, 2)
    record = IncidentFactory(mission=mission, classification=2)
    edit = reverse("incident-edit", args=[mission.code, record.pk])
    form = signed_in(adviser).get(edit).context["form"]
    assert WHY in form.fields
    with pytest.raises(ValidationError):
        update_record(record, user=adviser, classification=0)
    with declassifying("told on the radio"):
        update_record(record, user=adviser, classification=0)
    page = record.get_absolute_url()
    assert "told on the radio" in signed_in(adviser).get(page).content.decode()
    assert "told on the radio" not in signed_in(member(Role.VIEWER, 1)).get(page).content.decode()
    assert WHY not in signed_in(adviser).get(edit).context["form"].fields


def test_a_record_is_not_moved_to_another_owner(mission, member):
    analyst = member(Role.ANALYST, 2)
    one, other = IncidentFactory(mission=mission), IncidentFactory(mission=mission)
    source = one.sources.create(mission=mission, kind="media")
    with pytest.raises(ValidationError):
        update_record(source, user=analyst, incident=other)
