"""Neighbours as one row: what one event does to a circle of places is told once, not place by place."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from missions.geography import distance_km
from threats.risk.targets import REACH

SHARE = 0.5  # of the leading figure; a place far below its neighbour stands for itself


def grouped(
    rows: Iterable[tuple[int, float, float, float]], limit: int, share: float = SHARE
) -> list[tuple[int, list[int]]]:
    """The first places, each with those within 25 km that come after it; a place stands once.

    ``rows``: id, longitude, latitude and figure, the largest figure first. ``limit``: groups at
    most. ``share``: a neighbour's figure is at least this part of the leading one, 0 to 1.
    """
    found = list(rows)
    ids = np.array([row[0] for row in found], dtype=np.int64)
    longitudes, latitudes, figures = (
        np.array([row[n] for row in found], dtype=float) for n in (1, 2, 3)
    )
    is_free = np.ones(len(found), dtype=bool)
    groups: list[tuple[int, list[int]]] = []
    for n in range(len(found)):
        if len(groups) == limit:
            break
        if not is_free[n]:
            continue
        is_free[n] = False
        near = distance_km(longitudes[n], latitudes[n], longitudes, latitudes) <= REACH
        near &= is_free & (figures >= share * figures[n])
        is_free &= ~near
        groups.append((int(ids[n]), [int(pk) for pk in ids[near]]))
    return groups
