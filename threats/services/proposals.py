"""Draft threats from the evidence: armed actor × administrative area.

An analyst accepts or rejects them. A draft is as secret as the most secret incident behind it.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
from django.db import transaction
from django.utils.translation import gettext

from missions.geography import distance_km
from missions.models import AdminArea, Mission
from threats.choices import SETTLED, ActorKind, ActorPart, ThreatKind, ThreatStatus
from threats.models import ArmedActor, Community, Incident, IncidentActor, Threat, ThreatRules
from threats.scoring.suggestions import MEMORY, suggest
from threats.services.threats import note_decision

REACH = 25.0  # km around the evidence within which a community counts as threatened


@dataclass
class _Evidence:
    harm: dict[int, Incident] = field(default_factory=dict)
    other: dict[int, Incident] = field(default_factory=dict)


@transaction.atomic
def propose_threats(mission: Mission) -> list[Threat]:
    """Draft a threat for every actor × area with violence against civilians in 12 months.

    An actor and area that already have a threat that is proposed, active or rejected get no
    second one; a proposed one is brought up to date. Identity groups get none, being no
    organisation that could be engaged.
    """
    standing = {
        (actor, threat.admin_area_id): threat
        for threat in Threat.objects.current()
        .filter(mission=mission)
        .exclude(status=ThreatStatus.CLOSED)
        .prefetch_related("perpetrators")
        for actor in [perpetrator.pk for perpetrator in threat.perpetrators.all()]
    }
    communities = list(Community.objects.current().filter(mission=mission))
    areas = AdminArea.objects.in_bulk()
    actors = ArmedActor.objects.in_bulk()
    proposed = []
    for (actor_id, area_id), evidence in sorted(_gather(mission).items()):
        threat = standing.get((actor_id, area_id))
        if threat is not None and threat.status != ThreatStatus.PROPOSED:
            continue
        if threat is not None and threat.created_by_id is not None:
            continue  # a person's own proposal is theirs to change
        proposed.append(
            _draft(
                mission, threat or Threat(mission=mission), actors[actor_id], areas[area_id],
                evidence, communities,
            )
        )  # fmt: skip
    return proposed


def _gather(mission: Mission) -> dict[tuple[int, int], _Evidence]:
    since = mission.today - datetime.timedelta(days=MEMORY)
    parts = (
        IncidentActor.objects.filter(
            incident__mission=mission,
            incident__withdrawn_at__isnull=True,
            incident__end_date__range=(since, mission.today),
            incident__admin_area__isnull=False,
            part__in=[ActorPart.PERPETRATOR, ActorPart.PARTY],
            actor__withdrawn_at__isnull=True,
        )
        .exclude(actor__kind=ActorKind.IDENTITY_GROUP)
        .select_related("incident")
    )
    found: dict[tuple[int, int], _Evidence] = defaultdict(_Evidence)
    for row in parts:
        incident = row.incident
        assert incident.admin_area_id is not None  # filtered above
        entry = found[row.actor_id, incident.admin_area_id]
        (entry.harm if incident.against_civilians else entry.other)[incident.pk] = incident
    return {key: entry for key, entry in found.items() if entry.harm}


def _draft(
    mission: Mission,
    threat: Threat,
    actor: ArmedActor,
    area: AdminArea,
    evidence: _Evidence,
    communities: list[Community],
) -> Threat:
    suggestion = suggest(
        [incident.end_date for incident in evidence.harm.values()],
        [incident.end_date for incident in evidence.other.values()],
        mission.today,
        ThreatRules.of(mission).risk_cut_points["30"],
    )
    incidents = [*evidence.harm.values(), *evidence.other.values()]
    threat.title = gettext("%(actor)s: violence against civilians in %(area)s") % {
        "actor": actor,
        "area": area,
    }
    threat.kind = ThreatKind.ATTACKS
    threat.admin_area = area
    threat.suggested_phase = suggestion.phase
    threat.suggested_likelihood = suggestion.likelihood
    threat.suggestion = suggestion.figures
    threat.classification = max(record.classification for record in [*incidents, actor])
    is_news = threat.pk is None or threat.phase != suggestion.phase
    if is_news:
        threat.phase = suggestion.phase
        threat.phase_since = mission.today
    threat.full_clean()
    threat.save()
    if is_news:
        note_decision(
            threat,
            user=None,
            suggested_phase=suggestion.phase,
            suggested_from=threat.classification,
        )
    threat.perpetrators.set([actor])
    threat.incidents.set(evidence.harm.values())
    threat.communities.set(_reached(evidence.harm.values(), communities))
    return threat


def _reached(incidents, communities: list[Community]) -> list[Community]:
    """Communities within reach of the evidence; a place known only to its area reaches none."""
    points = [(i.longitude, i.latitude) for i in incidents if i.place_precision in SETTLED]
    if not points or not communities:
        return []
    longitude, latitude = np.array(points).T
    away = distance_km(
        np.array([c.longitude for c in communities])[:, None],
        np.array([c.latitude for c in communities])[:, None],
        longitude[None],
        latitude[None],
    )
    near = (away <= REACH).any(axis=1)
    return [community for community, hit in zip(communities, near, strict=True) if hit]
