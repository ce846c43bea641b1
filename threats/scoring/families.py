"""Which records are evidence of which family, and what a page calls them.

The numbers of a family (its terms, whether it is violence, its prior weight) are declared in
``risk.evidence.FAMILIES``, in the same order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Case, DateField, F, Model, Q, QuerySet, SmallIntegerField, Value, When
from django.db.models.expressions import Combinable, RawSQL
from django.db.models.functions import Cast, Coalesce
from django.utils.formats import number_format
from django.utils.translation import ngettext_lazy

from missions.need_to_know import layer_column
from threats.alerts.choices import Imminence
from threats.choices import DatePrecision, PlacePrecision
from threats.models import Alert, Incident
from threats.models.days import Ordinal, first_day
from threats.risk import kernels
from threats.risk.evidence import FAMILIES, NUMBERS
from threats.rules.grading import ALERT_COUNTS, COUNTED
from threats.rules.harm import known_deaths
from threats.rules.kinds import ORGANISED_VIOLENCE, WARNINGS


@dataclass(frozen=True)
class Origin:
    """A model whose records are evidence: records of a mission with a placed point.

    ``day``: name of the date a record is known from, and ages from where its day is known.
    ``first``: the first day it may have happened on where that is not known; a date, never after
    ``day``. ``deaths``: how many people it cost, never null. ``counts``: which of them count at all,
    whatever their family. ``of_the_week``: what those of the last week are called, a plural as in
    ``FamilyRows.words``.
    """

    model: type[Model]
    day: str
    first: Combinable
    of_the_week: Any  # a lazy plural
    counts: Q = field(default_factory=Q)
    deaths: Combinable = field(default_factory=lambda: Value(0))


@dataclass(frozen=True)
class FamilyRows:
    """What a family consists of.

    ``words``: a plural that takes ``number``, and ``n`` as the number is written. ``rows``: by
    model, which of its records; a record that fits two families is of the first.
    """

    name: str
    words: Any  # a lazy plural
    rows: Mapping[type[Model], Q]

    def in_words(self, number: int) -> str:
        """“3 attacks on civilians”."""
        return self.words % {"number": number, "n": number_format(number, force_grouping=True)}


# Incidents first: an explanation names single ones of them.
ORIGINS: tuple[Origin, ...] = (
    Origin(
        Incident,
        day="end_date",
        first=Case(
            When(date_precision=DatePrecision.DAY, then=F("end_date")),
            default=first_day(),
            output_field=DateField(),
        ),
        of_the_week=ngettext_lazy(
            "%(n)s incident of the last week", "%(n)s incidents of the last week", "number"
        ),
        counts=COUNTED,
        deaths=Coalesce(known_deaths(), 0),
    ),
    Origin(
        Alert,
        day="mission_day",
        first=F("mission_day"),
        of_the_week=ngettext_lazy(
            "%(n)s alert of the last week", "%(n)s alerts of the last week", "number"
        ),
        counts=ALERT_COUNTS,
    ),
)
ROWS: tuple[FamilyRows, ...] = (
    FamilyRows(
        "civilians",
        ngettext_lazy("%(n)s attack on civilians", "%(n)s attacks on civilians", "number"),
        {Incident: Q(against_civilians=True)},
    ),
    FamilyRows(
        "organised",
        ngettext_lazy("%(n)s other violent incident", "%(n)s other violent incidents", "number"),
        {Incident: Q(kind__in=ORGANISED_VIOLENCE)},
    ),
    FamilyRows(
        "warnings",
        ngettext_lazy("%(n)s warning", "%(n)s warnings", "number"),
        {
            Incident: Q(kind__in=WARNINGS),
            Alert: Q(imminence=Imminence.IMMINENT),
        },
    ),
)
if [rows.name for rows in ROWS] != [family.name for family in FAMILIES]:
    raise ValueError("families of the risk model and of the database differ in name or order")


def origin_of(model: type[Model]) -> Origin:
    """Raises ValueError for a model whose records are never evidence."""
    for origin in ORIGINS:
        if origin.model is model:
            return origin
    raise ValueError(f"{model._meta.label} is no evidence")


def as_evidence(records: QuerySet) -> QuerySet:
    """Those of some records the risk model counts, with what it counts them by.

    Adds ``day`` (ordinal of the date they are known from), ``first`` (that of the first day they
    may have happened on), ``family_number`` (index into
    ``risk.evidence.FAMILIES``), ``precision`` (index into PlacePrecision), ``deaths`` (0 where
    unknown) and ``layer`` (``missions.need_to_know.layer_of``). What is withdrawn, of no place, or of no family is
    left out, and what waits to be verified.
    """
    model = records.model
    origin = origin_of(model)
    mine = {NUMBERS[rows.name]: rows.rows[model] for rows in ROWS if model in rows.rows}
    column = f'"{model._meta.db_table}"."{model._meta.get_field(origin.day).column}"'
    return records.filter(
        origin.counts,
        reduce(or_, mine.values()),
        withdrawn_at__isnull=True,
        place_precision__in=kernels.SPREAD,
        longitude__isnull=False,
    ).annotate(
        day=RawSQL(f"{column} - DATE '0001-01-01' + 1", ()),
        first=Ordinal(origin.first),
        family_number=_numbered(mine),
        precision=_numbered(
            {n: Q(place_precision=value) for n, value in enumerate(PlacePrecision.values)}
        ),
        deaths=origin.deaths,
        layer=layer_column(),
    )


def numbered_changes(changes: QuerySet) -> QuerySet:
    """Noted differences with ``family_number``; those of a family that is no more are left out."""
    return changes.filter(family__in=NUMBERS).annotate(
        family_number=_numbered({number: Q(family=name) for name, number in NUMBERS.items()})
    )


def _numbered(conditions: Mapping[int, Q]) -> Cast:
    """The number of the first condition that holds."""
    return Cast(
        Case(*(When(condition, then=number) for number, condition in conditions.items())),
        SmallIntegerField(),
    )
