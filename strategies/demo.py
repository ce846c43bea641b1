"""What the mission does about it in the demonstration; made up, and marked so."""

from __future__ import annotations

import datetime

from django.utils.translation import gettext_noop

from missions.choices import ComponentKind, Role
from missions.demo import TODAY, Demo, Step
from missions.models import Component
from strategies.choices import ActivityStatus
from strategies.coverage.cells import KEYS
from strategies.models import (
    Activity,
    CatalogueActivity,
    CoverageRules,
    Decision,
    Meeting,
    StatusChange,
    Strategy,
)
from strategies.models.titles import typical_title
from strategies.reading.catalogue import Suggestions, suggestions
from strategies.services.activities import edit_activity, plan_activity, usual_lead
from strategies.services.briefs import prepare_due_briefs
from strategies.services.meetings import call_meeting, decide
from strategies.services.strategies import (
    add_indicator,
    add_objective,
    approve_strategy,
    create_strategy,
    endorse_strategy,
    measure,
)
from threats.alerts.choices import AlertDecision
from threats.choices import Phase
from threats.demo.alerts import INVENTED
from threats.models import Alert, Threat

K = ComponentKind
# Status, start and due in days from today; in turn over the cells.
COURSES: tuple[tuple[ActivityStatus, int, int], ...] = (
    (ActivityStatus.UNDER_WAY, -20, 25),
    (ActivityStatus.PLANNED, 5, 40),
    (ActivityStatus.UNDER_WAY, -60, -6),
    (ActivityStatus.DONE, -30, -2),
    (ActivityStatus.PLANNED, -25, -9),
    (ActivityStatus.PLANNED, 12, 60),
)
# Response is a matter of hours.
RESPONSES: tuple[tuple[ActivityStatus, int, int], ...] = (
    (ActivityStatus.UNDER_WAY, -1, 1),
    (ActivityStatus.PLANNED, 0, 1),
    (ActivityStatus.DONE, -2, -1),
    (ActivityStatus.UNDER_WAY, -4, -1),
)
# By the place of the alert: what was planned, of which unit, due in hours from the decision.
ANSWERS: dict[str, tuple[str, str, int]] = {
    "Kouango": ("t2-pre-overnight", gettext_noop("Unit: a platoon from Bambari."), 18),
    "Bakouma": ("t2-rsp-evacuate", gettext_noop("Unit: a company from Bangassou."), 6),
    "Lioto 3": ("t2-pre-overnight", gettext_noop("Unit: a platoon from Bambari."), 8),
    "Ippy": ("t3-rsp-investigate", gettext_noop("Unit: a team from Bria."), 48),
    "Bria": ("t2-pre-market", gettext_noop("Unit: a formed police unit from Bria."), 24),
    "Gallo": ("t2-pre-showforce", gettext_noop("Unit: a platoon from Bouar."), 12),
    "Ngakobo": ("t2-pre-qrf", gettext_noop("Unit: a company from Bambari."), 12),
}
# Meetings of the working group: days from today, and what each decided, for whom, due in days.
# The first is on a Monday, for scores are kept of the Sundays before it.
MEETINGS: tuple[tuple[int, tuple[tuple[str, ComponentKind, int], ...]], ...] = (
    (-26, (
        (gettext_noop("Visit the communities of Haute-Kotto that nobody visited this quarter"), K.CIVIL_AFFAIRS, -7),
        (gettext_noop("List the roads on which troops need more than a day"), K.JOC, 3),
    )),
    (-2, (
        (gettext_noop("Ask each field office which community plans were rehearsed"), K.POC_ADVISER, 12),
        (gettext_noop("Bring forward the patrols planned for market days"), K.MILITARY, 5),
    )),
)  # fmt: skip
STRATEGY_DECIDED = datetime.date(2022, 1, 14), datetime.date(2022, 1, 28)  # cleared, approved
# Objectives with an indicator each: what, unit, baseline, target and what was measured.
OBJECTIVES: tuple[tuple[str, str, str, float, float, tuple[float, ...]], ...] = (
    (gettext_noop("Early warnings lead to a response"), gettext_noop("Alerts responded to"), "%", 35, 80, (35, 42, 51, 58)),
    (gettext_noop("Fewer civilians are attacked"), gettext_noop("Attacks on civilians a month"), "", 14, 7, (14, 12, 13, 9)),
    (gettext_noop("Displaced families return in safety"), gettext_noop("Sites with a protection plan"), gettext_noop("sites"), 2, 12, (2, 3, 7)),
)  # fmt: skip


def _accepted(demo: Demo) -> list[Threat]:
    """In the order they were accepted."""
    found = Threat.objects.filter(mission=demo.mission, is_demonstration=True)
    return list(found.order_by("assessments__pk"))


def plan(demo: Demo) -> None:
    """Typical activities in two of three required cells, in every state; the rest are gaps."""
    planner, mission = demo.people[Role.PLANNER], demo.mission
    adviser = Component.objects.get(mission=mission, kind=K.POC_ADVISER)
    turn = 0
    for number, threat in enumerate(_accepted(demo)):
        called_for = CoverageRules.of(mission).required_phases[threat.phase]
        fitting = suggestions(mission, planner, threat)
        for place, key in enumerate(key for key in KEYS if key[1] in called_for):
            found = fitting.get(key, Suggestions())
            offered = [it for it in found.offered if not it.supports_a_force]
            if (number + place) % 3 == 2 or not offered:
                continue
            courses = RESPONSES if key[1] == Phase.RESPONSE else COURSES
            status, start, due = courses[turn % len(courses)]
            entry = offered[turn % len(offered)]
            lead = usual_lead(entry, planner, mission)
            assert lead is not None  # what no component does is not offered
            turn += 1
            area = threat.admin_area.name if threat.admin_area else ""
            begins, ends = (TODAY + datetime.timedelta(days=days) for days in (start, due))
            activity = plan_activity(
                user=planner,
                mission=mission,
                **typical_title(entry, area),
                tier=entry.tier,
                phase=entry.phase,
                lead_component=lead,
                supporting_components=[adviser],
                threats=[threat],
                communities=list(threat.communities.all()[:3]),
                start=begins,
                due=ends,
                description=gettext_noop("Demonstration of a typical activity."),
            )
            edit_activity(activity, user=planner, status=status)
            _backdate(activity, threat.phase_since, min(begins, TODAY), min(ends, TODAY))


def respond(demo: Demo) -> None:
    """What was planned for each alert that was to be responded to, due in hours."""
    planner, mission = demo.people[Role.PLANNER], demo.mission
    answered = Alert.objects.filter(mission=mission, decision=AlertDecision.RESPOND)
    for alert in answered.select_related("responding_component").order_by("received_at"):
        code, unit, hours = ANSWERS[alert.place_name]
        entry = CatalogueActivity.objects.get(code=code)
        assert alert.decided_at is not None  # for it was decided to respond
        assert alert.responding_component is not None
        decided = mission.local(alert.decided_at)
        due = decided + datetime.timedelta(hours=hours)
        activity = plan_activity(
            user=planner,
            mission=mission,
            **typical_title(entry, alert.place_name),
            tier=entry.tier,
            phase=entry.phase,
            lead_component=alert.responding_component,
            threats=list(alert.threats.all()),
            communities=list(alert.communities.all()),
            alerts=[alert],
            start=decided.date(),
            due=due.date(),
            due_at=due,
            place_name=alert.place_name,
            longitude=alert.longitude,
            latitude=alert.latitude,
            description=f"{INVENTED}\n{unit}",
            classification=alert.classification,
        )
        came = alert.responded_at and mission.local(alert.responded_at).date()
        status = ActivityStatus.DONE if came else ActivityStatus.UNDER_WAY
        edit_activity(activity, user=planner, status=status)
        _backdate(activity, decided.date(), decided.date(), came or due.date())


def meet(demo: Demo) -> None:
    """Two meetings of the working group and what they decided; one decision is late."""
    planner, mission = demo.people[Role.PLANNER], demo.mission
    components = {it.kind: it for it in Component.objects.filter(mission=mission)}
    for days, decisions in MEETINGS:
        day = TODAY + datetime.timedelta(days=days)
        meeting = call_meeting(
            user=planner, mission=mission, title="POC working group", day=day,
            notes=gettext_noop("Demonstration of a meeting."),
        )  # fmt: skip
        Meeting.objects.filter(pk=meeting.pk).update(is_demonstration=True)
        for text, kind, due in decisions:
            decision = decide(
                user=planner, meeting=meeting, text=text, owner=components[kind],
                due=TODAY + datetime.timedelta(days=due),
            )  # fmt: skip
            Decision.objects.filter(pk=decision.pk).update(is_demonstration=True)


def write_strategy(demo: Demo) -> None:
    planner, mission = demo.people[Role.PLANNER], demo.mission
    strategy = create_strategy(
        user=planner, mission=mission, title=gettext_noop("Protection of civilians"), start=datetime.date(2022, 1, 1),
        end=datetime.date(2023, 12, 31), threats=_accepted(demo), is_demonstration=True,
        summary=gettext_noop("Demonstration of a strategy: its objectives, figures and measurements are made up."),
    )  # fmt: skip
    activities = list(Activity.objects.filter(mission=mission).order_by("pk"))
    for number, (title, what, unit, baseline, target, measured) in enumerate(OBJECTIVES):
        objective = add_objective(user=planner, strategy=strategy, title=title)
        part = -(-len(activities) // len(OBJECTIVES))
        objective.activities.set(activities[number * part : (number + 1) * part])
        indicator = add_indicator(
            user=planner, objective=objective, title=what, unit=unit, baseline=baseline,
            target=target,
        )  # fmt: skip
        for quarter, value in enumerate(reversed(measured)):
            day = TODAY - datetime.timedelta(days=91 * quarter)
            measure(user=planner, indicator=indicator, day=day, value=value)
    endorse_strategy(strategy, user=demo.people[Role.ADVISER])
    approve_strategy(strategy, user=demo.people[Role.HEAD_OF_MISSION])
    cleared, approved = (
        datetime.datetime.combine(day, datetime.time(11), mission.zone) for day in STRATEGY_DECIDED
    )
    Strategy.objects.filter(pk=strategy.pk).update(endorsed_at=cleared, approved_at=approved)


def _backdate(activity: Activity, planned: datetime.date, *moved: datetime.date) -> None:
    """Its plan and the change of status that followed, on days that fit its dates."""
    Activity.objects.filter(pk=activity.pk).update(is_demonstration=True)
    history = list(activity.history.all())
    began, ended = (max(planned, day) for day in moved)
    for change in history:
        is_done = change.status == ActivityStatus.DONE
        day = planned if change is history[0] else ended if is_done else began
        StatusChange.objects.filter(pk=change.pk).update(day=day)
        if is_done:
            Activity.objects.filter(pk=activity.pk).update(completed_on=day)


steps = [
    Step("activities", plan),
    Step("responses to alerts", respond),
    Step("strategy", write_strategy),
    Step("meetings", meet, is_computed=True),  # their agenda ranks risks, so after the scores
    Step("weekly brief", lambda demo: prepare_due_briefs(), is_computed=True),
]
