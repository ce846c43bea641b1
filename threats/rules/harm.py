"""The one rule by which an incident counts as harm to civilians, whatever source told of it."""

from __future__ import annotations

from django.db.models import F
from django.db.models.functions import Coalesce, Greatest

from threats.choices import ActorPart
from threats.rules.kinds import AGAINST_CIVILIANS, WITH_SIDES


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


def usual_parts(*, kind: str, is_harm: bool) -> tuple[ActorPart, ActorPart]:
    """The parts of the armed actors named first and second of an incident, where nobody says more.

    Fighting has sides, whoever died in it; of other harm to civilians, who is named first did it,
    and another was its armed target. Without harm to civilians nobody is blamed.
    """
    if is_harm and kind not in WITH_SIDES:
        return ActorPart.PERPETRATOR, ActorPart.TARGET
    return ActorPart.PARTY, ActorPart.PARTY


def known_deaths() -> Greatest:
    """How many people an incident is known to have killed, of a queryset of incidents.

    The best estimate, else the low one; never fewer than the civilians known dead among them. Null
    where nothing is known.
    """
    return Greatest(Coalesce(F("deaths_best"), F("deaths_low")), F("civilian_deaths"))
