from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from pathlib import Path


class Unavailable(Exception):
    """The source did not give what it should; the message says what it answered."""


@dataclass
class Step:
    """A file fetched, ready to import, or a word that there was nothing new.

    ``place``: where the next run takes up once this is stored. ``vanished``: identifiers the
    source no longer has. ``told``: the first and last day it tells of, whether or not anything
    happened here.
    """

    name: str
    place: dict
    format_name: str
    path: Path | None = None
    only_here: bool = False  # the file is of the whole world
    told: tuple[datetime.date, datetime.date] | None = None
    vanished: list[str] = field(default_factory=list)
