"""A file somebody brings, as headers and rows: a sheet, or submissions of a form as JSON."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext, ngettext
from rest_framework.exceptions import ParseError

from exchange.intake.mapping import flattened
from poc_portal.api.parsers import parse_json
from poc_portal.tabular import FileRefused, Report, Table, open_table
from records.bulk.writer import Refused

MOST = 50_000  # rows of a file
MOST_TEXT = 40_000_000  # characters of all its cells
MOST_COLUMNS = 300
SHOWN_ERRORS = 5
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
    body = upload.read()
    is_json = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")
    found = _submissions(body, name) if is_json else _sheet(body, name)
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
    if sum(len(str(value)) for _line, row in found.rows for value in row) > MOST_TEXT:
        raise FileRefused(gettext("%(file)s holds too much text. Split it.") % {"file": name})
    return found


def _sheet(body: bytes, name: str) -> Contents:
    found, encoding = Contents(), None
    if not body.startswith(PACKED):
        try:
            body.decode("utf-8-sig")
        except UnicodeDecodeError:
            encoding = "cp1252"
            found.notes.append(
                gettext("The file is not UTF-8 and was read as Windows-1252. See that its accents are "
                  "right in the preview.")
            )  # fmt: skip
    with tempfile.NamedTemporaryFile() as file:
        file.write(body)
        file.flush()
        with open_table(file.name, encoding, name) as table:
            _fill(found, table, name)
    return found


def _fill(found: Contents, table: Table, name: str) -> None:
    report = Report()
    found.headers = _named_once(table.headers)
    if len(found.headers) > MOST_COLUMNS:
        raise FileRefused(
            gettext("%(file)s has %(found)d columns; at most %(most)d.")
            % {"file": name, "found": len(found.headers), "most": MOST_COLUMNS}
        )
    for row in table.rows(report):
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


def _submissions(body: bytes, name: str) -> Contents:
    try:
        given = parse_json(body)
    except ParseError as error:
        raise FileRefused(f"{name}: {error.detail}") from None
    if isinstance(given, dict):
        given = next((given[key] for key in ("results", "value") if key in given), [given])
    found = Contents()
    rows = []
    for submission in given if isinstance(given, list) else [given]:
        try:
            rows.append(flattened(submission))
        except Refused as error:
            raise FileRefused(f"{name}: {error}") from None
    found.headers = list(dict.fromkeys(key for row in rows for key in row))[:MOST_COLUMNS]
    found.rows = [
        (number, [row.get(key) for key in found.headers]) for number, row in enumerate(rows, 1)
    ]
    return found
