"""A file's rows in blocks, made ready to store while the database stores the block before.

Nothing here touches the database, so the reading may run in a thread of its own.
"""

from __future__ import annotations

import contextlib
import contextvars
import datetime
import gc
import hashlib
import queue
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from django.utils.translation import get_language, gettext, override

from poc_portal.postgres.copy_text import NULL, encode, encode_text
from poc_portal.tabular import BadValue, Report, Row, Table
from threats.sources.formats.record import ActorName, Format, IncidentRow, date_of, settlement
from threats.spans import spread

ROWS = 20_000  # a block
COLUMNS = (
    "n", "external_id", "digest", "kind", "against_civilians", "said_against_civilians", "start_date", "end_date",
    "date_precision", "place_name", "place_precision", "point", "deaths_low", "deaths_best",
    "deaths_high", "civilian_deaths", "notes", "attribution",
)  # fmt: skip
Item = TypeVar("Item")


@dataclass
class Block:
    """Good rows as lines for COPY, and what they name for the first time in the file.

    ``parts``: record number, actor number, part. ``actors`` and ``points`` (longitude,
    latitude) continue the numbering of the blocks before. ``settlements``: name, kind and point
    number by key.
    """

    lines: list[str] = field(default_factory=list)
    parts: list[tuple[int, int, str]] = field(default_factory=list)
    actors: list[ActorName] = field(default_factory=list)
    points: list[tuple[float, float]] = field(default_factory=list)
    settlements: dict[str, tuple[str, str, int]] = field(default_factory=dict)


class Reader:
    """Turns a table into blocks; refused rows go into the report.

    ``only``: numbers of the records to take; by default all. After reading, ``seen`` has the record number of every identifier accepted, ``refused`` the
    identifiers of refused rows, ``period`` the first and last start date (None for a file
    without good rows), and ``told`` the first and last day of its events, those left out included.
    """

    def __init__(
        self, chosen: Format, report: Report, today: datetime.date,
        only: frozenset[int] | None = None,
    ):  # fmt: skip
        self.format, self.report, self.today, self.only = chosen, report, today, only
        self.seen: dict[str, int] = {}
        self.refused: set[str] = set()
        self.period: tuple[datetime.date, datetime.date] | None = None
        self.told: tuple[datetime.date, datetime.date] | None = None
        # Actors by whether they were seen fighting only each other, or a state or civilians too.
        self.non_state: set[ActorName] = set()
        self.organised: set[ActorName] = set()
        self._actors: dict[ActorName, int] = {}
        self._points: dict[tuple[float, float], int] = {}
        self._settlements: set[str] = set()

    def blocks(self, table: Table) -> Iterator[Block]:
        """Raises FileRefused when the table lacks the format's columns."""
        cells_of = self.format.cells(table)
        identifier = table.columns.index(self.format.identifier)
        first, last = (table.columns.index(name) for name in self.format.days)
        block = Block()
        for row in table.rows(self.report):
            if self.only is not None and row.record not in self.only:
                self.report.read -= 1
                self._hear_of_left_out(row.values[first], row.values[last])
                continue
            try:
                record = self.format.record(cells_of([*row.values, ""]))
                self._check(record)
            except BadValue as problem:
                self.report.refuse(row.error(problem))
                self.refused.add(row.values[identifier].strip())
                continue
            self.seen[record.external_id] = row.record
            block.lines.append(self._line(row, record, block))
            if len(block.lines) == ROWS:
                yield block
                block = Block()
        yield block

    def _hear_of_left_out(self, first: str, last: str) -> None:
        """A file tells until its last event, wherever that was."""
        with contextlib.suppress(BadValue):
            self._hear(date_of("first", first), date_of("last", last))

    def _hear(self, start: datetime.date, end: datetime.date) -> None:
        if not start <= end <= self.today:
            return
        if self.told is None:
            self.told = (start, end)
        elif start < self.told[0] or end > self.told[1]:
            self.told = (min(start, self.told[0]), max(end, self.told[1]))

    def _check(self, record: IncidentRow) -> None:
        if record.end_date > self.today:
            raise BadValue(
                "date_end", record.end_date,
                gettext("%(date)s lies after the mission's today, %(today)s.")
                % {"date": record.end_date, "today": self.today},
            )  # fmt: skip
        if record.external_id in self.seen:
            raise BadValue(
                "id", record.external_id,
                gettext("“%(id)s” stands already in record %(record)d of this file.")
                % {"id": record.external_id, "record": self.seen[record.external_id]},
            )  # fmt: skip

    def _line(self, row: Row, record: IncidentRow, block: Block) -> str:
        start, end = record.start_date, record.end_date
        self._hear(start, end)
        if self.period is None:
            self.period = (start, start)
        elif not self.period[0] <= start <= self.period[1]:
            self.period = (min(start, self.period[0]), max(start, self.period[1]))
        first, last = spread(start, end, record.date_precision, self.today)
        point = None
        if record.longitude is not None and record.latitude is not None:
            where = (record.longitude, record.latitude)
            point = self._points.get(where)
            if point is None:
                point = self._points[where] = len(self._points)
                block.points.append(where)
            if record.is_settlement:
                # One name at two places is two settlements; 0.01° tells them apart.
                key = f"{record.place_name} @ {where[1]:.2f},{where[0]:.2f}"
                if key not in self._settlements:
                    self._settlements.add(key)
                    block.settlements[key] = (*settlement(record.place_name), point)
        for actor, part in record.actors:
            number = self._actors.get(actor)
            if number is None:
                number = self._actors[actor] = len(self._actors)
                block.actors.append(actor)
            block.parts.append((row.record, number, part))
            if record.is_non_state is not None:
                (self.non_state if record.is_non_state else self.organised).add(actor)
        deaths = "\t".join([NULL if count is None else str(count) for count in record.deaths])
        return (
            f"{row.record}\t{encode_text(record.external_id)}\t{digest(row.values)}\t{record.kind}\t"
            f"{encode(record.counts_as_harm)}\t{encode(record.against_civilians)}\t"
            f"{first}\t{last}\t{record.date_precision}\t{encode_text(record.place_name)}\t"
            f"{record.place_precision}\t{NULL if point is None else point}\t{deaths}\t"
            f"{encode_text(record.notes)}\t{encode_text(record.attribution)}\n"
        )


def digest(values: list[str]) -> str:
    """Mark of a row's content: a change of any field changes it. 32 hex digits."""
    return hashlib.blake2b("\x1f".join(values).encode(), digest_size=16).hexdigest()


def read_ahead(items: Iterable[Item], depth: int = 2) -> Iterator[Item]:
    """The items, made in a thread up to ``depth`` ahead of their use.

    What the making raises is raised here. Leaving early stops the thread.
    """
    ready: queue.Queue = queue.Queue(depth)
    stop = threading.Event()
    language = get_language()  # messages are written in the reader's language

    def put(entry: tuple) -> None:
        while not stop.is_set():
            with contextlib.suppress(queue.Full):
                return ready.put(entry, timeout=0.1)

    def make() -> None:
        try:
            with override(language):
                for item in items:
                    put((item, None))
                    if stop.is_set():
                        return
            put((None, StopIteration()))
        except BaseException as error:
            put((None, error))

    thread = threading.Thread(target=contextvars.copy_context().run, args=(make,), daemon=True)
    was_collecting = gc.isenabled()
    gc.disable()  # reading makes no cycles; looking for them would cost a fifth of it
    thread.start()
    try:
        while True:
            item, error = ready.get()
            if isinstance(error, StopIteration):
                return
            if error is not None:
                raise error
            yield item
    finally:
        stop.set()
        thread.join()
        if was_collecting:
            gc.enable()
