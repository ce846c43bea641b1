"""A warning leads to what is done about it: decided, planned in hours, seen from both sides."""

import datetime

import pytest

from missions.choices import Role
from strategies.choices import CellState
from strategies.coverage.mission import Coverage
from strategies.models import Activity
from strategies.reading.overview import overview
from strategies.services.activities import change_activities, edit_activity
from tests.factories import (
    TODAY,
    ActivityFactory,
    AlertFactory,
    CommunityFactory,
    ComponentFactory,
    ThreatFactory,
)
from threats.services.alerts import take_step

HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def troops(mission):
    return ComponentFactory(mission=mission, kind="military", name="Force")


@pytest.fixture
def alert(mission, troops, member):
    """Decided to respond to, against an active threat to a community."""
    threat = ThreatFactory(mission=mission, phase="preemption")
    made = AlertFactory(mission=mission, imminence="imminent", place_name="Ippy")
    made.threats.add(threat)
    made.communities.add(CommunityFactory(mission=mission, name="Ippy"))
    take_step(
        made, user=member(Role.PLANNER), step="decided", decision="respond",
        responding_component=troops,
    )  # fmt: skip
    return made


def plan(client, mission, alert, **changes):
    address = f"/{mission.code}/activities/plan/?alert={alert.pk}"
    page = client.get(address)
    assert "was not understood" not in page.content.decode()
    form = page.context["form"]
    filled = {}
    for field in form:
        value = field.value()
        many = isinstance(value, list)
        if value not in (None, ""):
            filled[field.name] = (
                [getattr(one, "pk", one) for one in value] if many else getattr(value, "pk", value)
            )
    filled["communities"] = form["communities"].field.prepare_value(form["communities"].value())
    return client.post(address, filled | changes)


def test_a_decision_to_respond_leads_to_an_activity_due_in_hours(
    mission, alert, troops, member, signed_in
):
    client = signed_in(member(Role.PLANNER))
    page = client.get(alert.get_absolute_url()).content.decode()
    assert "It was decided to respond, and nothing is planned yet." in page
    answer = plan(client, mission, alert)
    assert answer.status_code == 302, answer.content.decode()
    activity = Activity.objects.get(mission=mission)
    assert (activity.tier, activity.phase, activity.lead_component) == (2, "preemption", troops)
    assert list(activity.alerts.all()) == [alert]
    assert {threat.pk for threat in activity.threats.all()} == {
        threat.pk for threat in alert.threats.all()
    }
    assert HOUR < activity.due_at - mission.now < 2 * HOUR  # in time, as the mission has it
    page = client.get(alert.get_absolute_url()).content.decode()
    assert "nothing is planned yet" not in page
    assert activity.title in page
    assert str(alert) in client.get(activity.get_absolute_url()).content.decode()
    (cell,) = [
        cell for cell in Coverage(mission, member()).matrix()
        if (cell.tier, cell.phase) == (2, "preemption")
    ]  # fmt: skip
    assert cell.by_state[CellState.PLANNED] == 1


def test_hours_are_overdue_by_the_hour(mission, alert, troops, member):
    user = member(Role.PLANNER)
    activity = ActivityFactory(
        mission=mission, lead_component=troops, phase="preemption", due=TODAY,
        due_at=mission.now - HOUR,
    )  # fmt: skip
    activity.threats.set(alert.threats.all())
    ours = Activity.objects.filter(mission=mission)
    assert ours.overdue(mission).get() == activity
    figures = overview(mission, user)["figures"]
    assert figures.overdue == 1
    assert sum(cell.overdue for cell in Coverage(mission, user).matrix()) == 1
    edit_activity(activity, user=user, due_at=mission.now + HOUR)
    assert not ours.overdue(mission).exists()


def test_another_day_keeps_the_time_of_day(mission, troops, member):
    user = member(Role.PLANNER)
    at = mission.now.replace(hour=5, minute=30, second=0, microsecond=0)
    activity = ActivityFactory(mission=mission, lead_component=troops, due=TODAY, due_at=at)
    change_activities([activity], user=user, later_by=2)
    activity.refresh_from_db()
    assert activity.due_at == at + datetime.timedelta(days=2)
    assert activity.due == TODAY + datetime.timedelta(days=2)


def test_an_activity_that_is_planned_already_can_respond(
    mission, alert, troops, member, signed_in, api
):
    planned = ActivityFactory(mission=mission, lead_component=troops, title="Night patrols")
    other = ActivityFactory(mission=mission, title="Elsewhere")
    client = signed_in(member(Role.PLANNER))
    page = client.get(alert.get_absolute_url()).content.decode()
    assert f'<option value="{planned.pk}">' in page
    assert f'<option value="{other.pk}">' not in page
    url = f"{alert.get_absolute_url()}answer/"
    empty = client.post(url, {}, follow=True)
    assert "Choose the activity that responds." in empty.content.decode()
    assert signed_in(member(Role.VIEWER)).post(url, {"activity": planned.pk}).status_code == 403
    client.post(url, {"activity": planned.pk})
    assert list(alert.activities.all()) == [planned]
    told = api(member(Role.VIEWER)).get(f"/api/v1/alerts/{alert.pk}/").json()
    assert told["activities"] == [planned.pk]
    told = api(member(Role.VIEWER)).get(f"/api/v1/activities/{planned.pk}/").json()
    assert told["alerts"] == [alert.pk]


def test_what_a_reader_may_not_see_stands_on_neither_side(mission, alert, troops, member, api):
    secret = ActivityFactory(mission=mission, lead_component=troops, classification=2)
    secret.alerts.add(alert)
    hidden = AlertFactory(mission=mission, classification=2)
    seen = ActivityFactory(mission=mission, lead_component=troops)
    seen.alerts.add(hidden)
    client = api(member(Role.VIEWER, clearance=0))
    assert client.get(f"/api/v1/alerts/{alert.pk}/").json()["activities"] == []
    assert client.get(f"/api/v1/activities/{seen.pk}/").json()["alerts"] == []


def test_no_activity_is_offered_by_a_threat_its_reader_may_not_see(
    mission, alert, member, signed_in
):
    hidden = ThreatFactory(mission=mission, classification=2)
    alert.threats.add(hidden)
    against = ActivityFactory(mission=mission, title="Elsewhere")
    against.threats.add(hidden)
    cleared, not_cleared = member(Role.PLANNER), member(Role.PLANNER, clearance=0)
    option = f'<option value="{against.pk}">'
    assert option in signed_in(cleared).get(alert.get_absolute_url()).content.decode()
    assert option not in signed_in(not_cleared).get(alert.get_absolute_url()).content.decode()


def test_the_api_takes_the_moment_and_the_alerts(mission, alert, troops, member, api):
    client = api(member(Role.PLANNER))
    body = {
        "mission": mission.code, "title": "Go", "tier": 2, "phase": "preemption",
        "lead_component": troops.pk, "alerts": [alert.pk], "start": "2022-12-31",
        "due": "2022-12-31", "due_at": "2022-12-31T23:30:00Z",
    }  # fmt: skip
    made = client.post("/api/v1/activities/", body)
    assert made.status_code == 201, made.content
    assert made.json()["alerts"] == [alert.pk]
    assert made.json()["due_at"] == "2022-12-31T23:30:00.000000Z"


def test_a_response_is_planned_for_the_community_the_alert_is_placed_at(
    mission, troops, member, signed_in
):
    here = CommunityFactory(mission=mission, longitude=20.01, latitude=5.0)
    CommunityFactory(mission=mission, longitude=20.03, latitude=5.0)
    CommunityFactory(mission=mission, longitude=20.0, latitude=5.0, classification=2)
    alert = AlertFactory(mission=mission, longitude=20.0, latitude=5.0)
    far = AlertFactory(mission=mission, longitude=21.0, latitude=5.0)
    client = signed_in(member(Role.PLANNER, clearance=1))
    for told, places in ((alert, here.name), (far, "")):
        page = client.get(f"/{mission.code}/activities/plan/?alert={told.pk}")
        assert (page.context["form"]["communities"].value() or "") == places


def test_a_closed_alert_asks_for_nothing_but_what_was_left_open(
    mission, alert, troops, member, signed_in
):
    client = signed_in(member(Role.PLANNER))
    activity = ActivityFactory(mission=mission, lead_component=troops, status="planned")
    activity.alerts.add(alert)
    page = client.get(alert.get_absolute_url()).content.decode()
    assert "Plan the response" in page
    assert "On duty now" in page
    assert "response to it is not" not in page
    for step, said in (("responded", {}), ("closed", {"outcome": "averted"})):
        take_step(alert, user=member(Role.PLANNER), step=step, **said)
    page = client.get(alert.get_absolute_url()).content.decode()
    assert "Plan the response" not in page
    assert "On duty now" not in page
    assert "The alert is closed, and 1 activity in response to it is not" in page


def test_an_hour_is_told_wherever_a_due_date_is(mission, alert, troops, member, signed_in):
    due = mission.now.replace(hour=23, minute=24, second=0, microsecond=0)
    activity = ActivityFactory(
        mission=mission, lead_component=troops, status="planned", due=due.date(), due_at=due
    )
    activity.threats.set(alert.threats.all())
    client = signed_in(member(Role.PLANNER))
    threat = alert.threats.get()
    for path in ("activities/board/", f"components/{troops.pk}/handover/", f"threats/{threat.pk}/"):
        assert "23:24" in client.get(f"/{mission.code}/{path}").content.decode(), path
