"""Decayed sums of the evidence around many places, all at once.

Incidents at one point with one uncertainty differ only in what they weigh, so they are first
added up per point; then every pair of place and point within the cut costs a few multiplications.
With centred coordinates one small matrix product gives ``d²/w²`` of a whole tile, and another adds
the kernels up for all families, half-lives and layers together.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from threadpoolctl import threadpool_limits

from threats.risk.evidence import FAMILIES, Evidence
from threats.risk.kernels import (
    CUT,
    HALF_LIVES,
    SCALES,
    SHAPES,
    TERMS,
    cartesian,
    moved,
    over_span,
    widths,
)

TILE = 0.5  # degrees; places of one tile share a list of points in reach
BLOCK = 1 << 16  # pairs of place and point worked on at once: they stay in the processor's cache
WORTH_THREADS = 1_000_000  # pairs; fewer are done before threads are ready
ODD = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], np.uint64)
KM_PER_DEGREE = 110.5  # of latitude, at the least


def decayed_sums(
    evidence: Evidence,
    longitude: np.ndarray,
    latitude: np.ndarray,
    landmark: int,
    *,
    layers: int = 1,
) -> np.ndarray:
    """Sums for m places, kept relative to a landmark day: shape (m, layers, len(TERMS)).

    ``longitude``, ``latitude``: shape (m,), degrees. ``landmark``: ordinal; a term weighs
    ``2 ** ((day − landmark) / half_life)``, the mean over the days it may have happened on, which
    ``kernels.moved`` brings to any day. Every
    incident given counts, whatever its day. Time grows with the pairs of place and distinct point
    within the cut; memory with places × layers and with distinct points.
    """
    longitude, latitude = np.asarray(longitude, float), np.asarray(latitude, float)
    families, memories, scales = len(FAMILIES), len(HALF_LIVES), len(SCALES)
    added = np.zeros((len(longitude), scales, layers * families * memories))
    if len(evidence) and len(longitude):
        _Points(evidence, landmark, layers).add_to(added, longitude, latitude)
    added = added.reshape(len(longitude), scales, layers, families, memories)
    return np.ascontiguousarray(added.transpose(0, 2, 3, 4, 1)).reshape(-1, layers, len(TERMS))


def rolled_sums(
    evidence: Evidence, longitude: np.ndarray, latitude: np.ndarray, days: np.ndarray
) -> Iterator[np.ndarray]:
    """Sums (m, len(TERMS)) as known on each of the rising ``days``, in turn.

    From one day to the next is one multiplication and the incidents that became known between.
    """
    order = np.argsort(evidence.day, kind="stable")
    evidence = evidence.take(order)
    ends = np.searchsorted(evidence.day, days, side="right")
    sums = np.zeros((len(longitude), len(TERMS)))
    first, before = 0, int(days[0]) if len(days) else 0
    for day, end in zip(np.asarray(days).tolist(), ends.tolist(), strict=True):
        sums = moved(sums, day - before)
        fresh = evidence.take(np.arange(first, end))
        sums += decayed_sums(_in_one_layer(fresh), longitude, latitude, day)[:, 0]
        first, before = end, day
        yield sums.copy()


def _in_one_layer(evidence: Evidence) -> Evidence:
    columns = dict(vars(evidence))
    return Evidence(**columns | {"layer": np.zeros(len(evidence), int)})


class _Points:
    """The distinct points of a body of evidence, with what weighs on each."""

    def __init__(self, evidence: Evidence, landmark: int, layers: int):
        point, first = _distinct(evidence)
        order = np.argsort(evidence.latitude[first], kind="stable")
        first = first[order]
        rank = np.empty_like(order)
        rank[order] = np.arange(len(order))
        self.latitude = evidence.latitude[first]
        self.at = cartesian(evidence.longitude[first], self.latitude)
        self.spread = evidence.spread[first]
        kinds = layers * len(FAMILIES)
        slot = rank[point] * kinds + evidence.layer * len(FAMILIES) + evidence.family
        # One power a day and half-life, and one spread a length, not one an incident.
        earliest, days = int(evidence.first.min()), evidence.days
        span = np.arange(earliest, int(evidence.first.max()) + 1) - landmark
        lengths = np.arange(1, int(days.max()) + 1)
        mass = np.empty((len(first) * kinds, len(HALF_LIVES)))
        for column, half_life in enumerate(HALF_LIVES):
            weight = np.exp2(span / half_life)[evidence.first - earliest] * evidence.weight
            weight *= over_span(lengths, half_life)[days - 1]
            mass[:, column] = np.bincount(slot, weight, minlength=len(mass))
        self.mass = mass.reshape(len(first), kinds * len(HALF_LIVES))
        self.widths = [widths(self.spread, number) for number in range(len(SCALES))]

    def add_to(self, added: np.ndarray, longitude: np.ndarray, latitude: np.ndarray) -> None:
        places = cartesian(longitude, latitude)
        tiles = _tiles(longitude, latitude)
        if len(places) * len(self.at) < WORTH_THREADS:
            for tile in tiles:
                self._add_tile(added, places, latitude, tile)
            return
        with threadpool_limits(1), ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(lambda tile: self._add_tile(added, places, latitude, tile), tiles))

    def _add_tile(self, added, places, latitude, tile) -> None:
        centre = places[tile].mean(axis=0)
        here = places[tile] - centre
        reach = CUT + np.sqrt((here**2).sum(axis=1).max()) + 1.0
        low, high = np.searchsorted(
            self.latitude,
            (latitude[tile].min() - reach / KM_PER_DEGREE,
             latitude[tile].max() + reach / KM_PER_DEGREE),
        )  # fmt: skip
        there = self.at[low:high] - centre
        squares = (there**2).sum(axis=1)
        within = np.flatnonzero(squares <= reach**2)
        there, squares, within = there[within], squares[within], within + low
        # [−2x, 1, |x|²] · [y, |y|², 1] = |x − y|²
        left = np.column_stack([-2 * here, np.ones(len(tile)), (here**2).sum(axis=1)])
        right = np.column_stack([there, squares, np.ones(len(within))])
        block = max(1, BLOCK // len(tile))
        for start in range(0, len(within), block):
            part = slice(start, start + block)
            mass = self.mass[within[part]]
            for number, (wide, height, floor) in enumerate(self.widths):
                chosen = within[part]
                kernel = SHAPES[number](left @ (right[part] / wide[chosen, None]).T)
                kernel -= floor[chosen]
                np.maximum(kernel, 0.0, out=kernel)
                kernel *= height[chosen]
                added[tile, number] += kernel @ mass


def _distinct(evidence: Evidence) -> tuple[np.ndarray, np.ndarray]:
    """Number of each incident's point, and an incident at each point."""
    columns = (evidence.longitude, evidence.latitude, evidence.spread)
    # Sorting one mixed key is much faster than sorting by three columns.
    key = np.zeros(len(evidence), np.uint64)
    for column, odd in zip(columns, ODD, strict=True):
        key = (key ^ np.ascontiguousarray(column, float).view(np.uint64)) * odd
    order = np.argsort(key, kind="stable")
    new = _steps([key], order)
    if (new != _steps(columns, order)).any():  # two points share a key
        order = np.lexsort(columns[::-1])
        new = _steps(columns, order)
    number = np.empty(len(order), int)
    number[order] = np.cumsum(new) - 1
    return number, order[new]


def _steps(columns, order: np.ndarray) -> np.ndarray:
    """Where, along an order, any of the columns changes; the first row always does."""
    new = np.zeros(len(order), bool)
    new[:1] = True
    for column in columns:
        ordered = column[order]
        new[1:] |= ordered[1:] != ordered[:-1]
    return new


def _tiles(longitude: np.ndarray, latitude: np.ndarray) -> list[np.ndarray]:
    """Indexes of places that lie close together, a few hundred at most in each."""
    row, column = np.floor(latitude / TILE), np.floor(longitude / TILE)
    order = np.lexsort((column, row))
    edges = np.flatnonzero((np.diff(row[order]) != 0) | (np.diff(column[order]) != 0)) + 1
    tiles = []
    for tile in np.split(order, edges):
        tiles += np.array_split(tile, -(-len(tile) // 256))
    return tiles
