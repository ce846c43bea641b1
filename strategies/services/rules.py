"""What a mission decides of how its coverage and reach are counted."""

from __future__ import annotations

from django.db import transaction

from missions.access import can, require
from missions.models import Mission, User
from missions.roles import Capability
from strategies.models import CoverageRules
from threats.models import ThreatRules


@transaction.atomic
def set_rules(
    mission: Mission,
    *,
    user: User,
    required_phases: dict[str, list[str]],
    travel_speed: float,
    reach_hours: float,
) -> Mission:
    """Change which phases a threat's phase calls for, and what counts as help in time.

    ``required_phases``: phases by phase; ``travel_speed`` in km/h; ``reach_hours`` in hours. Raises
    PermissionDenied or ValidationError.
    """
    mission = Mission.objects.select_for_update().get(pk=mission.pk)
    require(can(user, mission, Capability.SET_RULES))
    coverage, threats = CoverageRules.of(mission), ThreatRules.of(mission)
    coverage.required_phases = required_phases
    threats.travel_speed, threats.reach_hours = travel_speed, reach_hours
    for rules in (coverage, threats):
        rules.full_clean()
        rules.save()
    mission.save()  # its readers see the rules as a part of it
    return mission
