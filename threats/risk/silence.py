"""Silence is not safety: places nothing is heard from while their area is active."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from threats.risk.evidence import FAMILIES, VIOLENCE
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
    Every family counts as being heard from; an area is active where there is violence.
    """
    near, around = _total(sums, NEAR, range(len(FAMILIES))), _total(sums, AREA, VIOLENCE)
    return (near < HEARD) & (around >= ACTIVE)


def _total(sums: np.ndarray, scale: float, families: Iterable[int]) -> np.ndarray:
    per_family = len(TERMS) // len(FAMILIES)
    place = HALF_LIVES.index(MEMORY) * len(SCALES) + SCALES.index(scale)
    columns = [family * per_family + place for family in families]
    return sums[..., columns].sum(axis=-1)
