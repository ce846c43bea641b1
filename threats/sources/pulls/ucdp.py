"""UCDP's candidate events: a file a month, and every quarter one of the year so far that revises them.

Named GEDEvent_v22_0_3.csv for March 2022 and GEDEvent_v22_01_22_03.csv for January to March. Events
of a month are published in the course of the next. They keep their identifiers in the yearly
dataset, so that its import corrects them (Hegre et al. 2020, Research & Politics 7(3)).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from threats.sources.pulls.download import NOT_FOUND, UNCHANGED, download
from threats.sources.pulls.source import Source
from threats.sources.pulls.step import Step

if TYPE_CHECKING:
    from threats.models import Pull

FIRST = datetime.date(2020, 1, 1)
SETTLED_AFTER = 15  # months after which a file that was read is settled
QUARTERS = (3, 6, 9, 12)


def releases(since: datetime.date, today: datetime.date) -> list[tuple[datetime.date, str]]:
    """Month and name of every file there may be, in the order they revise each other."""
    found = []
    month = max(since, FIRST).replace(day=1)
    while month <= today:
        year = month.year % 100
        found.append((month, f"GEDEvent_v{year:02}_0_{month.month}.csv"))
        if month.month in QUARTERS:
            found.append((month, f"GEDEvent_v{year:02}_01_{year:02}_{month.month:02}.csv"))
        month = (month + datetime.timedelta(days=32)).replace(day=1)
    return found


def steps(pull: Pull, folder: Path) -> Iterator[Step]:
    """What is new or changed. Raises Unavailable.

    ``place``: {"releases": {name: mark}}, the mark being the server's ETag or date.
    """
    today = pull.mission.today
    settled = today - datetime.timedelta(days=SETTLED_AFTER * 30)
    for month, name in releases(pull.since, today):
        known = pull.place.get("releases", {})
        if name in known and month < settled:
            continue
        path = folder / name
        mark = download(f"{SOURCE.address}/{name}", path, known.get(name, ""))
        if mark in (NOT_FOUND, UNCHANGED):
            continue
        yield Step(
            name, {"releases": known | {name: mark}}, "ucdp", path, only_here=True,
            told=_told(month, name),
        )  # fmt: skip


def _told(month: datetime.date, name: str) -> tuple[datetime.date, datetime.date]:
    """The days a file tells of: its month, or the year up to that month."""
    first = month if "_0_" in name else month.replace(month=1)
    return first, (month + datetime.timedelta(days=32)).replace(day=1) - datetime.timedelta(days=1)


SOURCE = Source(
    code="ucdp_candidate",
    label=_("UCDP candidate events"),
    about=_(
        "The Uppsala Conflict Data Program publishes candidate events month by month, about three "
        "weeks after a month's end. Files of the whole world; what lies in the mission's areas is taken."
    ),
    steps=steps,
    setting="UCDP_URL",
    server="https://ucdp.uu.se/downloads/candidateged",
)
