"""What the address of a page asks for and the page does not know: told on it, as the API does.

A filter that was misspelt and passed over shows a list that was never narrowed as if it were.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext

from poc_portal.api.strict import LONGEST, MOST_NAMES, no_such, no_such_value

# Names a page takes; with the values it knows, or None where any is looked at.
Parameters = Mapping[str, Iterable[Any] | None]


def not_understood(given: QueryDict, known: Parameters) -> list[str]:
    """A sentence for each parameter and value a page does not know; empty where it knows all."""
    said = []
    for name, values in given.lists():
        if name not in known:
            said.append(about(name, no_such(name, known, parameter=True)))
        if len(said) >= MOST_NAMES:
            return said[:MOST_NAMES]
        if name not in known:
            continue
        there = known[name]
        if there is None:
            continue
        codes = [str(code) for code in there]
        said += [
            about(name, no_such_value(value, codes))
            for value in values[:MOST_NAMES]
            if value not in ("", *codes)
        ]
    return said


def no_such_records(
    given: QueryDict, asked: Mapping[str, QuerySet], *, by: str = "pk"
) -> list[str]:
    """What is said of records an address names that are not among those the reader may see.

    ``asked``: by name of the parameter. ``by``: the field that names them; ``pk`` is a number.
    """
    said = []
    for name, records in asked.items():
        value = given.get(name, "")
        is_odd = by == "pk" and not (value.isascii() and value.isdigit())
        if value and (is_odd or not records.filter(**{by: value}).exists()):
            message = gettext("“%(value)s” is not there, or not for you to see.")
            said.append(about(name, message % {"value": value[:LONGEST]}))
    return said


def no_such_page(given: QueryDict, paginator: Paginator) -> list[str]:
    """What is said of a page of a list that is not there; ``page`` and ``per_page`` are numbers."""
    said = []
    for name, most in (("page", paginator.num_pages), ("per_page", None)):
        text = given.get(name, "")
        is_number = text.isascii() and text.isdigit() and int(text) > 0
        if text and not (is_number and (most is None or int(text) <= most)):
            message = (
                gettext("“%(value)s” is no page of this list; give 1 to %(most)s.")
                if most is not None
                else gettext("“%(value)s” is not a number of rows; give 1 or more.")
            )
            said.append(about(name, message % {"value": text[:LONGEST], "most": most}))
    return said


def about(name: str, message: str) -> str:
    return f"{name[:LONGEST]}: {message}"
