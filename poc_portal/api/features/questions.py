"""Where and when, as the standard asks for them."""

from __future__ import annotations

import datetime

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext
from rest_framework.exceptions import ValidationError


def moment(value: datetime.date | None) -> str | None:
    if value is None:
        return None
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return f"{value.isoformat()}T00:00:00Z"


def bbox(text: str) -> tuple[float, float, float, float]:
    """Raises ValidationError. Of six numbers the heights are left aside."""
    try:
        numbers = [float(part) for part in text.split(",")]
        if len(numbers) == 6:
            numbers = [*numbers[:2], *numbers[3:5]]
        west, south, east, north = numbers
        if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
            raise ValueError
    except ValueError:
        raise ValidationError(
            {"bbox": gettext("“%(value)s” is not west,south,east,north in degrees, such as 14,2,28,11.")
             % {"value": text[:60]}}
        ) from None  # fmt: skip
    return west, south, east, north


def interval(
    text: str, zone: datetime.tzinfo = datetime.UTC
) -> tuple[datetime.datetime | None, datetime.datetime | None]:
    """First and last moment, None where open; of ``zone`` what has no offset. Raises ValidationError."""
    first, slash, last = text.partition("/")
    try:
        begins = _bound(first, datetime.time.min, zone)
        ends = _bound(last if slash else first, datetime.time.max, zone)
        if (begins is None and ends is None and not slash) or (begins and ends and begins > ends):
            raise ValueError
    except ValueError:
        raise ValidationError(
            {"datetime": gettext("“%(value)s” is neither a moment nor two such as "
                           "2022-01-01/2022-12-31.") % {"value": text[:60]}}
        ) from None  # fmt: skip
    return begins, ends


def _bound(text: str, time: datetime.time, zone: datetime.tzinfo) -> datetime.datetime | None:
    if text in ("", ".."):
        return None
    day = parse_date(text)
    if day is not None:
        return datetime.datetime.combine(day, time, zone)
    moment = parse_datetime(text.replace(" ", "+"))
    if moment is None:
        raise ValueError
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
