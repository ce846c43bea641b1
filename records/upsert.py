"""Storing what comes in, row by row, and saying in a report what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction

from poc_portal.tabular import BadValue, Report


class Undo(Exception):
    """Leaves a transaction without storing anything."""


@contextmanager
def storing(report: Report, *, all_or_nothing: bool, dry_run: bool) -> Iterator[None]:
    """A transaction whose rows are stored, unless it is a trial or a refused one keeps them out."""
    try:
        with transaction.atomic():
            yield
            if dry_run or (all_or_nothing and report.refused):
                raise Undo
    except Undo:
        report.stored = False


def upsert(report: Report, model: type[models.Model], key: dict[str, Any], values: dict[str, Any]):
    """Bring the record with ``key`` to ``values``; counts it in the report. Raises BadValue."""
    record = model.objects.filter(**key).first()  # type: ignore[attr-defined]
    try:
        with transaction.atomic():
            if record is None:
                record = model(**key, **values)
                record.full_clean()
                record.save()
                report.created += 1
            elif any(getattr(record, name) != value for name, value in values.items()):
                for name, value in values.items():
                    setattr(record, name, value)
                record.full_clean()
                record.save()
                report.changed += 1
            else:
                report.unchanged += 1
    except ValidationError as error:
        column, messages = next(iter(error.message_dict.items()))
        value = values.get(column, key.get(column, ""))
        raise BadValue(column, value, " ".join(messages)) from None
    return record
