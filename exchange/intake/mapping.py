"""Submissions of forms (KoboToolbox, ODK) and rows of sheets made into rows of the API."""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import json
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from exchange.intake.answers import Answers
from exchange.intake.submissions import flattened
from exchange.models import Intake
from missions.choices import Classification
from poc_portal.api.router import resources
from poc_portal.tabular import BadValue
from poc_portal.tabular.days import month
from poc_portal.tabular.names import sort_key
from poc_portal.tabular.report import REFUSED, Outcome, Report
from records.bulk.extra import Extra
from records.bulk.writer import Refused

# What forms call a submission: KoboToolbox, ODK's XML as JSON, ODK Central's OData.
NAMES = ("_uuid", "meta/instanceID", "__id", "instanceID")


def targets() -> list[str]:
    """Resources rows can become."""
    return sorted(name for name, viewset in resources().items() if hasattr(viewset, "bulk"))


def _put_point(row: dict, value: tuple[float, float]) -> None:
    row["longitude"], row["latitude"] = value


POINT = Extra(_("Place as “latitude longitude”"), serializers.Field(), _put_point)


class Taker:
    """Takes submissions through one intake, with the rights of one person."""

    def __init__(self, intake: Intake, user: Any):
        self.intake = intake
        viewset: Any = resources()[intake.resource]
        self.writer = viewset.writer_for(user, intake.mission, intake.name)
        self.writer.never_lowers = True  # its level is the sheet's or the kind's, not the row's
        self.fields: dict[str, serializers.Field] = dict(self.writer.fields)
        self.extras: dict[str, Extra] = dict(viewset.extras)
        if "longitude" in self.fields:
            self.extras["point"] = POINT
        readable = self.fields | {name: extra.field for name, extra in self.extras.items()}
        self.answers = Answers(readable, user=user, mission=intake.mission)
        self._usual = viewset.usual_level_of
        self._needed_with: dict[str, tuple[str, ...]] = viewset.needed_with
        self._locate = viewset.locator and viewset.locator(intake.mission, user)

    def take(
        self,
        submissions: Iterable[Any],
        *,
        keep_good: bool = True,
        name_rows: bool = False,
        dry_run: bool = False,
    ) -> Report:
        """Store submissions; one sent before changes nothing.

        Without ``keep_good`` one that is refused keeps the others out. ``name_rows``: a row that
        says not what it is called is called by what it holds; else it is refused.
        """
        rows: list[dict] = []
        places: list[int] = []
        report = Report()
        for number, submission in enumerate(submissions):
            try:
                flat = _flattened(submission)
                report.attachments += _attachments(flat)
                row = self.row_of(flat, name_rows)
            except Refused as error:
                report.answer(Outcome(number, REFUSED, errors=error.errors))
                continue
            rows.append(row)
            places.append(number)
            report.unplaced += "longitude" in self.fields and row.get("longitude") is None
        undo = dry_run or (report.refused > 0 and not keep_good)
        stored = self.writer.store(rows, keep_good=keep_good, dry_run=undo)
        for outcome in stored.outcomes:
            outcome.row, outcome.values = places[outcome.row], rows[outcome.row]
        report += stored
        report.outcomes.sort(key=lambda outcome: outcome.row)
        return report

    def needs(self, name: str) -> bool:
        """Whether a row mapped so is refused without the field."""
        field = self.fields[name]
        beside = self._needed_with.get(name, ())
        return field.required or any(other in self.intake.mapping for other in beside)

    def row_of(self, flat: dict[str, Any], name_rows: bool = False) -> dict:
        """A row as the bulk writes take it. Raises Refused."""
        row: dict[str, Any] = {}
        months: dict[str, datetime.date] = {}
        for name, rule in self.intake.mapping.items():
            written = self._month(name, rule, flat)
            if written is not None:
                months[name] = written
                continue
            value = self._value(name, rule, flat)
            if value is None or value in ("", []):
                continue
            if name in self.extras:
                self.extras[name].put(row, value)
            else:
                row[name] = value
        self._put_months(row, months)
        if self._locate and row.get("place_name") and row.get("longitude") is None:
            found = self._locate(row["place_name"])
            if found is not None:
                _put_point(row, found)
        usual = self._usual(row) if self._usual else 0
        row["classification"] = max(self.intake.classification, usual, _level(row))
        if self.intake.compartments:  # else those of a record on file stay as they are
            said = row.get("compartments", [])
            own = said if isinstance(said, list) else [said]
            row["compartments"] = [*own, *(c for c in self.intake.compartments if c not in own)]
        if not row.get("external_id"):
            known = (flat.get(sort_key(name)) for name in NAMES)
            row["external_id"] = next((name for name in known if name), None)
            if row["external_id"] is None and name_rows:
                held = json.dumps(row, sort_keys=True, default=str)
                row["external_id"] = hashlib.blake2b(held.encode(), digest_size=12).hexdigest()
        return row

    def _month(self, name: str, rule: dict, flat: dict[str, Any]) -> datetime.date | None:
        """The month a cell tells without a day, where the field can be known so."""
        if not hasattr(self.fields.get(name), "say_month"):
            return None
        value = rule["always"] if "always" in rule else flat.get(sort_key(rule["from"]))
        return month(value) if isinstance(value, str) else None

    def _put_months(self, row: dict, months: dict[str, datetime.date]) -> None:
        """As the fields have it: a first day of the month, or a last one."""
        for name, first in months.items():
            field: Any = self.fields[name]
            field.say_month(row)
            row[name] = field.day_of(first, self.intake.mission.today).isoformat()

    def _value(self, name: str, rule: dict, flat: dict[str, Any]) -> Any:
        if "always" in rule:
            return self.answers.read(name, rule["always"])
        value = flat.get(sort_key(rule["from"]))
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        if rule.get("values"):
            return self._counterpart(name, rule, value)
        if name == "point":
            return _point(value)
        if isinstance(value, str) and name.endswith("_date") and "T" in value:
            return value.partition("T")[0]
        return self.answers.read(name, value, rule.get("first", ""))

    def _counterpart(self, name: str, rule: dict, value: Any) -> Any:
        known = {sort_key(answer): code for answer, code in rule["values"].items()}
        key = sort_key(str(value))
        if key in known:
            return self.answers.read(name, known[key]) if known[key] != "" else None
        if isinstance(value, str) and self.answers.knows(name):
            with contextlib.suppress(Refused):
                return self.answers.read(name, value)
        raise Refused(
            name,
            gettext("“%(value)s” (%(from)s) has no counterpart; there is one for: %(known)s.")
            % {
                "value": str(value)[:60],
                "from": rule["from"],
                "known": ", ".join(rule["values"])[:200],
            },
        )


def _flattened(submission: Any) -> dict[str, Any]:
    try:
        return flattened(submission)
    except BadValue as problem:
        raise Refused(problem.column, problem.message) from None


def _attachments(flat: dict[str, Any]) -> int:
    named = flat.get("_attachments")
    return len(named) if isinstance(named, list) else 0


def _point(value: Any) -> tuple[float, float]:
    """Longitude and latitude of “latitude longitude altitude accuracy”, or of GeoJSON."""
    try:
        if isinstance(value, dict):
            longitude, latitude = value["coordinates"][:2]
        else:
            parts = value.replace(",", " ").split() if isinstance(value, str) else value
            latitude, longitude = parts[:2]
        return float(longitude), float(latitude)
    except (KeyError, TypeError, ValueError):
        raise Refused(
            "point",
            gettext("“%(value)s” is no place such as “8.41 20.65 0 0”.")
            % {"value": str(value)[:60]},
        ) from None


def _level(row: dict) -> int:
    """The level a row says itself, which raises that of its sheet and never lowers it."""
    said = row.get("classification", 0)
    text = str(said).strip()
    if text not in {str(int(level)) for level in Classification}:
        raise Refused(
            "classification", gettext("“%(value)s” is no classification.") % {"value": text}
        )
    return int(text)
