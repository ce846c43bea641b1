"""The bundled demonstration: real events, places and offices; made-up decisions about them.

What people would decide (accepting threats, planning activities) is marked as demonstration
and stands under accounts named after their role.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db import transaction

from missions.choices import Classification, ComponentKind, Role
from missions.models import Component, FieldOffice, Mission, User
from missions.services import add_member, create_mission
from records.organisation.imports import import_admin_areas, import_field_offices
from records.services import create_record
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
from threats.models import Post, Threat
from threats.presence.choices import PostKind
from threats.scoring.recompute import recompute_mission
from threats.scoring.suggestions import suggest_impact
from threats.scoring.training import train
from threats.services.proposals import propose_threats
from threats.services.threats import accept_threat
from threats.sources.loader import import_incidents
from threats.sources.places import import_places

CODE = "MINUSCA"
NAME = "United Nations Multidimensional Integrated Stabilization Mission in the Central African Republic"
TODAY = datetime.date(2022, 12, 31)
ACCEPTED = 12  # threats
UNKNOWN_IMPACT = 3  # moderate, where no population is known
DATA = settings.BASE_DIR / "missions" / "demo"
CLEARANCES = {
    Role.VIEWER: Classification.UNCLASSIFIED,
    Role.REPORTER: Classification.CONFIDENTIAL,
    Role.ANALYST: Classification.STRICTLY_CONFIDENTIAL,
    Role.PLANNER: Classification.CONFIDENTIAL,
    Role.ADVISER: Classification.STRICTLY_CONFIDENTIAL,
    Role.ADMIN: Classification.STRICTLY_CONFIDENTIAL,
}
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
Step = Callable[[str], None]


def load_demo(*, password: str, say: Step = lambda step: None) -> Mission:
    """Load everything, in one transaction; ``say`` is told each step. Does nothing twice."""
    existing = Mission.objects.filter(code=CODE).first()
    if existing is not None:
        return existing
    with transaction.atomic():
        say("mission and accounts")
        mission = create_mission(
            code=CODE,
            name=NAME,
            countries=["CAF"],
            languages=["fr", "sg", "en"],
            reference_date=TODAY,
        )
        people = _accounts(mission, password)
        say("administrative areas and field offices")
        _whole(import_admin_areas(mission=mission, path=DATA / "admin1_caf.geojson"))
        _whole(import_field_offices(mission=mission, path=DATA / "field_offices_minusca.csv"))
        say("communities")
        _whole(import_places(mission=mission, path=DATA / "places_caf.csv"))
        say("incidents")
        _whole(
            import_incidents(
                mission=mission, path=DATA / "ucdp_ged_23_1_caf.csv", format_name="ucdp"
            )
        )
        say("draft threats")
        proposed = propose_threats(mission)
        say("threats and activities")
        accepted = _accept(people[Role.ANALYST], proposed)
        _plan(people[Role.PLANNER], mission, accepted)
        _stand(people[Role.PLANNER], mission)
        _write_strategy(people, mission, accepted)
    say("risk model")
    train(mission)
    say("risk scores")
    recompute_mission(mission.pk)
    say("weekly brief")
    prepare_due_briefs()
    return mission


def demo_step_count() -> int:
    """How many steps ``load_demo`` announces, for a progress bar."""
    return 9


def demo_logins() -> list[tuple[str, str]]:
    """Role label and user name of each demo account."""
    return [(str(role.label), role.value) for role in Role]


def _whole(report) -> None:
    if report.refused:
        raise RuntimeError(f"{Path(report.file).name}: {report.errors[0]}")


def _accounts(mission: Mission, password: str) -> dict[Role, User]:
    people = {}
    for role in Role:
        user = User.objects.create_user(
            username=role.value,
            password=password,
            is_staff=role == Role.ADMIN,
            is_superuser=role == Role.ADMIN,
        )
        add_member(member=user, mission=mission, role=role, clearance=CLEARANCES[role])
        people[role] = user
    return people


def _accept(analyst: User, proposed: list[Threat]) -> list[Threat]:
    """Accept the dozen with the most evidence, judged as the evidence suggests."""
    ranked = sorted(proposed, key=lambda t: (-t.suggestion["expected_30_days"], t.title))[:ACCEPTED]
    for threat in ranked:
        accept_threat(
            user=analyst,
            threat=threat,
            likelihood=threat.suggested_likelihood,
            impact=suggest_impact(threat.communities.all()) or UNKNOWN_IMPACT,
            rationale=(
                "Demonstration: accepted as the evidence suggests. Impact from the largest known "
                "population among the communities, moderate where none is known."
            ),
        )
    for number, threat in enumerate(ranked):
        accepted = TODAY - datetime.timedelta(days=7 * (number % 5))
        threat.phase_since = accepted
        Threat.objects.filter(pk=threat.pk).update(is_demonstration=True, phase_since=accepted)
        threat.decisions.update(day=accepted)
        threat.assessments.update(is_demonstration=True)
    return ranked


def _plan(planner: User, mission: Mission, threats: list[Threat]) -> None:
    """Typical activities in two of three required cells, in every state; the rest are gaps."""
    components = {
        component.kind: component for component in Component.objects.filter(mission=mission)
    }
    turn = 0
    for number, threat in enumerate(threats):
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


def _stand(planner: User, mission: Mission) -> None:
    """A company of troops at each field office, so that reach can be shown; not where they stood."""
    military = Component.objects.get(mission=mission, kind=ComponentKind.MILITARY)
    for office in FieldOffice.objects.filter(mission=mission):
        create_record(
            Post, user=planner, mission=mission, name=f"{office.name} (demonstration)",
            kind=PostKind.COMPANY, component=military, longitude=office.longitude,
            latitude=office.latitude, since=TODAY - datetime.timedelta(days=400),
            is_demonstration=True,
        )  # fmt: skip


def _write_strategy(people: dict[Role, User], mission: Mission, threats: list[Threat]) -> None:
    planner = people[Role.PLANNER]
    strategy = create_strategy(
        user=planner, mission=mission, title="Protection of civilians", start=datetime.date(2022, 1, 1),
        end=datetime.date(2023, 12, 31), threats=threats, is_demonstration=True,
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
    endorse_strategy(strategy, user=people[Role.ADVISER])


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
