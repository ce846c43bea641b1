"""What endangers whom in the demonstration: real places, events and posts, made-up judgements."""

from __future__ import annotations

import csv
import datetime
import json
from itertools import groupby
from pathlib import Path

from django.utils.translation import gettext_noop

from missions.choices import ComponentKind, Role
from missions.demo import TODAY, Demo, Step, whole
from missions.models import Component
from threats.choices import ActorKind, Phase
from threats.demo.alerts import warn
from threats.demo.sites import bring_sites
from threats.models import ArmedActor, RiskBacktest, Threat, ThreatDecision
from threats.presence.choices import PostKind, Strength
from threats.presence.services import add_post
from threats.scoring.history import reconstruct_if_requested
from threats.scoring.recompute import recompute_mission
from threats.scoring.suggestions import suggest_impact
from threats.scoring.training import train
from threats.services.actors import Belonging, add_actor, edit_actor
from threats.services.proposals import propose_threats
from threats.services.threats import accept_threat
from threats.sources.loader import import_incidents
from threats.sources.places import import_places

ACCEPTED = 12  # threats
LEAST = 1  # likelihood; a proposal always suggests one
UNKNOWN_IMPACT = 3  # moderate, where no harm is known
RATIONALE = gettext_noop(
    "Demonstration: accepted as the evidence suggests. Impact from the civilians killed or injured in "
    "the attacks on record, moderate where none is known."
)
EARLIER = gettext_noop("Demonstration of an earlier phase.")
DATA = Path(__file__).parent
# Groups of the Coalition of Patriots for Change at its founding in December 2020: Panel of Experts
# on the Central African Republic, final report, S/2021/569.
COALITION = "CPC"
FOUNDED = datetime.date(2020, 12, 15)
FOUNDERS = ("3R", "FPRC", "MPC", "UPC", "Anti-Balaka - Mokom", "Anti-Balaka - Ngaïssona")
# Upper ends of bands of strength, in troops.
STRENGTHS = ((15, Strength.SECTION), (50, Strength.PLATOON), (200, Strength.COMPANY))
MISSION_HEADQUARTERS = "3"  # in Geo-PKO's column; 2: of a sector, 1: of a battalion


def bring_places(demo: Demo) -> None:
    whole(import_places(mission=demo.mission, path=DATA / "places_caf.csv"))


def bring_incidents(demo: Demo) -> None:
    path = DATA / "ucdp_ged_23_1_caf.csv"
    whole(import_incidents(mission=demo.mission, path=path, format_name="ucdp"))


def found_coalition(demo: Demo) -> None:
    """Who belongs to the coalition since when; a wing no event names is added."""
    analyst, mission = demo.people[Role.ANALYST], demo.mission
    known = {actor.name: actor for actor in ArmedActor.objects.filter(mission=mission)}
    members = [
        known.get(name)
        or add_actor(user=analyst, mission=mission, name=name, kind=ActorKind.NON_STATE_ARMED_GROUP)
        for name in FOUNDERS
    ]
    edit_actor(
        known[COALITION], user=analyst, belongings=[Belonging(each, FOUNDED) for each in members]
    )


def propose_and_accept(demo: Demo) -> None:
    """Accept the dozen with the most evidence, judged as the evidence suggests, over the year."""
    analyst = demo.people[Role.ANALYST]
    proposed = propose_threats(demo.mission)
    ranked = sorted(proposed, key=lambda t: (-t.suggestion["expected_30_days"], t.title))[:ACCEPTED]
    for threat in ranked:
        accept_threat(
            user=analyst,
            threat=threat,
            likelihood=threat.suggested_likelihood or LEAST,
            impact=suggest_impact(threat.incidents.all(), threat.communities.all())
            or UNKNOWN_IMPACT,
            rationale=RATIONALE,
        )
    for number, threat in enumerate(ranked):
        accepted = TODAY - datetime.timedelta(days=12 + 27 * number)
        moved = TODAY - datetime.timedelta(days=1 + 3 * number)
        Threat.objects.filter(pk=threat.pk).update(is_demonstration=True, phase_since=moved)
        threat.assessments.update(is_demonstration=True)
        threat.decisions.update(day=moved)
        if threat.phase != Phase.PREVENTION:
            ThreatDecision.objects.create(
                mission=demo.mission, threat=threat, status=threat.status, phase=Phase.PREVENTION,
                day=accepted, decided_by=analyst, reason=EARLIER,
            )  # fmt: skip


def stand(demo: Demo) -> None:
    """Where the mission stood in 2022, since the first year from which it stood without a gap.

    Geo-PKO 2.3 (``bases_minusca_2014_2024.csv``) tells of years: the days are their first.
    """
    planner, mission = demo.people[Role.PLANNER], demo.mission
    components = {it.kind: it for it in Component.objects.filter(mission=mission)}
    with (DATA / "bases_minusca_2014_2024.csv").open(newline="", encoding="utf-8") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: (row["location"], row["year"]))
    for _name, found in groupby(rows, lambda row: row["location"]):
        years = {int(row["year"]): row for row in found}
        if TODAY.year not in years:
            continue
        first = TODAY.year
        while first - 1 in years:
            first -= 1
        row = years[TODAY.year]
        is_police = not int(row["troops"]) and int(row["police"])
        add_post(
            user=planner, mission=mission, name=row["location"], kind=_kind(row),
            component=components[ComponentKind.UN_POLICE if is_police else ComponentKind.MILITARY],
            longitude=float(row["longitude"]), latitude=float(row["latitude"]),
            strength=_strength(int(row["troops"])), since=datetime.date(first, 1, 1),
        )  # fmt: skip


def _kind(row: dict[str, str]) -> PostKind:
    troops = int(row["troops"])
    if row["headquarters"] == MISSION_HEADQUARTERS:
        return PostKind.HEADQUARTERS
    if troops:
        return PostKind.BATTALION if _strength(troops) == Strength.BATTALION else PostKind.COMPANY
    return PostKind.POLICE_STATION if int(row["police"]) else PostKind.OBSERVERS


def _strength(troops: int) -> Strength:
    if not troops:
        return Strength.UNKNOWN
    return next((band for most, band in STRENGTHS if troops <= most), Strength.BATTALION)


def bring_judgement(demo: Demo) -> None:
    """How good the scores of 2017 to 2022 were; a proof comes to the same figures again."""
    found = json.loads((DATA / "backtest_2017_2022.json").read_text(encoding="utf-8"))
    RiskBacktest.objects.create(
        mission=demo.mission,
        first_day=found["first_day"],
        last_day=found["last_day"],
        figures={"targets": found["targets"]},
    )


steps = [
    Step("communities", bring_places),
    Step("incidents", bring_incidents),
    Step("members of the coalition", found_coalition),
    Step("draft threats, some of them accepted", propose_and_accept),
    Step("displacement sites", bring_sites),
    Step("alerts", warn),
    Step("own presence", stand),
    Step("judgement of the scores", bring_judgement),
    Step("risk model", lambda demo: train(demo.mission), is_computed=True),
    Step("risk scores", lambda demo: recompute_mission(demo.mission.pk), is_computed=True),
    Step(
        "scores of earlier days", lambda demo: reconstruct_if_requested(demo.mission.pk),
        is_computed=True,
    ),
    Step(
        "draft threats for endangered places", lambda demo: propose_threats(demo.mission),
        is_computed=True,
    ),
]  # fmt: skip
