"""Titles of the portal's drafts: what was reported, never what is certain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from records.titles import LONGEST, made_title
from threats.choices import ThreatKind
from threats.models import Threat


def draft_title(kind: str, names: Sequence[str], area: str) -> dict[str, Any]:
    """The title of a draft: of what ``kind``, with the actors' names, in which area.

    Attacks name whom incidents record as perpetrator; fighting and intercommunal violence name the
    sides, if two or more are known, and blame none. At most 250 characters.
    """
    if kind == ThreatKind.ATTACKS:
        return made_title(Threat.title_forms, "attacks", names=list(names), area=area)
    one, two, many = {
        True: ("intercommunal", "intercommunal_between", "intercommunal_many"),
        False: ("crossfire", "crossfire_between", "crossfire_many"),
    }[kind == ThreatKind.INTERCOMMUNAL]
    made = made_title(
        Threat.title_forms, two if len(names) > 1 else one, names=list(names), area=area
    )
    if len(made["title"]) < LONGEST:
        return made
    return made_title(Threat.title_forms, many, n=len(names), area=area)
