"""Days as people write them."""

from __future__ import annotations

import datetime
import re
from functools import cache

from django.conf import settings
from django.utils.dates import MONTHS
from django.utils.translation import gettext, override

from poc_portal.tabular.names import sort_key
from poc_portal.tabular.report import SHOWN, BadValue

# A month and no day: 12/2022, 2022-12, December 2022.
_MONTH_OF = re.compile(r"(\d{1,2}|[^\W\d]+)\.?[ /.,-]+(\d{4})$")
_YEAR_FIRST = re.compile(r"(\d{4})[/.-](\d{1,2})$")
DAY_FIRST, MONTH_FIRST = "day", "month"
_WRITTEN = re.compile(r"(\d{1,2})(?:st|nd|rd|th|er)?[ .-]+([^\W\d]+)\.?,?[ -]+(\d{4})$")
_NUMBERS = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})$")


def day(column: str, value: str, first: str = "") -> datetime.date:
    """``2011-05-01``, ``2011-05-01 00:00:00.000``, ``1 May 2011``, ``1er mai 2011``, ``31/5/2011``.

    ``first`` says which number of ``3/4/2011`` comes first: DAY_FIRST or MONTH_FIRST; without it,
    such a date is refused where both readings exist. Raises BadValue.
    """
    value = value.strip()
    if month(value) is not None:
        raise BadValue(
            column, value,
            gettext("“%(value)s” is a month; a day is asked for here.") % {"value": value[:SHOWN]},
        )  # fmt: skip
    try:
        written = _WRITTEN.match(value)
        if written:
            number, name, year = written.groups()
            return datetime.date(int(year), _month(name), int(number))
        numbers = _NUMBERS.match(value)
        if numbers:
            return _of_numbers(column, value, first, *map(int, numbers.groups()))
        return datetime.datetime.fromisoformat(value).date()
    except ValueError as error:
        if isinstance(error, BadValue):
            raise
        raise BadValue(
            column, value,
            gettext("“%(value)s” is not a date that exists; write it like 2011-05-01.")
            % {"value": value[:SHOWN]},
        ) from None  # fmt: skip


def month(value: str) -> datetime.date | None:
    """The first day of a month written without a day, in any of the portal's languages; else None."""
    value = value.strip()
    named, reversed_ = _MONTH_OF.match(value), _YEAR_FIRST.match(value)
    if named:
        name, year = named.groups()
    elif reversed_:
        year, name = reversed_.groups()
    else:
        return None
    try:
        return datetime.date(int(year), int(name) if name.isdecimal() else _month(name), 1)
    except ValueError:
        return None


def _of_numbers(column: str, value: str, first: str, a: int, b: int, year: int) -> datetime.date:
    if year < 100:
        year += 2000 if year < 70 else 1900  # as POSIX has it
    if not first:
        if a <= 12 and b <= 12 and a != b:
            raise BadValue(
                column, value,
                gettext("“%(value)s” may be two days. Say whether the day or the month comes first, or "
                  "write it like 2011-05-01.") % {"value": value[:SHOWN]},
            )  # fmt: skip
        first = DAY_FIRST if a > 12 else MONTH_FIRST
    number, month = (a, b) if first == DAY_FIRST else (b, a)
    return datetime.date(year, month, number)


def _month(name: str) -> int:
    """From at least three letters of its name in one of the portal's languages."""
    key = sort_key(name)
    found = {number for month, number in _months() if month.startswith(key)}
    if len(key) < 3 or len(found) != 1:
        raise ValueError(name)
    return found.pop()


@cache
def _months() -> list[tuple[str, int]]:
    names = []
    for language, _name in settings.LANGUAGES:
        with override(language):
            names += [(sort_key(str(name)), number) for number, name in MONTHS.items()]
    return names
