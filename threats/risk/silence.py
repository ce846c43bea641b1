"""Silence is not safety: places nothing is heard from while their area is active."""

from __future__ import annotations

import numpy as np

from threats.risk.evidence import WARNINGS
from threats.risk.kernels import HALF_LIVES, SCALES, TERMS

WEEKS = 8
MEMORY = HALF_LIVES[1]  # 45 days
NEAR, AREA = SCALES
# What one incident of no known deaths, eight weeks old, still weighs.
HEARD = 2.0 ** (-7 * WEEKS / MEMORY)
# Nine such incidents, or three of six deaths each, 60 km away, where the wide kernel gives 0.45.
ACTIVE = 9 * 0.45 * HEARD


def silent(sums: np.ndarray) -> np.ndarray:
    """Whether nothing was heard for about eight weeks where much was heard around.

    ``sums``: (…, len(TERMS)). An attack with many deaths is remembered for longer than eight weeks.
    Warnings count as being heard from.
    """
    near, around = _total(sums, NEAR, WARNINGS + 1), _total(sums, AREA, WARNINGS)
    return (near < HEARD) & (around >= ACTIVE)


def _total(sums: np.ndarray, scale: float, families: int) -> np.ndarray:
    per_family = len(TERMS) // (WARNINGS + 1)
    place = HALF_LIVES.index(MEMORY) * len(SCALES) + SCALES.index(scale)
    columns = [family * per_family + place for family in range(families)]
    return sums[..., columns].sum(axis=-1)
