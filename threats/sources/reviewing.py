"""Names that may be those of peoples go to people for review, without a kind.

Two reasons: the mission's list of peoples and faiths has the name, or a dataset knows it only as a
side of violence between non-state sides. A name ever seen as a side of state-based or one-sided
violence is a group, and stays one; so does whatever a person has decided.
"""

from __future__ import annotations

from collections.abc import Set

from missions.models import Mission
from poc_portal.tabular.names import sort_key
from threats.choices import FAMILY_OF, ActorFamily, ActorKind, ActorReview
from threats.models import ActorIdentifier, ArmedActor, ThreatRules
from threats.rules.names import is_listed, kind_of_actor, members_named
from threats.sources.formats.record import ActorName, Format

# What names were taken for before such kinds were told apart.
EARLIER: dict[str, ActorKind] = {
    ActorKind.POLICE: ActorKind.STATE_FORCES,
    ActorKind.PRIVATE_MILITARY: ActorKind.NON_STATE_ARMED_GROUP,
    ActorKind.UN_FORCES: ActorKind.NON_STATE_ARMED_GROUP,
}


def review_actors(
    mission: Mission, chosen: Format, *, organised: Set[ActorName], non_state: Set[ActorName]
) -> None:
    """Put names up for review after a file was stored, or take back what the file disproves.

    ``organised``, ``non_state``: the actors the file names as sides of state-based or one-sided
    violence, and of violence between non-state sides; both empty where its format does not tell.
    """
    peoples = ThreatRules.of(mission).peoples
    groups = _Known(mission, chosen, organised)
    fighters = _Known(mission, chosen, non_state)
    elsewhere = set(
        ActorIdentifier.objects.filter(mission=mission)
        .exclude(dataset=chosen.dataset)
        .values_list("actor_id", flat=True)
    )
    undecided = ArmedActor.objects.current().filter(
        mission=mission, created_by=None, kind_decided_at=None
    )
    for actor in undecided:
        standing = (actor.kind, actor.review, actor.seen_organised)
        guess = kind_of_actor(actor.name)
        if actor.kind == EARLIER.get(guess):
            actor.kind = guess
        if actor.kind not in (ActorKind.UNKNOWN, ActorKind.IDENTITY_GROUP, guess):
            continue  # corrected before decisions were kept
        if actor.seen_organised or actor in groups:
            actor.seen_organised = True
            if actor.review:
                actor.kind, actor.review = guess, ActorReview.NONE
        elif FAMILY_OF.get(guess) in (ActorFamily.STATE, ActorFamily.UN):
            continue
        elif is_listed(actor.name, peoples):
            actor.kind, actor.review = ActorKind.UNKNOWN, ActorReview.LISTED
        elif actor in fighters and actor.pk not in elsewhere:
            actor.kind, actor.review = ActorKind.UNKNOWN, ActorReview.COMMUNAL
        if standing != (actor.kind, actor.review, actor.seen_organised):
            actor.save()


class _Known:
    """Actors a file names, by its identifiers or by name; of a coalition its members too."""

    def __init__(self, mission: Mission, chosen: Format, actors: Set[ActorName]):
        identifiers = {actor.identifier for actor in actors}
        rows = ActorIdentifier.objects.filter(mission=mission, dataset=chosen.dataset)
        self._ids = {
            key for key, value in rows.values_list("actor_id", "value") if value in identifiers
        }
        self._names = {sort_key(actor.name) for actor in actors}
        if chosen.names_coalitions_with_commas:
            self._names |= {
                sort_key(name) for actor in actors for name in members_named(actor.name)
            }

    def __contains__(self, actor: ArmedActor) -> bool:
        return actor.pk in self._ids or actor.sort_name in self._names
