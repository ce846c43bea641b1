"""How a date is shown that may be known only to some days, a week or a month."""

from __future__ import annotations

import calendar
import datetime
import math

from django.utils.formats import date_format
from django.utils.translation import gettext

from threats.choices import DatePrecision

# How a month stands alone where days stand in some format.
MONTHS = {"DATE_FORMAT": "F Y", "SHORT_DATE_FORMAT": "YEAR_MONTH_FORMAT", "MONTH_DAY_FORMAT": "F"}


def known_span(
    first: datetime.date, last: datetime.date, precision: str
) -> tuple[datetime.date, datetime.date]:
    """The first and last day it may have happened on, both included.

    A single day said to be known to the week or the month stands for all of that week (from Monday)
    or month, one known to longer than a month for its year; dates that already span days stand as
    given.
    """
    if first != last or precision in (DatePrecision.DAY, DatePrecision.DAYS):
        return first, last
    if precision == DatePrecision.LONGER:
        return first.replace(month=1, day=1), first.replace(month=12, day=31)
    if precision == DatePrecision.WEEK:
        monday = first - datetime.timedelta(days=first.weekday())
        return monday, monday + datetime.timedelta(days=6)
    days = calendar.monthrange(first.year, first.month)[1]
    return first.replace(day=1), first.replace(day=days)


def spread(
    first: datetime.date, last: datetime.date, precision: str, today: datetime.date
) -> tuple[datetime.date, datetime.date]:
    """The days to store of what was said: the known span, none of it after the mission's ``today``.

    Every way of storing an incident asks here, so that whichever day of a month was typed is alike.
    """
    since, until = known_span(first, last, precision)
    return since, max(last, min(until, today))


def evidence_span(
    first: datetime.date, last: datetime.date, precision: str
) -> tuple[datetime.date, datetime.date]:
    """The first and last day its evidence may be of: of what is known to the day, its last."""
    return (last, last) if precision == DatePrecision.DAY else known_span(first, last, precision)


def whole(shares: float | None) -> int:
    """Shares of incidents, or of their dead, added up to a whole number; halves round up."""
    return math.floor((shares or 0.0) + 0.5)


def span_text(first: datetime.date, last: datetime.date, precision: str, form: str) -> str:
    """The span in the reader's language, ``form`` a name of a date format; "≈" where inexact.

    One known to the month names it alone: “December 2022, day unknown”.
    """
    exact = precision == DatePrecision.DAY
    is_month = precision == DatePrecision.MONTH and first.replace(day=1) == last.replace(day=1)
    if is_month and (first == last or first.day == 1):
        month = date_format(first, MONTHS[form])
        return gettext("%(month)s, day unknown") % {"month": month}
    first, last = known_span(first, last, precision)
    text = date_format(first, form)
    if first != last:
        text = f"{text} – {date_format(last, form)}"
    return text if exact else f"≈ {text}"
