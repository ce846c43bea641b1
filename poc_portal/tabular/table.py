"""Reading a file as a table, whatever it is wrapped in."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext, ngettext

from poc_portal.tabular.report import SHOWN, BadValue, FileRefused, Report, Row, RowError
from poc_portal.tabular.workbook import SheetReader

LONGEST_FIELD = 100_000  # characters
BLOCK = 1 << 20

csv.field_size_limit(16 * 1024 * 1024)


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
    path: str | Path, encoding: str | None = None, name: str | None = None
) -> Iterator[Table]:
    """Open a CSV file or a workbook for reading.

    ``encoding``: UTF-8, with or without BOM, unless named. ``name``: what messages call the file.
    """
    path = Path(path)
    name = name or str(path)
    codec = _codec(encoding)
    with ExitStack() as stack:
        try:
            stream, is_workbook = stack.enter_context(_open_bytes(path, name))
            found = _workbook(stream, name) if is_workbook else _scan(stream, codec)
        except OSError as error:
            raise FileRefused(
                gettext("%(file)s cannot be read: %(error)s.")
                % {"file": name, "error": error.strerror or error}
            ) from error
        except (EOFError, zipfile.BadZipFile, gzip.BadGzipFile) as error:
            raise FileRefused(
                gettext("%(file)s is damaged: %(error)s. Fetch it again.")
                % {"file": name, "error": error}
            ) from error
        if isinstance(found, Table):
            yield found
            return
    first, is_clean = found
    if not first.strip():
        raise FileRefused(
            gettext("%(file)s is empty. Give a file with a header line and rows.") % {"file": name}
        )
    header = first.split(b"\n", 1)[0].decode(codec, "replace")
    delimiter = max(",;\t", key=header.count)
    with _open_bytes(path, name) as (stream, _is_workbook):
        text = io.TextIOWrapper(stream, codec, errors="surrogateescape", newline="")
        yield Table(
            csv.reader(text, delimiter=delimiter),
            is_clean=is_clean,
            encoding=codec.upper().replace("-SIG", ""),
        )


def _workbook(stream: IO[bytes], name: str) -> Table:
    reader = SheetReader(stream, name)
    table = Table(reader)
    if reader.other_sheets:
        table.notes.append(
            gettext("The sheet “%(sheet)s” was read. To read another, put it first: %(others)s.")
            % {"sheet": reader.sheet, "others": ", ".join(reader.other_sheets)}
        )
    return table


def _codec(encoding: str | None) -> str:
    if not encoding:
        return "utf-8-sig"
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        raise FileRefused(
            gettext("“%(name)s” is no encoding known here; try utf-8 or cp1252.")
            % {"name": encoding}
        ) from None
    return "utf-8-sig" if name == "utf-8" else name


@contextmanager
def _open_bytes(path: Path, name: str) -> Iterator[tuple[IO[bytes], bool]]:
    """The bytes of the table itself, whatever it is wrapped in, and whether it is a workbook.

    Told by content, not by name.
    """
    with path.open("rb") as file:
        head = file.read(8)
        file.seek(0)
        if head.startswith(b"%PDF"):
            raise FileRefused(
                gettext("%(file)s is a PDF document. Give the table as CSV or a workbook.")
                % {"file": name}
            )
        if head.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise FileRefused(
                gettext("%(file)s is in UTF-16. Save it as CSV UTF-8.") % {"file": name}
            )
        if head.startswith(b"\xd0\xcf\x11\xe0"):  # xls
            yield file, True
        elif head.startswith(b"\x1f\x8b"):
            with gzip.open(file) as unpacked:
                yield unpacked, False  # type: ignore[misc]
        elif head.startswith(b"PK"):
            with zipfile.ZipFile(file) as archive:
                names = archive.namelist()
                if "[Content_Types].xml" in names or "content.xml" in names:  # xlsx, ods
                    file.seek(0)
                    yield file, True
                    return
                tables = [name for name in names if name.lower().endswith(".csv")]
                if len(tables) != 1:
                    raise FileRefused(
                        ngettext(
                            "%(file)s holds %(number)d CSV file; it must hold exactly one.",
                            "%(file)s holds %(number)d CSV files; it must hold exactly one.",
                            len(tables),
                        )
                        % {"file": name, "number": len(tables)}
                    )
                with archive.open(tables[0]) as unpacked:
                    yield unpacked, False
        else:
            yield file, False


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


def take_rows(table: Table, report: Report, take: Callable[[dict[str, str]], None]) -> None:
    """Have each row taken as a dictionary, and note those refused with BadValue.

    For the small tables where speed does not matter.
    """
    for row in table.rows(report):
        try:
            take(dict(zip(table.columns, row.values, strict=True)))
        except BadValue as problem:
            report.refuse(row.error(problem))
