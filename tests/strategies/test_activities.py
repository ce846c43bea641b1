import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from missions.choices import Role
from records.services import EditConflict
from records.versions import version_of
from strategies.charts import timeline
from strategies.models import Activity
from strategies.services.activities import change_activities, edit_activity, plan_activity
from tests.factories import (
    TODAY,
    ActivityFactory,
    AlertFactory,
    AssessmentFactory,
    ComponentFactory,
    DecisionFactory,
    MissionFactory,
    ThreatFactory,
)

DAY = datetime.timedelta(days=1)


@pytest.fixture
def planner(member):
    return member(Role.PLANNER)


@pytest.fixture
def activity(mission, planner):
    return plan_activity(
        user=planner, mission=mission, title="Night patrol", tier=2, phase="response",
        lead_component=ComponentFactory(mission=mission), start=TODAY, due=TODAY,
    )  # fmt: skip


def test_each_change_of_status_is_timed_and_signed(activity, planner, member):
    adviser = member(Role.ADVISER)
    edit_activity(activity, user=adviser, status="under_way", note=" The patrol left. ")
    edit_activity(activity, user=planner, title="Two night patrols")
    edit_activity(activity, user=planner, status="done")
    rows = [(row.status, row.changed_by, row.note) for row in activity.history.all()]
    assert rows == [
        ("planned", planner, ""), ("under_way", adviser, "The patrol left."), ("done", planner, ""),
    ]  # fmt: skip


def test_who_may_not_edit_leaves_no_trace(activity, member):
    with pytest.raises(PermissionDenied):
        edit_activity(activity, user=member(Role.ANALYST), status="done")
    assert activity.history.count() == 1


def test_a_conflict_changes_nothing(activity, planner):
    seen = version_of(activity, planner)
    edit_activity(activity, user=planner, status="under_way")
    with pytest.raises(EditConflict):
        edit_activity(activity, user=planner, expected=seen, status="cancelled")
    assert [row.status for row in activity.history.all()] == ["planned", "under_way"]


def test_the_status_is_changed_on_the_activitys_page(mission, activity, planner, signed_in, member):
    client = signed_in(planner)
    seen = version_of(activity, planner)
    url = f"{activity.get_absolute_url()}status/"
    page = client.post(
        url, {"status": "under_way", "note": "Left at dusk.", "version": seen}, follow=True
    ).content.decode()
    assert "The status is changed." in page
    assert "Left at dusk." in page
    late = client.post(url, {"status": "cancelled", "version": seen}, follow=True).content.decode()
    assert "It is “Under way” now" in late
    assert "not one of the available choices" in client.post(
        url, {"status": "dancing"}, follow=True
    ).content.decode()  # fmt: skip
    activity.refresh_from_db()
    assert activity.status == "under_way"
    assert signed_in(member(Role.VIEWER)).post(url, {"status": "done"}).status_code == 403
    stranger = signed_in(member(Role.PLANNER, where=MissionFactory()))
    assert stranger.post(url, {"status": "done"}).status_code == 404


def test_the_api_tells_the_history(activity, planner, api):
    client = api(planner)
    url = f"/api/v1/activities/{activity.pk}/"
    client.patch(url, {"status": "under_way", "blockers": "No fuel."}, format="json")
    found = client.get(url).json()
    assert [row["status"] for row in found["history"]] == ["planned", "under_way"]
    assert found["blockers"] == "No fuel."


# -- many at once, by status, over time, by component ------------------------------------------


def test_many_are_changed_at_once_each_under_the_rules_of_one(mission, planner, member):
    own = ComponentFactory(mission=mission)
    mine = [ActivityFactory(mission=mission, lead_component=own) for _n in range(3)]
    other = ActivityFactory(mission=mission)
    limited = member(Role.PLANNER, component=own)
    report = change_activities([*mine, other], user=limited, status="under_way", later_by=7)
    assert report.changed == 3
    assert [row.id for row in report.refusals] == [other.pk]
    mine[0].refresh_from_db()
    assert (mine[0].status, mine[0].due) == ("under_way", TODAY + 37 * DAY)
    assert mine[0].history.get().status == "under_way"
    other.refresh_from_db()
    assert other.status == "planned"
    early = change_activities(mine, user=planner, later_by=-60)
    assert early.changed == 0
    assert "lies before the start" in early.refusals[0].errors[0]["message"]
    with pytest.raises(ValidationError, match="Say what to change"):
        change_activities(mine, user=planner)


def test_bulk_on_the_page(mission, planner, member, signed_in):
    made = [ActivityFactory(mission=mission) for _n in range(2)]
    secret = ActivityFactory(mission=mission, classification=2)
    url = f"/{mission.code}/activities/bulk/"
    low = signed_in(member(Role.PLANNER, clearance=1))
    body = {"chosen": [row.pk for row in [*made, secret]], "status": "done", "query": "live=true"}
    answer = low.post(url, body)
    assert answer["Location"].endswith("/activities/?live=true")
    assert "2 activities changed." in low.get(answer["Location"]).content.decode()
    secret.refresh_from_db()
    assert secret.status == "planned"
    nothing = low.post(url, {"status": "done"}, follow=True).content.decode()
    assert "Choose activities first" in nothing
    wrong = low.post(url, body | {"later_by": "soon"}, follow=True).content.decode()
    assert "Due later by, days" in wrong
    viewer = signed_in(member(Role.VIEWER))
    assert viewer.post(url, body).status_code == 403
    assert 'name="chosen"' not in viewer.get(f"/{mission.code}/activities/").content.decode()
    exported = b"".join(low.get(f"/{mission.code}/activities/?format=csv").streaming_content)
    assert b"checkbox" not in exported


def test_the_board_moves_an_activity_on(mission, planner, member, signed_in):
    ours = ActivityFactory(mission=mission, title="A patrol", start=TODAY - DAY, due=TODAY - DAY)
    ActivityFactory(mission=mission, title="A secret patrol", classification=2)
    client = signed_in(member(Role.PLANNER, clearance=1))
    url = f"/{mission.code}/activities/board/"
    page = client.get(url).content.decode()
    assert "A patrol" in page
    assert "Overdue" in page
    assert "A secret patrol" not in page
    back = client.post(
        f"{ours.get_absolute_url()}status/",
        {"status": "under_way", "version": version_of(ours, planner), "next": url},
    )
    assert back["Location"] == url
    ours.refresh_from_db()
    assert ours.status == "under_way"
    away = client.post(
        f"{ours.get_absolute_url()}status/",
        {"status": "done", "version": version_of(ours, planner), "next": "https://example.org/"},
    )
    assert away["Location"] == ours.get_absolute_url()
    assert "→ " not in signed_in(member(Role.VIEWER)).get(url).content.decode()


def test_the_timeline_draws_bars_to_scale():
    made = [
        Activity(title="a", status="planned", start=TODAY - 30 * DAY, due=TODAY + 61 * DAY),
        Activity(title="b", status="done", start=TODAY, due=TODAY),
    ]
    for activity in made:
        activity.is_overdue = False
    found = timeline(made, TODAY)
    span = (TODAY + 61 * DAY - datetime.date(2022, 12, 1)).days + 1
    bars = [chart.bars[0] for _activity, chart in found.rows]
    assert [bar.x for bar in bars] == [0.0, round(100 * 30 / span, 2)]
    assert [bar.kind for bar in bars] == ["planned", "done"]
    assert bars[0].width == 100.0
    assert found.rows[0][1].rules[0].x1 == round(100 * 30 / span, 2)  # today
    assert [tick.label for tick in found.head.x.ticks] == ["Dec 2022", "Jan 2023", "Feb 2023"]
    assert timeline([], TODAY) is None


@pytest.mark.parametrize("view", ["", "board/", "timeline/"])
def test_each_view_takes_a_fixed_number_of_queries(mission, planner, signed_in, view):
    client, counts = signed_in(planner), []
    for _round in range(3):
        for status in ("planned", "under_way", "done"):
            ActivityFactory(mission=mission, status=status)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"/{mission.code}/activities/{view}").status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1] == counts[2], counts


def test_the_workspace_says_what_is_ours_late_and_asked(mission, member, signed_in):
    own = ComponentFactory(mission=mission)
    for title, start, due, status, level in (
        ("On time", 0, 5, "planned", 0), ("Late one", -9, -2, "under_way", 0),
        ("Far off", 0, 40, "planned", 0), ("Finished", -9, -2, "done", 0),
        ("Secret", -9, -2, "planned", 2),
    ):  # fmt: skip
        ActivityFactory(
            mission=mission, lead_component=own, title=title, start=TODAY + start * DAY,
            due=TODAY + due * DAY, status=status, classification=level,
        )  # fmt: skip
    ActivityFactory(mission=mission, title="Supported").supporting_components.add(own)
    AlertFactory(
        mission=mission, decision="respond", responding_component=own, decided_at=timezone.now()
    )
    AlertFactory(
        mission=mission, decision="respond", responding_component=own, decided_at=timezone.now(),
        responded_at=timezone.now(),
    )  # fmt: skip
    DecisionFactory(meeting__mission=mission, owner=own, text="Mend the bridge")
    answer = signed_in(member(clearance=1)).get(own.get_absolute_url())
    figures = answer.context["figures"]
    assert (figures["live"], figures["overdue"], figures["soon"]) == (3, 1, 1)
    assert [row.title for row in answer.context["led"]] == ["Late one", "On time", "Far off"]
    assert (answer.context["alerts_total"], answer.context["decisions_total"]) == (1, 1)
    page = answer.content.decode()
    assert "Supported" in page
    assert "Mend the bridge" in page
    assert "Secret" not in page


def test_a_hundred_threats_are_chosen_from_a_short_menu(mission, planner, signed_in, monkeypatch):
    monkeypatch.setattr("strategies.forms.activities.IN_MENU", 2)
    threats = [ThreatFactory(mission=mission) for _n in range(4)]
    for threat in threats[:3]:
        AssessmentFactory(threat=threat, likelihood=5, impact=5)
    client = signed_in(planner)
    page = client.get(f"/{mission.code}/activities/plan/?threat={threats[3].pk}").content.decode()
    offered = [f'<option value="{threat.pk}"' in page for threat in threats]
    assert offered == [True, True, False, True]


def test_what_says_nothing_of_its_secrecy_is_as_secret_as_what_it_answers(mission, member, api):
    """Over REST as in the form: “Bring the girls to shelter” betrays the secret threat it answers."""
    planner = member(Role.PLANNER, clearance=2)
    secret, open_ = (ThreatFactory(mission=mission, classification=level) for level in (2, 0))
    alert = AlertFactory(mission=mission, classification=1)
    lead = ComponentFactory(mission=mission)
    for named, level in (
        ({"threats": [open_.pk, secret.pk]}, 2),
        ({"threats": [open_.pk], "alerts": [alert.pk]}, 1),
        ({"threats": [open_.pk]}, 0),
        ({"threats": [secret.pk], "classification": 1}, 1),
    ):
        answer = api(planner).post(
            "/api/v1/activities/",
            {"mission": mission.code, "title": "Bring the girls to shelter", "tier": 2,
             "phase": "response", "lead_component": lead.pk, "start": "2022-12-31",
             "due": "2023-01-05"} | named,
        )  # fmt: skip
        assert answer.status_code == 201, answer.content
        assert answer.json()["classification"] == level, named
