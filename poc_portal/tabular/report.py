"""What is said of what came in: rows refused, and what became of the others."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, NamedTuple

from django.utils.translation import gettext

CREATED, CHANGED, UNCHANGED = "created", "changed", "unchanged"
HELD, REFUSED = "held", "refused"
STATUSES = (CREATED, CHANGED, UNCHANGED, HELD, REFUSED)
SHOWN = 80  # characters of a bad value shown in a message


class FileRefused(Exception):
    """The whole file cannot be read; the message says why and what would be right."""


@dataclass(frozen=True)
class RowError(Exception):
    """One refused row. ``record`` counts from 1 after the header; ``line`` is physical."""

    record: int
    line: int
    column: str
    value: str
    message: str

    def __str__(self) -> str:
        return gettext("record %(record)d, line %(line)d, column “%(column)s”: %(message)s") % {
            "record": self.record,
            "line": self.line,
            "column": self.column,
            "message": self.message,
        }


class BadValue(ValueError):
    """A value of a row is wrong; the reader adds record and line."""

    def __init__(self, column: str, value: Any, message: str):
        super().__init__(message)
        self.column, self.value, self.message = column, str(value)[:SHOWN], message


@dataclass
class Outcome:
    """What became of one row of a call.

    ``row`` counts from 0; ``errors``: field and message; ``values``: as a form's or sheet's row
    was understood.
    """

    row: int
    status: str
    id: int | None = None
    external_id: str = ""
    errors: list[dict[str, str]] = field(default_factory=list)
    values: dict[str, Any] | None = None

    def as_json(self) -> dict:
        return {name: value for name, value in vars(self).items() if name != "values"}


@dataclass
class Report:
    """What became of what came in: a file, a call, forms, or several of them added up.

    ``created`` to ``refused``: numbers of rows; ``held``: those left as a person made them here.
    ``held_back``, ``vanished``: identifiers. ``stored`` is false when nothing was. ``unplaced``:
    rows that stand nowhere on the map though their records could. ``attachments``: named by forms,
    and neither fetched nor kept. ``outcomes``: row by row, where somebody waits for the answer.
    """

    file: str = ""
    kind: str = ""
    read: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    held_back: list[str] = field(default_factory=list)
    vanished: list[str] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    stored: bool = True
    held: int = 0
    unplaced: int = 0
    attachments: int = 0
    outcomes: list[Outcome] = field(default_factory=list)

    def __add__(self, other: Report) -> Report:
        """Numbers and lists together, under the first's name; stored if both were."""
        names = [each.name for each in fields(self) if each.name not in ("file", "kind", "stored")]
        both: Any = {name: getattr(self, name) + getattr(other, name) for name in names}
        return replace(self, stored=self.stored and other.stored, **both)

    def refuse(self, error: RowError) -> None:
        self.errors.append(error)
        self.refused += 1

    def hold_back(self, identifiers: list[str]) -> None:
        self.held_back += identifiers
        self.held += len(identifiers)

    def answer(self, outcome: Outcome) -> None:
        """Count a row, and keep what became of it."""
        self.outcomes.append(outcome)
        self.read += 1
        setattr(self, outcome.status, getattr(self, outcome.status) + 1)

    @property
    def refusals(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.status == REFUSED]

    @property
    def counts(self) -> dict[str, int]:
        """What is stored of a report; ``Report(**counts)`` reads it."""
        return {name: getattr(self, name) for name in (*STATUSES, "unplaced")}

    def as_json(self) -> dict:
        """Of a file, as commands write it: without what only calls and forms have."""
        others = {"held", "unplaced", "attachments", "outcomes"}
        return {name: value for name, value in asdict(self).items() if name not in others}


class Row(NamedTuple):
    record: int
    line: int
    values: list[str]

    def error(self, problem: BadValue) -> RowError:
        return RowError(self.record, self.line, problem.column, problem.value, problem.message)
