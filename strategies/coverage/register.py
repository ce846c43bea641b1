"""What the register of threats says of the plan against each: gaps, planned, overdue, last change."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import (
    Case,
    Count,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Concat, Greatest

from missions.access import grants
from missions.models import Mission
from strategies.choices import Tier
from strategies.models import Activity, CoverageRules, StatusChange
from strategies.models.activity import LIVE, late_in
from threats.choices import Phase, ThreatStatus
from threats.models import ThreatDecision


def with_plan(queryset: QuerySet, user) -> QuerySet:
    """Annotate threats with the plan against each, from the activities the user may see.

    Adds ``gaps`` (required cells without anything; None unless the threat is active), ``planned``
    (live activities that are not overdue), ``overdue``, and ``last_change`` (the mission's day on
    which its status or phase, or the status of an activity against it, last changed).
    """
    seen = Activity.objects.visible_to(user).order_by()
    ours = seen.filter(threats=OuterRef("pk"))
    live = ours.filter(status__in=LIVE)
    overdue = late_in(Mission.objects.filter(pk__in=list(grants(user))))
    decided = ThreatDecision.objects.filter(threat=OuterRef("pk")).order_by().values("threat")
    moved = (
        StatusChange.objects.filter(
            activity__in=seen.values("pk"), activity__threats=OuterRef("pk")
        )
        .order_by()
        .values("activity__threats")
    )
    return queryset.annotate(
        planned=_count(live.exclude(overdue)),
        overdue=_count(live.filter(overdue)),
        gaps=_gaps(ours, user),
        last_change=Greatest(
            "phase_since",
            Subquery(decided.annotate(day_=Max("day")).values("day_")),
            Subquery(moved.annotate(day_=Max("day")).values("day_")),
        ),
    )


def _count(rows: QuerySet) -> Coalesce:
    counted = rows.values("threats").annotate(count=Count("pk", distinct=True)).values("count")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _gaps(ours: QuerySet, user) -> Case:
    """Required cells less those that hold something, by mission and phase of the threat."""
    holds = Q(status__in=LIVE) | Q(status="done", completed_on__gte=OuterRef("phase_since"))
    cases = []
    for mission, rules in _rules(user):
        for phase in Phase.values:
            called = rules.required_phases[phase]
            cells = (
                ours.filter(holds, phase__in=called)
                .values("threats")
                .annotate(count=Count(Concat("tier", "phase"), distinct=True))
                .values("count")
            )
            held = Coalesce(Subquery(cells, output_field=IntegerField()), 0)
            is_this = Q(mission=mission, phase=phase, status=ThreatStatus.ACTIVE)
            required = len(set(called)) * len(Tier.values)
            cases.append(When(is_this, then=Value(required) - held))
    return Case(*cases, default=Value(None), output_field=IntegerField())


def _rules(user) -> Iterable[tuple[int, CoverageRules]]:
    stored = {rules.pk: rules for rules in CoverageRules.objects.filter(pk__in=list(grants(user)))}
    return [(pk, stored.get(pk, CoverageRules(mission_id=pk))) for pk in grants(user)]
