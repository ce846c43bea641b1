"""Titles of the portal's drafts: what was reported, never what is certain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from records.titles import LONGEST, made_title
from threats.choices import ThreatKind
from threats.models import Threat


def draft_title(
    kind: str, names: Sequence[str], area: str, *, are_counted: bool = True
) -> dict[str, Any]:
    """The title of a draft: of what ``kind``, with the actors' names, in which area.

    Attacks name whom incidents record as perpetrator; fighting and intercommunal violence name the
    sides, if two or more are known, and blame none. At most 250 characters. ``are_counted``: whether
    a number on record says that civilians were killed or injured.
    """
    if kind == ThreatKind.ATTACKS:
        return made_title(Threat.title_forms, "attacks", names=list(names), area=area)
    form = "intercommunal"
    if kind != ThreatKind.INTERCOMMUNAL:
        form = "crossfire" if are_counted else "crossfire_harm"
    made = made_title(
        Threat.title_forms,
        f"{form}_between" if len(names) > 1 else form,
        names=list(names),
        area=area,
    )
    if len(made["title"]) < LONGEST:
        return made
    return made_title(Threat.title_forms, f"{form}_many", n=len(names), area=area)
