"""Titles of activities and meetings that the portal makes; the codes are stored with them."""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import OuterRef, Subquery, TextField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce
from django.utils.translation import get_language, gettext_noop

from poc_portal.languages import readers_language
from records.titles import Form, Label, Word, made_title
from strategies.models.catalogue import CatalogueActivity
from threats.alerts.choices import AlertKind
from threats.models import Alert

CATALOGUE = Path(__file__).parent.parent / "data" / "catalogue"


def catalogue_rows(name: str) -> list[dict[str, str]]:
    """Rows of a file of the catalogue; none where a language has no file yet."""
    path = CATALOGUE / name
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@lru_cache(maxsize=1)
def catalogue_titles() -> dict[str, dict[str, str]]:
    """Titles of the catalogue's entries by code, in each language it speaks."""
    titles: dict[str, dict[str, str]] = {}
    for language, _name in settings.LANGUAGES:
        for row in catalogue_rows(f"titles.{language}.csv"):
            titles.setdefault(row["code"], {})[language] = row["title"]
    return titles


class Entry(Word):
    """An entry of the catalogue by its code."""

    def text(self, value: Any) -> str | None:
        spoken = catalogue_titles().get(value, {})
        return spoken.get(readers_language(spoken))

    def sql(self, name: str, made: str) -> Any:
        code = KeyTextTransform(name, OuterRef(made))
        own, english = get_language() or settings.LANGUAGE_CODE, settings.LANGUAGE_CODE
        spoken = [KeyTextTransform(one, "titles") for one in (own, own.partition("-")[0], english)]
        found = CatalogueActivity.objects.order_by().filter(code=code)
        return Subquery(found.values_list(Coalesce(*spoken, output_field=TextField())))


ACTIVITY_FORMS = {
    "typical": Form("%(entry)s", {"entry": Entry()}),
    "typical_in": Form("%(entry)s (%(place)s)", {"entry": Entry()}),
    "response": Form(gettext_noop("Response to the alert: %(kind)s"), {"kind": Label(AlertKind)}),
    "response_in": Form(
        gettext_noop("Response to the alert: %(kind)s · %(place)s"), {"kind": Label(AlertKind)}
    ),
}
ALERT_FORMS = {
    "alert": Form("%(kind)s", {"kind": Label(AlertKind)}),
    "alert_in": Form("%(kind)s · %(place)s", {"kind": Label(AlertKind)}),
}
MEETING_FORMS = {"working_group": Form(gettext_noop("POC working group"))}


def typical_title(entry: CatalogueActivity, place: str = "") -> dict[str, Any]:
    """The title of an activity planned from an entry of the catalogue, in a place if one is named."""
    if place:
        return made_title(ACTIVITY_FORMS, "typical_in", entry=entry.code, place=place)
    return made_title(ACTIVITY_FORMS, "typical", entry=entry.code)


def response_title(alert: Alert) -> dict[str, Any]:
    """The title of an activity that answers an alert."""
    place = _place(alert)
    if place:
        return made_title(ACTIVITY_FORMS, "response_in", kind=alert.kind, place=place)
    return made_title(ACTIVITY_FORMS, "response", kind=alert.kind)


def alert_title(alert: Alert) -> dict[str, Any]:
    """What an alert is called, as codes."""
    place = _place(alert)
    if place:
        return made_title(ALERT_FORMS, "alert_in", kind=alert.kind, place=place)
    return made_title(ALERT_FORMS, "alert", kind=alert.kind)


def _place(alert: Alert) -> str:
    return alert.place_name or (alert.admin_area.name if alert.admin_area else "")
