"""Charts as numbers that templates/portal/chart.html draws as SVG: axes, lines, bars, marks.

Positions are percent of the plot, x from the left and y from the top; what a value means is said by
a ``Scale``. Sizes and colours are the stylesheet's (static/css/charts.css).
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise

TICKS = 5
NICE_SHARES = (0.05, 0.1, 0.25, 0.5, 1.0)


@dataclass(frozen=True)
class Tick:
    at: float
    label: str | Promise

    @property
    def up(self) -> float:
        return round(100 - self.at, 2)


@dataclass(frozen=True)
class Scale:
    """Values from ``low`` to ``high`` as percent of an axis; beyond them as its ends."""

    low: float
    high: float
    label: str | Promise = ""
    ticks: tuple[Tick, ...] = ()

    def at(self, value: float) -> float:
        share = (value - self.low) / ((self.high - self.low) or 1.0)
        return round(100 * min(max(share, 0.0), 1.0), 2)

    def up(self, value: float) -> float:
        """The same from the top, for an axis that rises."""
        return round(100 - self.at(value), 2)


def shares(most: float, label: str | Promise, text: Callable[[float], str]) -> Scale:
    """From 0 to the next round share; ``text`` puts one into words."""
    return _even(next((nice for nice in NICE_SHARES if nice >= most), 1.0), label, text)


def counts(most: int, label: str | Promise) -> Scale:
    """From 0 to the next whole number that the ticks divide evenly."""
    return _even(max(TICKS, -(-most // TICKS) * TICKS), label, lambda value: f"{value:.0f}")


def _even(high: float, label: str | Promise, text: Callable[[float], str]) -> Scale:
    ticks = tuple(Tick(100 * n / TICKS, text(high * n / TICKS)) for n in range(TICKS + 1))
    return Scale(0.0, high, label, ticks)


def days(
    first: datetime.date, last: datetime.date, text: Callable[[datetime.date], str], most: int
) -> Scale:
    """Days as their ordinals, with ``most`` first days of months put into words by ``text``."""
    low, high = first.toordinal(), max(last, first).toordinal()
    bare = Scale(low, high)
    begun = first.year * 12 + first.month - 1 + (first.day > 1)
    months = range(begun, last.year * 12 + last.month)
    step = max(1, -(-len(months) // most))
    starts = [datetime.date(n // 12, n % 12 + 1, 1) for n in months[::step]]
    ticks = tuple(Tick(bare.at(day.toordinal()), text(day)) for day in starts)
    # The last name would run over the edge.
    return Scale(low, high, "", tuple(tick for tick in ticks if tick.at < 95))


@dataclass(frozen=True)
class Line:
    name: str | Promise
    points: Sequence[tuple[float, float]]
    filled: bool = False  # down to the axis

    @property
    def path(self) -> str:
        """Of an SVG polyline."""
        return " ".join(f"{x},{y}" for x, y in self.points)

    @property
    def area(self) -> str:
        """Of an SVG polygon between the line and the axis."""
        return f"{self.points[0][0]},100 {self.path} {self.points[-1][0]},100"


@dataclass(frozen=True)
class Mark:
    """A point, with its interval from ``low`` to ``high`` where it has one."""

    x: float
    y: float
    title: str = ""
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Bar:
    x: float
    width: float
    y: float
    height: float
    kind: str  # names its colour
    title: str = ""


@dataclass(frozen=True)
class Rule:
    """A straight line across: from one point to another."""

    x1: float
    y1: float
    x2: float
    y2: float
    kind: str  # names its colour


@dataclass(frozen=True)
class Chart:
    """``label`` says the whole in a few words to those who do not see it."""

    label: str | Promise
    x: Scale | None = None
    y: Scale | None = None
    lines: Sequence[Line] = ()
    bars: Sequence[Bar] = ()
    marks: Sequence[Mark] = ()
    rules: Sequence[Rule] = ()
    kind: str = "plot"  # plot: with axes; row and head: of a table over time; spark: bare


DIAGONAL = Rule(0, 100, 100, 0, "diagonal")
