import pytest
from django.core.exceptions import PermissionDenied

from missions.choices import Role
from missions.services import EditConflict, version_of
from strategies.services.activities import edit_activity, plan_activity
from tests.factories import TODAY, ComponentFactory, MissionFactory


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
    seen = version_of(activity)
    edit_activity(activity, user=planner, status="under_way")
    with pytest.raises(EditConflict):
        edit_activity(activity, user=planner, expected=seen, status="cancelled")
    assert [row.status for row in activity.history.all()] == ["planned", "under_way"]


def test_the_status_is_changed_on_the_activitys_page(mission, activity, planner, signed_in, member):
    client = signed_in(planner)
    seen = version_of(activity)
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
