"""How good forecasts were: ranking, sharpness and calibration, with intervals.

Brier and log score are proper (Gneiting and Raftery, JASA 102, 2007): no forecaster gains by saying
other than they believe. Calibration intercept and slope are those of a logistic regression of
the outcome on the forecast's log odds (Cox, Biometrika 45, 1958; used for reliability since Platt
1999 and Niculescu-Mizil and Caruana, ICML 2005): 0 and 1 are right, a slope below 1 means
forecasts too extreme. Intervals are percentiles of a bootstrap over whole origins, since places
on one day are not independent.
"""

from __future__ import annotations

import numpy as np

REPLICATES = 300
LEVEL = 0.95
FLOOR = 1e-6  # a forecast of exactly 0 or 1 cannot be scored by logarithm
BINS = 10
MOST_CALIBRATED = 30_000  # rows calibrated one by one


class Forecast:
    """Probabilities beside outcomes, sorted once so that reweighting is cheap.

    ``probability``, ``outcome``: shape (n,). ``rank``: what ranks the rows, ``probability`` unless
    given. Methods take ``weight`` of shape (n,), a bootstrap replicate's multiplicities.
    """

    def __init__(self, probability, outcome, rank=None):
        self.probability = np.clip(np.asarray(probability, float), FLOOR, 1 - FLOOR)
        self.outcome = np.asarray(outcome, float)
        rank = self.probability if rank is None else np.asarray(rank, float)
        self._order = np.argsort(-rank, kind="stable")
        ranked = rank[self._order]
        self._ends = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))
        self._square = (self.probability - self.outcome) ** 2
        self._log = -np.where(
            self.outcome > 0, np.log(self.probability), np.log1p(-self.probability)
        )
        self._odds = np.log(self.probability) - np.log1p(-self.probability)
        # Many rows are calibrated by groups of neighbours in rank, each at its mean odds.
        groups = min(len(rank), MOST_CALIBRATED)
        self._group = np.empty(len(rank), int)
        self._group[self._order] = np.arange(len(rank)) * groups // max(len(rank), 1)

    def _cumulated(self, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Weight of hits and of misses at each distinct rank and above."""
        sorted_weight = weight[self._order]
        hits = np.cumsum(sorted_weight * self.outcome[self._order])[self._ends]
        return hits, np.cumsum(sorted_weight)[self._ends] - hits

    def average_precision(self, weight: np.ndarray) -> float:
        """Mean precision over the outcomes, 0–1, ties taken together; nan without an outcome."""
        hits, misses = self._cumulated(weight)
        if hits[-1] == 0:
            return float("nan")
        precision = hits / np.maximum(hits + misses, 1e-300)
        return float((np.diff(hits, prepend=0.0) * precision).sum() / hits[-1])

    def roc_auc(self, weight: np.ndarray) -> float:
        """Area under the receiver operating curve, 0–1; nan where all or none happened."""
        hits, misses = self._cumulated(weight)
        if hits[-1] == 0 or misses[-1] == 0:
            return float("nan")
        return float(np.trapezoid(np.append(0, hits), np.append(0, misses)) / hits[-1] / misses[-1])

    def brier(self, weight: np.ndarray) -> float:
        """Mean squared error of the probabilities, 0 (best) to 1; Brier 1950."""
        return float((weight * self._square).sum() / weight.sum())

    def brier_skill(self, weight: np.ndarray) -> float:
        """1 less the ratio to the Brier score of always saying the period's own base rate."""
        rate = float((weight * self.outcome).sum() / weight.sum())
        return 1 - self.brier(weight) / (rate * (1 - rate)) if 0 < rate < 1 else float("nan")

    def log_score(self, weight: np.ndarray) -> float:
        """Mean negative log likelihood, in nats; lower is better."""
        return float((weight * self._log).sum() / weight.sum())

    def calibration(self, weight: np.ndarray) -> tuple[float, float]:
        """Intercept and slope, by Newton's method with halving; NaN where they cannot be told."""
        x, y = self._odds, self.outcome
        if len(x) > MOST_CALIBRATED:
            total = np.bincount(self._group, weight, minlength=MOST_CALIBRATED)
            safe = np.maximum(total, 1e-12)
            x = np.bincount(self._group, weight * x, minlength=MOST_CALIBRATED) / safe
            y = np.bincount(self._group, weight * y, minlength=MOST_CALIBRATED) / safe
            x, y, weight = x[total > 0], y[total > 0], total[total > 0]
        if not len(x) or np.ptp(x) == 0:
            return float("nan"), float("nan")
        design = np.stack([np.ones_like(x), x])
        found, best = np.array([0.0, 1.0]), -np.inf
        step = np.zeros(2)
        for _step in range(100):
            odds = (found + step) @ design
            fit = float((weight * (y * odds - np.logaddexp(0.0, odds))).sum())
            if fit < best:  # too far: half as far again
                step = step / 2
            else:
                found, best = found + step, fit
                chance = 1 / (1 + np.exp(-np.clip(odds, -500, 500)))
                gradient = design @ (weight * (y - chance))
                curvature = (design * (weight * chance * (1 - chance))) @ design.T
                try:
                    step = np.linalg.solve(curvature, gradient)
                except np.linalg.LinAlgError:
                    return float("nan"), float("nan")
            if np.abs(step).max() < 1e-9:
                return float(found[0]), float(found[1])
        return float("nan"), float("nan")

    def figures(self, weight: np.ndarray) -> dict[str, float]:
        """All of them by name, for weights of the rows."""
        intercept, slope = self.calibration(weight)
        return {
            "average_precision": self.average_precision(weight),
            "roc_auc": self.roc_auc(weight),
            "brier": self.brier(weight),
            "brier_skill": self.brier_skill(weight),
            "log_score": self.log_score(weight),
            "calibration_intercept": intercept,
            "calibration_slope": slope,
        }

    def precision_recall(self, points: int = 60) -> list[tuple[float, float]]:
        """Recall and precision along the ranking, thinned to at most ``points``."""
        hits, misses = self._cumulated(np.ones(len(self.outcome)))
        if hits[-1] == 0:
            return []
        recall, precision = hits / hits[-1], hits / (hits + misses)
        chosen = np.unique(np.searchsorted(recall, np.linspace(0, 1, points)[1:]))
        chosen = chosen[chosen < len(recall)]
        return list(zip(recall[chosen].tolist(), precision[chosen].tolist(), strict=True))

    def reliability(self) -> list[dict[str, float]]:
        """Mean forecast and observed share in groups of rising forecasts.

        The groups hold equal shares of the expected incidents, so that the few high forecasts,
        on which decisions hang, are not lost in one group.
        """
        order = self._order[::-1]
        p, y = self.probability[order], self.outcome[order]
        edge = np.searchsorted(np.cumsum(p), np.linspace(0, p.sum(), BINS + 1)[1:-1])
        groups = [g for g in np.split(np.arange(len(p)), np.unique(edge)) if len(g)]
        return [
            {
                "forecast": float(p[g].mean()),
                "observed": float(y[g].mean()),
                "low": interval_of_share(y[g].sum(), len(g))[0],
                "high": interval_of_share(y[g].sum(), len(g))[1],
                "rows": len(g),
            }
            for g in groups
        ]


def interval_of_share(hits: float, rows: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's score interval of a share (JASA 22, 1927)."""
    share, spread = hits / rows, z * z / rows
    middle = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * np.sqrt(share * (1 - share) / rows + spread / (4 * rows))
    return float(max(0.0, middle - half)), float(min(1.0, middle + half))


def top_places(rank: np.ndarray, known: np.ndarray, share: float) -> np.ndarray:
    """The places with the highest rank: ``share`` of those known, at least one; mask (m,).

    Ties are broken by place number scattered, so that no order of the register favours any.
    """
    candidates = np.flatnonzero(known)
    if not len(candidates):
        return np.zeros(len(rank), bool)
    scattered = (candidates * 2_654_435_761) % 4_294_967_291
    order = np.lexsort((scattered, -rank[candidates]))
    chosen = np.zeros(len(rank), bool)
    chosen[candidates[order[: max(1, round(share * len(candidates)))]]] = True
    return chosen


def multiplicities(origins: int, seed: int = 1) -> np.ndarray:
    """How often each origin occurs in each bootstrap replicate: shape (REPLICATES, origins)."""
    dice = np.random.default_rng(seed)
    return dice.multinomial(origins, np.full(origins, 1 / origins), size=REPLICATES)


def interval(values) -> tuple[float, float]:
    """Percentile interval of replicates; NaN where too few could be computed."""
    values = np.asarray(values, float)
    values = values[np.isfinite(values)]
    if len(values) < REPLICATES / 2:
        return float("nan"), float("nan")
    low, high = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)
