"""What an import says of a file: rows refused, and what became of the others."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from django.utils.translation import gettext

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
class Report:
    """What an import did, for people and as JSON."""

    file: str
    kind: str
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

    def refuse(self, error: RowError) -> None:
        self.errors.append(error)
        self.refused += 1

    def as_json(self) -> dict:
        return asdict(self)


class Row(NamedTuple):
    record: int
    line: int
    values: list[str]

    def error(self, problem: BadValue) -> RowError:
        return RowError(self.record, self.line, problem.column, problem.value, problem.message)
