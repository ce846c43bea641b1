"""Workbooks (xlsx, xls, ods) as rows of text."""

from __future__ import annotations

import datetime
import zipfile
from collections.abc import Iterator
from typing import IO, Any

from django.utils.translation import gettext
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetVisibleEnum,
)

from poc_portal.tabular.report import FileRefused

HEADER_WITHIN = 20  # rows: titles and logos may stand above the header


class SheetReader:
    """Rows of a workbook's first sheet with a table in it, the way ``csv.reader`` gives them.

    The header is the first row with two filled cells; what stands above it is passed over. A row
    has as many values as the header; an empty one is []. ``line_num``: the row last read, from 1.
    ``sheet`` and ``other_sheets`` name what was read, and what was not.
    """

    def __init__(self, stream: IO[bytes], name: str, limits: dict):
        _require_reasonable(stream, name, limits["unpacked"])
        try:
            book = CalamineWorkbook.from_filelike(stream)
            shown = [
                sheet.name
                for sheet in book.sheets_metadata
                if sheet.visible == SheetVisibleEnum.Visible
            ]
            sheets = [book.get_sheet_by_name(sheet) for sheet in shown]
            filled = [sheet for sheet in sheets if _header_row(sheet) is not None]
            if not filled:
                raise FileRefused(
                    gettext("%(file)s has no sheet with a header and rows.") % {"file": name}
                )
            self.sheet = filled[0].name
            self.other_sheets = [sheet.name for sheet in filled[1:]]
            self._rows: Iterator[list] = iter(filled[0].iter_rows())
        except PasswordError:
            raise FileRefused(
                gettext("%(file)s is locked with a password. Save it without one.") % {"file": name}
            ) from None
        except CalamineError as error:
            raise FileRefused(
                gettext("%(file)s is damaged: %(error)s. Fetch it again.")
                % {"file": name, "error": str(error)[:200]}
            ) from error
        self._width: int | None = None
        self._skip = _header_row(filled[0]) or 0
        self.line_num = 0

    def __iter__(self) -> SheetReader:
        return self

    def __next__(self) -> list[str]:
        while self.line_num < self._skip:
            next(self._rows)
            self.line_num += 1
        values = [_text(value) for value in next(self._rows)]
        self.line_num += 1
        if self._width is None:
            self._width = max(
                (i for i, value in enumerate(values, start=1) if value.strip()), default=0
            )
        if not any(value.strip() for value in values):
            return []
        return (values + [""] * self._width)[: self._width]


def too_much(name: str, most: int) -> FileRefused:
    return FileRefused(
        gettext("%(file)s unpacks to more than %(most)d MB. Split it.")
        % {"file": name, "most": most // 1024 // 1024}
    )


def _require_reasonable(stream: IO[bytes], name: str, most: int) -> None:
    """Raise FileRefused for a small file that would fill the memory."""
    if zipfile.is_zipfile(stream):
        with zipfile.ZipFile(stream) as archive:
            if sum(part.file_size for part in archive.infolist()) > most:
                raise too_much(name, most)
    stream.seek(0)


def _header_row(sheet: CalamineSheet) -> int | None:
    """Which row, from 0, begins the table; None where there is none."""
    for number, row in enumerate(sheet.iter_rows()):
        if number == HEADER_WITHIN:
            break
        if sum(bool(str(value).strip()) for value in row) >= 2:
            return number
    return None


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ") if value.time() != datetime.time() else str(value.date())
    return str(value)
