"""What a forecast must beat: simple figures any desk could keep.

Each is one number per place and origin, turned into a probability by the same additive form with
that one number, refitted on the same past as the model, so that its Brier and log scores are
as fair as its ranking. Counts are kept both of violence against civilians and of all organised
violence; the better of the two is the one to beat.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from threats.risk.evidence import NUMBERS, VIOLENCE, Evidence
from threats.risk.targets import Places, Points, near_pairs, rolled_counts

MONTH = 365.25 / 12  # days
HALF_LIVES = (1, 3, 12, 60)  # months
BANDWIDTH = 50.0  # km, of the kernel density
COUNTED = {"civilians": (NUMBERS["civilians"],), "all": VIOLENCE}  # families


def baselines(places: Places, evidence: Evidence, days: np.ndarray) -> dict[str, np.ndarray]:
    """Figures by name as known on each of the rising ``days``: each of shape (k, m)."""
    points = Points.of(evidence.longitude, evidence.latitude)
    reach = places.reaching(points.longitude, points.latitude)
    found = {}
    for name, families in COUNTED.items():
        mine = np.isin(evidence.family, families)
        counted = evidence.take(np.flatnonzero(mine))
        ones = np.ones(len(counted))
        own = Points(points.longitude, points.latitude, points.number[mine])
        found[f"last_month_{name}"] = _last_month(counted, reach, own, days)
        for months in HALF_LIVES:
            found[f"decayed_{months}m_{name}"] = rolled_counts(
                counted, ones, reach, own, days, months * MONTH
            )
        found[f"density_{name}"] = rolled_counts(
            counted, ones, _density(places, own), own, days, np.inf
        )
    return found


def _last_month(evidence: Evidence, reach, points: Points, days: np.ndarray) -> np.ndarray:
    ones = np.ones(len(evidence))
    now = rolled_counts(evidence, ones, reach, points, days, np.inf)
    before = rolled_counts(evidence, ones, reach, points, days - round(MONTH), np.inf)
    return now - before


def _density(places: Places, points: Points) -> sparse.csr_array:
    """Gaussian kernel of each point at each place, cut at three bandwidths."""
    row, column, away = near_pairs(
        places.longitude, places.latitude, points.longitude, points.latitude, 3 * BANDWIDTH
    )
    values = np.exp(-(away**2) / (2 * BANDWIDTH**2))
    shape = (len(places), len(points.longitude))
    return sparse.csr_array((values, (row, column)), shape=shape)
