"""Texts that are stored in several languages at once."""

from __future__ import annotations

from collections.abc import Container

from django.conf import settings
from django.utils.translation import get_language, pgettext_lazy

# Django's French abbreviates them to “jan.” and “fév.”.
ABBREVIATED = pgettext_lazy("abbrev. month", "Jan."), pgettext_lazy("abbrev. month", "Feb.")


def readers_language(spoken: Container[str]) -> str:
    """The reader's language where it is among ``spoken``, also without its region; else English."""
    own = get_language() or settings.LANGUAGE_CODE
    for code in (own, own.partition("-")[0]):
        if code in spoken:
            return code
    return settings.LANGUAGE_CODE
