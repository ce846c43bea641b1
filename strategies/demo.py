"""What the mission does about it in the demonstration; made up, and marked so."""

from __future__ import annotations

import datetime

from missions.choices import ComponentKind, Role
from missions.demo import TODAY, Demo, Step
from missions.models import Component
from strategies.choices import ActivityStatus, Tier
from strategies.coverage.cells import KEYS
from strategies.models import Activity, CoverageRules, StatusChange
from strategies.services.activities import edit_activity, plan_activity
from strategies.services.briefs import prepare_due_briefs
from strategies.services.strategies import (
    add_indicator,
    add_objective,
    create_strategy,
    endorse_strategy,
    measure,
)
from threats.choices import Phase
from threats.models import Threat

K = ComponentKind
TYPICAL: dict[tuple[int, str], tuple[ComponentKind, str]] = {
    (Tier.TIER_1, Phase.PREVENTION): (K.CIVIL_AFFAIRS, "Mediation between communities with local leaders"),
    (Tier.TIER_1, Phase.PREEMPTION): (K.POLITICAL_AFFAIRS, "Warning to commanders about their obligations"),
    (Tier.TIER_1, Phase.RESPONSE): (K.POLITICAL_AFFAIRS, "Talks with the group on safe passage for civilians"),
    (Tier.TIER_1, Phase.CONSOLIDATION): (K.CIVIL_AFFAIRS, "Dialogue on the return of displaced families"),
    (Tier.TIER_2, Phase.PREVENTION): (K.MILITARY, "Regular day patrols to markets and water points"),
    (Tier.TIER_2, Phase.PREEMPTION): (K.MILITARY, "Overnight patrols and a temporary operating base"),
    (Tier.TIER_2, Phase.RESPONSE): (K.MILITARY, "Quick-reaction force between attackers and civilians"),
    (Tier.TIER_2, Phase.CONSOLIDATION): (K.UN_POLICE, "Joint police patrols around the displacement site"),
    (Tier.TIER_3, Phase.PREVENTION): (K.HUMAN_RIGHTS, "Training of local forces on human rights law"),
    (Tier.TIER_3, Phase.PREEMPTION): (K.CHILD_PROTECTION, "Agreement on the release of children"),
    (Tier.TIER_3, Phase.RESPONSE): (K.HUMAN_RIGHTS, "Investigation and preservation of evidence"),
    (Tier.TIER_3, Phase.CONSOLIDATION): (K.JUSTICE, "Support to the prosecution of those responsible"),
}  # fmt: skip
# Status, start and due in days from today, and whether it is left out; in turn over the cells.
COURSES: tuple[tuple[ActivityStatus, int, int], ...] = (
    (ActivityStatus.UNDER_WAY, -20, 25),
    (ActivityStatus.PLANNED, 5, 40),
    (ActivityStatus.UNDER_WAY, -60, -6),
    (ActivityStatus.DONE, -30, -2),
    (ActivityStatus.PLANNED, -25, -9),
    (ActivityStatus.PLANNED, 12, 60),
)
# Objectives with an indicator each: what, unit, baseline, target and what was measured.
OBJECTIVES: tuple[tuple[str, str, str, float, float, tuple[float, ...]], ...] = (
    ("Early warnings lead to a response", "Alerts responded to", "%", 35, 80, (35, 42, 51, 58)),
    ("Fewer civilians are attacked", "Attacks on civilians a month", "", 14, 7, (14, 12, 13, 9)),
    ("Displaced families return in safety", "Sites with a protection plan", "sites", 2, 12, (2, 3, 7)),
)  # fmt: skip


def _accepted(demo: Demo) -> list[Threat]:
    """In the order they were accepted."""
    found = Threat.objects.filter(mission=demo.mission, is_demonstration=True)
    return list(found.order_by("assessments__pk"))


def plan(demo: Demo) -> None:
    """Typical activities in two of three required cells, in every state; the rest are gaps."""
    planner, mission = demo.people[Role.PLANNER], demo.mission
    components = {
        component.kind: component for component in Component.objects.filter(mission=mission)
    }
    turn = 0
    for number, threat in enumerate(_accepted(demo)):
        called_for = CoverageRules.of(mission).required_phases[threat.phase]
        for place, (tier, phase) in enumerate(key for key in KEYS if key[1] in called_for):
            if (number + place) % 3 == 2:
                continue
            kind, what = TYPICAL[tier, phase]
            status, start, due = COURSES[turn % len(COURSES)]
            turn += 1
            area = threat.admin_area.name if threat.admin_area else ""
            begins, ends = (TODAY + datetime.timedelta(days=days) for days in (start, due))
            activity = plan_activity(
                user=planner,
                mission=mission,
                title=f"{what} ({area})",
                tier=tier,
                phase=phase,
                lead_component=components[kind],
                supporting_components=[components[K.POC_ADVISER]],
                threats=[threat],
                communities=list(threat.communities.all()[:3]),
                start=begins,
                due=ends,
                description="Demonstration of a typical activity.",
            )
            edit_activity(activity, user=planner, status=status)
            _backdate(activity, threat.phase_since, min(begins, TODAY), min(ends, TODAY))


def write_strategy(demo: Demo) -> None:
    planner, mission = demo.people[Role.PLANNER], demo.mission
    strategy = create_strategy(
        user=planner, mission=mission, title="Protection of civilians", start=datetime.date(2022, 1, 1),
        end=datetime.date(2023, 12, 31), threats=_accepted(demo), is_demonstration=True,
        summary="Demonstration of a strategy: its objectives, figures and measurements are made up.",
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
    Step("strategy", write_strategy),
    Step("weekly brief", lambda demo: prepare_due_briefs(), is_computed=True),
]
