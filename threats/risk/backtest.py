"""Rolling the forecasts through past years, each made from what was known on its day.

At each origin nothing later is used: not the evidence, not which places are known, not the weights
and their calibration, which are refitted once a year on outcomes complete by then.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from threats.risk import skill
from threats.risk.baselines import baselines
from threats.risk.evidence import Evidence
from threats.risk.fitting import FEWEST_OUTCOMES, fit
from threats.risk.intensity import IntensityModel, probability
from threats.risk.targets import Outcomes, Places, panel_sums, struck

MODEL = "model"
BASE_RATE = "base_rate"
TOPS = {"top_5": 0.05, "top_10": 0.10}
REFIT = 12  # origins
MOST_ROWS = 400_000  # places × origins learnt from; more add time, not skill


@dataclass(frozen=True)
class Panel:
    """A target over time: k rising origins × m places.

    ``days``, ``until``: ordinals, the last day known and the last day forecast. ``sums``: (k, m,
    terms). ``outcome``, ``known``: (k, m). ``windows``: incidents of each origin's window;
    ``reach``: which place reaches which incident.
    """

    places: Places
    days: np.ndarray
    until: np.ndarray
    sums: np.ndarray
    outcome: np.ndarray
    known: np.ndarray
    windows: list[np.ndarray]
    reach: sparse.csc_array

    @classmethod
    def build(cls, places: Places, evidence: Evidence, outcomes: Outcomes, days, until) -> Panel:
        """The panel of ``places`` on ``days``, each outcome counted up to ``until`` (ordinals)."""
        days, until = np.asarray(days), np.asarray(until)
        outcome, windows, reach = struck(places, outcomes, days, until)
        known = places.known[None] <= days[:, None]
        sums = panel_sums(places, evidence, days)
        return cls(places, days, until, sums, outcome, known, windows, reach)

    def rows(self, origins: np.ndarray) -> np.ndarray:
        """Mask (k, m) of the places known at ``origins`` (a mask of k)."""
        return self.known & origins[:, None]

    def complete_by(self, day: int) -> np.ndarray:
        """Mask (k,) of the origins whose outcome was known on ``day``."""
        return self.until <= day


def learn(panel: Panel, day: int, prior: IntensityModel | None) -> IntensityModel:
    """The model as it could be fitted on ``day``.

    With too little history the prior; without one a constant rate.
    """
    chosen = panel.rows(panel.complete_by(day))
    outcome = panel.outcome[chosen]
    if outcome.sum() < FEWEST_OUTCOMES:
        if prior is not None:
            return prior
        rate = (outcome.sum() + 0.5) / (len(outcome) + 50.0)
        terms = panel.places.terms
        return IntensityModel(float(rate), np.zeros(len(terms)), 0.0, terms)
    chosen = thinned(chosen)
    exposure = np.broadcast_to(panel.places.exposure, panel.outcome.shape)[chosen]
    return fit(
        panel.sums[chosen].astype(float),
        panel.outcome[chosen],
        terms=panel.places.terms,
        prior=prior,
        exposure=exposure,
    )


def thinned(chosen: np.ndarray) -> np.ndarray:
    """At most MOST_ROWS of the rows of a mask, drawn evenly at random but always the same."""
    rows = np.flatnonzero(chosen)
    if len(rows) <= MOST_ROWS:
        return chosen
    drawn = np.zeros(chosen.size, bool)
    drawn[np.random.default_rng(1).choice(rows, MOST_ROWS, replace=False)] = True
    return drawn.reshape(chosen.shape)


@dataclass
class Judged:
    """Forecasts of one target over the judged origins: mask (k,), and (k, m) by name."""

    panel: Panel
    origins: np.ndarray
    forecasts: dict[str, np.ndarray] = field(default_factory=dict)
    models: list[tuple[int, IntensityModel]] = field(default_factory=list)


def roll(
    panel: Panel,
    evidence: Evidence,
    first: int,
    prior_at: Callable[[int], IntensityModel | None],
) -> Judged:
    """Forecast every origin from the day ``first`` on, refitting once a year.

    ``prior_at(day)`` gives the prior that existed on a day, or None.
    """
    judged = Judged(panel, panel.days >= first)
    simple = baselines(panel.places, evidence, panel.days)
    names = [MODEL, BASE_RATE, *simple]
    judged.forecasts = {name: np.zeros(panel.outcome.shape) for name in names}
    numbers = np.flatnonzero(judged.origins)
    for start in range(0, len(numbers), REFIT):
        year = numbers[start : start + REFIT]
        day = int(panel.days[year[0]])
        model = learn(panel, day, prior_at(day))
        judged.models.append((day, model))
        expected = model.expected(panel.sums[year]) * panel.places.exposure
        judged.forecasts[MODEL][year] = probability(expected)
        past = thinned(panel.rows(panel.complete_by(day)))
        outcome = panel.outcome[past]
        rate = (outcome.sum() + 0.5) / (len(outcome) + 1.0)
        judged.forecasts[BASE_RATE][year] = rate
        for name, figure in simple.items():
            judged.forecasts[name][year] = _alone(figure[past], outcome, figure[year], rate)
    return judged


def _alone(past: np.ndarray, outcome: np.ndarray, now: np.ndarray, rate: float) -> np.ndarray:
    """Probability from one figure alone, fitted on the past."""
    if not outcome.any() or not past.any():
        # Nothing to fit yet: the figure still ranks, and the mean forecast is the base rate.
        return rate * (0.5 + 0.5 * now / max(float(now.max(initial=0.0)), 1e-12))
    single = fit(past[:, None], outcome, terms=("figure",), damped=False)
    if single.weights[0] == 0:
        single = IntensityModel(single.background, np.array([1e-9]), 0.0, ("figure",))
    return probability(single.expected(now[..., None]))


class _Sample:
    """The judged rows of a target, and what every forecast of them is measured against."""

    def __init__(self, judged: Judged):
        self.panel, self.origins = judged.panel, np.flatnonzero(judged.origins)
        self.mask = self.panel.known[self.origins]
        self.outcome = self.panel.outcome[self.origins][self.mask]
        numbers = np.arange(len(self.origins))[:, None]
        self.origin_of = np.broadcast_to(numbers, self.mask.shape)[self.mask]
        self.windows = [self.panel.windows[k] for k in self.origins]
        self.sizes = np.array([len(window) for window in self.windows], int)
        self.reaches = [self.panel.reach[:, window] for window in self.windows]
        self.draws = skill.multiplicities(max(len(self.origins), 1))[:, : len(self.origins)]

    def reached(self, places: np.ndarray) -> np.ndarray:
        """Incidents within reach of some places, a mask (origins, m): by origin."""
        return np.array(
            [
                int((row.astype(float) @ reaching > 0).sum())
                for row, reaching in zip(places, self.reaches, strict=True)
            ],
            int,
        )

    def measure(self, values: np.ndarray) -> _Measured:
        values = values[self.origins]
        scored = skill.Forecast(values[self.mask], self.outcome)
        caught = {}
        for top, share in TOPS.items():
            chosen = [
                skill.top_places(rank, known, share)
                for rank, known in zip(values, self.mask, strict=True)
            ]
            caught[top] = self.reached(np.array(chosen))
        replicates = [
            scored.figures(draw[self.origin_of].astype(float))
            | {top: _share(draw @ hits, draw @ self.sizes) for top, hits in caught.items()}
            for draw in self.draws
        ]
        point = scored.figures(np.ones(len(self.outcome))) | {
            top: _share(hits.sum(), self.sizes.sum()) for top, hits in caught.items()
        }
        return _Measured(scored, point, replicates, caught)


@dataclass(frozen=True)
class _Measured:
    """One forecast's figures, those of its bootstrap replicates, and what its top places caught."""

    scored: skill.Forecast
    point: dict[str, float]
    replicates: list[dict[str, float]]
    caught: dict[str, np.ndarray]

    def as_json(self) -> dict:
        return {
            figure: _with_interval(value, [row[figure] for row in self.replicates])
            for figure, value in self.point.items()
        }


def report(judged: Judged) -> dict:
    """All figures of one target as plain values; NaN becomes None.

    Where nothing could be judged (no place known, or no complete origin) ``rows`` is 0 and there
    are no figures.
    """
    sample = _Sample(judged)
    panel, origins, outcome = sample.panel, sample.origins, sample.outcome
    counts = {
        "rows": len(outcome),
        "places": int(sample.mask.any(axis=0).sum()),
        "origins": len(origins),
        "positives": int(outcome.sum()),
        "base_rate": float(outcome.mean()) if len(outcome) else None,
        "incidents": int(sample.sizes.sum()),
        "incidents_in_reach": int(sample.reached(sample.mask).sum()),
    }
    if not len(outcome):
        return counts | {"forecasts": {}}
    measured = {name: sample.measure(values) for name, values in judged.forecasts.items()}
    own = measured[MODEL]
    best = max(
        (name for name in measured if name != MODEL),
        key=lambda name: np.nan_to_num(measured[name].point["average_precision"]),
    )
    ratios = [
        _share(row["average_precision"], other["average_precision"])
        for row, other in zip(own.replicates, measured[best].replicates, strict=True)
    ]
    gain = _share(own.point["average_precision"], measured[best].point["average_precision"])
    chance = judged.forecasts[MODEL][origins]
    return counts | {
        "best_baseline": best,
        "gain_over_best_baseline": _with_interval(gain, ratios),
        "forecasts": {name: found.as_json() for name, found in measured.items()},
        "reliability": own.scored.reliability(),
        "precision_recall": {
            name: measured[name].scored.precision_recall() for name in (MODEL, best)
        },
        "by_origin": [
            {
                "day": int(panel.days[k]),
                "incidents": int(sample.sizes[row]),
                "expected": float((chance[row] * sample.mask[row]).sum()),
                "struck": int((panel.outcome[k] * sample.mask[row]).sum()),
                **{top: int(own.caught[top][row]) for top in TOPS},
            }
            for row, k in enumerate(origins)
        ],
    }


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole else float("nan")


def _plain(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _with_interval(value: float, replicates: list[float]) -> dict[str, float | None]:
    low, high = skill.interval(replicates)
    return {"value": _plain(value), "low": _plain(low), "high": _plain(high)}
