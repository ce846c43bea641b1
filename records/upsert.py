"""Creating or updating a record from an imported row, and saying which it was."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction

from poc_portal.tabular import BadValue, Report


class Undo(Exception):
    """Leaves a transaction without storing anything."""


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
