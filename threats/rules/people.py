"""How many people are known to live somewhere, each counted once.

The one rule: ``population`` is of residents, without the displaced; ``displaced_population`` lives
beside them, so a place has the sum of the two. The people of a displacement or POC site are displaced,
whichever of its two fields they stand in. A site belongs to the nearest town or village within 10 km:
its people are part of that place's displaced, so that the two together have the residents and the
larger of the two figures of displaced. What is not known is not nought: a total is of what is known,
None where nothing is.
"""

from __future__ import annotations

from typing import NamedTuple

from threats.choices import CommunityKind

SITES = (CommunityKind.DISPLACEMENT_SITE, CommunityKind.POC_SITE)
HOST_WITHIN = 10.0  # km


class People(NamedTuple):
    """``residents``, ``displaced``: known numbers of people, None where unknown."""

    residents: int | None
    displaced: int | None

    @property
    def total(self) -> int | None:
        """Everybody once; None where nothing is known."""
        known = [number for number in self if number is not None]
        return sum(known) if known else None

    @property
    def weight(self) -> int | None:
        """For an order of priority alone: the displaced weigh twice. Never a number of people."""
        return None if self.total is None else self.total + (self.displaced or 0)


def people_of(kind: str, population: int | None, displaced: int | None) -> People:
    """Those of one place, by its kind (CommunityKind) and its two fields."""
    if kind in SITES:
        known = [number for number in (population, displaced) if number is not None]
        return People(None, max(known) if known else None)
    return People(population, displaced)
