"""Many rows at once, by PostgreSQL's COPY."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable, Iterator

from django.db import connection

CHUNK = 1 << 16  # bytes handed on at a time
AHEAD = 8  # chunks read before they are asked for
NULL = "\\N"


def encode(value) -> str:
    """One value in COPY's text format."""
    if value is None:
        return NULL
    if value is True:
        return "t"
    if value is False:
        return "f"
    return encode_text(value) if isinstance(value, str) else str(value)


def encode_text(text: str) -> str:
    """Text in COPY's text format."""
    if text.isprintable() and "\\" not in text:
        return text
    if "\\" in text:
        text = text.replace("\\", "\\\\")
    if "\n" in text:
        text = text.replace("\n", "\\n")
    if "\t" in text:
        text = text.replace("\t", "\\t")
    if "\r" in text:
        text = text.replace("\r", "\\r")
    return text


class _Stream:
    """What psycopg2 reads from: text lines made as they are asked for."""

    def __init__(self, lines: Iterator[str]):
        self._lines = lines
        self._rest = ""

    def read(self, size: int = -1) -> str:
        parts, length = [self._rest], len(self._rest)
        while length < size:
            line = next(self._lines, None)
            if line is None:
                break
            parts.append(line)
            length += len(line)
        text = "".join(parts)
        self._rest = text[size:]
        return text[:size]


def copy_lines(cursor, table: str, columns: Iterable[str], lines: Iterator[str]) -> None:
    """Stream ready-made COPY lines (each with its line end) into ``table``."""
    quoted = ", ".join(f'"{column}"' for column in columns)
    cursor.copy_expert(f'COPY "{table}" ({quoted}) FROM STDIN', _Stream(lines), 1 << 18)


def copy_rows(cursor, table: str, columns: Iterable[str], rows: Iterable[tuple]) -> None:
    """Stream tuples into ``table``; None is null."""
    copy_lines(cursor, table, columns, ("\t".join(map(encode, row)) + "\n" for row in rows))


class _Left(Exception):
    """Nobody reads any more."""


class _Sink:
    """What psycopg2 writes to: gathers rows into chunks and hands them on."""

    def __init__(self, chunks: queue.Queue):
        self._chunks, self._size = chunks, 0
        self._rows: list[bytes] = []
        self.is_closed = False

    def write(self, row: bytes) -> None:
        self._rows.append(row)
        self._size += len(row)
        if self._size >= CHUNK:
            self.flush()

    def flush(self) -> None:
        while not self.is_closed:
            try:
                self._chunks.put(b"".join(self._rows), timeout=1)
                break
            except queue.Full:
                continue
        if self.is_closed:
            raise _Left
        self._rows, self._size = [], 0


def copy_out(query: str, values: tuple, options: str) -> Iterator[bytes]:
    """The rows of a query as PostgreSQL's COPY writes them, in chunks of constant memory.

    The connection is busy until the last chunk was read, or the iterator closed.
    """
    connection.ensure_connection()
    raw = connection.connection
    chunks: queue.Queue = queue.Queue(AHEAD)
    sink = _Sink(chunks)
    with raw.cursor() as cursor:
        text = cursor.mogrify(query, values).decode()

    def pump() -> None:
        found: BaseException | None = None
        try:
            with raw.cursor() as cursor:
                cursor.copy_expert(f"COPY ({text}) TO STDOUT WITH ({options})", sink)
            sink.flush()
        except _Left:
            return
        except BaseException as error:
            found = error
        while not sink.is_closed:
            try:
                return chunks.put(found, timeout=1)
            except queue.Full:
                continue

    thread = threading.Thread(target=pump, name="copy out", daemon=True)
    thread.start()
    try:
        while (chunk := chunks.get()) is not None:
            if isinstance(chunk, BaseException):
                raise chunk
            if chunk:
                yield chunk
    finally:
        sink.is_closed = True
        thread.join()
