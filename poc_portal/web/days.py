"""Days of the month as a language writes them, wherever Django writes a date."""

from __future__ import annotations

from django.utils import dateformat
from django.utils.translation import get_language


class DateFormat(dateformat.DateFormat):
    """In French the first of a month is “1er”, and every other day its number."""

    def j(self) -> int | str:
        is_french = (get_language() or "").partition("-")[0] == "fr"
        return "1er" if is_french and self.data.day == 1 else super().j()


def install() -> None:
    """Have filters and formats of dates write days so; Django has no setting for it."""
    dateformat.DateFormat = DateFormat  # type: ignore[misc]
