"""One answer on its way out: what a client does not take yet lies on disk, and holds no thread."""

from __future__ import annotations

import contextlib
import select
import socket
import tempfile
import threading
import time

TAKE_WITHIN = 60.0  # seconds, from when a client first lets an answer wait
SLOWEST = 8 * 1024  # bytes a second that lengthen them
IN_MEMORY = 64 * 1024  # bytes of an answer; more lie on disk
MOST_KEPT = 16 * 1024 * 1024  # bytes of an answer that wait; its thread waits with any more
PART = 64 * 1024


class Answer:
    """Written to like a socket by a thread, then sent on by the worker's loop.

    ``waiting``: who may wait with a thread for a client at the same time; others are cut off.
    """

    def __init__(self, client: socket.socket, waiting: threading.Semaphore) -> None:
        self.until = 0.0  # when it is given up, as long as something is left
        self.is_broken = False  # nothing more can be sent, and what was sent is not whole
        self._client = client
        self._waiting = waiting
        self._kept: tempfile.SpooledTemporaryFile | None = None
        self._written = self._sent = 0  # bytes of what was kept

    @property
    def left(self) -> int:
        return self._written - self._sent

    def sendall(self, data: bytes) -> None:
        """Raises OSError when the client is gone or too slow, or the disk is full."""
        try:
            taken = 0 if self.left else self._push(data)
            if taken < len(data):
                self._keep(memoryview(data)[taken:])
            if self.left > MOST_KEPT:
                self._wait()
        except OSError:
            self.is_broken = True
            raise

    def send(self, data: bytes) -> int:
        return len(data)  # "100 Continue", of which the client was told already

    def send_on(self) -> None:
        """Send what the client takes now. Raises OSError when it is gone."""
        while self.left and self._kept is not None:
            self._kept.seek(self._sent)
            part = self._kept.read(PART)
            sent = self._push(part)
            self._sent += sent
            self.until += sent / SLOWEST
            if sent < len(part):
                return
        if self._kept is not None:
            self._kept.close()
            self._kept, self._written, self._sent = None, 0, 0

    def end(self) -> None:
        if self._kept is not None:
            self._kept.close()

    def _push(self, data: bytes) -> int:
        try:
            return self._client.send(data)
        except BlockingIOError:
            return 0

    def _keep(self, data: memoryview) -> None:
        if self._kept is None:
            self._kept = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115
            self.until = time.monotonic() + TAKE_WITHIN
        self._kept.seek(self._written)
        self._kept.write(data)
        self._written += len(data)

    def _wait(self) -> None:
        if not self._waiting.acquire(blocking=False):
            raise TimeoutError("too many answers wait for their clients")
        try:
            while self.left:
                seconds = self.until - time.monotonic()
                ready = select.poll()
                ready.register(self._client, select.POLLOUT)
                if seconds <= 0 or not ready.poll(seconds * 1000):
                    raise TimeoutError("the client takes its answer too slowly")
                self.send_on()
        finally:
            self._waiting.release()

    # What a socket is asked besides.

    def setblocking(self, flag: bool) -> None:
        pass

    def shutdown(self, how: int) -> None:
        raise OSError("an answer that failed half-way has no good end")

    def close(self) -> None:
        self.is_broken = True
        with contextlib.suppress(OSError):
            self.end()
