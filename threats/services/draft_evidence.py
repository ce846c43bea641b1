"""What a draft threat rests on: for each actor, or set of sides, and area, the incidents that tell of it."""

from __future__ import annotations

import datetime
from collections import defaultdict
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import Q

from missions.access import Reader
from missions.models import Mission
from threats.choices import ActorKind, ActorPart, ActorReview, StandardOfProof, ThreatKind
from threats.models import ArmedActor, Incident, IncidentActor, ThreatRules
from threats.rules.kinds import FIGHTING, ORGANISED_VIOLENCE, WARNINGS
from threats.rules.names import is_listed, seems_communal


class Key(NamedTuple):
    """What a draft is of: attacks by one actor, or violence between the sides named."""

    kind: str
    actors: frozenset[int]
    area: int


@dataclass
class Evidence:
    """By id, the incidents that tell of it: of harm to civilians, of other violence, of what may come."""

    harm: dict[int, Incident] = field(default_factory=dict)
    other: dict[int, Incident] = field(default_factory=dict)
    warnings: dict[int, Incident] = field(default_factory=dict)

    def add(self, incident: Incident, *, is_harm: bool) -> None:
        """Add one incident where it belongs."""
        is_warning = incident.kind in WARNINGS and not incident.against_civilians
        calmer = self.warnings if is_warning else self.other
        (self.harm if is_harm else calmer)[incident.pk] = incident

    @property
    def ids(self) -> set[int]:
        """Of every incident that tells of it."""
        return {*self.harm, *self.other, *self.warnings}


def gather(mission: Mission, reader: Reader, since: datetime.date) -> dict[Key, Evidence]:
    """What the reader sees of the incidents and actors from a day to the mission's today."""
    rows = (
        IncidentActor.objects.filter(
            Q(incident__against_civilians=True)
            | Q(incident__kind__in=ORGANISED_VIOLENCE | WARNINGS),
            incident__in=Incident.objects.visible_to(reader)
            .filter(mission=mission)
            .counted()
            .order_by(),
            incident__end_date__range=(since, mission.today),
            incident__admin_area__isnull=False,
            part__in=[ActorPart.PERPETRATOR, ActorPart.PARTY],
            actor__in=ArmedActor.objects.visible_to(reader).filter(mission=mission).order_by(),
        )
        .exclude(standard=StandardOfProof.DISPROVED)
        .select_related("incident", "actor")
    )
    parts: dict[Incident, list[IncidentActor]] = defaultdict(list)
    for row in rows:
        parts[row.incident].append(row)
    peoples = ThreatRules.of(mission).peoples
    found: dict[Key, Evidence] = defaultdict(Evidence)
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
        found[Key(ThreatKind.ATTACKS, frozenset([actor]), area)].add(incident, is_harm=is_harm)
    if communal & accused:
        key = Key(ThreatKind.INTERCOMMUNAL, frozenset((communal & accused) | sides), area)
        found[key].add(incident, is_harm=is_harm)
    elif communal & sides:
        key = Key(ThreatKind.INTERCOMMUNAL, frozenset(sides), area)
        found[key].add(incident, is_harm=is_harm)
    elif sides and not accused and incident.kind in FIGHTING:
        key = Key(ThreatKind.CROSSFIRE, frozenset(sides), area)
        found[key].add(incident, is_harm=is_harm)
    for actor in sides - communal - accused:
        # That it fights here, and nothing it is accused of.
        found[Key(ThreatKind.ATTACKS, frozenset([actor]), area)].add(incident, is_harm=False)


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
