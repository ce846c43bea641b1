import datetime
from statistics import median

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from exchange.notifications.services import set_preference
from missions.choices import Role
from tests import saying
from tests.factories import TODAY, AlertFactory, CommunityFactory, ComponentFactory, MissionFactory
from threats.alerts.figures import alert_figures
from threats.models import Alert, AlertStep, RiskScore
from threats.scoring.checks import check_scores
from threats.scoring.recompute import recompute_mission
from threats.scoring.requests import request_recompute
from threats.services.alerts import edit_alert, report_alert, take_step, withdraw_alert

WHERE = {"longitude": 20.0, "latitude": 5.0}
B2 = {"reliability": "B", "credibility": 2}


@pytest.fixture
def alert(mission, member):
    return report_alert(
        user=member(Role.REPORTER), mission=mission, details="Armed men on the road.",
        kind="attack", imminence="imminent", **WHERE,
    )  # fmt: skip


@pytest.fixture
def planner(member):
    return member(Role.PLANNER)


def test_an_alert_runs_its_course_each_step_timed_and_signed(mission, alert, planner):
    component = ComponentFactory(mission=mission)
    take_step(alert, user=planner, step="acknowledged")
    take_step(alert, user=planner, step="verified", verification="confirmed")
    take_step(
        alert, user=planner, step="decided", decision="respond", responding_component=component
    )
    take_step(alert, user=planner, step="responded", note="A patrol stayed overnight.")
    take_step(alert, user=planner, step="reported_back")
    done = take_step(alert, user=planner, step="closed")
    steps = list(AlertStep.objects.filter(alert=alert))
    assert [row.step for row in steps] == [
        "received", "acknowledged", "verified", "decided", "responded", "reported_back", "closed",
    ]  # fmt: skip
    assert {row.taken_by for row in steps[1:]} == {planner}
    moments = [
        done.received_at, done.acknowledged_at, done.verified_at, done.decided_at,
        done.responded_at, done.reported_back_at, done.closed_at,
    ]  # fmt: skip
    assert moments == sorted(moments)
    assert done.responding_component == component


def test_no_alert_closes_without_a_response_or_a_reason(mission, alert, planner):
    with pytest.raises(ValidationError, match="decide on none"):
        take_step(alert, user=planner, step="closed")
    with pytest.raises(ValidationError, match="why there is no response"):
        take_step(alert, user=planner, step="decided", decision="no_response", note="  ")
    with pytest.raises(ValidationError, match="which component"):
        take_step(alert, user=planner, step="decided", decision="respond")
    with pytest.raises(ValidationError, match="who responds"):
        take_step(alert, user=planner, step="responded")
    other = ComponentFactory(mission=MissionFactory())
    with pytest.raises(ValidationError, match="another mission"):
        take_step(
            alert, user=planner, step="decided", decision="respond", responding_component=other
        )
    take_step(alert, user=planner, step="decided", decision="no_response", note="Out of reach.")
    assert take_step(alert, user=planner, step="closed").closed_at


def test_a_closed_alert_reopens_only_with_a_reason(alert, planner):
    take_step(alert, user=planner, step="decided", decision="no_response", note="Out of reach.")
    take_step(alert, user=planner, step="closed")
    with pytest.raises(ValidationError, match=r"Closed.*cannot become"):
        take_step(alert, user=planner, step="acknowledged")
    with pytest.raises(ValidationError, match="why the alert is reopened"):
        take_step(alert, user=planner, step="reopened")
    again = take_step(alert, user=planner, step="reopened", note="They came back.")
    assert again.stage == "reopened"
    assert again.closed_at is None


def test_who_may_take_which_step(mission, alert, member):
    for role in (Role.VIEWER, Role.REPORTER):
        with pytest.raises(PermissionDenied):
            take_step(alert, user=member(role), step="acknowledged")
    analyst = member(Role.ANALYST)
    take_step(alert, user=analyst, step="acknowledged")
    with pytest.raises(PermissionDenied):
        take_step(alert, user=analyst, step="decided", decision="no_response", note="No.")
    reporter = alert.created_by
    assert take_step(alert, user=reporter, step="reported_back").reported_back_at
    secret = AlertFactory(mission=mission, classification=2)
    with pytest.raises(PermissionDenied):
        take_step(secret, user=member(Role.PLANNER, clearance=0), step="acknowledged")


def test_bad_values_are_named(mission, alert, planner, member):
    with pytest.raises(ValidationError, match="“maybe” is not one of"):
        take_step(alert, user=planner, step="verified", verification="maybe")
    with pytest.raises(ValidationError, match="“dance” is not one of"):
        take_step(alert, user=planner, step="dance")
    with pytest.raises(ValidationError, match="lies in the future"):
        report_alert(
            user=planner, mission=mission, details="x",
            received_at=timezone.now() + datetime.timedelta(hours=2),
        )  # fmt: skip


def test_a_report_sent_twice_is_filed_once(mission, member):
    import uuid

    user, mark = member(Role.REPORTER), uuid.uuid4()
    made = {
        report_alert(user=user, mission=mission, details="x", submission=mark, **WHERE).pk
        for _n in range(2)
    }
    assert len(made) == 1


# -- as evidence -----------------------------------------------------------------------------


def expected(mission, clearance=2):
    scores = RiskScore.objects.filter(mission=mission, horizon=30, clearance=clearance)
    return scores.get().expected


def test_an_imminent_alert_raises_the_score_until_it_is_found_false(mission, member, planner):
    CommunityFactory(mission=mission, **WHERE)
    request_recompute(mission)
    recompute_mission(mission.pk)
    before = expected(mission)

    def now():
        recompute_mission(mission.pk)
        by_difference = expected(mission)
        assert check_scores(mission).holds
        request_recompute(mission)
        recompute_mission(mission.pk)
        assert expected(mission) == pytest.approx(by_difference, abs=1e-12)
        return by_difference

    alert = report_alert(
        user=planner, mission=mission, details="x", imminence="days", **WHERE, **B2
    )
    assert now() == pytest.approx(before, abs=1e-12)
    edit_alert(alert, user=planner, imminence="imminent")
    raised = now()
    assert raised > before
    take_step(alert, user=planner, step="verified", verification="false")
    assert now() == pytest.approx(before, abs=1e-12)
    take_step(alert, user=planner, step="verified", verification="partly")
    assert now() == pytest.approx(raised, abs=1e-12)
    withdraw_alert(alert, user=planner, reason="filed twice")
    assert now() == pytest.approx(before, abs=1e-12)


def test_a_secret_alert_raises_only_the_scores_of_the_cleared(mission, planner):
    CommunityFactory(mission=mission, **WHERE)
    request_recompute(mission)
    recompute_mission(mission.pk)
    before = [expected(mission, level) for level in (0, 1, 2)]
    report_alert(
        user=planner,
        mission=mission,
        details="x",
        imminence="imminent",
        classification=1,
        **WHERE,
        **B2,
    )
    recompute_mission(mission.pk)
    after = [expected(mission, level) for level in (0, 1, 2)]
    assert after[0] == before[0]
    assert after[1] > before[1]
    assert after[2] > before[2]


# -- figures ---------------------------------------------------------------------------------


def test_figures_equal_a_slow_count(mission, member):
    now = mission.now
    component = ComponentFactory(mission=mission)
    minutes = [(10, 60, "respond"), (30, None, "respond"), (50, None, "no_response"), (None,) * 3]
    for days in (1, 20, 89, 200):
        for n, (decided, responded, decision) in enumerate(minutes):
            received = now - datetime.timedelta(days=days)

            def after(m, received=received, n=n):
                return None if m is None else received + datetime.timedelta(minutes=m + n)

            AlertFactory(
                mission=mission, received_at=received, decided_at=after(decided),
                responded_at=after(responded), decision=decision or "", classification=n % 3,
                imminence="imminent" if n == 3 else "days",
                responding_component=component if decision == "respond" else None,
                stage="closed" if n == 2 else "received",
            )  # fmt: skip
    for clearance in (0, 1, 2):
        user = member(clearance=clearance)
        figures = alert_figures(mission, user)
        mine = [a for a in Alert.objects.filter(mission=mission) if a.classification <= clearance]
        recent = [a for a in mine if a.received_at >= now - datetime.timedelta(days=90)]
        assert figures.open == len([a for a in mine if a.stage != "closed"])
        assert figures.open_imminent == len(
            [a for a in mine if a.stage != "closed" and a.imminence == "imminent"]
        )
        assert figures.whole.alerts == len(recent)
        assert figures.whole.answered == len([a for a in recent if a.responded_at])
        decided = [a.decided_at - a.received_at for a in recent if a.decided_at]
        assert figures.whole.to_decision == (median(decided) if decided else None)
        assert sum(group.alerts for group in figures.by_month) == len(recent)
        by_component = [a for a in recent if a.responding_component_id]
        assert sum(group.alerts for group in figures.by_component) == len(by_component)


# -- pages and API ---------------------------------------------------------------------------


def test_the_list_shows_the_urgent_and_longest_waiting_first(mission, member, signed_in):
    hour = datetime.timedelta(hours=1)
    now = mission.now
    for name, imminence, ago, stage in (
        ("later", "days", 9, "received"), ("fresh", "imminent", 1, "received"),
        ("waiting", "imminent", 5, "acknowledged"), ("done", "imminent", 30, "closed"),
    ):  # fmt: skip
        AlertFactory(
            mission=mission, place_name=name, imminence=imminence, stage=stage,
            received_at=now - ago * hour,
        )  # fmt: skip
    page = signed_in(member()).get(f"/{mission.code}/alerts/").content.decode()
    assert sorted(("later", "fresh", "waiting", "done"), key=page.index) == [
        "waiting", "fresh", "later", "done",
    ]  # fmt: skip


def test_an_alert_is_filed_and_decided_through_pages(mission, member, signed_in):
    component = ComponentFactory(mission=mission)
    body = {
        "imminence": "imminent", "kind": "attack", "details": "Armed men.", "latitude": "5",
        "longitude": "20", "place_precision": "exact", "source_kind": "community",
        "reliability": "B", "credibility": "2", "classification": "1",
        "informant_name": "A Name", "informant_contact": "",
    }  # fmt: skip
    answer = signed_in(member(Role.REPORTER)).post(f"/{mission.code}/alerts/report/", body)
    alert = Alert.objects.get(mission=mission)
    assert answer.url == alert.get_absolute_url()
    assert alert.informant_id
    client = signed_in(member(Role.PLANNER))
    page = client.get(alert.get_absolute_url()).content.decode()
    assert "A Name" not in page
    assert "informant sealed" in page
    url = f"{alert.get_absolute_url()}step/"
    refused = client.post(url, {"step": "decided", "decision": "respond", "note": "Go now."})
    assert refused.status_code == 422
    assert "Say which component responds." in refused.content.decode()
    assert "Go now." in refused.content.decode()  # nothing typed is lost
    done = client.post(
        url, {"step": "decided", "decision": "respond", "responding_component": component.pk}
    )
    assert done.status_code == 302
    alert.refresh_from_db()
    assert alert.decision == "respond"
    assert signed_in(member(Role.VIEWER)).post(url, {"step": "closed"}).status_code == 403


def test_steps_are_taken_over_the_api_by_the_same_rules(mission, member, api):
    component = ComponentFactory(mission=mission)
    client = api(member(Role.PLANNER))
    body = saying.ALERT | {"mission": mission.code, "details": "Armed men.", **WHERE}
    made = client.post("/api/v1/alerts/", body, format="json").json()
    url = f"/api/v1/alerts/{made['id']}/steps/"
    assert client.post(url, {"step": "acknowledged"}).status_code == 200
    refused = client.post(url, {"step": "closed"})
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["field"] == "step"
    decided = client.post(
        url, {"step": "decided", "decision": "respond", "responding_component": component.pk}
    ).json()
    assert decided["stage"] == "decided"
    assert [row["step"] for row in decided["steps"]] == ["received", "acknowledged", "decided"]
    assert api(member(Role.VIEWER)).post(url, {"step": "responded"}).status_code == 403
    assert api(member(Role.PLANNER, where=MissionFactory())).post(
        url, {"step": "responded"}
    ).status_code == 404  # fmt: skip
    assert client.post(url, {"step": "received"}).status_code == 400


def test_the_day_of_an_alert_is_the_missions(mission, alert):
    assert alert.mission_day == TODAY
    assert alert.received_at.date() >= TODAY


def test_overview_and_community_show_open_alerts_the_reader_may_see(mission, member, signed_in):
    community = CommunityFactory(mission=mission, **WHERE)
    AlertFactory(mission=mission, place_name="Market road", imminence="imminent")
    AlertFactory(mission=mission, place_name="Old bridge", stage="closed")
    AlertFactory(mission=mission, place_name="Far away", longitude=24.0)
    AlertFactory(mission=mission, place_name="Secret ford", classification=2)
    low = signed_in(member(clearance=0))
    page = low.get(community.get_absolute_url()).content.decode()
    assert "Market road" in page
    for hidden in ("Old bridge", "Far away", "Secret ford"):
        assert hidden not in page
    for client, total in ((low, 2), (signed_in(member(clearance=2)), 3)):
        figures = client.get(f"/{mission.code}/").context["figures"]
        assert (figures.alerts_open, figures.alerts_imminent) == (total, 1)


# -- when things happened --------------------------------------------------------------------


HOUR = datetime.timedelta(hours=1)


def test_a_patrol_that_came_at_half_past_five_and_is_recorded_at_two_counts_from_half_past_five(
    mission, alert, planner
):
    """The clock of the world, not that of typing: 8.5 hours are the lag, not the response."""
    received = mission.now - 10 * HOUR
    edit_alert(alert, user=planner, received_at=received)
    component = ComponentFactory(mission=mission)
    take_step(
        alert, user=planner, step="decided", decision="respond",
        responding_component=component, taken_at=received + HOUR / 2,
    )  # fmt: skip
    came = received + 1.5 * HOUR
    done = take_step(alert, user=planner, step="responded", taken_at=came)
    assert done.responded_at == came
    assert alert_figures(mission, planner).whole.to_response == 1.5 * HOUR
    step = AlertStep.objects.get(alert=alert, step="responded")
    assert round(step.recorded_after / HOUR, 2) == 8.5
    assert abs(step.recorded_at - timezone.now()) < HOUR  # real time, whatever day is replayed
    assert round(alert_figures(mission, planner).lag / HOUR, 1) == 9.5  # of 10, 9.5 and 8.5


def test_in_a_replayed_mission_things_happen_on_its_day(mission, alert, planner):
    assert mission.reference_date == TODAY
    done = take_step(alert, user=planner, step="acknowledged")
    assert mission.local(done.acknowledged_at).date() == TODAY
    assert mission.local(done.received_at).date() == TODAY
    step = AlertStep.objects.get(alert=alert, step="acknowledged")
    assert step.recorded_at.year >= 2026
    assert step.recorded_after < HOUR


@pytest.mark.parametrize(
    ("late", "what"), [(-1, "before the alert was received"), (30, "lies in the future")]
)
def test_no_step_happens_before_the_alert_or_in_the_future(alert, planner, late, what):
    with pytest.raises(ValidationError, match=what):
        take_step(
            alert, user=planner, step="acknowledged", taken_at=alert.received_at + late * HOUR
        )


def test_a_wrong_step_is_corrected_and_both_are_kept(mission, alert, planner, signed_in):
    edit_alert(alert, user=planner, received_at=mission.now - 5 * HOUR)
    alert.refresh_from_db()
    take_step(alert, user=planner, step="acknowledged")
    wrong = AlertStep.objects.get(alert=alert, step="acknowledged")
    client, url = signed_in(planner), f"{alert.get_absolute_url()}correct/"
    right = alert.received_at + HOUR
    said = mission.local(right).strftime("%Y-%m-%dT%H:%M")
    assert client.post(url, {"corrects": wrong.pk, "taken_at": said}).status_code == 302
    alert.refresh_from_db()
    assert alert.acknowledged_at == right.replace(second=0, microsecond=0)
    rows = AlertStep.objects.filter(alert=alert, step="acknowledged").order_by("pk")
    assert [row.corrects for row in rows] == [None, wrong]
    page = client.get(alert.get_absolute_url()).content.decode()
    assert "corrected" in page
    assert "correction" in page
    again = client.post(url, {"corrects": wrong.pk, "taken_at": said}, follow=True)
    assert "was corrected already" in again.content.decode()
    future = (mission.now + 9 * HOUR).strftime("%Y-%m-%dT%H:%M")
    refused = client.post(url, {"corrects": rows[1].pk, "taken_at": future, "note": "Typed."})
    assert refused.status_code == 422
    assert "lies in the future" in refused.content.decode()
    assert "Typed." in refused.content.decode()


def test_a_response_that_never_happened_is_taken_back_with_the_reason(
    mission, alert, planner, api, member
):
    component = ComponentFactory(mission=mission)
    take_step(
        alert, user=planner, step="decided", decision="respond", responding_component=component
    )
    take_step(alert, user=planner, step="responded")
    client = api(planner)
    (step,) = AlertStep.objects.filter(alert=alert, step="responded")
    url = f"/api/v1/alerts/{alert.pk}/correct-step/"
    assert client.post(url, {"corrects": step.pk, "never_happened": True}).status_code == 400
    body = {"corrects": step.pk, "never_happened": True, "note": "They turned back."}
    assert api(member(Role.VIEWER)).post(url, body).status_code == 403
    told = client.post(url, body).json()
    assert (told["stage"], told["responded_at"]) == ("decided", None)
    assert [row["step"] for row in told["steps"]].count("responded") == 2
    assert alert_figures(mission, planner).whole.answered == 0


def test_closing_asks_what_came_of_it(mission, alert, planner, signed_in):
    take_step(alert, user=planner, step="decided", decision="no_response", note="Out of reach.")
    client, url = signed_in(planner), f"{alert.get_absolute_url()}step/"
    refused = client.post(url, {"step": "closed"})
    assert "Say what came of it" in refused.content.decode()
    client.post(url, {"step": "closed", "outcome": "attack_before"})
    alert.refresh_from_db()
    assert (alert.stage, alert.outcome) == ("closed", "attack_before")
    found = alert_figures(mission, planner).outcomes
    assert [(row.outcome, row.alerts) for row in found] == [("attack_before", 1)]
    assert "Attack before help arrived 1" in " ".join(
        client.get(f"/{mission.code}/alerts/").content.decode().split()
    )
    take_step(alert, user=planner, step="reopened", note="It is not over.")
    alert.refresh_from_db()
    assert (alert.outcome, alert.closed_at) == ("", None)


def test_an_empty_step_says_in_words_what_to_choose(alert, planner, signed_in):
    client, url = signed_in(planner), f"{alert.get_absolute_url()}step/"
    for step, words in (
        ("verified", "Choose one: Confirmed, Partly confirmed, Not confirmed, Found false."),
        ("decided", "Choose one: Respond, No response."),
    ):
        assert words in client.post(url, {"step": step}).content.decode()


def test_who_is_on_duty_stands_beside_the_decision(mission, alert, member, planner, signed_in):
    analyst = member(Role.ANALYST)
    client = signed_in(planner)
    page = client.get(alert.get_absolute_url()).content.decode()
    assert "On duty now" in page
    assert "Nobody is marked as on duty, so the whole desk is told:" in page
    assert str(analyst) in page
    set_preference(analyst.memberships.get(mission=mission), is_on_duty=True)
    page = client.get(alert.get_absolute_url()).content.decode()
    assert "Nobody is marked as on duty" not in page
    assert str(analyst) in page


def test_a_clock_that_runs_says_what_is_missing_and_one_that_stopped_what_came(mission, member):
    alert = AlertFactory(mission=mission)
    assert alert.clock[0] == "undecided"
    alert.decided_at, alert.decision = alert.received_at, "respond"
    assert alert.clock[0] == "unanswered"
    alert.responded_at = alert.received_at
    assert alert.clock[0] == "to a response"
    alert.decision = "no_response"
    assert alert.clock[0] == "to a decision"
    alert.decided_at, alert.closed_at = None, alert.received_at
    assert alert.clock[0] == "to its end, undecided"
