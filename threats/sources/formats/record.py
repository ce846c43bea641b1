"""What every import format yields, and the helpers they share."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple, TypeVar

from django.utils.translation import gettext

from poc_portal.tabular import BadValue, Table, day
from threats.choices import CommunityKind
from threats.rules.harm import is_against_civilians

T = TypeVar("T")


class ActorName(NamedTuple):
    """An armed actor as a dataset names it; ``identifier`` is its id there."""

    identifier: str
    name: str
    kind: str


class IncidentRow(NamedTuple):
    """One incident, ready to store; None where unknown.

    ``deaths``: low, best and high estimate, and those of civilians. ``actors``: each but once
    with its part. ``against_civilians``: what the source says beside kind and numbers, None
    where nothing; see ``threats.rules.harm``. ``is_settlement``: the place is named as a
    settlement at this very point, so
    that it may become a community. ``is_non_state``: whether all its sides are non-state ones
    that fought each other, UCDP's type 2; None where the source does not tell.
    """

    external_id: str
    kind: str
    against_civilians: bool | None
    start_date: datetime.date
    end_date: datetime.date
    date_precision: str
    place_name: str
    longitude: float | None
    latitude: float | None
    place_precision: str
    deaths: tuple[int | None, int | None, int | None, int | None]
    notes: str
    attribution: str
    actors: tuple[tuple[ActorName, str], ...]
    is_settlement: bool
    is_non_state: bool | None = None

    @property
    def counts_as_harm(self) -> bool:
        """By the one rule of all sources."""
        return is_against_civilians(
            kind=self.kind,
            civilian_deaths=self.deaths[3],
            injured=None,
            said=self.against_civilians,
        )


@dataclass(frozen=True)
class Format:
    """An import format: the columns of a file, and what a row of it says.

    ``identifier``: the column that tells rows apart. ``optional``: what a file may have, by the
    names it may stand under, of which the first found counts. ``record`` is made of a row's cells,
    those of ``columns`` and then of ``optional``, "" where there is none; it raises BadValue.
    ``days``: columns of an event's first and last day. ``whole_months``: a file is of whole months,
    so that it tells of the month of its first event and of its last to their ends.
    """

    dataset: str
    label: str
    identifier: str
    days: tuple[str, str]
    columns: tuple[str, ...]
    record: Callable[[tuple[str, ...]], IncidentRow]
    optional: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    names_coalitions_with_commas: bool = False
    whole_months: bool = False

    def cells(self, table: Table) -> Callable[[list[str]], tuple[str, ...]]:
        """What takes the cells of a row that ends in an empty one. Raises FileRefused."""
        table.require(*self.columns)
        last = len(table.columns)
        optional = (
            next((table.columns.index(name) for name in names if name in table.columns), last)
            for names in self.optional.values()
        )
        return itemgetter(*map(table.columns.index, self.columns), *optional)

    def tells_of(
        self, first: datetime.date, last: datetime.date
    ) -> tuple[datetime.date, datetime.date]:
        """The days a file tells of whose events begin on ``first`` and end on ``last``."""
        if not self.whole_months:
            return first, last
        next_month = (last.replace(day=1) + datetime.timedelta(days=32)).replace(day=1)
        return first.replace(day=1), next_month - datetime.timedelta(days=1)


date_of = lru_cache(maxsize=20_000)(day)  # files repeat the same few thousand


def ordered(column: str, start: datetime.date, end: datetime.date) -> None:
    """Raise BadValue unless ``end`` is on or after ``start``."""
    if end < start:
        raise BadValue(
            column, end,
            gettext("the end, %(end)s, lies before the start, %(start)s.") % {"end": end, "start": start},
        )  # fmt: skip


_SETTLEMENTS = {
    "village": CommunityKind.VILLAGE,
    "town": CommunityKind.TOWN,
    "city": CommunityKind.TOWN,
    "camp": CommunityKind.DISPLACEMENT_SITE,
}


def settlement(place: str) -> tuple[str, str]:
    """Name and kind of a settlement: “Akio village” is Akio, a village."""
    name, _space, last = place.strip().rpartition(" ")
    if name and last.lower() in _SETTLEMENTS:
        return name, _SETTLEMENTS[last.lower()]
    return place.strip(), CommunityKind.UNKNOWN


def code(column: str, value: str, codes: Mapping[str, T]) -> T:
    """The meaning of a coded value; raises BadValue naming the codes there are."""
    try:
        return codes[value]
    except KeyError:
        trimmed = value.strip()
        if trimmed.removesuffix(".0") in codes:
            return codes[trimmed.removesuffix(".0")]
        raise BadValue(
            column, value,
            gettext("“%(value)s” is not one of %(codes)s.")
            % {"value": value[:20], "codes": ", ".join(codes)},
        ) from None  # fmt: skip
