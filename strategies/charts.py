"""Small drawings of the strategies floor, as numbers a template turns into SVG."""

from __future__ import annotations

from dataclasses import dataclass

from strategies.models import Indicator

WIDE, HIGH = 120.0, 28.0


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
