"""Moments as people read them: by the clocks of the mission on the page, with their zone."""

from __future__ import annotations

import datetime

from django.utils import timezone
from django.utils.formats import date_format


def as_clock(moment: datetime.datetime, zone: datetime.tzinfo | None = None) -> str:
    """Such as “31 December 2022, 06:00 WAT”; without a ``zone`` by the one that is active."""
    local = timezone.localtime(moment, zone)
    return f"{date_format(local, 'DATETIME_FORMAT')} {date_format(local, 'T')}"


def as_month(text: str) -> str:
    """“2022-12” as “Dec 2022”, in the reader's language; other text as it is."""
    try:
        return date_format(datetime.date.fromisoformat(f"{text}-01"), "YEAR_MONTH_FORMAT")
    except ValueError:
        return text
