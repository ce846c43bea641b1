"""Reading tables people send: CSV and workbooks, plain or in .zip or .gz, every fault named.

A file that cannot be read at all raises FileRefused; a bad row is a RowError, with the record,
the line it starts on, the column, the value and what would be right. Nothing here knows what
the columns mean.
"""

from poc_portal.tabular.days import DAY_FIRST, MONTH_FIRST, day
from poc_portal.tabular.report import SHOWN, BadValue, FileRefused, Report, Row, RowError
from poc_portal.tabular.table import Table, open_table, take_rows
from poc_portal.tabular.values import count, number, text

__all__ = [
    "DAY_FIRST",
    "MONTH_FIRST",
    "SHOWN",
    "BadValue",
    "FileRefused",
    "Report",
    "Row",
    "RowError",
    "Table",
    "count",
    "day",
    "number",
    "open_table",
    "take_rows",
    "text",
]
