"""The additive intensity: expected incidents, probability, and exact contributions.

``expected = background + Σ weight × decayed sum`` with weights ≥ 0, and
``probability = 1 − exp(−expected)``, the chance that a Poisson process of that mean brings at
least one. Every score therefore splits exactly into its terms, down to the single incident.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from threats.risk.kernels import TERMS

PRIOR = Path(__file__).with_name("prior.json")


@dataclass(frozen=True)
class IntensityModel:
    """Coefficients for one horizon.

    ``background``: expected incidents in the horizon with no evidence at all, ≥ 0. ``weights``:
    shape (len(TERMS),), ≥ 0, expected incidents per unit of each decayed sum.
    """

    background: float
    weights: np.ndarray

    def __post_init__(self) -> None:
        if self.weights.shape != (len(TERMS),):
            raise ValueError(f"{self.weights.shape} weights for {len(TERMS)} terms")
        if self.background < 0 or (self.weights < 0).any():
            raise ValueError("background and weights must not be negative")

    def expected(self, sums: np.ndarray) -> np.ndarray:
        """Expected incidents; ``sums`` shape (…, len(TERMS)), result shape (…)."""
        return self.background + sums @ self.weights

    def contributions(self, sums: np.ndarray) -> dict[str, float]:
        """One place's expected incidents by named term; the values sum to ``expected``."""
        named = {"background": float(self.background)}
        for term, value in zip(TERMS, (sums * self.weights).tolist(), strict=True):
            if value > 0:
                named[term] = value
        return named

    def contribution_of_each(self, terms: np.ndarray) -> np.ndarray:
        """Expected incidents due to each incident; ``terms`` as from ``terms_of_each``."""
        return terms @ self.weights


def probability(expected):
    """Chance of at least one incident, 0–1, from the expected number (≥ 0)."""
    return -np.expm1(-np.asarray(expected, float))


def load(coefficients: dict) -> dict[int, IntensityModel]:
    """Models by horizon in days from stored coefficients. Raises KeyError for a missing term."""
    return {
        int(horizon): IntensityModel(
            float(values["background"]),
            np.array([float(values["weights"][term]) for term in TERMS]),
        )
        for horizon, values in coefficients["horizons"].items()
    }


def prior_coefficients() -> dict:
    """Coefficients shipped with the portal, for missions without a model of their own."""
    return json.loads(PRIOR.read_text())
