"""The alerts of the demonstration: invented and marked so, plausible, and tied to what is real."""

import datetime

from django.utils import translation

from missions.choices import Role
from missions.geography import distance_km
from missions.models import Membership
from strategies.models import Activity
from threats.alerts.choices import AlertDecision, AlertOutcome, AlertStage, Imminence
from threats.alerts.figures import alert_figures
from threats.models import Alert
from threats.scoring.families import as_evidence

HOURS_TO_ANSWER = 48


def test_ten_invented_alerts_are_marked_and_name_nobody(demo, member, signed_in):
    alerts = Alert.objects.filter(mission=demo)
    assert alerts.count() == 10
    assert all(alert.is_demonstration and alert.informant_id is None for alert in alerts)
    for language, words in (("en", "Demonstration"), ("fr", "Démonstration")):
        client = signed_in(member(Role.ANALYST, where=demo))
        page = client.get("/MINUSCA/alerts/", headers={"accept-language": language})
        assert page.content.decode().count(f'<span class="mark">{words}</span>') == 10
    for alert in alerts:
        assert alert.details.startswith("Invented for illustration.\n")
        with translation.override("fr"):
            told = alert.as_told(alert.details)
        assert told.startswith("Inventé à titre d’illustration.\n")
        assert told.splitlines()[1] != alert.details.splitlines()[1]


def test_their_steps_follow_each_other_and_every_outcome_is_shown(demo):
    alerts = list(Alert.objects.filter(mission=demo))
    for alert in alerts:
        steps = list(alert.steps.order_by("pk"))
        assert [step.taken_at for step in steps] == sorted(step.taken_at for step in steps)
        assert steps[0].taken_at == alert.received_at
        assert alert.mission_day == demo.local(alert.received_at).date()
        assert all(
            datetime.timedelta(0) < s.recorded_after <= datetime.timedelta(hours=2) for s in steps
        )
        # Nobody acknowledges what is not on record yet.
        recorded = [step.taken_at + step.recorded_after for step in steps]
        assert recorded == sorted(recorded)
    assert {alert.outcome for alert in alerts} == {*AlertOutcome.values, ""}
    open_ = [alert for alert in alerts if alert.stage != AlertStage.CLOSED]
    assert sorted(alert.place_name for alert in open_) == ["Akoursoulbak", "Ngakobo"]


def test_each_lies_at_a_community_and_its_event_came_within_three_days_and_sixty_km(demo):
    linked = 0
    for alert in Alert.objects.filter(mission=demo):
        place = alert.communities.get()
        assert (alert.longitude, alert.latitude) == (place.longitude, place.latitude)
        for event in alert.incidents.all():
            linked += 1
            assert abs((event.start_date - alert.mission_day).days) <= 3
            here = (alert.longitude, alert.latitude)
            assert distance_km(*here, event.longitude, event.latitude) <= 60
    assert linked == 8


def test_every_decision_to_respond_has_an_activity_due_in_hours_and_one_is_late(demo):
    answered = Alert.objects.filter(mission=demo, decision=AlertDecision.RESPOND)
    assert answered.count() == 7
    for alert in answered:
        activity = alert.activities.get()
        assert activity.is_demonstration
        assert activity.lead_component == alert.responding_component
        assert activity.place_name == alert.place_name
        given = activity.due_at - alert.decided_at
        assert datetime.timedelta(0) < given <= datetime.timedelta(hours=HOURS_TO_ANSWER)
    late = Activity.objects.filter(alerts__isnull=False, mission=demo).overdue(demo)
    assert [activity.place_name for activity in late] == ["Ngakobo"]


def test_two_of_them_count_as_evidence_and_the_figures_have_something_to_say(demo):
    counted = as_evidence(Alert.objects.filter(mission=demo))
    assert {alert.place_name for alert in counted} == {"Bakouma", "Akoursoulbak"}
    analyst = Membership.objects.get(mission=demo, role=Role.ANALYST).member
    found = alert_figures(demo, analyst)
    assert (found.recorded, found.open, found.open_imminent, found.undecided) == (10, 2, 1, 1)
    assert (found.whole.answered, found.whole.refused) == (6, 2)
    assert found.whole.to_decision == datetime.timedelta(hours=5)
    assert Alert.objects.filter(mission=demo, imminence=Imminence.IMMINENT).count() == 2
