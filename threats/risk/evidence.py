"""Incidents as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FAMILIES = ("civilians", "organised")  # against civilians; other organised violence


@dataclass(frozen=True)
class Evidence:
    """Incidents the model may count, one element of each array an incident.

    Shapes (n,). ``longitude``, ``latitude``: degrees, WGS 84. ``day``: the end date as a
    proleptic ordinal (``date.toordinal``); an incident is known from that day on. ``family``:
    index into FAMILIES. ``spread``: uncertainty of the place in km, see ``kernels.SPREAD``.
    """

    longitude: np.ndarray
    latitude: np.ndarray
    day: np.ndarray
    family: np.ndarray
    spread: np.ndarray

    def __post_init__(self) -> None:
        lengths = {len(getattr(self, name)) for name in self.__dataclass_fields__}
        if len(lengths) != 1:
            raise ValueError(f"evidence arrays differ in length: {sorted(lengths)}")

    def __len__(self) -> int:
        return len(self.day)

    def take(self, which: np.ndarray) -> Evidence:
        """The incidents at ``which`` (indexes or a mask)."""
        return Evidence(*(getattr(self, name)[which] for name in self.__dataclass_fields__))
