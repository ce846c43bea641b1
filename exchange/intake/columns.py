"""What the columns of a sheet can become, and which of them most likely becomes what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from rest_framework import serializers

from exchange.declared import column_names
from exchange.intake.mapping import NAMES, Taker
from poc_portal.tabular import DAY_FIRST, MONTH_FIRST, BadValue, day
from poc_portal.tabular.names import sort_key

MOST_CHOICES = 60  # records a menu offers; beyond, they are found by name
# What people call a column of any record, besides the field's own name and its label.
ALSO_CALLED = {
    "external_id": ("id", "ref", "reference", "case number", "numero", "no", "n°", "nr", *NAMES),
    "point": ("gps", "coordinates", "geopoint", "coordonnees", "_geolocation"),
    "latitude": ("lat", "y"),
    "longitude": ("lon", "long", "lng", "x"),
}


@dataclass(frozen=True)
class Target:
    """A field a column can become.

    ``choices``: code and label, where there are but a few. ``names_records``: answers are names of
    records, of which a cell may hold several.
    """

    name: str
    label: str
    is_required: bool
    is_date: bool
    choices: tuple[tuple[str, str], ...]
    hint: str
    names_records: bool = False


EXTERNAL_ID = _("What the file calls the record")
ABOUT_ID = _(
    "The same name in the next file changes this record. Without one, a row that was changed "
    "becomes another record."
)


def targets_of(taker: Taker) -> list[Target]:
    """All of them for the intake's resource, those a record needs first."""
    found = [Target("external_id", str(EXTERNAL_ID), False, False, (), str(ABOUT_ID))]
    for name, field in taker.fields.items():
        if name in ("mission", "classification", "compartments"):
            continue
        is_plain = not isinstance(field, serializers.BaseSerializer | serializers.JSONField)
        if is_plain:
            found.append(_target(taker, name, field, str(field.label), taker.needs(name)))
    found += [_target(taker, name, extra.field, str(extra.label), False)
              for name, extra in taker.extras.items()]  # fmt: skip
    return sorted(found, key=lambda target: not target.is_required)


def labels_of(taker: Taker) -> dict[str, str]:
    return {target.name: target.label for target in targets_of(taker)}


def _target(taker: Taker, name: str, field: Any, label: str, is_required: bool) -> Target:
    choices: list[tuple[str, str]] = []
    if isinstance(field, serializers.ManyRelatedField):
        choices = _few(field.child_relation, taker)
    elif isinstance(field, serializers.RelatedField):
        choices = _few(field, taker)
    elif isinstance(field, serializers.ChoiceField):
        choices = [(str(code), str(text)) for code, text in field.choices.items()]
    is_date = isinstance(field, serializers.DateField | serializers.DateTimeField)
    hint = str(_("Several are separated by a semicolon.")) if _is_many(field) else ""
    related = serializers.RelatedField | serializers.ManyRelatedField
    return Target(
        name, label, is_required, is_date, tuple(choices), hint, isinstance(field, related)
    )


def _is_many(field: Any) -> bool:
    return isinstance(field, serializers.ManyRelatedField | serializers.ListField)


def _few(field: Any, taker: Taker) -> list[tuple[str, str]]:
    records = field.get_queryset().filter(mission=taker.intake.mission)[: MOST_CHOICES + 1]
    return [] if len(records) > MOST_CHOICES else [(str(r.pk), str(r)) for r in records]


def guess(
    taker: Taker, headers: list[str], rows: list[list[Any]], tags: dict[str, str]
) -> dict[str, dict]:
    """A mapping from the names of columns, and their HXL tags where there are.

    ``rows``: values by column, to see how dates are written. ``tags``: tag by header. Each column
    becomes at most one field, and exact names go before those that merely hold a word.
    """
    hxl = getattr(taker.writer.serializer.func, "hxl", {})  # type: ignore[attr-defined]
    by_tag = {tag: header for header, tag in tags.items()}
    exact: dict[str, str] = {}
    words: dict[str, str] = {}
    for header in headers:
        key = sort_key(header)
        for name in (key, sort_key(header.rpartition("/")[2])):
            exact.setdefault(name, header)
        for word in key.replace("'", " ").split():
            words.setdefault(word, header)
    calls = _calls(taker)
    found = {name: by_tag[tag] for name, tag in hxl.items() if tag in by_tag and name in calls}
    for known, most in ((exact, 1), (exact, None), (words, None)):
        for name, keys in calls.items():
            free = (known[key] for key in keys[:most] if key in known)
            chosen = next((header for header in free if header not in found.values()), None)
            if chosen is not None:
                found.setdefault(name, chosen)
    if "point" in found and "latitude" in found:
        del found["point"]
    dates = {target.name for target in targets_of(taker) if target.is_date}
    return {
        name: {"from": header}
        | ({"first": _first(headers.index(header), rows)} if name in dates else {})
        for name, header in found.items()
    }


def _first(column: int, rows: list[list[Any]]) -> str:
    """Which number of a date comes first: the day, unless the column says otherwise."""
    for row in rows:
        try:
            day("", str(row[column]), DAY_FIRST)
        except BadValue:
            try:
                day("", str(row[column]), MONTH_FIRST)
            except BadValue:
                continue
            return MONTH_FIRST
    return DAY_FIRST


def _calls(taker: Taker) -> dict[str, list[str]]:
    """Keys by which each target may be known, its own name first."""
    found: dict[str, list[str]] = {}
    for language, _name in settings.LANGUAGES:
        with override(language):
            for target in targets_of(taker):
                keys = found.setdefault(target.name, [sort_key(target.name.replace("_", " "))])
                keys += [sort_key(target.name), sort_key(target.label)]
    for name, keys in found.items():
        keys += (*ALSO_CALLED.get(name, ()), *column_names().get(name, ()))
    return found
