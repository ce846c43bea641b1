"""Rows of forms (KoboToolbox, ODK) and spreadsheets made into rows of the API, by a mapping."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from missions.bulk import REFUSED, Outcome, Refused, Result
from missions.models import Intake
from poc_portal.api.router import resources

# What forms call a submission: KoboToolbox, ODK's XML as JSON, ODK Central's OData.
NAMES = ("_uuid", "meta/instanceID", "__id", "instanceID")
ATTACHMENTS = ("_attachments",)


@dataclass
class Taken:
    """What came of some submissions: each as mapped (None where it could not be), and stored."""

    rows: list[dict | None]
    result: Result
    attachments: int  # named by the submissions, and neither fetched nor kept


def targets() -> list[str]:
    """Resources rows can become."""
    return sorted(name for name, viewset in resources().items() if hasattr(viewset, "bulk"))


def take(intake: Intake, submissions: Iterable[Any], *, user, dry_run: bool = False) -> Taken:
    """Store submissions with the rights of ``user``; one sent before changes nothing.

    Each that can be stored is, whatever becomes of the others.
    """
    rows, refused, places = [], [], []
    attachments = 0
    mapped: list[dict | None] = []
    for number, submission in enumerate(submissions):
        try:
            flat = flattened(submission)
            attachments += sum(len(submission.get(name) or ()) for name in ATTACHMENTS)
            row = row_of(intake, flat)
        except Refused as error:
            refused.append(Outcome(number, REFUSED, errors=error.errors))
            mapped.append(None)
            continue
        mapped.append(row)
        rows.append(row)
        places.append(number)
    viewset = resources()[intake.resource]
    writer = viewset.writer_for(user, intake.mission, intake.name)
    result = writer.store(rows, keep_good=True, dry_run=dry_run)
    for outcome in result.outcomes:
        outcome.row = places[outcome.row]
    result.outcomes = sorted([*result.outcomes, *refused], key=lambda outcome: outcome.row)
    return Taken(mapped, result, attachments)


def flattened(submission: Any) -> dict[str, Any]:
    """Groups' questions by their path, as group/question. Raises Refused."""
    if not isinstance(submission, dict):
        raise Refused("non_field_errors", _("A submission is an object of questions and answers."))
    found: dict[str, Any] = {}

    def walk(part: dict, path: str) -> None:
        for name, value in part.items():
            whole = f"{path}{name}"
            is_place = isinstance(value, dict) and "coordinates" in value
            if isinstance(value, dict) and not is_place:
                walk(value, f"{whole}/")
            else:
                found[whole] = value

    walk(submission, "")
    return found


def row_of(intake: Intake, flat: dict[str, Any]) -> dict:
    """A row as the bulk writes take it. Raises Refused."""
    row: dict[str, Any] = {"classification": intake.classification}
    for name, rule in intake.mapping.items():
        value = _value(name, rule, flat)
        if value is None or value == "":
            continue
        if name == "point":
            row["longitude"], row["latitude"] = _point(value)
        else:
            row[name] = value
    if "external_id" not in row:
        row["external_id"] = next((flat[name] for name in NAMES if flat.get(name)), None)
    return row


def _value(name: str, rule: dict, flat: dict[str, Any]) -> Any:
    if "always" in rule:
        return rule["always"]
    value = flat.get(rule["from"])
    if value is None or value == "":
        return None
    if "values" in rule:
        try:
            return rule["values"][str(value)]
        except KeyError:
            known = ", ".join(rule["values"])
            raise Refused(
                name,
                _("“%(value)s” (%(from)s) has no counterpart; there is one for: %(known)s.")
                % {"value": str(value)[:60], "from": rule["from"], "known": known[:200]},
            ) from None
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, str) and name.endswith("_date") and "T" in value:
        return value.partition("T")[0]
    return value


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
            _("“%(value)s” is no place such as “8.41 20.65 0 0”.") % {"value": str(value)[:60]},
        ) from None
