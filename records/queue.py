"""Work that is a row: claimed for a while, tried, put off after a failure, in the end given up.

A row of the transaction that caused it says that something must be done; a message only wakes the
worker. Each kind of work declares a ``Queue`` in a few lines, and has rows that are ``Leased`` (one
worker at a time is at it), ``Tried`` (it may fail and come again) or both: ``Work``.

A claim is a lease: it counts a try and ends by itself, so a worker that dies costs a try and the
rest of its lease, and a row that kills its workers is given up like one that fails. Whoever
settles a row must still hold it: a worker that was thought dead changes nothing. Work done within
one transaction holds the row there as well, and needs no lease longer than the way to it.

The database's clock is the only one.
"""

from __future__ import annotations

import dataclasses
import datetime
import logging
import traceback
from collections.abc import Callable
from typing import Any, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection, models, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

log = logging.getLogger(__name__)


class Leased(models.Model):
    """A row one worker at a time is at."""

    leased_until = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True


class Tried(models.Model):
    """A row something is to be done for, until it is done or given up.

    ``tries``: begun since it was asked for; of work that comes again and again, since it last went
    well. ``due_at``: not to be tried before; null where nothing waits.
    """

    tries = models.PositiveIntegerField(default=0, editable=False)
    due_at = models.DateTimeField(null=True, blank=True, editable=False, db_default=Now())

    class Meta:
        abstract = True


class Work(Leased, Tried):
    """A row that is claimed by itself."""

    class Meta:
        abstract = True


Row = TypeVar("Row", bound=models.Model)


class Lost(Exception):
    """The row is no longer this worker's: its lease ran out, somebody reset it, or it is gone."""


def log_failure(what: str, error: BaseException) -> None:
    """Say where in the code something broke, never with what values: they may name a source."""
    places = "".join(traceback.format_tb(error.__traceback__))
    log.error("%s broke off (%s)\n%s", what, type(error).__name__, places)


@dataclasses.dataclass(frozen=True)
class Queue:
    """How one kind of work is taken, repeated and given up.

    ``name``: in the log, with ``named_by``, a field that tells rows apart. ``lease``: seconds a
    worker has a claimed row to itself. ``waits``: seconds before the second try, the third, and so
    on; after the last it is given up or, if ``is_endless``, waits as long again. ``given_up``:
    called with a row in the transaction that gives it up. ``broke``: what is stored with a try
    that ended in an error nobody foresaw.
    """

    name: str
    lease: float
    waits: tuple[float, ...] = ()
    is_endless: bool = False
    named_by: str = "pk"
    given_up: Callable[[Any], None] | None = None
    broke: Callable[[Exception], dict[str, Any]] | None = None

    # -- taking ---------------------------------------------------------------------------

    def claim(self, rows: QuerySet[Row], most: int | None = None) -> list[Row]:
        """Take those of ``rows`` that are due and that nobody is at, the longest due first.

        One statement: of two workers at once each takes others. At most ``most``.
        """
        model = rows.model
        table = connection.ops.quote_name(model._meta.db_table)
        free = rows.filter(Q(leased_until__isnull=True) | Q(leased_until__lt=Now()))
        sets = "leased_until = statement_timestamp() + %s * interval '1 second'"
        order = ["pk"]
        if issubclass(model, Tried):
            free = free.filter(due_at__lte=Now())
            sets += ", tries = w.tries + 1"
            order = ["due_at", "pk"]
        try:
            due, given = free.order_by(*order).values("pk")[:most].query.sql_with_params()
        except EmptyResultSet:
            return []
        # NO KEY: who writes a row that refers to it, in a transaction yet open, is no worker at it.
        statement = (
            f"WITH due AS MATERIALIZED ({due} FOR NO KEY UPDATE OF {table} SKIP LOCKED) "
            f"UPDATE {table} w SET {sets} FROM due WHERE w.id = due.pk RETURNING w.*"
        )
        claimed = list(model._base_manager.raw(statement, [*given, self.lease]))
        return sorted(claimed, key=lambda row: tuple(getattr(row, name) for name in order))

    def begin(self, row: Tried) -> None:
        """Count a try of a row that is taken with its lane. Raises Lost."""
        if not self._held(row).update(tries=F("tries") + 1):
            raise Lost
        row.tries += 1

    def renew(self, row: Leased) -> None:
        """Have a full lease again. Raises Lost.

        In a transaction its last statement, for the row remembers what may not be undone.
        """
        table = connection.ops.quote_name(row._meta.db_table)
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {table} SET leased_until = statement_timestamp() + %s * interval '1 second' "
                "WHERE id = %s AND leased_until = %s RETURNING leased_until",
                [self.lease, row.pk, row.leased_until],
            )
            found = cursor.fetchone()
        if found is None:
            raise Lost
        row.leased_until = found[0]

    def hold(self, row: Leased) -> None:
        """Keep the row until the present transaction ends, however long that is. Raises Lost.

        A lease that runs out meanwhile is nobody's: others pass over a row that is locked.
        """
        if not self._held(row).select_for_update(no_key=True).values_list("pk").first():
            raise Lost

    def _held(self, row: models.Model) -> QuerySet:
        held = type(row)._base_manager.filter(pk=row.pk)
        if isinstance(row, Leased):
            return held.filter(leased_until=row.leased_until)
        assert isinstance(row, Tried)
        return held.filter(tries=row.tries, due_at__isnull=False)

    # -- settling -------------------------------------------------------------------------

    def release(self, row: models.Model, **values: Any) -> None:
        """Let go of a row, and store ``values``. Raises Lost."""
        if isinstance(row, Leased):
            values["leased_until"] = None
        if not self._held(row).update(**values):
            raise Lost

    def done(self, row: Tried, *, again_in: float | None = None, **values: Any) -> None:
        """It went well; ``again_in``: seconds until it is due anew. Raises Lost."""
        if again_in is None:
            values["due_at"] = None
        else:
            values |= {"due_at": _in(again_in), "tries": 0}
        self.release(row, **values)

    def give_back(self, row: Work) -> None:
        """Leave a row for later as if it had not been taken; others go first. Raises Lost."""
        self.release(row, tries=row.tries - 1, due_at=Now())

    def failed(
        self, row: Tried, *, at_most: float | None = None, for_good: bool = False, **values: Any
    ) -> bool:
        """Put a row off, or give it up, which is returned. Raises Lost.

        ``at_most``: seconds it waits. ``for_good``: no further try would help.
        """
        if for_good or self._is_last(row):
            with transaction.atomic():
                self.release(row, due_at=None, **values)
                if self.given_up is not None:
                    self.given_up(row)
            log.error("%s: given up after try %s", self.named(row), row.tries)
            return True
        wait = self.waits[min(max(row.tries, 1), len(self.waits)) - 1]
        wait = wait if at_most is None else min(wait, at_most)
        self.release(row, due_at=_in(wait), **values)
        log.warning("%s: try %s failed, the next in %g s", self.named(row), row.tries, wait)
        return False

    def _is_last(self, row: Tried) -> bool:
        return not self.is_endless and row.tries > len(self.waits)

    def named(self, row: models.Model) -> str:
        return f"{self.name} {getattr(row, self.named_by)}"

    # -- working --------------------------------------------------------------------------

    def attempt(self, row: Row, do: Callable[[Row], int]) -> int:
        """Work at a row that was taken; what ``do`` returns, else 0.

        ``do`` settles what it foresaw. What it raises is a failed try, and stops nobody.
        """
        assert isinstance(row, Tried)
        try:
            if not self.is_endless and row.tries > len(self.waits) + 1:  # the last worker died
                self.failed(row)
                return 0
            return do(row)
        except Lost:
            log.info("%s: no longer this worker's", self.named(row))
            return 0
        except Exception as error:
            log_failure(self.named(row), error)
            if not connection.in_atomic_block:
                connection.close_if_unusable_or_obsolete()  # else no other row could be done
            try:
                self.failed(row, **(self.broke(error) if self.broke else {}))
            except Lost:
                log.info("%s: no longer this worker's", self.named(row))
            return 0

    def drain(self, rows: QuerySet[Row], do: Callable[[Row], int]) -> int:
        """Take one after the other until nothing is due; the sum of what ``do`` returned."""
        total = 0
        while claimed := self.claim(rows.all(), 1):
            total += self.attempt(claimed[0], do)
        return total


def _in(seconds: float) -> Any:
    return Now() + datetime.timedelta(seconds=seconds)
