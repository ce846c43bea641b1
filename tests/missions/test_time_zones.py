"""A mission goes by the clocks of where it stands, not by those of the machine."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from exchange.models import NotificationPreference
from missions import timezones
from missions.choices import Role
from missions.models import Membership
from missions.services import create_mission
from poc_portal.web.clock import as_clock
from tests.factories import AlertFactory, MissionFactory
from threats.models import Alert, Incident

AFTER_MIDNIGHT_IN_JUBA = datetime.datetime(2026, 1, 31, 22, 30, tzinfo=datetime.UTC)


@pytest.fixture
def juba(db, monkeypatch):
    """Half past midnight there, the evening before in UTC."""
    monkeypatch.setattr(timezone, "now", lambda: AFTER_MIDNIGHT_IN_JUBA)
    return MissionFactory(time_zone="Africa/Juba", reference_date=None)


REPORT = {
    "kind": "killing", "start_date": "2026-02-01", "date_precision": "day", "time_of_day": "unknown", "place_name": "Kajo",
    "latitude": "4", "longitude": "31", "place_precision": "exact", "classification": "0",
    "source_kind": "patrol", "reliability": "B", "credibility": "2",
}  # fmt: skip


def test_after_midnight_in_juba_todays_incident_is_not_of_the_future(juba, member, signed_in):
    assert juba.today == datetime.date(2026, 2, 1)
    client = signed_in(member(Role.REPORTER, where=juba))
    answer = client.post(f"/{juba.code}/incidents/report/", REPORT)
    assert answer.status_code == 302, answer.content.decode()
    assert Incident.objects.get(mission=juba).start_date == datetime.date(2026, 2, 1)


def test_the_evening_before_in_utc_it_is_of_the_future(juba, member, signed_in):
    there = MissionFactory(reference_date=None)
    client = signed_in(member(Role.REPORTER, where=there))
    answer = client.post(f"/{there.code}/incidents/report/", REPORT)
    assert answer.status_code == 422
    assert not Incident.objects.filter(mission=there).exists()


def test_pages_tell_the_time_by_the_missions_clocks_and_the_api_in_utc(
    juba, member, signed_in, api
):
    alert = AlertFactory(mission=juba, received_at=AFTER_MIDNIGHT_IN_JUBA)
    user = member(Role.VIEWER, where=juba)
    page = signed_in(user).get(alert.get_absolute_url()).content.decode()
    assert "1 February 2026, 00:30 CAT" in page
    told = api(user).get(f"/api/v1/alerts/{alert.pk}/").json()
    assert told["received_at"] == "2026-01-31T22:30:00.000000Z"
    assert as_clock(AFTER_MIDNIGHT_IN_JUBA) == "31 January 2026, 22:30 UTC"  # after the request


def test_months_of_alerts_are_those_of_the_missions_clocks(juba, member, api):
    AlertFactory(mission=juba, received_at=AFTER_MIDNIGHT_IN_JUBA)
    told = api(member(where=juba)).get(f"/api/v1/alert-figures/?mission={juba.code}").json()
    assert [row["name"] for row in told["by_month"]] == ["2026-02"]
    assert Alert.objects.get(mission=juba).received_at == AFTER_MIDNIGHT_IN_JUBA


def test_quiet_hours_are_the_missions(juba, member):
    membership = Membership.objects.get(member=member(where=juba))
    there = NotificationPreference.objects.create(
        membership=membership, quiet_from=datetime.time(0), quiet_until=datetime.time(6)
    )
    elsewhere = NotificationPreference.objects.create(
        membership=Membership.objects.get(member=member(where=MissionFactory())),
        quiet_from=datetime.time(0), quiet_until=datetime.time(6),
    )  # fmt: skip
    quiet = NotificationPreference.objects.quiet(AFTER_MIDNIGHT_IN_JUBA)
    assert there in quiet
    assert elsewhere not in quiet


def test_a_new_mission_keeps_its_countrys_time(db):
    assert create_mission(code="UNMISS", name="x", countries=["SSD"]).time_zone == "Africa/Juba"
    congo = create_mission(
        code="MONUSCO", name="x", countries=["COD"], time_zone="Africa/Lubumbashi"
    )
    assert congo.zone.key == "Africa/Lubumbashi"
    assert timezones.of_country("COD") == ("Africa/Kinshasa", "Africa/Lubumbashi")
    with pytest.raises(ValidationError, match="Did you mean Africa/Juba"):
        create_mission(code="WRONG", name="x", countries=["SSD"], time_zone="Africa/Jubba")


def test_the_demonstration_goes_by_the_clocks_of_bangui(demo):
    assert demo.time_zone == "Africa/Bangui"
