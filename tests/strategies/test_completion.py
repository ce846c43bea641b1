"""An activity was done when it was done, and is late by one rule everywhere."""

import datetime

import pytest
from django.core.exceptions import ValidationError

from missions.access import Reader
from strategies.brief.document import document
from strategies.brief.facts import gather
from strategies.coverage.mission import Coverage
from strategies.coverage.places import uncovered, with_cover
from strategies.models import Activity, StatusChange
from strategies.models.activity import late
from strategies.reading.as_of import activities_on
from strategies.reading.overview import overview
from strategies.services.activities import change_activities, edit_activity, plan_activity
from tests.factories import (
    ActivityFactory,
    CommunityFactory,
    ComponentFactory,
    IncidentFactory,
    RiskScoreFactory,
    ThreatFactory,
)
from threats.models import Community
from threats.scoring.suggestions import suggestions_for

TODAY = datetime.date(2022, 12, 31)
DAY = datetime.timedelta(days=1)
NOVEMBER_5 = datetime.date(2022, 11, 5)
WEEK = datetime.date(2022, 12, 26)


@pytest.fixture
def mission(juba):
    return juba


@pytest.fixture
def planner(planner_in_juba):
    return planner_in_juba


@pytest.fixture
def place(mission):
    return CommunityFactory(mission=mission)


@pytest.fixture
def visit(mission, planner, place):
    return plan_activity(
        user=planner, mission=mission, title="Visit to Ippy", tier=1, phase="response",
        lead_component=ComponentFactory(mission=mission), start=NOVEMBER_5 - DAY, due=NOVEMBER_5,
        communities=[place],
    )  # fmt: skip


def suggested(mission, place):
    threat = ThreatFactory(mission=mission, status="active", phase="response")
    threat.communities.add(place)
    threat.incidents.add(
        IncidentFactory(mission=mission, start_date=datetime.date(2022, 11, 15), kind="killing")
    )
    return suggestions_for(mission, Reader.cleared(mission, 2), [threat])[threat.pk]


def test_a_visit_of_november_marked_done_in_december_is_no_sign_after_the_killing_between(
    mission, planner, place, visit
):
    edit_activity(visit, user=planner, status="done", completed_on=NOVEMBER_5)
    found = suggested(mission, place)
    assert found.phase != "consolidation"
    assert "A good sign" not in " ".join(map(str, found.reasons))


def test_a_visit_after_the_killing_is_a_sign_of_its_own_day(mission, planner, place, visit):
    edit_activity(visit, user=planner, status="done", completed_on=datetime.date(2022, 12, 2))
    found = suggested(mission, place)
    assert found.phase == "consolidation"
    assert "2 December 2022" in " ".join(map(str, found.reasons))


def test_the_day_of_completion_is_asked_kept_and_signed(mission, planner, visit, signed_in, api):
    client = signed_in(planner)
    page = client.get(visit.get_absolute_url()).content.decode()
    assert 'name="completed_on"' in page
    assert 'max="2022-12-31"' in page
    url = f"{visit.get_absolute_url()}status/"
    client.post(url, {"status": "done", "completed_on": "2022-11-05"})
    visit.refresh_from_db()
    assert (visit.status, visit.completed_on) == ("done", NOVEMBER_5)
    assert visit.history.last().day == NOVEMBER_5
    address = f"/api/v1/activities/{visit.pk}/"
    answer = api(planner).patch(address, {"completed_on": "2022-11-06"}).json()
    assert answer["completed_on"] == "2022-11-06"
    assert [row["day"] for row in answer["history"]] == ["2022-12-31", "2022-11-05", "2022-11-06"]
    moved = api(planner).patch(address, {"status": "under_way"}).json()
    assert moved["completed_on"] is None
    assert api(planner).patch(address, {"status": "done"}).json()["completed_on"] == "2022-12-31"


def test_the_form_of_an_activity_asks_for_the_day(mission, planner, visit, signed_in):
    client, url = signed_in(planner), f"{visit.get_absolute_url()}edit/"
    form = client.get(url).context["form"]
    values = {
        name: form[name].value() for name in form.fields if form[name].value() not in (None, "")
    }
    client.post(url, values | {"status": "done", "completed_on": "2022-11-05"})
    visit.refresh_from_db()
    assert (visit.status, visit.completed_on) == ("done", NOVEMBER_5)
    values["version"] = client.get(url).context["form"]["version"].value()
    client.post(url, values | {"status": "planned", "completed_on": "2022-11-05"})
    visit.refresh_from_db()
    assert (visit.status, visit.completed_on) == ("planned", None)


def test_what_was_done_stays_done_on_its_day_when_no_day_is_said(planner, visit):
    edit_activity(visit, user=planner, status="done", completed_on=NOVEMBER_5)
    edit_activity(visit, user=planner, status="done", completed_on=None, outcome="They talked.")
    visit.refresh_from_db()
    assert (visit.completed_on, visit.history.count()) == (NOVEMBER_5, 2)


def test_many_are_done_on_the_day_said(mission, planner, visit):
    report = change_activities([visit], user=planner, status="done", completed_on=NOVEMBER_5)
    assert report.changed == 1
    visit.refresh_from_db()
    assert visit.completed_on == NOVEMBER_5


@pytest.mark.parametrize(
    ("status", "day", "message"),
    [
        ("done", TODAY + DAY, "lies in the future"),
        ("done", NOVEMBER_5 - 2 * DAY, "lies before the start"),
        ("under_way", NOVEMBER_5, "set the status too"),
    ],
)
def test_no_activity_is_done_in_the_future_before_its_start_or_while_it_lives(
    planner, visit, api, status, day, message
):
    with pytest.raises(ValidationError, match=message):
        edit_activity(visit, user=planner, status=status, completed_on=day)
    answer = api(planner).patch(
        f"/api/v1/activities/{visit.pk}/", {"status": status, "completed_on": day.isoformat()}
    )
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "completed_on"
    visit.refresh_from_db()
    assert (visit.status, visit.completed_on) == ("planned", None)


def test_as_of_a_day_between_it_was_done_and_a_corrected_day_no_longer_holds(
    mission, planner, visit
):
    StatusChange.objects.filter(activity=visit).update(day=datetime.date(2022, 10, 20))

    def on(day: datetime.date) -> tuple:
        (found,) = activities_on(day, Activity.objects.filter(pk=visit.pk))
        return found.status, found.completed_on

    edit_activity(visit, user=planner, status="done", completed_on=NOVEMBER_5)
    assert on(NOVEMBER_5 - DAY) == ("planned", None)
    assert on(NOVEMBER_5) == on(TODAY) == ("done", NOVEMBER_5)
    right = NOVEMBER_5 + 10 * DAY
    edit_activity(visit, user=planner, completed_on=right)
    assert on(NOVEMBER_5 + DAY) == ("planned", None)
    assert on(right) == on(TODAY) == ("done", right)


# -- one rule of lateness --------------------------------------------------------------------


@pytest.fixture
def hours(mission):
    """A response that was due two hours ago."""
    return ActivityFactory(
        mission=mission, due=TODAY, due_at=mission.now - datetime.timedelta(hours=2),
        start=TODAY, status="planned", lead_component=ComponentFactory(mission=mission),
    )  # fmt: skip


def test_what_is_late_by_hours_is_late_everywhere(mission, planner, hours, signed_in, api):
    facts = gather(mission, 2, WEEK)
    assert facts.overdue.rows == [hours]
    assert overview(mission, planner)["figures"].overdue == 1
    client, component = signed_in(planner), hours.lead_component
    page = client.get(component.get_absolute_url())
    assert page.context["figures"]["overdue"] == 1
    assert page.context["figures"]["soon"] == 0
    for name, total in (("overdue_url", 1), ("soon_url", 0), ("live_url", 1)):
        listed = client.get(page.context[name])
        assert listed.context["table"].paginator.count == total, name
    for said, total in (("true", 1), ("false", 0)):
        answer = api(planner).get("/api/v1/activities/", {"mission": mission.code, "overdue": said})
        assert len(answer.json()["results"]) == total


def test_the_matrix_of_the_weeks_last_day_knows_hours(mission, planner, hours):
    threat = ThreatFactory(mission=mission, status="active", phase="response")
    hours.threats.add(threat)
    Activity.objects.filter(pk=hours.pk).update(phase="response")
    now = Coverage(mission, planner).matrix()
    assert sum(cell.overdue for cell in now) == 1
    assert [cell.overdue for cell in Coverage(mission, planner, TODAY).matrix()] == [
        cell.overdue for cell in now
    ]


def test_at_the_end_of_a_past_day_its_hours_are_over(mission, planner, hours):
    yesterday = TODAY - DAY
    noon = datetime.datetime.combine(yesterday, datetime.time(12), mission.zone)
    Activity.objects.filter(pk=hours.pk).update(due=yesterday, due_at=noon, start=yesterday)
    ours = Activity.objects.filter(mission=mission)
    assert ours.filter(late(mission, yesterday)).exists()
    assert not ours.filter(late(mission, yesterday - DAY)).exists()


def test_the_brief_says_by_how_many_hours(mission, hours):
    said = document(gather(mission, 2, WEEK), "en", [], None)
    (section,) = [part for part in said["sections"] if part["key"] == "overdue"]
    assert section["rows"][0][1]["text"] == "2.0 h"


@pytest.mark.parametrize(
    ("status", "days", "covers"),
    [
        ("planned", 31, False),
        ("planned", 30, True),
        ("planned", -5, True),
        ("under_way", 600, True),
        ("done", 1, False),
    ],
)
def test_a_plan_long_overdue_and_never_begun_is_no_cover(
    mission, planner, place, status, days, covers
):
    """An acute place was covered by an activity planned for February of the year before."""
    RiskScoreFactory(community=place, mission=mission, horizon=30, clearance=2, band=5)
    ThreatFactory(mission=mission, status="active").communities.add(place)
    ActivityFactory(
        mission=mission, status=status, start=TODAY - 700 * DAY, due=TODAY - days * DAY,
        completed_on=TODAY if status == "done" else None,
    ).communities.add(place)  # fmt: skip
    found = uncovered(mission, planner)
    assert (found.total, found.upper) == (0 if covers else 1, 1)
    shown = with_cover(Community.objects.with_risk(planner), planner).get(pk=place.pk)
    assert (shown.live_activities, shown.gap) == ((1, False) if covers else (0, True))
