"""What every import format yields, and the helpers they share."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

from django.utils.translation import gettext

from poc_portal.tabular import BadValue, Table, day
from threats.choices import ActorKind, CommunityKind


class ActorName(NamedTuple):
    """An armed actor as a dataset names it; ``identifier`` is its id there."""

    identifier: str
    name: str
    kind: str


class IncidentRow(NamedTuple):
    """One incident, ready to store; None where unknown.

    ``deaths``: low, best and high estimate, and those of civilians. ``actors``: each but once
    with its part. ``is_settlement``: the place is named as a settlement at this very point, so
    that it may become a community.
    """

    external_id: str
    kind: str
    against_civilians: bool
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


@dataclass(frozen=True)
class Format:
    """An import format: the columns of a file, and what a row of it says.

    ``identifier``: the column that tells rows apart. ``optional``: what a file may have, by the
    names it may stand under, of which the first found counts. ``record`` is made of a row's cells,
    those of ``columns`` and then of ``optional``, "" where there is none; it raises BadValue.
    """

    dataset: str
    identifier: str
    columns: tuple[str, ...]
    record: Callable[[tuple[str, ...]], IncidentRow]
    optional: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    names_coalitions_with_commas: bool = False

    def cells(self, table: Table) -> Callable[[list[str]], tuple[str, ...]]:
        """What takes the cells of a row that ends in an empty one. Raises FileRefused."""
        table.require(*self.columns)
        last = len(table.columns)
        optional = (
            next((table.columns.index(name) for name in names if name in table.columns), last)
            for names in self.optional.values()
        )
        return itemgetter(*map(table.columns.index, self.columns), *optional)


date_of = lru_cache(maxsize=20_000)(day)  # files repeat the same few thousand


def ordered(column: str, start: datetime.date, end: datetime.date) -> None:
    """Raise BadValue unless ``end`` is on or after ``start``."""
    if end < start:
        raise BadValue(
            column, end,
            gettext("the end, %(end)s, lies before the start, %(start)s.") % {"end": end, "start": start},
        )  # fmt: skip


_FAITHS = re.compile(
    r"^(?:christians?|muslims?|hindus?|sikhs?|buddhists?|jews|sunni|sunnis|shi'?a|shiites?|druze|"
    r"alawites?|ahmadis?|animists?|yazidis?|protestants?|catholics?)\b"
    r"(?:\s*(?:muslims?|groups?|communit(?:y|ies)))?\s*(?:\(|$)",
    re.IGNORECASE,
)


def kind_of_actor(name: str) -> str:
    """A first guess of an actor's kind from its name, for people to correct."""
    lower = name.lower()
    if lower.startswith(("government of", "military forces of", "police forces of")):
        return ActorKind.STATE_FORCES
    if _FAITHS.match(name):
        return ActorKind.IDENTITY_GROUP
    if "self-defen" in lower or "self defen" in lower or "vigilante" in lower:
        return ActorKind.SELF_DEFENCE_GROUP
    if "militia" in lower:
        return ActorKind.MILITIA
    if "bandit" in lower or "zaraguina" in lower:
        return ActorKind.BANDITS
    if lower.startswith("unidentified"):
        return ActorKind.UNKNOWN
    return ActorKind.NON_STATE_ARMED_GROUP


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


def code(column: str, value: str, codes: Mapping[str, str]) -> str:
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
