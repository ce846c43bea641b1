"""Reading tables people send: CSV, plain or in .zip or .gz, with every fault named.

A file that cannot be read at all raises FileRefused; a bad row is a RowError, with the record,
the line it starts on, the column, the value and what would be right. Nothing here knows what
the columns mean.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any, NamedTuple

from django.utils.translation import gettext as _

LONGEST_FIELD = 100_000  # characters
SHOWN = 80  # characters of a bad value shown in a message
BLOCK = 1 << 20

csv.field_size_limit(16 * 1024 * 1024)


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
        return _("record %(record)d, line %(line)d, column “%(column)s”: %(message)s") % {
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


class Table:
    """A table being read: ``columns`` (names, lower case) and ``rows()``."""

    def __init__(self, stream: IO[str], delimiter: str, is_clean: bool, encoding: str):
        self._is_clean = is_clean
        self._encoding = encoding
        self._reader = csv.reader(stream, delimiter=delimiter)
        self.columns = [name.strip().lower() for name in next(self._reader, [])]

    def require(self, *names: str) -> None:
        """Raise FileRefused unless the columns are all there, each once."""
        missing = [name for name in names if name not in self.columns]
        if missing:
            found = ", ".join(self.columns[:12]) + (", …" if len(self.columns) > 12 else "")
            raise FileRefused(
                _("Line 1: missing column(s) %(missing)s. Found: %(found)s. "
                  "Add them, or choose the format that fits this file.")
                % {"missing": ", ".join(missing), "found": found or _("nothing")}
            )  # fmt: skip
        twice = {name for name in names if self.columns.count(name) > 1}
        if twice:
            raise FileRefused(
                _("Line 1: column(s) %(names)s stand twice; keep one of each.")
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
                    RowError(record, line, "", "", _("the row cannot be read (%(error)s). Look for "
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
                _("%(found)d fields where the header has %(wanted)d. Look for a missing or extra "
                  "separator or quotation mark.")
                % {"found": len(values), "wanted": len(self.columns)},
            )  # fmt: skip
        # One length for the whole row first: most rows stop here.
        if sum(map(len, values)) > LONGEST_FIELD:
            for column, value in zip(self.columns, values, strict=True):
                if len(value) > LONGEST_FIELD:
                    return BadValue(
                        column, value,
                        _("%(length)d characters; at most %(most)d. Shorten it.")
                        % {"length": len(value), "most": LONGEST_FIELD},
                    )  # fmt: skip
        if not self._is_clean:
            for column, value in zip(self.columns, values, strict=True):
                if "\x00" in value:
                    return BadValue(column, "", _("holds a null character. Remove it."))
                if any("\udc80" <= char <= "\udcff" for char in value):
                    shown = value.encode("utf-8", "surrogateescape").decode("cp1252", "replace")
                    return BadValue(
                        column, shown,
                        _("is not %(encoding)s; read as Windows-1252 it would be “%(shown)s”. Save "
                          "the file as UTF-8, or name its encoding (--encoding cp1252).")
                        % {"encoding": self._encoding, "shown": shown[:SHOWN]},
                    )  # fmt: skip
        return None


@contextmanager
def open_table(path: str | Path, encoding: str | None = None) -> Iterator[Table]:
    """Open a CSV file for reading. ``encoding``: UTF-8, with or without BOM, unless named."""
    path = Path(path)
    codec = _codec(encoding)
    try:
        with _open_bytes(path) as stream:
            first, is_clean = _scan(stream, codec)
    except OSError as error:
        raise FileRefused(
            _("%(file)s cannot be read: %(error)s.")
            % {"file": path, "error": error.strerror or error}
        ) from error
    except (EOFError, zipfile.BadZipFile, gzip.BadGzipFile) as error:
        raise FileRefused(
            _("%(file)s is damaged: %(error)s. Fetch it again.") % {"file": path, "error": error}
        ) from error
    if not first.strip():
        raise FileRefused(
            _("%(file)s is empty. Give a file with a header line and rows.") % {"file": path}
        )
    header = first.split(b"\n", 1)[0].decode(codec, "replace")
    delimiter = max(",;\t", key=header.count)
    with _open_bytes(path) as stream:
        text = io.TextIOWrapper(stream, codec, errors="surrogateescape", newline="")
        yield Table(text, delimiter, is_clean, codec.upper().replace("-SIG", ""))


def _codec(encoding: str | None) -> str:
    if not encoding:
        return "utf-8-sig"
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        raise FileRefused(
            _("“%(name)s” is no encoding known here; try utf-8 or cp1252.") % {"name": encoding}
        ) from None
    return "utf-8-sig" if name == "utf-8" else name


@contextmanager
def _open_bytes(path: Path) -> Iterator[IO[bytes]]:
    """The bytes of the table itself, whatever it is wrapped in. Told by content, not by name."""
    with path.open("rb") as file:
        head = file.read(8)
        file.seek(0)
        if head.startswith(b"%PDF"):
            raise FileRefused(
                _("%(file)s is a PDF document. Give the table as CSV.") % {"file": path}
            )
        if head.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise FileRefused(_("%(file)s is in UTF-16. Save it as CSV UTF-8.") % {"file": path})
        if head.startswith(b"\xd0\xcf\x11\xe0"):
            raise FileRefused(
                _("%(file)s is an old Excel workbook. Save it as CSV UTF-8.") % {"file": path}
            )
        if head.startswith(b"\x1f\x8b"):
            with gzip.open(file) as unpacked:
                yield unpacked  # type: ignore[misc]
        elif head.startswith(b"PK"):
            with zipfile.ZipFile(file) as archive:
                names = archive.namelist()
                if "[Content_Types].xml" in names:
                    raise FileRefused(
                        _("%(file)s is an Excel workbook. Save it as CSV UTF-8.") % {"file": path}
                    )
                tables = [name for name in names if name.lower().endswith(".csv")]
                if len(tables) != 1:
                    raise FileRefused(
                        _("%(file)s holds %(number)d CSV files; it must hold exactly one.")
                        % {"file": path, "number": len(tables)}
                    )
                with archive.open(tables[0]) as unpacked:
                    yield unpacked
        else:
            yield file


def _scan(stream: IO[bytes], codec: str) -> tuple[bytes, bool]:
    """The first block, and whether every byte decodes and none is null."""
    decoder = codecs.getincrementaldecoder(codec)()
    first = block = stream.read(BLOCK)
    is_clean = True
    while block:
        if b"\x00" in block:
            is_clean = False
        try:
            decoder.decode(block)
        except UnicodeDecodeError:
            is_clean = False
            break
        block = stream.read(BLOCK)
    return first, is_clean


# -- Values ------------------------------------------------------------------------------------


def number(column: str, value: str, low: float, high: float) -> float:
    """A finite number in [low, high]; raises BadValue."""
    try:
        result = float(value)
    except ValueError:
        raise BadValue(
            column, value, _("“%(value)s” is not a number.") % {"value": value[:SHOWN]}
        ) from None
    if not low <= result <= high:
        raise BadValue(
            column, value,
            _("%(value)s lies outside %(low)s to %(high)s.")
            % {"value": value[:SHOWN], "low": f"{low:g}", "high": f"{high:g}"},
        )  # fmt: skip
    return result


def count(column: str, value: str) -> int | None:
    """A whole number of people, 0 or more; None when empty. Raises BadValue."""
    value = value.strip()
    if not value:
        return None
    try:
        result = int(value)
    except ValueError:
        try:
            result = int(float(value)) if float(value).is_integer() else -1
        except (ValueError, OverflowError):
            result = -1
        if result < 0:
            raise BadValue(
                column, value,
                _("“%(value)s” is not a whole number; leave it empty where unknown.")
                % {"value": value[:SHOWN]},
            ) from None  # fmt: skip
    if result < 0:
        raise BadValue(
            column, value,
            _("%(value)s is negative; give 0 or more, or leave it empty where unknown.")
            % {"value": value[:SHOWN]},
        )  # fmt: skip
    if result > 2_147_483_647:
        raise BadValue(column, value, _("%(value)s is too large.") % {"value": value[:SHOWN]})
    return result


def text(column: str, value: str, longest: int, *, required: bool = False) -> str:
    """Trimmed text of at most ``longest`` characters; raises BadValue."""
    value = value.strip()
    if required and not value:
        raise BadValue(column, "", _("is empty; it must be given."))
    if len(value) > longest:
        raise BadValue(
            column, value,
            _("%(length)d characters; at most %(most)d. Shorten it.")
            % {"length": len(value), "most": longest},
        )  # fmt: skip
    return value


def dictionaries(table: Table, report: Report) -> Iterable[tuple[Row, dict[str, str]]]:
    """Rows as dictionaries, for the small tables where speed does not matter."""
    for row in table.rows(report):
        yield row, dict(zip(table.columns, row.values, strict=True))
