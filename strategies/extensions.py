"""What plans add to the pages of the floors below."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django.db.models import Case, Q, QuerySet, When
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from missions.access import may_create
from poc_portal.declarations.extensions import Extension, Panel
from records.api import VisibleField
from records.rules import RulesObject
from strategies.choices import Lack
from strategies.coverage.cells import as_rows
from strategies.coverage.places import with_cover
from strategies.coverage.register import with_plan
from strategies.coverage.threat import matrices
from strategies.models import Activity, CoverageRules
from strategies.models.activity import LIVE
from strategies.reading.catalogue import Suggestions, suggestions
from strategies.tables import GapColumn
from threats.choices import Phase
from threats.models import Alert, Community, Threat
from threats.tables import DATE, NumberColumn

SUGGESTED = 5  # in a cell
LISTED = 15  # activities for a community
FITTING = 50  # activities offered as a response


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
    """Activities for a community and against its active threats, the live ones first."""
    user = request.user
    threats = community.threats.visible_to(user).active()
    found = (
        Activity.objects.visible_to(user)
        .filter(mission=community.mission)
        .filter(
            Q(pk__in=community.activities.values("pk"))
            | Q(pk__in=Activity.objects.live().filter(threats__in=threats).values("pk"))
        )
        .select_related("mission", "lead_component")
        .with_overdue(community.mission)
    )
    live = Case(When(status__in=LIVE, then=0), default=1)
    return {
        "activities": list(found.order_by(live, "due", "pk")[:LISTED]),
        "activities_total": found.count(),
    }


def response(alert: Alert, request: HttpRequest) -> dict[str, Any]:
    """What is planned in response to an alert, and what else could be said to answer it."""
    user = request.user
    seen = Activity.objects.visible_to(user).filter(mission=alert.mission)
    linked = (
        seen.filter(alerts=alert)
        .with_overdue(alert.mission)
        .select_related("mission", "lead_component")
        .order_by("due", "due_at", "pk")
    )
    fitting = Activity.objects.none()
    if may_create(user, Activity, alert.mission):
        # By what the reader may see alone: what is offered must not tell of a hidden link.
        near = Q(threats__in=alert.threats.visible_to(user)) | Q(
            communities__in=alert.communities.visible_to(user)
        )
        if alert.responding_component_id:
            near |= Q(lead_component=alert.responding_component_id)
        own = Activity.objects.editable_by(user).live().exclude(alerts=alert)
        fitting = own.filter(near, mission=alert.mission).order_by("due", "pk").distinct()
    planned = list(linked)
    unfinished = [one for one in planned if one.status in LIVE] if alert.closed_at else []
    return {
        "activities": planned,
        "fitting": fitting[:FITTING],
        "unfinished": len(unfinished),
    }


def gap(community: Community, request: HttpRequest) -> dict[str, Any] | None:
    """That a community is uncovered, and what is missing; None where it is not."""
    places = Community.objects.filter(pk=community.pk).with_risk(request.user)
    place = with_cover(places, request.user).get()
    if not place.gap:
        return None
    lack = Lack.ACTIVITY if place.active_threats else Lack.THREAT
    return {"lack": lack.label, "community": place}


def with_communities_cover(queryset: QuerySet, user: Any) -> QuerySet:
    if "band" not in queryset.query.annotations:
        queryset = queryset.with_risk(user)  # type: ignore[attr-defined]
    return with_cover(queryset, user)


def number(label: Any) -> NumberColumn:
    return NumberColumn(verbose_name=label, default="–")


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
        annotate=with_communities_cover,
        fields={
            "active_threats": serializers.IntegerField(
                read_only=True, help_text="That name the place, as the caller may see them."
            ),
            "live_activities": serializers.IntegerField(
                read_only=True,
                help_text="Planned or under way: for the place, or against its active threats.",
            ),
            "gap": serializers.BooleanField(
                read_only=True,
                allow_null=True,
                help_text="Serious or acute watch without an active threat or a live activity (one planned, due "
                "for more than 30 days and never begun is none); null "
                "without a score.",
            ),
        },
        columns={
            "active_threats": number(_("Active threats")),
            "live_activities": number(_("Planned or under way")),
            "gap": GapColumn(verbose_name=_("Gap")),
        },
        filters={
            "gap": django_filters.BooleanFilter(field_name="gap", label=_("Uncovered place")),
        },
        panels=(
            Panel("strategies/community_gap.html", gap, place="notice"),
            Panel("strategies/community_panel.html", activities, place="related"),
        ),
        after="change",
    ),
    Extension(
        "threats.Alert",
        annotate=lambda queryset, user: queryset.prefetch_related("activities"),
        fields={
            "activities": VisibleField(
                many=True, read_only=True, help_text="Planned in response to it."
            )
        },
        panels=(Panel("strategies/alert_panel.html", response, place="response"),),
    ),
    Extension(
        "threats.Threat",
        annotate=with_plan,
        columns={
            "gaps": number(_("Gaps")),
            "planned": number(_("Planned or under way")),
            "overdue": number(_("Overdue")),
            "last_change": tables.DateColumn(
                verbose_name=_("Last change"), format="SHORT_DATE_FORMAT", attrs=DATE
            ),
        },
        panels=(Panel("strategies/threat_panel.html", matrix, place="plan"),),
        after="risk",
    ),
]
