"""gunicorn's threads, given whole requests only: one that never ends holds no thread.

The worker's own loop gathers what a client sends, larger ones on disk, and hands a request over
once all of it is there; it also sends what a client has not taken yet of its answer. Who sends or
takes too slowly is cut off.
"""

from __future__ import annotations

import contextlib
import re
import resource
import selectors
import socket
import tempfile
import threading
import time
from functools import partial
from typing import Any

from gunicorn import http
from gunicorn.workers.gthread import TConn, ThreadWorker

from poc_portal.web.sending import Answer

HEADERS_WITHIN = 20  # seconds
SLOWEST = 8 * 1024  # bytes a second of a body, after the seconds of its headers
LARGEST_HEADERS = 64 * 1024  # bytes
LARGEST_BODY = 12 * 1024 * 1024  # bytes; what says it is larger is answered unread
IN_MEMORY = 64 * 1024  # bytes of a request; more lie on disk
MOST_GATHERED = 400  # requests under way in one process; the oldest make room
MOST_BYTES = 256 * 1024 * 1024  # of all requests, and of all answers that wait
CLOSE_WITHIN = 2.0  # seconds for a client to close after its last answer
FILES_ASIDE = 128  # file descriptors
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
        self.size = 0
        self._wanted: int | None = None
        self._kept = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115

    @property
    def is_empty(self) -> bool:
        return self.size == 0

    def take(self, part: bytes) -> None:
        self._kept.write(part)
        self.size += len(part)
        if self._wanted is None:
            self._read_head(part)
        if self._wanted is not None and self.size >= self._wanted:
            self.is_whole = True

    def _read_head(self, part: bytes) -> None:
        self._head += part
        end = self._head.find(b"\r\n\r\n")
        if end < 0:
            if self.size > LARGEST_HEADERS:
                self.is_cut, self._wanted = True, 0
            return
        head = self._head[: end + 2]
        self._head = b""
        found = _LENGTH.search(head)
        length = int(found[1]) if found else 0
        if _CHUNKED.search(head) or length > LARGEST_BODY:
            self.is_cut, length = True, 0
        self._wanted = end + 4 + length
        self.expects = length > 0 and self.size < self._wanted and bool(_EXPECTS.search(head))
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
    """Threads that wait for nobody's request, and for hardly anybody to take an answer."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.cfg.set("sendfile", False)  # would wait for a client without an end
        files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        # Each may have a file on disk; the rest is for the portal's own.
        room: int = min(self.cfg.worker_connections, max(files - FILES_ASIDE, 16) // 2)
        self.worker_connections = room
        self.most_gathered = min(MOST_GATHERED, room // 2)
        self.most_waiting = self.max_keepalived = max(room // 8, 1)
        self._gathered: dict[TConn, Gathering] = {}  # the oldest first
        self._sending: dict[TConn, Any] = {}  # with what became of their requests
        self._ended: dict[TConn, float] = {}  # answered and closed here; until when they may close
        self._waiting = threading.Semaphore(max(self.cfg.threads // 2, 1))

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """One connection's fault ends that connection at most."""
        for key, _events in self.poller.select(timeout):
            try:
                key.data(key.fileobj)
            except OSError:
                self.log.exception("A connection failed.")

    def accept(self, listener: Any) -> None:
        try:
            client, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        except OSError as error:  # no file descriptors left
            self.log.warning("A connection was not accepted: %s", error)
            for held in (self._ended, self._gathered):
                self._make_room(held, len(held))  # the oldest
            time.sleep(0.05)  # to try again is all there is to do
            return
        self.nr_conns += 1
        self._gather(TConn(self.cfg, client, address, listener.getsockname()))

    def on_client_socket_readable(self, conn: TConn, client: Any) -> None:
        """The next request of a connection that was kept."""
        if conn in self.keepalived_conns:
            self.poller.unregister(client)
            self.keepalived_conns.remove(conn)
            self._gather(conn)

    def murder_pending(self) -> None:
        super().murder_pending()
        now = time.monotonic()
        for conn, gathering in list(self._gathered.items()):
            if now > gathering.until or (not self.alive and gathering.is_empty):
                self._drop(conn)
        for conn in [conn for conn in self._sending if now > conn.answer.until]:
            self._drop(conn)
        for conn in [conn for conn, until in self._ended.items() if now > until]:
            self._drop(conn)

    def handle(self, conn: TConn) -> Any:
        gathering, client = conn.gathering, conn.sock
        conn.sock = conn.answer = Answer(client, self._waiting)
        try:
            # What was sent ahead of its turn is not kept: the client sends it again.
            return super().handle(conn) and not (gathering.is_cut or gathering.recv(1))
        finally:
            conn.sock = client
            gathering.close()

    def finish_request(self, conn: TConn, fs: Any) -> None:
        """Send what is left of an answer, then keep the connection or close it; waits for nobody."""
        self._make_room(self._sending, self.most_waiting)
        while sum(each.answer.left for each in self._sending) > MOST_BYTES:
            self._drop(next(iter(self._sending)))
        self._sending[conn] = fs
        self.poller.register(conn.sock, selectors.EVENT_WRITE, partial(self._send_on, conn))
        self._send_on(conn, conn.sock)

    def _send_on(self, conn: TConn, client: Any) -> None:
        if conn not in self._sending:
            return
        answer = conn.answer
        try:
            if not answer.is_broken:
                answer.send_on()
        except OSError:
            answer.is_broken = True
        if answer.is_broken:
            self._drop(conn)
        elif not answer.left:
            self.poller.unregister(client)
            done = self._sending.pop(conn)
            if done.exception() is None and done.result():
                super().finish_request(conn, done)
            else:
                self._close(conn)

    def _close(self, conn: TConn) -> None:
        """Say the end, and let the client close: what it still sends would undo the answer."""
        self._make_room(self._ended, self.most_waiting)
        self._ended[conn] = time.monotonic() + CLOSE_WITHIN
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._leave_unread, conn))
        try:
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._drop(conn)

    def _leave_unread(self, conn: TConn, client: Any) -> None:
        if conn not in self._ended:
            return
        try:
            part = client.recv(PART)
        except BlockingIOError:
            return
        except OSError:
            part = b""
        if not part:
            self._drop(conn)

    def _gather(self, conn: TConn) -> None:
        self._make_room(self._gathered, self.most_gathered)
        self._gathered[conn] = Gathering()
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._take, conn))

    def _take(self, conn: TConn, client: Any) -> None:
        gathering = self._gathered.get(conn)
        if gathering is None:
            return
        try:
            part = client.recv(PART)
            gathering.take(part)
        except BlockingIOError:
            return
        except OSError:  # the client is gone, or the disk full
            part = b""
        if not part:
            self._drop(conn)
            return
        if gathering.expects:
            gathering.expects = False
            with contextlib.suppress(OSError):
                client.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        if gathering.is_whole:
            self.poller.unregister(client)
            self._hand_over(conn, self._gathered.pop(conn))
        elif gathering.size > IN_MEMORY:
            while sum(each.size for each in self._gathered.values()) > MOST_BYTES:
                self._drop(max(self._gathered, key=lambda each: self._gathered[each].size))

    def _hand_over(self, conn: TConn, gathering: Gathering) -> None:
        gathering.start()
        if conn.parser is None:
            conn.parser = http.get_parser(self.cfg, conn.sock, conn.client)
            conn.initialized = conn.data_ready = True
        conn.parser.unreader.sock = conn.gathering = gathering
        self.enqueue_req(conn)

    def _make_room(self, held: dict[TConn, Any], most: int) -> None:
        while held and len(held) >= most:
            self._drop(next(iter(held)))

    def _drop(self, conn: TConn) -> None:
        if gathering := self._gathered.pop(conn, None):
            with contextlib.suppress(OSError):  # of a full disk
                gathering.close()
        if self._sending.pop(conn, None) is not None:
            conn.answer.close()
        self._ended.pop(conn, None)
        with contextlib.suppress(OSError, KeyError, ValueError):
            self.poller.unregister(conn.sock)
        self.nr_conns -= 1
        conn.close()
