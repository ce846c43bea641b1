"""A file somebody brings, as headers and rows: a sheet, or submissions of a form as JSON."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from itertools import chain
from typing import IO, Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext, ngettext

from poc_portal.tabular import FileRefused, Report, Table, open_table
from poc_portal.tabular.confined import UPLOAD, read_apart

MOST = 50_000  # rows of a file
MOST_TEXT = 40_000_000  # characters of all its cells
MOST_CELLS = 3_000_000
MOST_COLUMNS = 300
SHOWN_ERRORS = 5
SUBMISSIONS = "exchange.intake.submissions:pieces_of"
PACKED = (b"PK", b"\x1f\x8b", b"\xd0\xcf\x11\xe0", b"%PDF", b"\xff\xfe", b"\xfe\xff")


@dataclass
class Contents:
    """``rows``: line in the file and values, as many as headers. ``tags``: HXL tags by header."""

    headers: list[str] = field(default_factory=list)
    rows: list[tuple[int, list[Any]]] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def read_file(upload: UploadedFile) -> Contents:
    """Raises FileRefused when it cannot be read at all, or is too large."""
    name = upload.name or gettext("The file")
    size = upload.size or 0
    if size > settings.LARGEST_FILE:
        raise FileRefused(
            gettext("%(file)s has %(size)d MB; at most %(most)d. Split it.")
            % {
                "file": name,
                "size": size // 1024 // 1024,
                "most": settings.LARGEST_FILE // 1024 // 1024,
            }
        )
    with tempfile.NamedTemporaryFile() as file:
        for part in upload.chunks():
            file.write(part)
        file.flush()
        file.seek(0)
        is_json = file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")
        found = _submissions(file, name) if is_json else _sheet(file, name)
    if not found.rows:
        raise FileRefused(
            gettext("%(file)s has no rows. Give a file with a header line and rows.")
            % {"file": name}
        )
    if len(found.rows) > MOST:
        raise FileRefused(
            gettext("%(file)s has %(found)d rows; at most %(most)d a file. Split it.")
            % {"file": name, "found": len(found.rows), "most": MOST}
        )
    return found


def _sheet(file: IO[bytes], name: str) -> Contents:
    found, encoding = Contents(), None
    if not _is_utf8(file):
        encoding = "cp1252"
        found.notes.append(
            gettext("The file is not UTF-8 and was read as Windows-1252. See that its accents are "
                "right in the preview.")
        )  # fmt: skip
    with open_table(file.name, encoding, name, UPLOAD) as table:
        _fill(found, table, name)
    return found


def _is_utf8(file: IO[bytes]) -> bool:
    """Whether it is text in UTF-8, or packed, where nobody asks."""
    file.seek(0)
    body = file.read(settings.LARGEST_FILE)
    if body.startswith(PACKED):
        return True
    try:
        body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return True


def _fill(found: Contents, table: Table, name: str) -> None:
    report = Report()
    found.headers = _named_once(table.headers)
    if len(found.headers) > MOST_COLUMNS:
        raise FileRefused(
            gettext("%(file)s has %(found)d columns; at most %(most)d.")
            % {"file": name, "found": len(found.headers), "most": MOST_COLUMNS}
        )
    size = _Size(name)
    for row in table.rows(report):
        size.add(row.values)
        found.rows.append((row.line, row.values))
        if len(found.rows) > MOST:
            break
    found.notes += table.notes
    found.notes += [str(error) for error in report.errors[:SHOWN_ERRORS]]
    if report.refused > SHOWN_ERRORS:
        found.notes.append(
            ngettext(
                "%(number)d row could not be read.",
                "%(number)d rows could not be read.",
                report.refused,
            )
            % {"number": report.refused}
        )
    _take_off_tags(found)


def _named_once(headers: list[str]) -> list[str]:
    """Each with a name of its own: a second “Date” becomes “Date (2)”."""
    seen: dict[str, int] = {}
    names = []
    for place, header in enumerate(headers, start=1):
        header = " ".join(header.split())[:100] or gettext("column %(place)d") % {"place": place}
        seen[header] = seen.get(header, 0) + 1
        names.append(header if seen[header] == 1 else f"{header} ({seen[header]})")
    return names


def _take_off_tags(found: Contents) -> None:
    """A row of HXL tags below the header is no record."""
    if not found.rows:
        return
    cells = [str(value).strip() for value in found.rows[0][1]]
    if any(cells) and all(cell.startswith("#") for cell in cells if cell):
        found.tags = dict(zip(found.headers, cells, strict=True))
        del found.rows[0]


def _submissions(file: IO[bytes], name: str) -> Contents:
    found, size = Contents(), _Size(name)
    with read_apart(
        SUBMISSIONS, file, name, UPLOAD, most_rows=MOST, most_columns=MOST_COLUMNS
    ) as pieces:
        found.headers = next(pieces)
        for number, values in chain.from_iterable(pieces):
            size.add(values)
            found.rows.append((number, values))
    return found


class _Size:
    """Counts what was taken of a file, and refuses the rest while it is still unread."""

    def __init__(self, name: str):
        self._name = name
        self._cells = self._text = 0

    def add(self, values: list[Any]) -> None:
        """Raises FileRefused."""
        self._cells += len(values)
        self._text += sum(len(value if isinstance(value, str) else str(value)) for value in values)
        if self._cells > MOST_CELLS or self._text > MOST_TEXT:
            raise FileRefused(
                gettext("%(file)s holds too much text. Split it.") % {"file": self._name}
            )
