"""Reading changes in the order they were committed.

A position in that order is ``(transaction, step, key)``. A transaction's changes are read once no
older transaction is under way any more, so one that commits late is still behind every position
handed out: a reader who goes on from the last position misses nothing, and may see a record twice.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models import BooleanField, F, Func, IntegerField, Q, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast
from django.utils import timezone

from missions.access import grants
from missions.roles import Capability
from records.models import Change, ChangeLog, ChangeMark

RETENTION = datetime.timedelta(days=90)
ANNOUNCED, WRITTEN = 0, 1  # steps within a transaction: what Change says, then the rows themselves


class StartAgain(Exception):
    """The position is older than what is kept, or counted in another database."""


class Position(NamedTuple):
    transaction: int = 0
    step: int = ANNOUNCED
    key: int = 0


@dataclass
class Changes:
    """``records`` as ``listed`` gave them, ``removed`` ids, and the position to go on from.

    ``more``: there is more to be read at once.
    """

    records: list[Any]
    removed: list[int]
    position: Position
    more: bool


def horizon() -> tuple[int, int]:
    """The oldest transaction still under way, and this one if it writes (else 0)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint, "
            "coalesce(pg_current_xact_id_if_assigned()::text::bigint, 0)"
        )
        return cursor.fetchone()


def this_transaction() -> int:
    """The number ``changed_in`` gets of what this transaction writes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        return cursor.fetchone()[0]


def log() -> ChangeLog:
    return ChangeLog.objects.get()


def position_at(moment: datetime.datetime) -> Position:
    """Where what was committed at or after ``moment`` begins, or up to a minute earlier.

    Raises StartAgain when that is no longer kept.
    """
    retained = log()
    if retained.kept_since is not None and moment < retained.kept_since:
        raise StartAgain
    if moment > timezone.now():
        return Position(horizon()[0])
    mark = ChangeMark.objects.filter(at__lte=moment).order_by("-at").first()
    return Position(mark.horizon if mark else 0)


def check_retained(transaction: int) -> None:
    """Raise StartAgain unless what was told from a transaction on is still kept."""
    if transaction < log().kept_from:
        raise StartAgain


def access_mark(user) -> str:
    """Changes when what the user may see as a whole changes: a mirror then begins anew."""
    held = sorted(
        (g.mission_id, g.clearance, sorted(g.compartments), g.can(Capability.ADMINISTER))
        for g in grants(user).values()
    )
    return hashlib.sha256(repr((user.pk, held)).encode()).hexdigest()[:12]


def changes(
    *,
    visible: QuerySet,
    listed: Callable[[list[int]], dict[int, Any]],
    cleared: dict[int, frozenset[int]],
    position: Position,
    size: int,
) -> Changes:
    """Up to ``size`` changed records of a list behind a position.

    ``visible``: what the reader may see of the model. ``listed``: gives those of some ids the list
    now holds, by id; what is visible and no longer listed counts as removed. ``cleared``: what of
    the reader is told that it is gone, as numbers of ``missions.need_to_know``, by mission.
    """
    until, own = horizon()
    events = _announced(visible.model, cleared, position, until, own, size)
    events += _written(visible, position, until, own, size)
    events.sort(key=lambda event: event[0])
    more = len(events) > size
    events = events[:size]
    gone: dict[int, bool] = {}  # in the order told of; whether sight of it was lost for certain
    for _position, record, lost in events:
        gone[record] = gone.pop(record, False) or lost
    found = listed(list(gone)) if gone else {}
    missing = [key for key in gone if key not in found]
    seen = set(visible.filter(pk__in=missing).values_list("pk", flat=True)) if missing else set()
    return Changes(
        records=[found[key] for key in gone if key in found],
        removed=[key for key in missing if key in seen or gone[key]],
        position=events[-1][0] if more else max(position, Position(until)),
        more=more,
    )


Event = tuple[Position, int, bool]  # where, of which record, whether sight of it was lost


def _window(queryset: QuerySet, position: Position, step: int, until: int, own: int) -> QuerySet:
    """The rows from behind a position to the horizon; a transaction that writes sees its own too."""
    if position.step == step:
        table = connection.ops.quote_name(queryset.model._meta.db_table)
        behind: Any = RawSQL(
            f"({table}.changed_in, {table}.id) > (%s, %s)", (position.transaction, position.key),
            output_field=BooleanField(),
        )  # fmt: skip
    else:
        first = position.transaction + (1 if position.step > step else 0)
        behind = Q(changed_in__gte=first)
    return queryset.filter(behind, Q(changed_in__lt=until) | Q(changed_in=own)).order_by(
        "changed_in", "id"
    )


def _written(visible: QuerySet, position: Position, until: int, own: int, size: int) -> list[Event]:
    rows = _window(visible, position, WRITTEN, until, own).values_list("changed_in", "id")
    return [(Position(number, WRITTEN, key), key, False) for number, key in rows[: size + 1]]


def _announced(
    model: type[models.Model],
    cleared: dict[int, frozenset[int]],
    position: Position,
    until: int,
    own: int,
    size: int,
) -> list[Event]:
    mine = Q(pk__in=[])
    for mission, sights in cleared.items():
        mine |= Q(mission=mission, level__in=sorted(sights))
    announced = Change.objects.filter(mine, model=model._meta.label_lower)
    rows = _window(announced, position, ANNOUNCED, until, own).values_list(
        "changed_in", "id", "record", "mission", "gone_below"
    )
    return [
        (Position(number, ANNOUNCED, key), record, gone_below not in cleared[mission])
        for number, key, record, mission, gone_below in rows[: size + 1]
    ]


def tell_of(records: QuerySet, sight: int) -> None:
    """Tell who may read ``sight``, a number of ``missions.need_to_know``, that records look
    different, their rows being the same."""
    model = records.model
    rows = records.filter(withdrawn_at__isnull=True).order_by().values_list(
        Value(model._meta.label_lower), "id", "mission_id",
        _both(_sight(), Value(sight)), Value(0),
    ).distinct()  # fmt: skip
    try:
        query, values = rows.query.sql_with_params()
    except EmptyResultSet:  # there are no records to tell of
        return
    table = connection.ops.quote_name(Change._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (model, record, mission, level, gone_below) {query}", values
        )


def _sight() -> Func:
    return _number("following_sight", Cast("classification", IntegerField()), F("compartments"))


def _both(one: Func, other: Value) -> Func:
    return _number("following_both", one, other)


def _number(function: str, *given: Any) -> Func:
    """One of the database's functions of ``triggers``."""
    return Func(*given, function=function, output_field=IntegerField())


def keep_marks() -> None:
    """Mark this moment among the changes, and forget those older than ``RETENTION``.

    Run by beat every minute: the more marks, the fewer records are told of twice.
    """
    now = timezone.now()
    ChangeMark.objects.create(at=now, horizon=horizon()[0])
    limit = now - RETENTION
    last = ChangeMark.objects.filter(at__lte=limit).order_by("-at").first()
    if last is not None:
        ChangeLog.objects.update(kept_from=last.horizon, kept_since=last.at)
        Change.objects.filter(changed_in__lt=last.horizon).delete()
        ChangeMark.objects.filter(at__lt=last.at).delete()
