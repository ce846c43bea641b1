"""One worker at a time: PostgreSQL's advisory locks, all of them listed here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

from django.db import connection

KEYS = 2**31  # of a lock within its space


class Lock(IntEnum):
    """What is locked; the number is PostgreSQL's lock space and never changes its meaning."""

    SCORES = 5_211  # by mission: a recompute
    IMPORT = 5_212  # by mission: rows of events being stored
    TRAINING = 5_213  # by mission
    BRIEFS = 5_218  # by mission: a brief that falls due
    AT_ONCE = 5_219  # by account and place: whole files sent or taken
    LAYERS_AT_ONCE = 5_220  # by account and place: layers of a map
    SUBMISSION = 5_214  # by form: of two alike the second waits for the first


@contextmanager
def locked(lock: Lock, key: int, *, wait: bool = True) -> Iterator[bool]:
    """Hold a lock of this connection; others asking for the same wait. A lost connection frees it.

    Taken before a transaction begins, so that the transaction sees what the one before stored.
    Yields whether it is held: with ``wait`` false it is not where somebody else is at it.
    """
    with connection.cursor() as cursor:
        if wait:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [lock, key])
            held = True
        else:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [lock, key])
            held = bool(cursor.fetchone()[0])
    try:
        yield held
    finally:
        if held and connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [lock, key])


def lock_until_commit(lock: Lock, key: int) -> None:
    """Wait for a lock and keep it until the present transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [lock, key % KEYS])
