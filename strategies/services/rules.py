"""What a mission decides of how its coverage and reach are counted."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext

from missions.access import can, require
from missions.models import Mission, User
from missions.roles import Capability
from records.given import UNSET, Unset
from strategies.models import CoverageRules
from threats.models import ThreatRules
from threats.rules.source_kinds import sees_exactly


@transaction.atomic
def set_rules(
    mission: Mission,
    *,
    user: User,
    required_phases: dict[str, list[str]],
    travel_speed: float,
    reach_hours: float,
    source_kinds_from: int | Unset = UNSET,
) -> Mission:
    """Change which phases a threat's phase calls for, what counts as help in time, who is told of
    sources.

    ``required_phases``: phases by phase; ``travel_speed`` in km/h; ``reach_hours`` in hours;
    ``source_kinds_from``: the clearance from which a source's kind is told exactly, lowered only by
    whom it is told. Raises PermissionDenied or ValidationError.
    """
    mission = Mission.objects.select_for_update().get(pk=mission.pk)
    require(can(user, mission, Capability.SET_RULES))
    coverage, threats = CoverageRules.of(mission), ThreatRules.of(mission)
    coverage.required_phases = required_phases
    threats.travel_speed, threats.reach_hours = travel_speed, reach_hours
    if not isinstance(source_kinds_from, Unset):
        if source_kinds_from < threats.source_kinds_from and not sees_exactly(user, mission):
            raise ValidationError(
                {"source_kinds_from": gettext("Only who is told the exact kinds may show them to more.")}
            )  # fmt: skip
        threats.source_kinds_from = source_kinds_from
    for rules in (coverage, threats):
        rules.full_clean()
        rules.save()
    mission.save()  # its readers see the rules as a part of it
    return mission
