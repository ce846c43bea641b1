"""What is forecast, and what became of it.

Two kinds of place: a community, which is struck when violence against civilians starts within
25 km of it in the horizon; and a PRIO-GRID cell (Tollefsen, Strand and Buhaug, Journal of Peace
Research 49, 2012), half a degree on each side, struck when one-sided violence starts in it in
the calendar month: the unit of the VIEWS forecasts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.spatial import cKDTree

from threats.risk.evidence import FAMILIES, VIOLENCE, Evidence
from threats.risk.kernels import EARTH_RADIUS, HALF_LIVES, TERMS, cartesian, freshness
from threats.risk.sums import rolled_sums

REACH = 25.0  # km around a community
CELL = 0.5  # degrees
MOST_DOUBLES = 50_000_000
PROBES = 4  # points a cell is sampled at, along each side
ALL_THE_WAY = 2 * EARTH_RADIUS
CELL_TERMS = tuple(
    f"{FAMILIES[family].name}_{half_life:g}d_cell"
    for family in VIOLENCE
    for half_life in HALF_LIVES
)


@dataclass(frozen=True)
class Outcomes:
    """Incidents a target counts. Shapes (n,): degrees, and the ordinal of the day each began."""

    longitude: np.ndarray
    latitude: np.ndarray
    start: np.ndarray


@dataclass(frozen=True)
class Places:
    """m places a forecast is made for.

    ``known``: ordinal of the day each was first known, shape (m,). ``probes``: degrees (m, p, 2),
    the points its evidence is summed at, averaged. ``exposure``: shape (m,), factor of the
    expected number. ``terms``: names of the sums used. ``is_cell``: cells have their own reach.
    """

    longitude: np.ndarray
    latitude: np.ndarray
    known: np.ndarray
    probes: np.ndarray
    exposure: np.ndarray
    terms: tuple[str, ...]
    is_cell: bool

    def __len__(self) -> int:
        return len(self.longitude)

    def take(self, which: np.ndarray) -> Places:
        """The places ``which`` (indexes or a mask)."""
        return Places(
            self.longitude[which], self.latitude[which], self.known[which], self.probes[which],
            self.exposure[which], self.terms, self.is_cell,
        )  # fmt: skip

    def reaching(self, longitude: np.ndarray, latitude: np.ndarray) -> sparse.csr_array:
        """1 where a point lies within a place's reach: shape (m, points)."""
        if self.is_cell:
            return self._containing(longitude, latitude)
        return within(self.longitude, self.latitude, longitude, latitude, REACH)

    def _containing(self, longitude, latitude) -> sparse.csr_array:
        keys = _cell_key(self.longitude, self.latitude)
        order = np.argsort(keys)
        wanted = _cell_key(longitude, latitude)
        found = np.minimum(np.searchsorted(keys[order], wanted), max(len(keys) - 1, 0))
        hit = keys[order][found] == wanted if len(keys) else np.zeros(len(wanted), bool)
        rows, columns = order[found[hit]] if len(keys) else [], np.flatnonzero(hit)
        shape = (len(self), len(longitude))
        return sparse.csr_array((np.ones(len(columns)), (rows, columns)), shape=shape)


def communities(longitude, latitude, known) -> Places:
    """Communities as places. Shapes (m,): degrees, and the ordinal each was first known."""
    longitude, latitude = np.asarray(longitude, float), np.asarray(latitude, float)
    probes = np.stack([longitude, latitude], axis=-1)[:, None]
    return Places(
        longitude, latitude, np.asarray(known, int), probes, np.ones(len(longitude)), TERMS, False
    )


def cells(west: np.ndarray, south: np.ndarray, inside: np.ndarray) -> Places:
    """Cells as places, by their south-western corners in degrees, shape (m,).

    ``inside``: shape (m, PROBES²), whether each of ``cell_probes`` lies in the country. A cell
    half in the country counts about half: its exposure is the square root of its share.
    """
    probes = cell_probes(west, south)
    share = np.maximum(inside.mean(axis=1), 0.5 / PROBES**2)
    always = np.zeros(len(west), int)
    middle = CELL / 2
    return Places(
        west + middle, south + middle, always, probes, np.sqrt(share), TERMS + CELL_TERMS, True
    )


def cell_probes(west: np.ndarray, south: np.ndarray) -> np.ndarray:
    """Points spread evenly over each cell: degrees, shape (m, PROBES², 2)."""
    steps = (np.arange(PROBES) + 0.5) / PROBES * CELL
    x, y = (grid.ravel() for grid in np.meshgrid(steps, steps))
    return np.stack([west[:, None] + x, south[:, None] + y], axis=-1)


def within(lon1, lat1, lon2, lat2, km: float) -> sparse.csr_array:
    """1 where a point of the second set lies within ``km`` of one of the first: (m, n)."""
    row, column, _away = near_pairs(lon1, lat1, lon2, lat2, km)
    return sparse.csr_array((np.ones(len(row)), (row, column)), shape=(len(lon1), len(lon2)))


def near_pairs(lon1, lat1, lon2, lat2, km: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs of the two sets within ``km``: indexes into each, and the distance in km."""
    if not len(lon1) or not len(lon2):
        return np.zeros(0, int), np.zeros(0, int), np.zeros(0)
    first, second = cKDTree(cartesian(lon1, lat1)), cKDTree(cartesian(lon2, lat2))
    found = first.sparse_distance_matrix(second, km, output_type="ndarray")
    return found["i"], found["j"], found["v"]


@dataclass(frozen=True)
class Points:
    """The distinct points of incidents, so that what is computed per point is computed once."""

    longitude: np.ndarray
    latitude: np.ndarray
    number: np.ndarray  # of each incident's point

    @classmethod
    def of(cls, longitude: np.ndarray, latitude: np.ndarray) -> Points:
        """The distinct points among longitudes and latitudes, in degrees."""
        distinct, number = np.unique(
            np.stack([longitude, latitude], axis=1), axis=0, return_inverse=True
        )
        return cls(distinct[:, 0], distinct[:, 1], number.ravel())

    def mass(self, which: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Weights of the incidents ``which`` added up per point."""
        return np.bincount(self.number[which], weight, minlength=len(self.longitude))


def rolled_counts(
    evidence: Evidence,
    weight: np.ndarray,
    reach: sparse.csr_array,
    points: Points,
    days: np.ndarray,
    half_life: float,
) -> np.ndarray:
    """Decayed counts within reach on each of the rising ``days``: shape (len(days), m).

    ``reach``: places × points, any weights. ``half_life``: days; infinite for no decay. An incident
    counts from the day it is known, decayed as over the days it may have happened on.
    """
    order = np.argsort(evidence.day, kind="stable")
    ends = np.searchsorted(evidence.day[order], days, side="right")
    counts = np.zeros((len(days), reach.shape[0]))
    state, first, before = np.zeros(reach.shape[0]), 0, int(days[0]) if len(days) else 0
    for row, (day, end) in enumerate(zip(days.tolist(), ends.tolist(), strict=True)):
        fresh = order[first:end]
        aged = weight[fresh] * freshness(evidence.take(fresh), day, half_life)
        state = state * 2.0 ** ((before - day) / half_life) + reach @ points.mass(fresh, aged)
        counts[row], first, before = state, end, day
    return counts


def panel_sums(places: Places, evidence: Evidence, days: np.ndarray) -> np.ndarray:
    """Sums of every place as known on each of the rising ``days``: (k, m, len(terms))."""
    count, probes = places.probes.shape[:2]
    flat = places.probes.reshape(-1, 2)
    rolled = rolled_sums(evidence, flat[:, 0], flat[:, 1], days)
    shape = (len(days), count, len(places.terms))
    # A large mission's panel in half the memory; seven digits are enough to learn from.
    parts = np.empty(shape, np.float64 if np.prod(shape) <= MOST_DOUBLES else np.float32)
    for row, sums in enumerate(rolled):
        parts[row, :, : len(TERMS)] = sums.reshape(count, probes, len(TERMS)).mean(axis=1)
    if places.is_cell:
        points = Points.of(evidence.longitude, evidence.latitude)
        reach = places.reaching(points.longitude, points.latitude)
        for column, (family, half_life) in enumerate(
            (family, half_life) for family in VIOLENCE for half_life in HALF_LIVES
        ):
            mine = (evidence.family == family).astype(float)
            parts[:, :, len(TERMS) + column] = rolled_counts(
                evidence, mine, reach, points, days, half_life
            )
    return parts


def struck(
    places: Places, outcomes: Outcomes, days: np.ndarray, until: np.ndarray
) -> tuple[np.ndarray, list[np.ndarray], sparse.csc_array]:
    """Whether something began within reach of each place after ``days`` up to ``until``.

    Returns 0 or 1 of shape (k, m); the indexes of the incidents of each window; and which place
    reaches which incident, shape (m, n).
    """
    reach = sparse.csc_array(places.reaching(outcomes.longitude, outcomes.latitude))
    result = np.zeros((len(days), len(places)))
    windows = []
    for row, (day, end) in enumerate(zip(days.tolist(), until.tolist(), strict=True)):
        window = np.flatnonzero((outcomes.start > day) & (outcomes.start <= end))
        result[row] = reach[:, window].sum(axis=1) > 0
        windows.append(window)
    return result, windows, reach


def _cell_key(longitude: np.ndarray, latitude: np.ndarray) -> np.ndarray:
    column = np.floor((np.asarray(longitude) + 180.0) / CELL).astype(int)
    row = np.floor((np.asarray(latitude) + 90.0) / CELL).astype(int)
    return row * 1000 + column
