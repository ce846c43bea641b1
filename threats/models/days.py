"""The days an incident may have happened on, as expressions of the database: ``threats.spans`` there."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import (
    Case,
    CharField,
    DateField,
    ExpressionWrapper,
    F,
    FloatField,
    Func,
    IntegerField,
    Q,
    Value,
    When,
)
from django.db.models.functions import Cast, Concat, Greatest, Least

from threats.choices import DatePrecision

IS_ONE = Q(start_date=F("end_date"))


class _Day(Func):
    output_field = DateField()


class Ordinal(Func):
    """A date as ``date.toordinal`` has it."""

    template = "((%(expressions)s) - DATE '0001-01-01' + 1)"
    output_field = IntegerField()


class _Monday(_Day):
    template = "(date_trunc('week', (%(expressions)s)::timestamp))::date"


class _Sunday(_Day):
    template = "(date_trunc('week', (%(expressions)s)::timestamp) + interval '6 days')::date"


class _FirstOfMonth(_Day):
    template = "(date_trunc('month', (%(expressions)s)::timestamp))::date"


class _LastOfMonth(_Day):
    template = (
        "(date_trunc('month', (%(expressions)s)::timestamp) + interval '1 month - 1 day')::date"
    )


class _FirstOfYear(_Day):
    template = "(date_trunc('year', (%(expressions)s)::timestamp))::date"


class _LastOfYear(_Day):
    template = (
        "(date_trunc('year', (%(expressions)s)::timestamp) + interval '1 year - 1 day')::date"
    )


def _known(week: type[_Day], month: type[_Day], year: type[_Day], given: str) -> Case:
    return Case(
        When(IS_ONE & Q(date_precision=DatePrecision.WEEK), then=week(F("start_date"))),
        When(IS_ONE & Q(date_precision=DatePrecision.MONTH), then=month(F("start_date"))),
        When(IS_ONE & Q(date_precision=DatePrecision.LONGER), then=year(F("start_date"))),
        default=F(given),
        output_field=DateField(),
    )


def first_day() -> Case:
    """The first day it may have happened on."""
    return _known(_Monday, _FirstOfMonth, _FirstOfYear, "start_date")


def last_day() -> Case:
    """The last day it may have happened on."""
    return _known(_Sunday, _LastOfMonth, _LastOfYear, "end_date")


def newest_first(today: datetime.date) -> tuple[Any, ...]:
    """An order of incidents: by the middle of the days each may have happened on, the newest first.

    None of them after ``today``; where two are equal, what is known to the day comes first, then
    what was recorded later. An unknown day of December is not news of the 31st.
    """
    first, last = Ordinal(first_day()), Least(Ordinal(last_day()), Value(today.toordinal()))
    middle = ExpressionWrapper(first + last, output_field=IntegerField())
    is_exact = Q(date_precision=DatePrecision.DAY)
    return (
        middle.desc(),
        Case(When(is_exact, then=0), default=1, output_field=IntegerField()),
        F("pk").desc(),
    )


def share_of_days(since: datetime.date, until: datetime.date, today: datetime.date) -> Any:
    """How much of an incident counts in the days from ``since`` to ``until``: 0 to 1.

    The share of the days it may have happened on, none of them after ``today``, that lie there.
    """
    first, last = Ordinal(first_day()), Least(Ordinal(last_day()), Value(today.toordinal()))
    within = Least(last, Value(until.toordinal())) - Greatest(first, Value(since.toordinal())) + 1
    share = Cast(Greatest(within, Value(0)), FloatField()) / Cast(last - first + 1, FloatField())
    return ExpressionWrapper(share, output_field=FloatField())


def counted_in(since: datetime.date, until: datetime.date, today: datetime.date) -> Any:
    """How much of an incident counts as of the days from ``since`` to ``until``: 0 to 1.

    Where its days are known, 1 if it went on in them; else the share of the days it may be of.
    """
    goes_on = Q(start_date__lte=until, end_date__gte=since)
    return Case(
        When(goes_on, date_precision=DatePrecision.DAY, then=Value(1.0)),
        When(date_precision=DatePrecision.DAY, then=Value(0.0)),
        default=share_of_days(since, until, today),
        output_field=FloatField(),
    )


def days_in_words() -> Case:
    """The span as ISO 8601 days, “≈” where inexact: in no language, for machines and maps."""
    first, last = Cast(first_day(), CharField()), Cast(last_day(), CharField())
    span = Concat(first, Value(" – "), last)
    is_exact = Q(date_precision=DatePrecision.DAY)
    alone = IS_ONE & Q(date_precision=DatePrecision.DAYS)
    return Case(
        When(is_exact & IS_ONE, then=first),
        When(is_exact, then=span),
        When(alone, then=Concat(Value("≈ "), first)),
        default=Concat(Value("≈ "), span),
        output_field=CharField(),
    )
