"""Small charts as lines and marks on a square of 100 × 100, drawn by the template as SVG."""

from __future__ import annotations

from dataclasses import dataclass, field

SIDE = 100.0
TICKS = 5
NICE_SHARES = (0.05, 0.1, 0.25, 0.5, 1.0)


@dataclass(frozen=True)
class Mark:
    """A point with its interval, and what to say of it."""

    x: float
    y: float
    low: float
    high: float
    title: str


@dataclass(frozen=True)
class Line:
    name: str
    points: str  # of an SVG polyline
    number: int


@dataclass(frozen=True)
class Bar:
    x: float
    width: float
    height: float
    part: float  # height of the part that was caught
    title: str


@dataclass(frozen=True)
class Chart:
    """``most``: the value at the end of each axis, 0–1 for shares."""

    most: float
    marks: list[Mark] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)

    @property
    def ticks(self) -> list[tuple[float, float]]:
        """Position and value of the ticks along an axis."""
        return [(SIDE * n / TICKS, self.most * n / TICKS) for n in range(TICKS + 1)]


def reliability(groups: list[dict], title: str) -> Chart:
    """Forecast against what happened. ``title`` has %(said)s, %(happened)s and %(rows)s."""
    most = max([max(g["forecast"], g["high"]) for g in groups], default=1.0)
    most = next((nice for nice in NICE_SHARES if nice >= most), 1.0)
    return Chart(
        most,
        marks=[
            Mark(
                _at(group["forecast"], most),
                SIDE - _at(group["observed"], most),
                SIDE - _at(group["low"], most),
                SIDE - _at(group["high"], most),
                title
                % {
                    "said": f"{100 * group['forecast']:.1f}",
                    "happened": f"{100 * group['observed']:.1f}",
                    "rows": f"{group['rows']:,}",
                },
            )
            for group in groups
        ],
    )


def precision_recall(curves: dict[str, list], names: dict[str, str]) -> Chart:
    """Share of warnings that came true against share of what came true that was warned of."""
    lines = [
        Line(
            names.get(name, name),
            " ".join(f"{SIDE * recall:.1f},{SIDE * (1 - share):.1f}" for recall, share in curve),
            number,
        )
        for number, (name, curve) in enumerate(curves.items())
    ]
    return Chart(1.0, lines=lines)


def hits_by_month(months: list[dict], title: str) -> Chart:
    """Incidents of each month, and how many fell near the places ranked highest."""
    highest = max([month["incidents"] for month in months], default=1)
    most = max(TICKS, -(-highest // TICKS) * TICKS)
    width = SIDE / max(len(months), 1)
    return Chart(
        float(most),
        bars=[
            Bar(
                number * width,
                width * 0.8,
                _at(month["incidents"], most),
                _at(month["top_10"], most),
                title
                % {
                    "month": month["month"],
                    "incidents": month["incidents"],
                    "caught": month["top_10"],
                },
            )
            for number, month in enumerate(months)
        ],
    )


def _at(value: float, most: float) -> float:
    return round(SIDE * min(value / most, 1.0), 2)
