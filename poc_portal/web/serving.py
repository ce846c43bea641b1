"""gunicorn's threads, given whole requests only: one that never ends holds no thread.

The worker's own loop gathers what a client sends, larger ones on disk, and hands a request over
once all of it is there. Who sends too slowly is cut off.
"""

from __future__ import annotations

import contextlib
import re
import socket
import struct
import tempfile
import time
from functools import partial
from typing import Any

from gunicorn import http
from gunicorn.workers.gthread import TConn, ThreadWorker

HEADERS_WITHIN = 20  # seconds
SLOWEST = 8 * 1024  # bytes a second of a body, after the seconds of its headers
LARGEST_HEADERS = 64 * 1024  # bytes
LARGEST_BODY = 12 * 1024 * 1024  # bytes; what says it is larger is answered unread
IN_MEMORY = 64 * 1024  # bytes of a request; more lie on disk
MOST_GATHERED = 400  # requests under way in one process; the oldest make room
SEND_WITHIN = 60  # seconds without a byte taken, after which who reads no more is left
PART = 64 * 1024

_LENGTH = re.compile(rb"(?im)^content-length:[ \t]*(\d{1,18})[ \t]*\r?$")
_CHUNKED = re.compile(rb"(?im)^transfer-encoding:")
_EXPECTS = re.compile(rb"(?im)^expect:[ \t]*100-continue[ \t]*\r?$")


class Gathering:
    """One request on its way in; read like a socket once it is there."""

    def __init__(self) -> None:
        self.until = time.monotonic() + HEADERS_WITHIN
        self.is_whole = False
        self.is_cut = False  # handed over without all of its body: nothing can follow it
        self.expects = False  # the client waits to be told to go on
        self._head = b""
        self._size = 0
        self._wanted: int | None = None
        self._kept = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115

    @property
    def is_empty(self) -> bool:
        return self._size == 0

    def take(self, part: bytes) -> None:
        self._kept.write(part)
        self._size += len(part)
        if self._wanted is None:
            self._read_head(part)
        if self._wanted is not None and self._size >= self._wanted:
            self.is_whole = True

    def _read_head(self, part: bytes) -> None:
        self._head += part
        end = self._head.find(b"\r\n\r\n")
        if end < 0:
            if self._size > LARGEST_HEADERS:
                self.is_cut, self._wanted = True, 0
            return
        head = self._head[: end + 2]
        self._head = b""
        found = _LENGTH.search(head)
        length = int(found[1]) if found else 0
        if _CHUNKED.search(head) or length > LARGEST_BODY:
            self.is_cut, length = True, 0
        self._wanted = end + 4 + length
        self.expects = length > 0 and self._size < self._wanted and bool(_EXPECTS.search(head))
        self.until = time.monotonic() + HEADERS_WITHIN + length / SLOWEST

    def start(self) -> None:
        self._kept.seek(0)

    def close(self) -> None:
        self._kept.close()

    # What a parser asks of a socket.

    def recv(self, size: int) -> bytes:
        return b"" if self._kept.closed else self._kept.read(size)

    def gettimeout(self) -> None:
        return None

    def settimeout(self, seconds: float | None) -> None:
        pass


class Worker(ThreadWorker):
    """Threads that wait for nobody's request."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self._gathered: dict[TConn, Gathering] = {}  # the oldest first

    def accept(self, listener: Any) -> None:
        try:
            client, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        self.nr_conns += 1
        client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", SEND_WITHIN, 0))
        self._gather(TConn(self.cfg, client, address, listener.getsockname()))

    def on_client_socket_readable(self, conn: TConn, client: Any) -> None:
        """The next request of a connection that was kept."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._gather(conn)

    def murder_pending(self) -> None:
        super().murder_pending()
        now = time.monotonic()
        for conn, gathering in list(self._gathered.items()):
            if now > gathering.until or (not self.alive and gathering.is_empty):
                self._drop(conn)

    def handle(self, conn: TConn) -> Any:
        gathering = conn.gathering
        try:
            # What was sent ahead of its turn is not kept: the client sends it again.
            return super().handle(conn) and not (gathering.is_cut or gathering.recv(1))
        finally:
            gathering.close()

    def _gather(self, conn: TConn) -> None:
        while len(self._gathered) >= MOST_GATHERED:
            self._drop(next(iter(self._gathered)))
        self._gathered[conn] = Gathering()
        self.poller.register(conn.sock, 1, partial(self._take, conn))

    def _take(self, conn: TConn, client: Any) -> None:
        gathering = self._gathered.get(conn)
        if gathering is None:
            return
        try:
            part = client.recv(PART)
        except BlockingIOError:
            return
        except OSError:
            part = b""
        if not part:
            self._drop(conn)
            return
        gathering.take(part)
        if gathering.expects:
            gathering.expects = False
            with contextlib.suppress(OSError):
                client.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        if gathering.is_whole:
            self.poller.unregister(client)
            self._hand_over(conn, self._gathered.pop(conn))

    def _hand_over(self, conn: TConn, gathering: Gathering) -> None:
        gathering.start()
        if conn.parser is None:
            conn.parser = http.get_parser(self.cfg, conn.sock, conn.client)
            conn.initialized = conn.data_ready = True
        conn.parser.unreader.sock = conn.gathering = gathering
        self.enqueue_req(conn)

    def _drop(self, conn: TConn) -> None:
        self._gathered.pop(conn).close()
        with contextlib.suppress(OSError, KeyError, ValueError):
            self.poller.unregister(conn.sock)
        self.nr_conns -= 1
        conn.close()
