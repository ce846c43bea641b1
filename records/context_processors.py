"""What every page shows of the mission it is in."""

from __future__ import annotations

from django.http import HttpRequest

from missions.access import grants
from missions.choices import Classification, Role


def current_mission(request: HttpRequest) -> dict:
    mission = getattr(request, "mission", None)
    if mission is None:
        return {}
    grant = grants(request.user).get(mission.pk)
    role = grant.role if grant else ""
    return {
        "mission": mission,
        "grant": grant,
        "grant_clearance": Classification(grant.clearance).label if grant else "",
        "may_alert": role and role != Role.VIEWER,
        "may_report": role and role not in (Role.VIEWER, Role.PLANNER),
        "may_analyse": role in (Role.ANALYST, Role.ADVISER, Role.ADMIN),
        "may_plan": role in (Role.PLANNER, Role.ADVISER, Role.ADMIN),
        "may_endorse": role in (Role.ADVISER, Role.ADMIN),
    }
