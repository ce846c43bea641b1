"""Titles of the portal's drafts: what was reported, never what is certain."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.text import get_text_list
from django.utils.translation import gettext

from threats.choices import ThreatKind

LONGEST = 250


def draft_title(kind: str, names: Sequence[str], area: str) -> str:
    """The title of a draft: of what ``kind``, with the actors' names, in which area.

    Attacks name whom incidents record as perpetrator; fighting and intercommunal violence name the
    sides, if two or more are known, and blame none. At most 250 characters.
    """
    values = {"area": area, "names": get_text_list(list(names), gettext("and")), "n": len(names)}
    if kind == ThreatKind.ATTACKS:
        return (gettext("%(names)s: reported violence against civilians in %(area)s") % values)[
            :LONGEST
        ]
    between = kind == ThreatKind.INTERCOMMUNAL, len(names) > 1
    title = {
        (True, True): gettext("Intercommunal violence reported between %(names)s in %(area)s"),
        (True, False): gettext("Intercommunal violence reported in %(area)s"),
        (False, True): gettext(
            "Fighting between %(names)s, civilians reported killed or injured in %(area)s"
        ),
        (False, False): gettext(
            "Fighting with %(names)s as one side, civilians reported killed or injured in %(area)s"
        ),
    }[between] % values
    if len(title) <= LONGEST:
        return title
    if kind == ThreatKind.INTERCOMMUNAL:
        return gettext("Intercommunal violence reported between %(n)d sides in %(area)s") % values
    return (
        gettext("Fighting between %(n)d sides, civilians reported killed or injured in %(area)s")
        % values
    )
