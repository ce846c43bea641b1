"""The figures of the overview; the page and any other reader take them from here."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Count, F, Q, Sum

from missions.access import Reader
from missions.models import Mission
from strategies.coverage.mission import Coverage
from strategies.coverage.places import NAMED, Uncovered, uncovered
from strategies.models import Activity
from strategies.models.activity import LIVE, late
from threats.choices import ThreatStatus
from threats.models import Alert, Community, Incident, RiskScore, Threat
from threats.models.alert import OPEN, OPEN_IMMINENT
from threats.models.days import counted_in, newest_first, share_of_days
from threats.rules.grading import COUNTED
from threats.rules.harm import known_deaths
from threats.scoring.comparison import disagree, evidence_likelihoods
from threats.scoring.history import COMPARED
from threats.scoring.neighbours import grouped
from threats.scoring.record import record_for

PERIOD = 30  # days
HORIZON = 30  # days
HIGH_BAND = 4  # serious
HIGH_RISK = 15  # likelihood × impact: very high and critical
LISTED = 8
LONGEST_MONTH = 31  # days by which a day known to its month may lie after the one given


@dataclass(frozen=True)
class Figures:
    """What matters at seven in the morning. All of it as the reader may see it."""

    communities: int
    communities_scored: int
    communities_at_risk: int
    uncovered: int  # places at risk without an active threat or a live activity
    incidents: int
    recent: int | None  # None, here and in the next two: no source speaks of those days
    before: int | None
    recent_deaths: int | None
    recent_inexact: int  # of unknown days, of which only a share counts as recent
    recent_unverified: int  # graded F6 and verified by nobody: in none of the figures before
    threats_active: int
    threats_high: int
    threats_proposed: int
    disagreements: int
    alerts_open: int
    alerts_imminent: int
    gaps: int
    required: int
    activities: int
    overdue: int
    alerts: int
    scored_for: datetime.date | None
    computed_at: datetime.datetime | None
    no_record_since: datetime.date | None
    sources: list[dict]

    @property
    def about(self) -> str:
        """What stands before a count of which some is only a share; else nothing."""
        return "≈ " if self.recent_inexact else ""

    @property
    def recent_shown(self) -> int | None:
        """``recent``, but None also where no incident was ever recorded: that 0 says nothing."""
        return self.recent if self.incidents else None

    @property
    def trend(self) -> int | None:
        """Incidents against civilians of the last 30 days less those of the 30 before."""
        if self.recent is None or self.before is None:
            return None
        return self.recent - self.before


class Score(NamedTuple):
    """What the overview needs of a community's score of 30 days."""

    community: int
    probability: float
    week_before: float | None
    band: int
    date: datetime.date
    computed_at: datetime.datetime
    longitude: float
    latitude: float

    @property
    def change(self) -> float | None:
        return None if self.week_before is None else self.probability - self.week_before


def figures(
    mission: Mission, user, coverage: Coverage, scores: list[Score], places: Uncovered
) -> Figures:
    today = mission.today
    begin = today - datetime.timedelta(days=PERIOD - 1)
    earlier = begin - datetime.timedelta(days=PERIOD)
    # An incident whose day is not known counts by the share of its days.
    now = counted_in(begin, today, today)
    then = counted_in(earlier, begin - datetime.timedelta(days=1), today)
    share = share_of_days(begin, today, today)
    incidents = Incident.objects.visible_to(user).filter(mission=mission, start_date__lte=today)
    counted = incidents.filter(
        against_civilians=True, end_date__gt=earlier - datetime.timedelta(days=LONGEST_MONTH)
    ).annotate(now=now, then=then, share=share).aggregate(
        recent=Sum("now", filter=COUNTED),
        before=Sum("then", filter=COUNTED),
        deaths=Sum(F("share") * known_deaths(), filter=COUNTED),
        inexact=Count("pk", filter=COUNTED & Q(now__gt=0, now__lt=1)),
        unverified=Count("pk", filter=~COUNTED & Q(now__gt=0)),
    )  # fmt: skip
    threats = Threat.objects.visible_to(user).filter(mission=mission)
    alerts = (
        Alert.objects.visible_to(user)
        .filter(mission=mission)
        .order_by()
        .aggregate(
            all=Count("pk"),
            open=Count("pk", filter=OPEN),
            imminent=Count("pk", filter=OPEN_IMMINENT),
        )
    )
    activities = (
        Activity.objects.visible_to(user)
        .filter(mission=mission)
        .order_by()
        .aggregate(all=Count("pk"), overdue=Count("pk", filter=Q(late(mission), status__in=LIVE)))
    )
    cells = coverage.matrix()
    record = record_for(mission, user)
    return Figures(
        communities=Community.objects.visible_to(user).filter(mission=mission).count(),
        communities_scored=len(scores),
        communities_at_risk=sum(score.band >= HIGH_BAND for score in scores),
        uncovered=places.total,
        incidents=incidents.order_by().count(),
        recent=record.count(counted["recent"], begin, today),
        before=record.count(counted["before"], earlier, begin - datetime.timedelta(days=1)),
        recent_deaths=record.count(counted["deaths"], begin, today),
        recent_inexact=counted["inexact"],
        recent_unverified=counted["unverified"],
        threats_active=len(coverage.ids),
        threats_high=int((coverage.weights >= HIGH_RISK).sum()),
        threats_proposed=threats.filter(status=ThreatStatus.PROPOSED).count(),
        disagreements=_disagreements(mission, user, coverage),
        alerts=alerts["all"],
        alerts_open=alerts["open"],
        alerts_imminent=alerts["imminent"],
        gaps=sum(cell.gaps for cell in cells),
        required=sum(cell.required for cell in cells),
        activities=activities["all"],
        overdue=activities["overdue"],
        scored_for=max((score.date for score in scores), default=None),
        computed_at=max((score.computed_at for score in scores), default=None),
        no_record_since=record.no_record_since,
        sources=[{"source": told.dataset, "until": told.until} for told in record.sources],
    )


def _disagreements(mission: Mission, user, coverage: Coverage) -> int:
    """Active threats whose assessed likelihood is two steps or more from the evidence's."""
    threats = list(Threat.objects.filter(pk__in=coverage.ids))
    evidence = evidence_likelihoods(mission, user, threats)
    return sum(
        disagree(likelihood, evidence.get(pk)) is True
        for pk, likelihood in zip(coverage.ids, coverage.likelihoods, strict=True)
    )


def _scores(mission: Mission, user) -> list[Score]:
    """Today's, of every community the user may see."""
    rows = (
        RiskScore.objects.visible_to(user)
        .filter(mission=mission, horizon=HORIZON)
        .order_by()
        .values_list(
            "community",
            "probability",
            "week_before",
            "band",
            "date",
            "computed_at",
            "community__longitude",
            "community__latitude",
        )
    )
    return [Score(*row) for row in rows]


@dataclass
class Ranked:
    """A place of a ranked list, and its neighbours of which much the same is to be told.

    ``others``: within 25 km, with at least half its figure, the largest first; ``named``: the
    first of them.
    """

    community: Community
    score: Score
    others: list[int]
    named: list[Community]


def _ranked(scores: list[Score], figure: Callable[[Score], float]) -> list[Ranked]:
    """The first places by a figure, neighbours as one row."""
    ordered = sorted(scores, key=lambda score: (-figure(score), score.community))
    groups = grouped(
        ((one.community, one.longitude, one.latitude, figure(one)) for one in ordered), LISTED
    )
    found = Community.objects.select_related("mission", "admin_area").in_bulk(
        [pk for head, others in groups for pk in (head, *others[:NAMED])]
    )
    by_place = {score.community: score for score in scores}
    return [
        Ranked(found[head], by_place[head], others, [found[pk] for pk in others[:NAMED]])
        for head, others in groups
    ]


def overview(mission: Mission, user) -> dict:
    """Everything the overview shows, in a fixed number of queries."""
    user = Reader.counting(user)
    coverage = Coverage(mission, user)
    scores = _scores(mission, user)
    places = uncovered(mission, user)
    # What rose before the record ended is no news.
    since = mission.today - datetime.timedelta(days=COMPARED)
    rising = [score for score in scores if score.date > since and score.change and score.change > 0]
    return {
        "figures": figures(mission, user, coverage, scores, places),
        "uncovered": places,
        "cells": coverage.matrix(),
        "rising": _ranked(rising, lambda score: score.change or 0.0),
        "highest": _ranked(scores, lambda score: score.probability),
        "incidents": list(
            Incident.objects.visible_to(user)
            .filter(mission=mission, start_date__lte=mission.today)
            .select_related("mission", "admin_area")
            .order_by(*newest_first(mission.today))[:LISTED]
        ),
    }
