"""From probability to the likelihood scale, and from exposure to the impact scale."""

from __future__ import annotations

import numpy as np

# People exposed at which impact 2, 3, 4 and 5 begin.
EXPOSURE_STEPS = (500, 5_000, 20_000, 100_000)


def likelihood(probability, cut_points) -> np.ndarray:
    """Likelihood 1–5 of probabilities (any shape), by four rising cut points."""
    return np.searchsorted(np.asarray(cut_points, float), probability, side="right") + 1


def impact(population: int | None, displaced: int | None, vulnerable_groups: int) -> int | None:
    """Impact 1–5 by the people exposed, one step higher where any group is vulnerable.

    Displaced people count twice, being less able to flee again. None when nothing is known of
    how many people live there: unknown is not zero.
    """
    if population is None and displaced is None:
        return None
    exposed = (population or 0) + 2 * (displaced or 0)
    step = int(np.searchsorted(EXPOSURE_STEPS, exposed, side="right")) + 1
    return min(5, step + (1 if vulnerable_groups else 0))
