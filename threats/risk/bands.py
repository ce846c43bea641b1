"""From probability to bands of watchfulness, and from harm to the impact scale."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

# Civilians killed or injured in an attack at which impact 3, 4 and 5 begin; any fewer is 2.
SEVERITY_STEPS = (1, 3, 10)
GRAVE = 4  # impact of sexual violence and the like, whatever the number


def likelihood(probability, cut_points) -> np.ndarray:
    """Bands 1–5 of probabilities (any shape), by four rising cut points."""
    return np.searchsorted(np.asarray(cut_points, float), probability, side="right") + 1


def impact(
    harmed: Sequence[int | None], *, is_grave: bool = False, is_vulnerable: bool = False
) -> int | None:
    """Impact 1–5: how severe an attack is to be expected for those exposed, not how many live there.

    ``harmed``: civilians killed or injured in each attack on record, None where unknown. Of the
    known ones the mean counts: none harmed 1, fewer than one 2, from one 3, from three 4, from ten
    5. ``is_grave``: sexual violence, abduction or violations of children are on record: at least 4.
    ``is_vulnerable``: displaced people or vulnerable groups are among those exposed: one step
    higher. None where neither is known: unknown is not small.
    """
    known = [number for number in harmed if number is not None]
    if not known and not is_grave:
        return None
    step = 1
    if known:
        mean = sum(known) / len(known)
        step = int(np.searchsorted(SEVERITY_STEPS, mean, side="right")) + 2 if mean else 1
    if is_grave:
        step = max(step, GRAVE)
    return min(5, step + (1 if is_vulnerable else 0))
