"""The one rule by which an incident counts as harm to civilians, whatever source told of it."""

from __future__ import annotations

from threats.kinds import AGAINST_CIVILIANS


def is_against_civilians(
    *, kind: str, civilian_deaths: int | None, injured: int | None, said: bool | None = None
) -> bool:
    """Whether an incident counts as violence against civilians.

    Known civilian deaths of 1 or more always count. Else what was said decides; where nobody said,
    people injured (1 or more, for fighters are told apart by saying so) or the kind. Unknown numbers
    never count. The same for own reports, UCDP, ACLED, sheets and the API.
    """
    if civilian_deaths:
        return True
    if said is not None:
        return said
    return bool(injured) or kind in AGAINST_CIVILIANS
