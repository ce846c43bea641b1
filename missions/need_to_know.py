"""Need to know: what reading a record takes beside clearance, and what figures make of it.

A record is in any number of compartments; its reader holds all of them. Figures leave such records
out for whoever does not hold every compartment: they have one layer for each clearance, and one
more for the records in compartments, which those see who are cleared for all and hold all.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from missions.choices import Classification, Compartment

EVERY = frozenset(Compartment.values)
KEPT_APART = len(Classification.values)  # the layer of what is in compartments
LAYERS = KEPT_APART + 1
LAYER_CHOICES = [*Classification.choices, (KEPT_APART, _("All, under need-to-know as well"))]
LONGEST = 20

# Of a record's classification and compartments in one number, which ``records.feed`` keeps: the
# lowest two bits are the classification, each further one is a compartment.
BITS = {code: 4 << place for place, code in enumerate(Compartment.values)}


def compartments_field(verbose_name: Any, **options: Any) -> Any:
    """A column of compartments, in their alphabetical order; empty: none."""
    code = models.CharField(max_length=LONGEST, choices=Compartment.choices)
    return ArrayField(code, verbose_name=verbose_name, default=list, blank=True, **options)


def compartments_of(record: Any) -> list[str]:
    """Those a record is kept to; none for what has no classification, such as a membership, whose
    compartments are what its member holds."""
    return getattr(record, "compartments", []) if hasattr(record, "classification") else []


def told(codes: Iterable[str]) -> str:
    """Compartments in words."""
    return ", ".join(str(Compartment(code).label) for code in codes)


def held_to(name: str) -> Q:
    """The condition that a column holds known compartments only, for a check constraint."""
    return Q(**{f"{name}__contained_by": sorted(EVERY)})


def in_order(codes: Iterable[str]) -> list[str]:
    """Compartments as they are stored: each once, sorted."""
    return sorted({str(code) for code in codes})


def reads(held: frozenset[str], path: str = "compartments") -> Q:
    """Condition that the holder of compartments needs to know what the column at ``path`` says."""
    if held >= EVERY:
        return Q()
    none = Q(**{path: []})  # apart, for its share of the rows is known to the planner
    return none | Q(**{f"{path}__contained_by": sorted(held)}) if held else none


def layer_of(classification: int, compartments: Iterable[str]) -> int:
    """The layer of figures that a record counts in."""
    return KEPT_APART if list(compartments) else classification


def layer_column() -> Cast:
    """``layer_of`` in a query."""
    layer = Case(When(compartments=[], then=F("classification")), default=Value(KEPT_APART))
    return Cast(layer, models.SmallIntegerField())


def sight_of(classification: int, compartments: Iterable[str] = ()) -> int:
    """What reading takes, in one number."""
    return classification + sum(BITS[code] for code in compartments)


def sight_of_layer(layer: int) -> int:
    """What reading a layer of figures takes, in one number."""
    if layer == KEPT_APART:
        return sight_of(Classification.STRICTLY_CONFIDENTIAL, EVERY)
    return sight_of(layer)


def sights_within(clearance: int, held: Iterable[str]) -> frozenset[int]:
    """All that somebody of a clearance and compartments may read, in numbers of ``sight_of``."""
    codes = sorted(held)
    chosen = [some for size in range(len(codes) + 1) for some in combinations(codes, size)]
    return frozenset(sight_of(level, some) for level in range(clearance + 1) for some in chosen)
