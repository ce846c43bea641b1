"""Incidents as arrays, and the families the model tells them apart by."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np


@dataclass(frozen=True)
class PriorWeight:
    """The shipped weight of a family that the prior's own history says nothing of.

    ``factor`` times the weight of the family ``like``, for memories of up to ``until`` days and
    nothing for longer ones: by judgement, which docs/risk.md must say.
    """

    like: str
    factor: float
    until: float


@dataclass(frozen=True)
class Family:
    """Evidence with sums of its own.

    ``name``: begins the names of its sums. ``is_violence``: it is part of a place's long memory and
    of the baselines' counts, and an area full of it is active; any family counts as being heard
    from. ``outweighs``: the family whose learnt weight it shares, and may exceed but never fall
    below. ``is_learnt``: whether training moves its weights; else they stay the prior's.
    ``prior``: its shipped weights, None where ``prior.json`` names them term by term. Raises
    ValueError for what cannot be.
    """

    name: str
    is_violence: bool = False
    outweighs: str = ""
    is_learnt: bool = True
    prior: PriorWeight | None = None

    def __post_init__(self) -> None:
        if not self.name.isalnum():
            raise ValueError(f"{self.name!r}: letters and digits only, for terms are told by '_'")
        if self.outweighs and not self.is_learnt:
            raise ValueError(f"{self.name}: weights that are not learnt cannot be shared")


# To add one: a line here and one in scoring/families.py, which says which records it consists of.
# Stored sums and models that lack it are made anew, see docs/risk.md.
FAMILIES: tuple[Family, ...] = (
    Family("civilians", is_violence=True, outweighs="organised"),
    Family("organised", is_violence=True),
    Family("warnings"),
)
# Number of each family in arrays; nothing stored knows it.
NUMBERS = {family.name: number for number, family in enumerate(FAMILIES)}
VIOLENCE = tuple(number for number, family in enumerate(FAMILIES) if family.is_violence)


def family_of(term: str) -> str:
    """The first word of a term: the name of its family."""
    return term.partition("_")[0]


@dataclass(frozen=True)
class Evidence:
    """Incidents the model may count, one element of each array an incident.

    Shapes (n,). ``longitude``, ``latitude``: degrees, WGS 84. ``day``: the end date as a
    proleptic ordinal (``date.toordinal``); an incident is known from that day on. ``first``: the
    first day it may have happened on; where that lies before ``day`` its day is not known, and it
    counts spread over the days from one to the other. ``family``: index into FAMILIES. ``spread``: uncertainty of the place in km, see ``kernels.SPREAD``.
    ``weight``: what one such incident counts, see ``kernels.severity``. ``layer``: the sums it
    belongs to (its classification), from 0. Raises ValueError when lengths differ.
    """

    longitude: np.ndarray
    latitude: np.ndarray
    day: np.ndarray
    first: np.ndarray
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

    @property
    def days(self) -> np.ndarray:
        """How many days it may have happened on: 1 where its day is known."""
        return self.day - self.first + 1

    def take(self, which: np.ndarray) -> Evidence:
        """The incidents at ``which`` (indexes or a mask)."""
        return Evidence(*(getattr(self, field.name)[which] for field in fields(self)))
