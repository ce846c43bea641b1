"""Whole lists as CSV, streamed, and as workbooks."""

from __future__ import annotations

import csv
import datetime
import json
import re
import tempfile
from collections.abc import Iterable, Iterator
from typing import IO, Any

import xlsxwriter
from django.http import FileResponse, StreamingHttpResponse

LONGEST_CELL = 32_767  # characters a workbook's cell holds
# With their full-width forms, which spreadsheets of East Asia take for the same.
SIGNS = "=+@＝＋－＠-"  # the last one ends a set in a pattern
FORMULA_STARTS = (*SIGNS, "\t", "\r", "\n")
# Where a spreadsheet that parts cells elsewhere than at commas may begin one; in Python as in SQL.
BEGINNING = f'([;\t\r\n][ "\u00a0\u202f]*)(?=[{SIGNS}])'
_BEGINNING = re.compile(BEGINNING)
_MARKED = re.compile(BEGINNING.replace("(?=", "'(?="))


class _Echo:
    def write(self, value: str) -> str:
        return value


def text_of(value: Any) -> str:
    """A cell's text, as it is."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple) and not any(isinstance(v, dict | list) for v in value):
        value = "; ".join(map(str, value))
    elif isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False)
    return str(value)


def plain(value: Any) -> str:
    """A cell's text. Before whatever a spreadsheet would run as a formula stands an apostrophe."""
    text = text_of(value)
    if isinstance(value, int | float):
        return text
    text = _BEGINNING.sub(r"\1'", text)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def unmarked(text: str) -> str:
    """A cell's text without the apostrophes ``plain`` writes."""
    if text.startswith("'") and text[1:].startswith(FORMULA_STARTS):
        text = text[1:]
    return _MARKED.sub(r"\1", text)


def csv_rows(rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """Rows as lines of CSV."""
    writer = csv.writer(_Echo(), lineterminator="\n")
    return (writer.writerow([plain(value) for value in row]) for row in rows)


def csv_lines(header: Iterable[str], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """Rows as lines of CSV under a header."""
    yield "\ufeff"  # a mark for spreadsheets: this is UTF-8
    yield from csv_rows([list(header)])
    yield from csv_rows(rows)


def csv_response(
    name: str, header: Iterable[str], rows: Iterable[Iterable[Any]]
) -> StreamingHttpResponse:
    """Stream rows as ``name``.csv."""
    response = StreamingHttpResponse(
        csv_lines(header, rows), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 1_048_575  # a sheet holds, below its header


def write_workbook(stream: IO[bytes], header: Iterable[str], rows: Iterable[Iterable[Any]]) -> int:
    """Write one sheet to a stream, row by row in constant memory; how many rows were written.

    Text is written as text: what begins like a formula stays what it is. Numbers and dates keep
    their kind. Rows beyond what a sheet holds are left out.
    """
    options = {
        "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
        "default_date_format": "yyyy-mm-dd", "remove_timezone": True,
    }  # fmt: skip
    count = 0
    with xlsxwriter.Workbook(stream, options) as book:
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, [str(name) for name in header], book.add_format({"bold": True}))
        for count, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                _write(sheet, count, column, value)
            if count == MOST_ROWS:
                break
    return count


def _write(sheet, row: int, column: int, value: Any) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int | float) and abs(value) < 2**53:
        sheet.write_number(row, column, value)
    elif isinstance(value, datetime.datetime | datetime.date):
        sheet.write_datetime(row, column, value)
    else:
        sheet.write_string(row, column, text_of(value)[:LONGEST_CELL])


def xlsx_response(name: str, header: Iterable[str], rows: Iterable[Iterable[Any]]) -> FileResponse:
    """Rows as ``name``.xlsx, by way of a temporary file."""
    stream = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    write_workbook(stream, header, rows)
    stream.seek(0)
    return FileResponse(stream, as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX)
