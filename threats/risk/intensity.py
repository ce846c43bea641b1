"""The additive intensity: expected incidents, probability, and exact contributions.

``expected = multiplier × (background + Σ weight × decayed sum)`` with weights ≥ 0, and
``probability = 1 − exp(−expected)``, the chance that a Poisson process of that mean brings at
least one. Every score therefore splits exactly into its terms, down to the single incident. The
one slow factor, ``multiplier = (1 + long memory) ** −damping``, lets a place where violence has been
reported for years answer less to each further report.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from threats.risk.evidence import FAMILIES, VIOLENCE, Family, family_of
from threats.risk.kernels import HALF_LIVES, SCALES, TERMS

PRIOR = Path(__file__).with_name("prior.json")
# The sums whose total is the long memory of a place.
LONG_MEMORY = tuple(
    f"{FAMILIES[family].name}_{max(HALF_LIVES):g}d_{max(SCALES):g}km" for family in VIOLENCE
)


@dataclass(frozen=True)
class IntensityModel:
    """Coefficients for one target.

    ``terms``: names of the sums. ``background``: expected incidents with no evidence at all, ≥ 0.
    ``weights``: shape (len(terms),), ≥ 0, expected incidents per unit of each sum. ``damping``:
    0–1. Raises ValueError for other values.
    """

    background: float
    weights: np.ndarray
    damping: float = 0.0
    terms: tuple[str, ...] = TERMS

    def __post_init__(self) -> None:
        if self.weights.shape != (len(self.terms),):
            raise ValueError(f"{self.weights.shape} weights for {len(self.terms)} terms")
        if not (self.background >= 0 and (self.weights >= 0).all()):
            raise ValueError("background and weights must not be negative")
        if not 0 <= self.damping <= 1:
            raise ValueError(f"a damping of {self.damping} is not between 0 and 1")

    def multiplier(self, sums: np.ndarray) -> np.ndarray:
        """The slow factor, 0–1, for sums of shape (…, len(terms))."""
        return (1.0 + sums @ in_long_memory(self.terms)) ** -self.damping

    def expected(self, sums: np.ndarray) -> np.ndarray:
        """Expected incidents; ``sums`` shape (…, len(terms)), result shape (…)."""
        return self.multiplier(sums) * (self.background + sums @ self.weights)

    def contributions(self, sums: np.ndarray) -> dict[str, float]:
        """One place's expected incidents by named term; the values sum to ``expected``."""
        factor = float(self.multiplier(sums))
        named = {"background": factor * self.background}
        for term, value in zip(self.terms, (factor * sums * self.weights).tolist(), strict=True):
            if value != 0:
                named[term] = value
        return named

    def contribution_of_each(self, terms: np.ndarray, sums: np.ndarray) -> np.ndarray:
        """Expected incidents due to each incident: shape (n,).

        ``terms`` as from ``kernels.terms_of_each``, ``sums`` their total, which sets the multiplier.
        """
        return float(self.multiplier(sums)) * (terms @ self.weights)

    def as_json(self) -> dict:
        """As the database keeps it; see ``from_json``."""
        weights = dict(zip(self.terms, self.weights.tolist(), strict=True))
        return {"background": self.background, "damping": self.damping, "weights": weights}


@lru_cache(maxsize=8)
def in_long_memory(terms: tuple[str, ...]) -> np.ndarray:
    """1 for the terms of the long memory, else 0: shape (len(terms),)."""
    return np.array([float(term in LONG_MEMORY) for term in terms])


def probability(expected):
    """Chance of at least one incident, 0–1, from the expected number (≥ 0)."""
    return -np.expm1(-np.asarray(expected, float))


def from_json(
    values: dict, terms: Sequence[str] = TERMS, *, unknown: float | None = None
) -> IntensityModel:
    """A model from stored coefficients, which carry their terms by name.

    ``unknown``: weight of a term the coefficients lack. Raises KeyError for one where it is None.
    """
    weights = values["weights"]
    return IntensityModel(
        float(values["background"]),
        np.array(
            [float(weights[t] if unknown is None else weights.get(t, unknown)) for t in terms]
        ),
        float(values["damping"]),
        tuple(terms),
    )


def load(coefficients: dict) -> dict[int, IntensityModel]:
    """Models by horizon in days. Raises KeyError for a missing term."""
    return {int(horizon): from_json(values) for horizon, values in coefficients["horizons"].items()}


def load_as_it_was(coefficients: dict) -> dict[int, IntensityModel]:
    """Models by horizon, perhaps of an earlier release: a term they did not know weighs nothing."""
    return {
        int(horizon): from_json(values, unknown=0.0)
        for horizon, values in coefficients["horizons"].items()
    }


def knows_todays_terms(coefficients: dict) -> bool:
    """Whether every horizon's weights are of exactly the terms the sums have today."""
    return all(set(values["weights"]) == set(TERMS) for values in coefficients["horizons"].values())


def prior_coefficients() -> dict:
    """Coefficients shipped with the portal, for missions without a model of their own.

    A family the file does not know gets the weights it declares, one it alone knows is left out;
    the version then says so (``prior-2+sightings``).
    """
    stored = json.loads(PRIOR.read_text())
    known = {family_of(term) for term in stored["horizons"]["30"]["weights"]}
    added = [family for family in FAMILIES if family.name not in known]
    gone = sorted(known - {family.name for family in FAMILIES})
    for values in (*stored["horizons"].values(), *stored["cells"].values()):
        weights = values["weights"]
        for family in added:
            weights |= _declared(family, weights)
        values["weights"] = {t: w for t, w in weights.items() if family_of(t) not in gone}
    stored["version"] += "".join(
        [f"+{family.name}" for family in added] + [f"-{name}" for name in gone]
    )
    return stored


def _declared(family: Family, weights: dict[str, float]) -> dict[str, float]:
    """A family's declared weights, from those of the family it is compared with.

    Raises ValueError where it declares none.
    """
    prior = family.prior
    if prior is None:
        raise ValueError(f"{family.name}: neither prior.json nor the family names its weights")
    found = {}
    for term, weight in weights.items():
        other, half_life, where = term.split("_")
        if other != prior.like or (where == "cell" and not family.is_violence):
            continue
        counts = float(half_life.removesuffix("d")) <= prior.until
        found[f"{family.name}_{half_life}_{where}"] = prior.factor * weight if counts else 0.0
    return found
