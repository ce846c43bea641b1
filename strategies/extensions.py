"""What plans add to the pages of the floors below."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from missions.access import may_create
from poc_portal.declarations.extensions import Extension, Panel
from records.rules import RulesObject
from strategies.coverage.cells import as_rows
from strategies.coverage.threat import matrices
from strategies.models import Activity, CoverageRules
from strategies.reading.catalogue import Suggestions, suggestions
from threats.choices import Phase
from threats.models import Community, Threat

SUGGESTED = 5  # in a cell
LISTED = 15  # activities for a community


def matrix(threat: Threat, request: HttpRequest) -> dict[str, Any]:
    """What is planned against a threat, and for who may plan what would fit each cell."""
    user, mission = request.user, threat.mission
    cells = matrices(mission, user, [threat])[threat.pk]
    if may_create(user, Activity, mission):
        fitting = suggestions(mission, user, threat)
        for cell in cells:
            found = fitting.get((cell.tier, cell.phase), Suggestions())
            cell.suggestions, cell.withheld = found.offered[:SUGGESTED], found.withheld
    return {"rows": as_rows(cells), "phases": Phase}


def activities(community: Community, request: HttpRequest) -> dict[str, Any]:
    """Activities for a community, the live ones first."""
    found = (
        Activity.objects.visible_to(request.user)
        .filter(communities=community)
        .select_related("mission", "lead_component")
        .with_overdue(community.mission.today)
    )
    return {"activities": found.order_by("completed_on", "due", "pk")[:LISTED]}


extensions = [
    Extension(
        "missions.Mission",
        annotate=lambda queryset, user: queryset.select_related("coveragerules"),
        fields={"required_phases": RulesObject(CoverageRules, "required_phases")},
        page=lambda mission: reverse("mission-detail", args=[mission.code]),
        after="today",
    ),
    Extension(
        "missions.Component",
        page=lambda it: reverse("component-detail", args=[it.mission.code, it.pk]),
    ),
    Extension(
        "threats.Community",
        panels=(Panel("strategies/community_panel.html", activities, place="related"),),
    ),
    Extension(
        "threats.Threat", panels=(Panel("strategies/threat_panel.html", matrix, place="plan"),)
    ),
]
