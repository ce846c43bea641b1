"""One view of the database for a whole block of work, one worker at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def alone(space: int, key: int, *, wait: bool = True) -> Iterator[bool]:
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


@contextmanager
def snapshot() -> Iterator[None]:
    """A transaction whose every query sees the database as it was at its first.

    Inside another transaction it is a part of that one, and sees what that one sees.
    """
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield
