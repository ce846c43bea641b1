"""What endangers whom in the demonstration: real places and events, made-up judgements."""

from __future__ import annotations

import datetime
from pathlib import Path

from missions.choices import ComponentKind, Role
from missions.demo import TODAY, Demo, Step, whole
from missions.models import Component, FieldOffice
from records.services import create_record
from threats.models import Post, Threat
from threats.presence.choices import PostKind
from threats.scoring.recompute import recompute_mission
from threats.scoring.suggestions import suggest_impact
from threats.scoring.training import train
from threats.services.proposals import propose_threats
from threats.services.threats import accept_threat
from threats.sources.loader import import_incidents
from threats.sources.places import import_places

ACCEPTED = 12  # threats
LEAST = 1  # likelihood; a proposal always suggests one
UNKNOWN_IMPACT = 3  # moderate, where no population is known
DATA = Path(__file__).parent


def bring_places(demo: Demo) -> None:
    whole(import_places(mission=demo.mission, path=DATA / "places_caf.csv"))


def bring_incidents(demo: Demo) -> None:
    path = DATA / "ucdp_ged_23_1_caf.csv"
    whole(import_incidents(mission=demo.mission, path=path, format_name="ucdp"))


def propose_and_accept(demo: Demo) -> None:
    """Accept the dozen with the most evidence, judged as the evidence suggests."""
    proposed = propose_threats(demo.mission)
    ranked = sorted(proposed, key=lambda t: (-t.suggestion["expected_30_days"], t.title))[:ACCEPTED]
    for threat in ranked:
        accept_threat(
            user=demo.people[Role.ANALYST],
            threat=threat,
            likelihood=threat.suggested_likelihood or LEAST,
            impact=suggest_impact(threat.communities.all()) or UNKNOWN_IMPACT,
            rationale=(
                "Demonstration: accepted as the evidence suggests. Impact from the largest known "
                "population among the communities, moderate where none is known."
            ),
        )
    for number, threat in enumerate(ranked):
        accepted = TODAY - datetime.timedelta(days=7 * (number % 5))
        Threat.objects.filter(pk=threat.pk).update(is_demonstration=True, phase_since=accepted)
        threat.decisions.update(day=accepted)
        threat.assessments.update(is_demonstration=True)


def stand(demo: Demo) -> None:
    """A company of troops at each field office, so that reach can be shown; not where they stood."""
    planner, mission = demo.people[Role.PLANNER], demo.mission
    military = Component.objects.get(mission=mission, kind=ComponentKind.MILITARY)
    for office in FieldOffice.objects.filter(mission=mission):
        create_record(
            Post, user=planner, mission=mission, name=f"{office.name} (demonstration)",
            kind=PostKind.COMPANY, component=military, longitude=office.longitude,
            latitude=office.latitude, since=TODAY - datetime.timedelta(days=400),
            is_demonstration=True,
        )  # fmt: skip


steps = [
    Step("communities", bring_places),
    Step("incidents", bring_incidents),
    Step("draft threats, some of them accepted", propose_and_accept),
    Step("own presence", stand),
    Step("risk model", lambda demo: train(demo.mission), is_computed=True),
    Step("risk scores", lambda demo: recompute_mission(demo.mission.pk), is_computed=True),
]
