"""Days of the month as a language writes them, wherever Django writes a date."""

from __future__ import annotations

from typing import Any

from django.utils import dateformat
from django.utils.translation import get_language


class DateFormat(dateformat.DateFormat):
    """In French the first of a month is “1er”, and every other day its number."""

    def j(self) -> Any:
        day = super().j()
        is_french = (get_language() or "").partition("-")[0] == "fr"
        return "1er" if is_french and day == 1 else day


def install() -> None:
    """Have filters and formats of dates write days so; Django has no setting for it."""
    dateformat.DateFormat = DateFormat  # type: ignore[misc]
