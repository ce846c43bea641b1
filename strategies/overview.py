"""The figures of the overview; the page and any other reader take them from here."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.db.models import Count, Max, Q

from missions.models import Mission
from strategies.coverage.cells import MissionCell
from strategies.coverage.mission import Coverage
from strategies.models import Activity
from threats.choices import Imminence
from threats.models import Alert, Community, Incident, RiskScore, Threat

PERIOD = 30  # days
HIGH_BAND = 4  # very likely
HIGH_RISK = 15  # likelihood × impact: very high and critical
LISTED = 8


@dataclass(frozen=True)
class Figures:
    """What matters at seven in the morning. All of it as the reader may see it."""

    communities: int
    communities_at_risk: int
    incidents: int
    recent: int
    before: int
    recent_deaths: int
    threats_active: int
    threats_high: int
    threats_proposed: int
    disagreements: int
    alerts_open: int
    alerts_imminent: int
    gaps: int
    required: int
    overdue: int
    scored_for: datetime.date | None
    computed_at: datetime.datetime | None

    @property
    def trend(self) -> int:
        """Incidents against civilians of the last 30 days less those of the 30 before."""
        return self.recent - self.before


def figures(mission: Mission, user, cells: list[MissionCell]) -> Figures:
    today = mission.today
    recent = Q(against_civilians=True, start_date__gt=today - datetime.timedelta(days=PERIOD))
    before = Q(
        against_civilians=True,
        start_date__gt=today - datetime.timedelta(days=2 * PERIOD),
        start_date__lte=today - datetime.timedelta(days=PERIOD),
    )
    incidents = (
        Incident.objects.visible_to(user)
        .filter(mission=mission, start_date__lte=today)
        .aggregate(
            all=Count("pk"), recent=Count("pk", filter=recent), before=Count("pk", filter=before)
        )
    )
    deaths = sum(
        Incident.objects.visible_to(user)
        .filter(recent, mission=mission, start_date__lte=today, deaths_best__isnull=False)
        .values_list("deaths_best", flat=True)
    )
    threats = (
        Threat.objects.visible_to(user)
        .filter(mission=mission)
        .with_current_assessment(user)
        .with_evidence(user)
        .aggregate(
            active=Count("pk", filter=Q(status="active")),
            high=Count("pk", filter=Q(status="active", risk__gte=HIGH_RISK)),
            proposed=Count("pk", filter=Q(status="proposed")),
            disagreements=Count("pk", filter=Q(status="active", disagrees=True)),
        )
    )
    scores = RiskScore.objects.visible_to(user).filter(mission=mission, horizon=30)
    latest = scores.aggregate(date=Max("date"), computed=Max("computed_at"))
    alerts = (
        Alert.objects.visible_to(user)
        .filter(mission=mission)
        .open()
        .aggregate(all=Count("pk"), imminent=Count("pk", filter=Q(imminence=Imminence.IMMINENT)))
    )
    return Figures(
        communities=Community.objects.visible_to(user).filter(mission=mission).count(),
        communities_at_risk=scores.filter(band__gte=HIGH_BAND).count(),
        incidents=incidents["all"],
        recent=incidents["recent"],
        before=incidents["before"],
        recent_deaths=deaths,
        threats_active=threats["active"],
        threats_high=threats["high"],
        threats_proposed=threats["proposed"],
        disagreements=threats["disagreements"],
        alerts_open=alerts["all"],
        alerts_imminent=alerts["imminent"],
        gaps=sum(cell.gaps for cell in cells),
        required=sum(cell.required for cell in cells),
        overdue=Activity.objects.visible_to(user).filter(mission=mission).overdue(today).count(),
        scored_for=latest["date"],
        computed_at=latest["computed"],
    )


def overview(mission: Mission, user) -> dict:
    """Everything the overview shows, in a fixed number of queries."""
    cells = Coverage(mission, user).matrix()
    ranked = Community.objects.visible_to(user).filter(mission=mission).with_risk(user)
    ranked = ranked.select_related("mission", "admin_area")
    return {
        "figures": figures(mission, user, cells),
        "cells": cells,
        "rising": list(ranked.filter(change__gt=0).order_by("-change", "pk")[:LISTED]),
        "highest": list(
            ranked.filter(probability__isnull=False).order_by("-probability", "pk")[:LISTED]
        ),
        "incidents": list(
            Incident.objects.visible_to(user)
            .filter(mission=mission, start_date__lte=mission.today)
            .select_related("mission", "admin_area")
            .order_by("-start_date", "-pk")[:LISTED]
        ),
    }
