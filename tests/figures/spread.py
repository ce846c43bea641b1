"""Twins of what counts spread over the days it may have happened on: day by day."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Iterator
from fractions import Fraction

from tests.figures.plain import Row, World

DAY = datetime.timedelta(days=1)


def days_of(row: Row, today: datetime.date) -> list[datetime.date]:
    """Every day it may have happened on, none after today."""
    first, last = row["start_date"], row["end_date"]
    if first == last and row["date_precision"] == "week":
        first -= first.weekday() * DAY
        last = first + 6 * DAY
    if first == last and row["date_precision"] == "month":
        first = first.replace(day=1)
        while (last + DAY).month == first.month:
            last += DAY
    if first == last and row["date_precision"] == "longer":
        first, last = first.replace(month=1, day=1), first.replace(month=12, day=31)
    return [day for day in _days(first, last) if day <= today]


def _days(first: datetime.date, last: datetime.date) -> Iterator[datetime.date]:
    while first <= last:
        yield first
        first += DAY


def deaths(row: Row) -> int:
    """Known deaths: the best figure, else the low one, and at least the civilians."""
    best = row["deaths_low"] if row["deaths_best"] is None else row["deaths_best"]
    return max(best or 0, row["civilian_deaths"] or 0)


def share(
    row: Row, since: datetime.date, until: datetime.date, today: datetime.date, *, is_toll=False
) -> Fraction:
    days = days_of(row, today)
    if not days:
        return Fraction(0)
    if row["date_precision"] == "day" and not is_toll:  # known to go on in them, or not
        return Fraction(any(since <= day <= until for day in days))
    return Fraction(sum(since <= day <= until for day in days), len(days))


def total(
    world: World,
    weight: Callable[[Row], int],
    since: datetime.date,
    until: datetime.date,
    *,
    is_toll: bool = False,
) -> int:
    """Weights by the share of days, halves rounded up; ``is_toll``: of the dead of exact days too."""
    shares = [
        weight(row) * share(row, since, until, world.mission.today, is_toll=is_toll)
        for row in world.incidents
        if not row["awaits_verification"]
    ]
    return math.floor(float(sum(shares)) + 0.5)


def inexact(
    world: World, weight: Callable[[Row], int], since: datetime.date, until: datetime.date
) -> int:
    """How many count in part."""
    shares = [
        share(row, since, until, world.mission.today)
        for row in world.incidents
        if weight(row) and not row["awaits_verification"]
    ]
    return sum(0 < one < 1 for one in shares)


def unverified(
    world: World, weight: Callable[[Row], int], since: datetime.date, until: datetime.date
) -> int:
    """How many would count and wait to be verified."""
    return sum(
        share(row, since, until, world.mission.today) > 0
        for row in world.incidents
        if weight(row) and row["awaits_verification"]
    )
