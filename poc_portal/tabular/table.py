"""A table being read: its rows that are whole, and what is wrong with the others."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

from django.utils.translation import gettext, ngettext

from poc_portal.tabular.confined import DATASET, Limits, read_apart
from poc_portal.tabular.report import SHOWN, BadValue, FileRefused, Report, Row, RowError

LONGEST_FIELD = 100_000  # characters
READER = "poc_portal.tabular.opening:pieces_of"


class Table:
    """A table being read: ``headers`` (as they stand), ``columns`` (in lower case) and ``rows()``.

    ``reader`` gives lists of text and has ``line_num``, as ``csv.reader`` does. ``notes``: what
    its reader should know of how it was read.
    """

    def __init__(self, reader: Any, *, is_clean: bool = True, encoding: str = ""):
        self._is_clean = is_clean
        self._encoding = encoding
        self._reader = reader
        self.headers = [name.strip() for name in next(reader, [])]
        self.columns = [name.lower() for name in self.headers]
        self.notes: list[str] = []

    def require(self, *names: str) -> None:
        """Raise FileRefused unless the columns are all there, each once."""
        missing = [name for name in names if name not in self.columns]
        if missing:
            found = ", ".join(self.columns[:12]) + (", …" if len(self.columns) > 12 else "")
            raise FileRefused(
                gettext("Line 1: missing column(s) %(missing)s. Found: %(found)s. "
                  "Add them, or choose the format that fits this file.")
                % {"missing": ", ".join(missing), "found": found or gettext("nothing")}
            )  # fmt: skip
        twice = {name for name in names if self.columns.count(name) > 1}
        if twice:
            raise FileRefused(
                gettext("Line 1: column(s) %(names)s stand twice; keep one of each.")
                % {"names": ", ".join(sorted(twice))}
            )

    def rows(self, report: Report) -> Iterator[Row]:
        """The rows that are whole; the others go into the report."""
        record, end = 0, self._reader.line_num
        while True:
            line = end + 1
            try:
                values = next(self._reader, None)
            except csv.Error as error:
                values = None
                end = self._reader.line_num
                record += 1
                report.read += 1
                report.refuse(
                    RowError(record, line, "", "", gettext("the row cannot be read (%(error)s). Look for "
                             "a quotation mark that is never closed.") % {"error": error})
                )  # fmt: skip
                continue
            if values is None:
                return
            end = self._reader.line_num
            if not values:
                continue
            record += 1
            report.read += 1
            row = Row(record, line, values)
            problem = self._fault(values)
            if problem is not None:
                report.refuse(row.error(problem))
            else:
                yield row

    def _fault(self, values: list[str]) -> BadValue | None:
        if len(values) != len(self.columns):
            return BadValue(
                self.columns[min(len(values), len(self.columns)) - 1], "",
                ngettext(
                    "%(found)d field where the header has %(wanted)d. Look for a missing or extra "
                    "separator or quotation mark.",
                    "%(found)d fields where the header has %(wanted)d. Look for a missing or extra "
                    "separator or quotation mark.",
                    len(values),
                )
                % {"found": len(values), "wanted": len(self.columns)},
            )  # fmt: skip
        # One length for the whole row first: most rows stop here.
        if sum(map(len, values)) > LONGEST_FIELD:
            for column, value in zip(self.columns, values, strict=True):
                if len(value) > LONGEST_FIELD:
                    return BadValue(
                        column, value,
                        gettext("%(length)d characters; at most %(most)d. Shorten it.")
                        % {"length": len(value), "most": LONGEST_FIELD},
                    )  # fmt: skip
        if not self._is_clean:
            for column, value in zip(self.columns, values, strict=True):
                if "\x00" in value:
                    return BadValue(column, "", gettext("holds a null character. Remove it."))
                if any("\udc80" <= char <= "\udcff" for char in value):
                    shown = value.encode("utf-8", "surrogateescape").decode("cp1252", "replace")
                    return BadValue(
                        column, shown,
                        gettext("is not %(encoding)s; read as Windows-1252 it would be “%(shown)s”. Save "
                          "the file as UTF-8, or name its encoding (--encoding cp1252).")
                        % {"encoding": self._encoding, "shown": shown[:SHOWN]},
                    )  # fmt: skip
        return None


@contextmanager
def open_table(
    path: str | Path,
    encoding: str | None = None,
    name: str | None = None,
    limits: Limits = DATASET,
) -> Iterator[Table]:
    """Open a CSV file or a workbook for reading, which a child process does.

    ``encoding``: UTF-8, with or without BOM, unless named. ``name``: what messages call the file.
    Raises FileRefused.
    """
    name = name or str(path)
    with ExitStack() as stack:
        try:
            file = stack.enter_context(Path(path).open("rb"))
        except OSError as error:
            raise FileRefused(
                gettext("%(file)s cannot be read: %(error)s.")
                % {"file": name, "error": error.strerror or error}
            ) from error
        pieces = stack.enter_context(read_apart(READER, file, name, limits, encoding=encoding))
        head = next(pieces)
        table = Table(_Pieces(pieces), is_clean=head["is_clean"], encoding=head["encoding"])
        table.notes += head["notes"]
        yield table


class _Pieces:
    """Rows as the child sends them, the way ``csv.reader`` gives them."""

    def __init__(self, pieces: Iterator[list]):
        self._rows = chain.from_iterable(pieces)
        self.line_num = 0

    def __iter__(self) -> _Pieces:
        return self

    def __next__(self) -> list[str]:
        self.line_num, values = next(self._rows)
        if isinstance(values, str):
            raise csv.Error(values)
        return values


def take_rows(table: Table, report: Report, take: Callable[[dict[str, str]], None]) -> None:
    """Have each row taken as a dictionary, and note those refused with BadValue.

    For the small tables where speed does not matter.
    """
    for row in table.rows(report):
        try:
            take(dict(zip(table.columns, row.values, strict=True)))
        except BadValue as problem:
            report.refuse(row.error(problem))
