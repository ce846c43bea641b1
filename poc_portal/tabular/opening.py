"""Opening a file as a table, whatever it is wrapped in: the part that runs in a child process."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from django.utils.translation import gettext, ngettext

from poc_portal.tabular.report import FileRefused
from poc_portal.tabular.workbook import SheetReader, too_much

BLOCK = 1 << 20
LONGEST_LINE = 16 * 1024 * 1024  # characters
LONGEST_ROW = 1024 * 1024  # characters, over all the lines it stands on
PIECE = 1 << 18  # characters of the rows sent at once
MB = 1024 * 1024
# Of zip and gzip: cut short, wrong sums, compressed in a way unknown here, locked with a password.
DAMAGED = (
    EOFError,
    zipfile.BadZipFile,
    gzip.BadGzipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
)

csv.field_size_limit(LONGEST_LINE)


def pieces_of(stream: IO[bytes], name: str, limits: dict, encoding: str | None) -> Iterator[Any]:
    """What is known of the table, then its rows in lists: line and values, or line and a fault.

    The first row is the header. Raises FileRefused.
    """
    try:
        yield from _pieces(stream, name, limits, _codec(encoding))
    except OSError as error:
        if isinstance(error, DAMAGED):
            raise _damaged(name, error) from error
        raise FileRefused(
            gettext("%(file)s cannot be read: %(error)s.")
            % {"file": name, "error": error.strerror or error}
        ) from error
    except DAMAGED as error:
        raise _damaged(name, error) from error


def _damaged(name: str, error: Exception) -> FileRefused:
    return FileRefused(
        gettext("%(file)s is damaged: %(error)s. Fetch it again.") % {"file": name, "error": error}
    )


def _pieces(stream: IO[bytes], name: str, limits: dict, codec: str) -> Iterator[Any]:
    head: dict[str, Any] = {"is_clean": True, "encoding": "", "notes": []}
    with _open_bytes(stream, name, limits["unpacked"]) as (unpacked, is_workbook):
        if is_workbook:
            reader = SheetReader(unpacked, name, limits)
            if reader.other_sheets:
                head["notes"].append(
                    gettext("The sheet “%(sheet)s” was read. To read another, put it first: %(others)s.")
                    % {"sheet": reader.sheet, "others": ", ".join(reader.other_sheets)}
                )  # fmt: skip
            yield head
            yield from _rows(reader, name, limits["columns"])
            return
        first, is_clean = _scan(unpacked, codec)
    if not first.strip():
        raise FileRefused(
            gettext("%(file)s is empty. Give a file with a header line and rows.") % {"file": name}
        )
    yield head | {"is_clean": is_clean, "encoding": codec.upper().replace("-SIG", "")}
    header = first.split(b"\n", 1)[0].decode(codec, "replace")
    delimiter = max(",;\t", key=header.count)
    with _open_bytes(stream, name, limits["unpacked"]) as (unpacked, _is_workbook):
        text = io.TextIOWrapper(unpacked, codec, errors="surrogateescape", newline="")  # type: ignore[arg-type]
        yield from _rows(
            csv.reader(_lines(text, name), delimiter=delimiter), name, limits["columns"]
        )


def _rows(reader: Any, name: str, columns: int) -> Iterator[list]:
    piece: list[tuple] = []
    size = 0
    while True:
        try:
            values = next(reader, None)
        except csv.Error as error:
            piece.append((reader.line_num, str(error)))
            continue
        if values is None:
            break
        if len(values) > columns:
            raise FileRefused(
                gettext("%(file)s has %(found)d columns; at most %(most)d.")
                % {"file": name, "found": len(values), "most": columns}
            )
        length = sum(map(len, values))
        if length > LONGEST_ROW:
            raise _too_long(name, LONGEST_ROW)
        piece.append((reader.line_num, values))
        size += length + 10 * len(values)
        if size > PIECE:
            yield piece
            piece, size = [], 0
    yield piece


def _lines(text: io.TextIOWrapper, name: str) -> Iterator[str]:
    while line := text.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE:
            raise _too_long(name, LONGEST_LINE)
        yield line


def _too_long(name: str, most: int) -> FileRefused:
    return FileRefused(
        gettext(
            "%(file)s has a line of more than %(most)d MB. It is no "
            "table; look for a quotation mark that is never closed."
        )
        % {"file": name, "most": most // MB}
    )


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
def _open_bytes(file: IO[bytes], name: str, most: int) -> Iterator[tuple[Any, bool]]:
    """The bytes of the table itself, whatever it is wrapped in, and whether it is a workbook.

    Told by content, not by name. ``most``: bytes that may come out of what is packed.
    """
    file.seek(0)
    head = file.read(8)
    file.seek(0)
    if head.startswith(b"%PDF"):
        raise FileRefused(
            gettext("%(file)s is a PDF document. Give the table as CSV or a workbook.")
            % {"file": name}
        )
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise FileRefused(gettext("%(file)s is in UTF-16. Save it as CSV UTF-8.") % {"file": name})
    if head.startswith(b"\xd0\xcf\x11\xe0"):  # xls
        yield file, True
    elif head.startswith(b"\x1f\x8b"):
        with gzip.open(file) as unpacked:
            yield io.BufferedReader(_Counted(unpacked, name, most), BLOCK), False  # type: ignore[arg-type]
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
                yield io.BufferedReader(_Counted(unpacked, name, most), BLOCK), False
    else:
        yield file, False


class _Counted(io.RawIOBase):
    """What comes out of a packed file, as long as it is not more than ``most`` bytes."""

    def __init__(self, packed: IO[bytes], name: str, most: int):
        self._packed, self._name, self._most, self._taken = packed, name, most, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        part = self._packed.read(len(buffer))
        self._taken += len(part)
        if self._taken > self._most:
            raise too_much(self._name, self._most)
        buffer[: len(part)] = part
        return len(part)


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
