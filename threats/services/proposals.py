"""Draft threats from the evidence: who, or who against whom, × administrative area.

An analyst accepts or rejects them. A draft is as secret as the most secret incident behind it. It
accuses an actor only where incidents record that actor as perpetrator: the sides of a clash in
which civilians were harmed are sides, and a people is never an armed group.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext

from missions.access import Reader
from missions.choices import Classification
from missions.geography import distance_km
from missions.models import AdminArea, Mission
from threats.choices import (
    SETTLED,
    ActorKind,
    ActorPart,
    ActorReview,
    StandardOfProof,
    ThreatKind,
    ThreatStatus,
)
from threats.models import ArmedActor, Community, Incident, IncidentActor, Threat, ThreatRules
from threats.rules.kinds import FIGHTING, ORGANISED_VIOLENCE, WARNINGS, threat_of
from threats.rules.names import UNESTABLISHED, is_listed, seems_communal
from threats.scoring.record import record_for, record_of
from threats.scoring.signs import Place, reassurance
from threats.scoring.suggestion import Suggestion
from threats.scoring.suggestions import MEMORY, suggest
from threats.services.risk_proposals import endangered, propose_from_risk
from threats.services.threats import note_decision
from threats.services.titles import draft_title

STRICT = Classification.STRICTLY_CONFIDENTIAL.value
REACH = 25.0  # km around the evidence within which a community counts as threatened
WITHOUT_BLAME = (ThreatKind.CROSSFIRE, ThreatKind.INTERCOMMUNAL)


class _Key(NamedTuple):
    """What a draft is of: attacks by one actor, or violence between the sides named."""

    kind: str
    actors: frozenset[int]
    area: int


@dataclass
class _Evidence:
    harm: dict[int, Incident] = field(default_factory=dict)
    other: dict[int, Incident] = field(default_factory=dict)
    warnings: dict[int, Incident] = field(default_factory=dict)

    def add(self, incident: Incident, *, is_harm: bool) -> None:
        is_warning = incident.kind in WARNINGS and not incident.against_civilians
        calmer = self.warnings if is_warning else self.other
        (self.harm if is_harm else calmer)[incident.pk] = incident


@transaction.atomic
def propose_threats(mission: Mission) -> list[Threat]:
    """Draft threats from the incidents of the last 12 months.

    For every actor recorded as perpetrator of violence against civilians in an area: attacks by it.
    For every set of sides whose fighting harmed civilians there: crossfire, without blame. Where a
    side is a people or faith: intercommunal violence, whether or not those harmed are known to be
    civilians. What already has a threat that is proposed, active or rejected gets no second one; a
    proposed one is brought up to date, and withdrawn once nothing supports what it says. Where the
    record ended more than a year ago nothing is proposed or withdrawn: see ``why_none``.
    """
    record = record_of(mission, STRICT)
    if record.is_far_past:
        return []
    standing = _standing(mission)
    communities = list(Community.objects.current().filter(mission=mission))
    areas = AdminArea.objects.in_bulk()
    actors = ArmedActor.objects.in_bulk()
    found = _gather(mission, record.day - datetime.timedelta(days=MEMORY))
    proposed = []
    for key, evidence in sorted(found.items(), key=lambda item: _order(item[0])):
        threat = standing.get(key)
        if threat is not None and not _is_ours(threat):
            continue
        proposed.append(
            _draft(
                threat or Threat(mission=mission),
                key.kind,
                sorted((actors[pk] for pk in key.actors), key=lambda actor: actor.sort_name),
                areas[key.area],
                evidence,
                communities,
            )
        )
    for key, threat in standing.items():
        if key not in found and _is_ours(threat) and not _is_supported(threat):
            _withdraw(threat)
    return [*proposed, *propose_from_risk(mission)]


def _order(key: _Key) -> tuple:
    return key.kind, sorted(key.actors), key.area


def _is_ours(threat: Threat) -> bool:
    """A draft nobody has decided on; a person's own proposal is theirs to change."""
    return threat.status == ThreatStatus.PROPOSED and threat.created_by_id is None


def _standing(mission: Mission) -> dict[_Key, Threat]:
    found = {}
    threats = (
        Threat.objects.current()
        .filter(mission=mission)
        .exclude(status=ThreatStatus.CLOSED)
        .prefetch_related("perpetrators", "parties")
    )
    for threat in threats:
        area = threat.admin_area_id or 0
        if threat.kind in WITHOUT_BLAME:
            sides = [a.pk for a in threat.parties.all() if a.name != UNESTABLISHED]
            found[_Key(threat.kind, frozenset(sides), area)] = threat
        for actor in threat.perpetrators.all():
            found[_Key(ThreatKind.ATTACKS, frozenset([actor.pk]), area)] = threat
    return found


def _gather(mission: Mission, since: datetime.date) -> dict[_Key, _Evidence]:
    rows = (
        IncidentActor.objects.filter(
            Q(incident__against_civilians=True)
            | Q(incident__kind__in=ORGANISED_VIOLENCE | WARNINGS),
            incident__mission=mission,
            incident__withdrawn_at__isnull=True,
            incident__awaits_verification=False,
            incident__end_date__range=(since, mission.today),
            incident__admin_area__isnull=False,
            part__in=[ActorPart.PERPETRATOR, ActorPart.PARTY],
            actor__withdrawn_at__isnull=True,
        )
        .exclude(standard=StandardOfProof.DISPROVED)
        .select_related("incident", "actor")
    )
    parts: dict[Incident, list[IncidentActor]] = defaultdict(list)
    for row in rows:
        parts[row.incident].append(row)
    peoples = ThreatRules.of(mission).peoples
    found: dict[_Key, _Evidence] = defaultdict(_Evidence)
    for incident, acting in parts.items():
        _sort_in(incident, acting, peoples, found)
    return {
        key: entry
        for key, entry in found.items()
        if entry.harm
        or (entry.other and key.kind == ThreatKind.INTERCOMMUNAL and len(key.actors) > 1)
    }


def _sort_in(
    incident: Incident, acting: list[IncidentActor], peoples: list[str], found: dict
) -> None:
    area, is_harm = incident.admin_area_id, incident.against_civilians
    assert area is not None  # filtered by the caller
    communal = {row.actor_id for row in acting if is_communal(row.actor, peoples)}
    accused = {row.actor_id for row in acting if row.part == ActorPart.PERPETRATOR}
    sides = {row.actor_id for row in acting if row.part == ActorPart.PARTY}
    for actor in accused - communal:
        found[_Key(ThreatKind.ATTACKS, frozenset([actor]), area)].add(incident, is_harm=is_harm)
    if communal & accused:
        key = _Key(ThreatKind.INTERCOMMUNAL, frozenset((communal & accused) | sides), area)
        found[key].add(incident, is_harm=is_harm)
    elif communal & sides:
        key = _Key(ThreatKind.INTERCOMMUNAL, frozenset(sides), area)
        found[key].add(incident, is_harm=is_harm)
    elif sides and not accused and incident.kind in FIGHTING:
        key = _Key(ThreatKind.CROSSFIRE, frozenset(sides), area)
        found[key].add(incident, is_harm=is_harm)
    for actor in sides - communal - accused:
        # That it fights here, and nothing it is accused of.
        found[_Key(ThreatKind.ATTACKS, frozenset([actor]), area)].add(incident, is_harm=False)


def is_communal(actor: ArmedActor, peoples: list[str]) -> bool:
    """Whether a name stands for a people, faith or clan rather than a group, as far as is decided."""
    if actor.kind == ActorKind.IDENTITY_GROUP or actor.review == ActorReview.LISTED:
        return True
    if actor.kind_decided_at is not None:
        return False
    if actor.review == ActorReview.COMMUNAL:
        return seems_communal(actor.name, peoples)
    return actor.kind in (ActorKind.UNKNOWN, ActorKind.NON_STATE_ARMED_GROUP) and is_listed(
        actor.name, peoples
    )


def _draft(
    threat: Threat,
    kind: str,
    actors: list[ArmedActor],
    area: AdminArea,
    evidence: _Evidence,
    communities: list[Community],
) -> Threat:
    mission = threat.mission
    violence = [*evidence.harm.values(), *evidence.other.values()]
    supporting = violence if kind == ThreatKind.INTERCOMMUNAL else list(evidence.harm.values())
    behind = [*violence, *evidence.warnings.values(), *actors]
    threat.classification = max(record.classification for record in behind)
    suggestion = _suggested(threat, evidence, supporting, communities, area)
    made = draft_title(
        kind,
        [actor.name for actor in actors],
        str(area),
        are_counted=any(i.civilian_deaths or i.injured for i in evidence.harm.values()),
    )
    threat.title, threat.title_made_of = made["title"], made["title_made_of"]
    is_blamed = kind == ThreatKind.ATTACKS
    threat.kind = threat_of(i.kind for i in supporting) if is_blamed else kind
    threat.admin_area = area
    threat.suggested_phase = suggestion.phase
    threat.suggested_likelihood = suggestion.likelihood
    threat.suggestion = suggestion.figures
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
    if is_blamed:
        threat.perpetrators.set(actors)
    elif kind == ThreatKind.INTERCOMMUNAL:
        threat.parties.set([unestablished_actor(mission), *actors])
    else:
        threat.parties.set(actors)
    threat.incidents.set(supporting)
    at_risk = endangered(mission, threat.classification)
    near = {place.pk for place in _reached(supporting, communities)}
    threat.communities.set(
        [
            place
            for place in communities
            if place.pk in near or (place.pk in at_risk and place.admin_area_id == area.pk)
        ]
    )
    return threat


def _suggested(
    threat: Threat,
    evidence: _Evidence,
    supporting: list[Incident],
    communities: list[Community],
    area: AdminArea,
) -> Suggestion:
    """From what those who will read the draft may see."""
    mission = threat.mission
    reader = Reader.cleared(mission, threat.classification)
    near = frozenset(place.pk for place in _reached(supporting, communities))
    place = Place(threat.pk, near, area.pk)
    return suggest(
        [incident.evidence_span for incident in evidence.harm.values()],
        [incident.evidence_span for incident in evidence.other.values()],
        mission.today,
        ThreatRules.of(mission).risk_cut_points["30"],
        warnings=[incident.evidence_span for incident in evidence.warnings.values()],
        record_end=record_of(mission, threat.classification).end,
        reassured=reassurance(mission, reader, {0: place})[0],
    )


def why_none(mission: Mission, user) -> str:
    """Why no threat is proposed, and what to do next, from what the user may see."""
    incidents = Incident.objects.visible_to(user).filter(mission=mission)
    if not incidents.exists():
        return gettext(
            "Nothing to judge: no incident is on record. Next: bring in a file or file a report."
        )
    record = record_for(mission, user)
    if record.is_far_past:
        return gettext(
            "%(ends)s That is more than a year ago, and says nothing of today: nothing is proposed. "
            "Next: bring in what was recorded since."
        ) % {"ends": record.sentence}
    if not Community.objects.visible_to(user).filter(mission=mission).exists():
        return gettext("Nothing to judge: no community is on record. Next: bring in places.")
    return " ".join(
        part
        for part in (
            record.sentence,
            gettext(
                "In the twelve months on record no incident against civilians has a recorded "
                "perpetrator and a place, or a threat stands for each; and no endangered community "
                "is without one."
            ),
        )
        if part
    )


def unestablished_actor(mission: Mission) -> ArmedActor:
    """Who is behind intercommunal violence, until a person says more; one a mission."""
    found = ArmedActor.objects.current().filter(mission=mission, name=UNESTABLISHED).first()
    return found or ArmedActor.objects.create(
        mission=mission, name=UNESTABLISHED, kind=ActorKind.COMMUNITY_MILITIA
    )


def _is_supported(threat: Threat) -> bool:
    """Whether an incident behind it records as perpetrator whom it accuses; once is enough."""
    return (
        threat.kind not in WITHOUT_BLAME
        and IncidentActor.objects.filter(
            incident__in=threat.incidents.current().counted(),
            incident__against_civilians=True,
            actor__in=threat.perpetrators.all(),
            part=ActorPart.PERPETRATOR,
        )
        .exclude(standard=StandardOfProof.DISPROVED)
        .exists()
    )


def _withdraw(threat: Threat) -> None:
    threat.withdrawn_at = timezone.now()
    threat.withdrawn_reason = gettext("No incident on record supports this draft any more.")
    threat.save()


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
