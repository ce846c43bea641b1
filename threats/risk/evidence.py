"""Incidents as arrays."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

# Violence against civilians; other organised violence; warnings without violence.
FAMILIES = ("civilians", "organised", "warnings")
CIVILIANS, ORGANISED, WARNINGS = range(len(FAMILIES))


@dataclass(frozen=True)
class Evidence:
    """Incidents the model may count, one element of each array an incident.

    Shapes (n,). ``longitude``, ``latitude``: degrees, WGS 84. ``day``: the end date as a
    proleptic ordinal (``date.toordinal``); an incident is known from that day on. ``family``:
    index into FAMILIES. ``spread``: uncertainty of the place in km, see ``kernels.SPREAD``.
    ``weight``: what one such incident counts, see ``kernels.severity``. ``layer``: the sums it
    belongs to (its classification), from 0. Raises ValueError when lengths differ.
    """

    longitude: np.ndarray
    latitude: np.ndarray
    day: np.ndarray
    family: np.ndarray
    spread: np.ndarray
    weight: np.ndarray
    layer: np.ndarray

    def __post_init__(self) -> None:
        lengths = {len(getattr(self, field.name)) for field in fields(self)}
        if len(lengths) != 1:
            raise ValueError(f"evidence arrays differ in length: {sorted(lengths)}")

    def __len__(self) -> int:
        return len(self.day)

    def take(self, which: np.ndarray) -> Evidence:
        """The incidents at ``which`` (indexes or a mask)."""
        return Evidence(*(getattr(self, field.name)[which] for field in fields(self)))
