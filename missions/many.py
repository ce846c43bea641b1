"""While many records are written in one call: what is read but once, and what the database checks.

A record written alone is checked by a dozen queries, so that each fault gets its message. Of many,
the database's own constraints are left to the database; a row it refuses is written once more
alone, for the message.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import models

_kept: ContextVar[dict[Any, Any] | None] = ContextVar("kept", default=None)


@contextmanager
def many_records() -> Iterator[None]:
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


@contextmanager
def alone() -> Iterator[None]:
    """One record of many, checked in full."""
    token = _kept.set(None)
    try:
        yield
    finally:
        _kept.reset(token)


def kept(key: Any, make) -> Any:
    """What ``make`` returns; among many records, what it returned the first time."""
    found = _kept.get()
    if found is None:
        return make()
    if key not in found:
        found[key] = make()
    return found[key]


def validate(record: models.Model) -> None:
    """``full_clean``, without what the database checks anyway where many are written."""
    if _kept.get() is None:
        record.full_clean()
        return
    related = {field.name for field in record._meta.concrete_fields if field.is_relation}
    record.full_clean(exclude=related, validate_constraints=False)
