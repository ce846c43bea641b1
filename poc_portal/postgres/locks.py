"""One worker at a time: advisory locks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def locked(space: int, key: int, *, wait: bool = True) -> Iterator[bool]:
    """Hold an advisory lock; others asking for the same wait. A lost connection frees it.

    Taken before a transaction begins, so that the transaction sees what the one before stored.
    Yields whether it is held: with ``wait`` false it is not where somebody else is at it.
    """
    with connection.cursor() as cursor:
        if wait:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [space, key])
            held = True
        else:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [space, key])
            held = bool(cursor.fetchone()[0])
    try:
        yield held
    finally:
        if held and connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [space, key])
