"""The mission's own list of peoples and faiths, and what it means for the names on record."""

from __future__ import annotations

from django.db import transaction

from missions.access import can, require
from missions.models import Mission, User
from missions.roles import Capability
from threats.choices import ActorKind, ActorReview
from threats.models import ArmedActor, ThreatRules
from threats.rules.names import is_listed, kind_of_actor


@transaction.atomic
def set_peoples(mission: Mission, *, user: User, peoples: list[str]) -> Mission:
    """Change the list. Names now on it go up for review; those taken off it come back as groups.

    What a person decided of a name, and names seen as sides of state-based or one-sided violence,
    stay as they are. Raises PermissionDenied or ValidationError.
    """
    mission = Mission.objects.select_for_update().get(pk=mission.pk)
    require(can(user, mission, Capability.SET_RULES))
    rules = ThreatRules.of(mission)
    rules.peoples = peoples
    rules.full_clean()
    rules.save()
    mission.save()  # its readers see the rules as a part of it
    guessed = (ActorKind.UNKNOWN, ActorKind.NON_STATE_ARMED_GROUP, ActorKind.IDENTITY_GROUP)
    undecided = ArmedActor.objects.current().filter(
        mission=mission, kind_decided_at=None, seen_organised=False, kind__in=guessed
    )
    for actor in undecided:
        listed = is_listed(actor.name, peoples)
        if listed and actor.review != ActorReview.LISTED:
            actor.kind, actor.review = ActorKind.UNKNOWN, ActorReview.LISTED
            actor.save()
        elif not listed and actor.review == ActorReview.LISTED:
            by_hand = actor.created_by_id is not None
            actor.kind = ActorKind.UNKNOWN if by_hand else kind_of_actor(actor.name)
            actor.review = ActorReview.NONE
            actor.save()
    return mission
