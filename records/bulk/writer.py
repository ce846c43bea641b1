"""Many records at once, from another system or a spreadsheet: made, or brought to what is said now.

A row names its record by a source and the identifier it has there. A row sent twice is one record;
what a person has withdrawn here stays withdrawn. Each row comes out with what became of it.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist, PermissionDenied, ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext
from rest_framework import serializers

from missions.access import may_create, may_edit
from missions.models import Mission
from missions.need_to_know import in_order
from poc_portal.api.errors import by_field, flat
from poc_portal.api.parsers import BadLine
from poc_portal.api.strict import LONGEST, MOST_NAMES, no_such
from poc_portal.postgres.memo import memo, undone_with_it, without_memo
from poc_portal.tabular.report import CHANGED, CREATED, HELD, REFUSED, UNCHANGED, Outcome, Report
from records.bulk.models import BESIDE
from records.declassifying import lowers_nothing
from records.models import ExternalId
from records.namesakes import MOST as MOST_NAMESAKES
from records.namesakes import known_to
from records.upsert import storing

MOST = 10_000  # rows a call
MOMENTS = (timezone.now, datetime.date.today)  # defaults that differ with every call


class Refused(Exception):
    """A row cannot be stored; ``errors`` as problem documents have them."""

    def __init__(self, field: str, message: Any):
        super().__init__(message)
        self.errors = [{"field": field, "message": str(message)}]


REFUSALS = (Refused, serializers.ValidationError, ValidationError, PermissionDenied)


def problems(error: Exception) -> list[dict[str, str]]:
    """Field and message of what one of REFUSALS says."""
    if isinstance(error, Refused):
        return error.errors
    if isinstance(error, serializers.ValidationError):
        return flat(error.detail)
    return flat(by_field(error) if isinstance(error, ValidationError) else str(error))


class Identifiers:
    """The external ids of one call: each well formed, and each but once."""

    def __init__(self, limit: int):
        self._seen: dict[str, int] = {}
        self._limit = limit

    def take(self, number: int, row: dict) -> str:
        """The row's identifier. Raises Refused."""
        value = row.get("external_id")
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str) or not value.strip():
            raise Refused(
                "external_id", gettext("Give what the source calls it, a text or a number.")
            )
        value = value.strip()
        if len(value) > self._limit:
            raise Refused("external_id", gettext("At most %(n)d characters.") % {"n": self._limit})
        earlier = self._seen.setdefault(value, number)
        if earlier != number:
            raise Refused(
                "external_id",
                gettext("“%(id)s” stands already in row %(row)d.") % {"id": value, "row": earlier},
            )
        return value


def plain_row(row: Any, mission: Mission, source: str) -> dict:
    """The row without what names mission and source. Raises Refused."""
    if isinstance(row, BadLine):
        raise Refused("non_field_errors", row.message)
    if not isinstance(row, dict):
        raise Refused("non_field_errors", gettext("Each row is an object of fields and values."))
    for name, wanted in (("mission", mission.code), ("source", source)):
        if row.get(name, wanted) != wanted:
            raise Refused(name, gettext("All rows of a call have the same; “%(value)s” here.")
                          % {"value": wanted})  # fmt: skip
    return row


SECRECY = ("classification", "compartments")


@dataclass
class Writer:
    """Stores rows one by one through a serializer and the services people's own writes go by."""

    model: type[models.Model]
    user: Any
    mission: Mission
    source: str
    serializer: Callable[..., serializers.BaseSerializer]  # (instance=, data=)
    create: Callable
    update: Callable
    # Whether the level a row gives is the least of one: of a sheet's rows, which say none themselves.
    never_lowers: bool = False

    def store(self, rows: Iterable[Any], *, keep_good: bool, dry_run: bool = False) -> Report:
        """Store all the rows, or with ``keep_good`` those that can be."""
        identifiers = Identifiers(self._limit())
        report = Report()
        with storing(report, all_or_nothing=not keep_good, dry_run=dry_run), memo():
            for number, row in enumerate(rows):
                report.answer(self._one(number, row, identifiers))
        return report

    def _limit(self) -> int:
        names = self.model.external_fields  # type: ignore[attr-defined]
        owner: Any = self.model if names else ExternalId
        return owner._meta.get_field(names[1] if names else "value").max_length

    def _one(self, number: int, row: Any, identifiers: Identifiers) -> Outcome:
        outcome = Outcome(number, REFUSED)
        try:
            row = plain_row(row, self.mission, self.source)
            outcome.external_id = identifiers.take(number, row)
            try:
                with undone_with_it(), transaction.atomic():
                    outcome.status, outcome.id = self._store(outcome.external_id, row)
            except IntegrityError:
                with transaction.atomic(), without_memo():  # which says what is wrong
                    outcome.status, outcome.id = self._store(outcome.external_id, row)
        except REFUSALS as error:
            outcome.errors = problems(error)
        return outcome

    def _store(self, external_id: str, row: dict) -> tuple[str, int | None]:
        record = self._find(external_id)
        if record is None:
            return CREATED, self._make(external_id, row).pk
        if record.withdrawn_at is not None:
            return HELD, None
        if not may_edit(self.user, record):
            raise Refused("external_id", gettext("This record is not yours to change."))
        self._changer.instance = record
        found = self._changer.run_validation(self._whole(row))
        naming = self.model.external_fields or ()  # type: ignore[attr-defined]
        values = {name: value for name, value in found.items() if name not in naming}
        if self.never_lowers and "classification" in values:
            values["classification"] = max(values["classification"], record.classification)
        if values.get("classification", 2) < getattr(record, "classification", 0):
            raise Refused("classification", lowers_nothing())
        if "compartments" in values:
            held = set(record.compartments)
            if self.never_lowers:
                values["compartments"] = in_order(held.union(values["compartments"]))
            if not held.issubset(values["compartments"]):
                raise Refused("compartments", lowers_nothing())
        if all(_same(getattr(record, name), value) for name, value in values.items()):
            return UNCHANGED, record.pk
        self.update(record, user=self.user, **values)
        return CHANGED, record.pk

    def _find(self, external_id: str) -> Any:
        objects = self.model._default_manager
        names = self.model.external_fields  # type: ignore[attr-defined]
        if names:
            key = {names[0]: self.source, names[1]: external_id}
            same = objects.filter(mission=self.mission, **key).order_by("namesake")
        else:
            same = objects.filter(pk__in=self._bearing(external_id).values("record")).order_by("pk")
        return same.filter(known_to(self.model, self.user)).first()

    def _bearing(self, external_id: str):
        """What bears the identifier, with those that stand beside a record hidden from their writer."""
        return ExternalId.objects.filter(
            mission=self.mission, kind=self.model._meta.label_lower, source=self.source,
            value__in=[external_id, *(_beside(external_id, n) for n in range(1, MOST_NAMESAKES))],
        )  # fmt: skip

    def _free(self, external_id: str) -> str:
        taken = set(self._bearing(external_id).values_list("value", flat=True))
        free = [external_id, *(_beside(external_id, n) for n in range(1, MOST_NAMESAKES))]
        found = next((value for value in free if value not in taken), None)
        if found is None:
            raise Refused("external_id", gettext("Choose another identifier for this record."))
        return found

    def _make(self, external_id: str, row: dict) -> Any:
        if not may_create(self.user, self.model, self.mission):
            raise Refused(
                "non_field_errors", gettext("Your role in this mission does not allow this.")
            )
        values = self._checker.run_validation(self._own(row) | {"mission": self.mission.code})
        names = self.model.external_fields  # type: ignore[attr-defined]
        if names:
            values |= {names[0]: self.source, names[1]: external_id}
        record = self.create(user=self.user, **values)
        if not names:
            ExternalId.objects.create(
                mission=self.mission, kind=self.model._meta.label_lower, source=self.source,
                value=self._free(external_id), record=record.pk,
            )  # fmt: skip
        return record

    def _own(self, row: dict) -> dict:
        given = {
            name: value for name, value in row.items() if name not in ("source", "external_id")
        }
        known = set(self.fields)
        unknown = sorted(set(given) - known - {"mission"})
        if unknown:
            name = unknown[0]
            if len(self._misnamed) < MOST_NAMES:
                self._misnamed.setdefault(name, no_such(name, known))
            said = self._misnamed.get(name) or gettext("There is no such field.")
            raise Refused(name[:LONGEST], said)
        return given

    @cached_property
    def _misnamed(self) -> dict[str, str]:
        """What was said of names nobody knows: comparing takes long, and only the first are compared."""
        return {}

    # Made once for all rows: making one costs more than checking a row by it.
    @cached_property
    def _checker(self) -> Any:
        return self.serializer()

    @cached_property
    def _changer(self) -> Any:
        return self.serializer(instance=self.model())

    @cached_property
    def fields(self) -> dict[str, Any]:
        """What a row may say, besides what names its record."""
        naming = self.model.external_fields or ()  # type: ignore[attr-defined]
        return {
            name: found
            for name, found in self._checker.fields.items()
            if not found.read_only and name not in naming
        }

    def _whole(self, row: dict) -> dict:
        """The row with what it leaves out as it would be in a new record."""
        given = self._own(row)
        for name, found in self.fields.items():
            if name in given or found.required or name in SECRECY:
                continue  # what a row does not say lowers no record's secrecy
            if found.default is not serializers.empty:
                given[name] = found.default
                continue
            try:
                stored: Any = self.model._meta.get_field(found.source)
            except FieldDoesNotExist:  # nothing stored to reset
                continue
            if stored.many_to_many:
                given[name] = []
            elif stored.default in MOMENTS:
                continue
            elif stored.concrete and not stored.auto_created and not stored.is_relation:
                given[name] = stored.get_default()
        given.pop("mission", None)
        return given


LONGEST_BESIDE = 240  # characters, which leaves room for the number


def _beside(external_id: str, number: int) -> str:
    """How the identifier of a record is kept that stands beside hidden ones of the same."""
    if len(external_id) > LONGEST_BESIDE:  # two that begin alike stay two
        digest = hashlib.sha256(external_id.encode()).hexdigest()[:32]
        external_id = f"{external_id[:180]}{BESIDE}{digest}"
    return f"{external_id}{BESIDE}{number}"


def _same(now: Any, value: Any) -> bool:
    if hasattr(now, "all"):
        return {record.pk for record in now.all()} == {record.pk for record in value}
    return now == value
