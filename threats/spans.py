"""How a date is shown that may be known only to some days, a week or a month."""

from __future__ import annotations

import calendar
import datetime
import math

from django.utils.formats import date_format

from threats.choices import DatePrecision


def known_span(
    first: datetime.date, last: datetime.date, precision: str
) -> tuple[datetime.date, datetime.date]:
    """The first and last day it may have happened on, both included.

    A single day said to be known to the week or the month stands for all of that week (from Monday)
    or month; dates that already span days stand as given.
    """
    if first != last or precision in (DatePrecision.DAY, DatePrecision.DAYS, DatePrecision.LONGER):
        return first, last
    if precision == DatePrecision.WEEK:
        monday = first - datetime.timedelta(days=first.weekday())
        return monday, monday + datetime.timedelta(days=6)
    days = calendar.monthrange(first.year, first.month)[1]
    return first.replace(day=1), first.replace(day=days)


def evidence_span(
    first: datetime.date, last: datetime.date, precision: str
) -> tuple[datetime.date, datetime.date]:
    """The first and last day its evidence may be of: of what is known to the day, its last."""
    return (last, last) if precision == DatePrecision.DAY else known_span(first, last, precision)


def whole(shares: float | None) -> int:
    """Shares of incidents, or of their dead, added up to a whole number; halves round up."""
    return math.floor((shares or 0.0) + 0.5)


def span_text(first: datetime.date, last: datetime.date, precision: str, form: str) -> str:
    """The span in the reader's language, ``form`` a name of a date format; "≈" where inexact."""
    exact = precision == DatePrecision.DAY
    first, last = known_span(first, last, precision)
    text = date_format(first, form)
    if first != last:
        text = f"{text} – {date_format(last, form)}"
    return text if exact else f"≈ {text}"
