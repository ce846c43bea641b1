"""Small drawings of the strategies floor, as numbers a template turns into SVG."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from strategies.choices import CellState
from strategies.models import Activity, Indicator

WIDE, HIGH = 120.0, 28.0  # of a sparkline
MONTHS_SHOWN = 12  # named on a timeline at most


@dataclass(frozen=True)
class Sparkline:
    """``points``: of a polyline in a box of 120 × 28; ``target``, ``baseline``: heights in it."""

    points: str
    target: float
    baseline: float
    last: tuple[float, float]


def sparkline(indicator: Indicator) -> Sparkline | None:
    """An indicator's measurements over time between baseline and target; None without any."""
    series = indicator.series
    if not series:
        return None
    values = [row.value for row in series]
    low = min([*values, indicator.baseline, indicator.target])
    high = max([*values, indicator.baseline, indicator.target])
    days = [(row.day - series[0].day).days for row in series]
    span = days[-1] or 1

    def height(value: float) -> float:
        return round(HIGH - 2 - (value - low) / (high - low) * (HIGH - 4), 1)

    points = [
        (round(2 + day / span * (WIDE - 6), 1), height(value))
        for day, value in zip(days, values, strict=True)
    ]
    if len(points) == 1:
        points = [(2.0, height(indicator.baseline)), (WIDE - 4, points[0][1])]
    return Sparkline(
        " ".join(f"{x},{y}" for x, y in points),
        height(indicator.target),
        height(indicator.baseline),
        points[-1],
    )


@dataclass(frozen=True)
class TimeBar:
    """An activity from start to due; ``x`` and ``width`` in percent of the whole width."""

    activity: Activity
    state: str
    x: float
    width: float


@dataclass(frozen=True)
class Timeline:
    bars: list[TimeBar]
    months: list[tuple[float, datetime.date]]  # first days, in percent of the width
    today: float | None  # in percent; None: outside


def timeline(activities: Sequence[Activity], today: datetime.date) -> Timeline | None:
    """Activities annotated with ``is_overdue``, over the months they take; None without any."""
    if not activities:
        return None
    first = min(activity.start for activity in activities).replace(day=1)
    last = max(max(activity.due for activity in activities), first + datetime.timedelta(days=27))
    span = (last - first).days + 1

    def place(day: datetime.date) -> float:
        return round(100 * (day - first).days / span, 2)

    bars = [
        TimeBar(
            activity,
            CellState.OVERDUE if activity.is_overdue else activity.status,  # type: ignore
            place(activity.start),
            max(round(100 * ((activity.due - activity.start).days + 1) / span, 2), 0.4),
        )
        for activity in activities
    ]
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    step = max(1, -(-count // MONTHS_SHOWN))
    months = []
    for n in range(0, count, step):
        year, month = divmod(first.year * 12 + first.month - 1 + n, 12)
        day = datetime.date(year, month + 1, 1)
        if place(day) < 95:  # its name would not fit
            months.append((place(day), day))
    return Timeline(bars, months, place(today) if first <= today <= last else None)
