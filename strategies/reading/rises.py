"""Communities whose risk rose in the week before a day, from the scores kept of both."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from missions.models import Mission
from threats.models import RiskHistory, RiskScore

HORIZON = 30  # days
COMPARED = datetime.timedelta(days=7)
SEARCHED = datetime.timedelta(days=6)  # before a day, in which its scores are looked for


@dataclass(frozen=True)
class Rises:
    """``rows``: community's id, longitude, latitude and rise (of a probability, 0 to 1), the
    largest first. ``before``: the earlier probability by community. ``scores``: those of the later
    day. ``days``: the two compared."""

    rows: list[tuple[int, float, float, float]]
    before: dict[int, float]
    scores: QuerySet
    days: tuple[datetime.date, datetime.date]


def rises_until(
    mission: Mission, reader, last: datetime.date, here: Q | None = None
) -> Rises | None:
    """Whose probability of 30 days rose in the week up to ``last``; None without two days to compare.

    Scores of the last day and of a week before; where a past week kept them thinner, those of the
    nearest earlier days that were kept. ``here``: of which scores, by default all the reader sees.
    """
    here = here or Q()
    current = RiskScore.objects.visible_to(reader).filter(here, mission=mission, horizon=HORIZON)
    history = RiskHistory.objects.visible_to(reader).filter(here, mission=mission, horizon=HORIZON)
    day = last if current.filter(date=last).exists() else _scored_day(history, last)
    before = _scored_day(history, day - COMPARED) if day else None
    if day is None or before is None:
        return None
    later = (current if current.filter(date=day).exists() else history).filter(date=day)
    rows = later.values_list(
        "community_id", "community__longitude", "community__latitude", "probability"
    )
    earlier = dict(history.filter(date=before).values_list("community_id", "probability"))
    rises = sorted(
        (
            (key, longitude, latitude, after - earlier[key])
            for key, longitude, latitude, after in rows
            if after > earlier.get(key, 1.0)
        ),
        key=lambda rise: (-rise[3], rise[0]),
    )
    return Rises(rises, earlier, later, (before, day))


def _scored_day(history: QuerySet, day: datetime.date) -> datetime.date | None:
    """The newest day with scores among the seven up to ``day``."""
    return (
        history.filter(date__range=(day - SEARCHED, day))
        .order_by("-date")
        .values_list("date", flat=True)
        .first()
    )
