"""The armed actors a file names, as those who see what comes in know them."""

from __future__ import annotations

from typing import Any

from django.db.models import Max

from missions.models import Mission
from poc_portal.tabular.names import sort_key
from threats.models import ActorIdentifier, ArmedActor
from threats.rules.names import kind_of_actor
from threats.sources.formats.record import ActorName, Format


class Actors:
    """Their database ids, by their number in the file, in ``ids``; those not on record are made.

    Of namesakes the first that readers of what comes in see: a more secret one would be betrayed by
    its incidents, and hide who is named in them.
    """

    def __init__(self, mission: Mission, chosen: Format, classification: int):
        self.mission, self.format, self.classification = mission, chosen, classification
        self.ids: list[int] = []

    def know(self, actors: list[ActorName]) -> None:
        """Add further ones."""
        if not actors:
            return
        dataset = self.format.dataset
        identifiers = ActorIdentifier.objects.filter(mission=self.mission, dataset=dataset)
        known: dict[str, int] = {}
        seen = identifiers.filter(**self._as_open("actor__")).order_by("namesake")
        for value, key in seen.values_list("value", "actor_id"):
            known.setdefault(value, key)
        last = dict(identifiers.values_list("value").annotate(Max("namesake")).order_by())
        # Known by name, from another dataset, by hand, or as a member of a coalition.
        named = {
            sort_key(name): key
            for key, name in ArmedActor.objects.current()
            .filter(mission=self.mission, **self._as_open())
            .exclude(identifiers__dataset=dataset)
            .values_list("pk", "name")
        }
        coalitions: list[tuple[int, ActorName]] = []
        for actor in actors:
            if actor.identifier not in known:
                pk = named.get(sort_key(actor.name)) or self._new(actor.name, actor.kind).pk
                ActorIdentifier.objects.create(
                    mission=self.mission, actor_id=pk, dataset=dataset, value=actor.identifier,
                    namesake=last.get(actor.identifier, -1) + 1,
                )  # fmt: skip
                known[actor.identifier] = pk
                if self.format.names_coalitions_with_commas and ", " in actor.name:
                    coalitions.append((pk, actor))
            self.ids.append(known[actor.identifier])
        for pk, actor in coalitions:
            self._join_members(pk, actor)

    def _as_open(self, prefix: str = "") -> dict[str, Any]:
        """Condition that an actor is seen by whoever sees an incident of this import."""
        level = {f"{prefix}classification__lte": self.classification}
        return level | {f"{prefix}compartments": []}

    def _join_members(self, coalition: int, actor: ActorName) -> None:
        members = []
        for name in actor.name.split(", "):
            key = sort_key(name)
            named = ArmedActor.objects.current().filter(mission=self.mission, sort_name=key)
            found = named.filter(**self._as_open()).first()
            members.append(found or self._new(name, kind_of_actor(name)))
        ArmedActor.objects.get(pk=coalition).members.set(members)

    def _new(self, name: str, kind: str) -> ArmedActor:
        return ArmedActor.objects.create(mission=self.mission, name=name, kind=kind)
