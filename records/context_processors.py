"""What every page shows of the mission it is in."""

from __future__ import annotations

from django.http import HttpRequest

from missions.access import grant_in
from missions.choices import Classification
from missions.need_to_know import KEPT_APART
from missions.roles import Capability


def current_mission(request: HttpRequest) -> dict:
    mission = getattr(request, "mission", None)
    if mission is None:
        return {}
    grant = grant_in(request.user, mission)
    return {
        "mission": mission,
        "grant": grant,
        "grant_clearance": Classification(grant.clearance).label if grant else "",
        "counts_all": grant is not None and grant.layer == KEPT_APART,
        # may_alert, may_plan and so on: one for each capability
        **{f"may_{it}": grant is not None and grant.can(it) for it in Capability},
    }
