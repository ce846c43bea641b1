"""Brought files are read in a child process: one that asks for too much takes nobody with it.

The child has limits of memory, processor time and size, and none of the portal's secrets: neither
its environment nor its settings. It sends what it read piece by piece, and never faster than it
is taken.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from django.utils.translation import get_language, gettext

from poc_portal.local.state import BASE_DIR
from poc_portal.tabular.report import FileRefused

log = logging.getLogger(__name__)
CHILD = Path(__file__).with_name("child.py")
LARGEST_FRAME = 64 * 1024 * 1024  # bytes; a row of a table is far smaller
MB = 1024 * 1024
# Uploads read at once in a process, of all accounts together: each may take a gigabyte.
AT_ONCE, PATIENCE = 2, 30.0  # and seconds to wait for one's turn
_uploads = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True)
class Limits:
    """What reading one file may take: bytes of memory and unpacked, seconds, columns.

    ``wait``: for each next piece; ``whole``: for all of it, None where whoever takes it is slow.
    """

    memory: int = 1024 * MB
    processor: int = 30
    wait: float = 40
    whole: float | None = 60
    unpacked: int = 200 * MB
    columns: int = 20_000


UPLOAD = Limits()
# Files of the operator and of the sources pulled from: as large as a dataset of the world is.
DATASET = Limits(processor=1800, wait=300, whole=None, unpacked=8192 * MB)


@contextmanager
def read_apart(
    reader: str, file: IO[bytes], name: str, limits: Limits, **options: Any
) -> Iterator[Iterator[Any]]:
    """The pieces ``reader`` (module:function) makes of a file, as JSON brings them here.

    Raises FileRefused with what the reader says, or when it takes more than ``limits``.
    ``name``: what messages call the file.
    """
    with _turn(name, limits):
        yield from _read_apart(reader, file, name, limits, options)


@contextmanager
def _turn(name: str, limits: Limits) -> Iterator[None]:
    if limits.whole is None:  # the operator's, or a worker's
        yield
        return
    if not _uploads.acquire(timeout=PATIENCE):
        raise FileRefused(
            gettext("%(file)s has to wait: other files are being read. Try it again in a minute.")
            % {"file": name}
        )
    try:
        yield
    finally:
        _uploads.release()


def _read_apart(
    reader: str, file: IO[bytes], name: str, limits: Limits, options: dict[str, Any]
) -> Iterator[Iterator[Any]]:
    asked = {
        "reader": reader, "name": name, "language": get_language(), "limits": asdict(limits),
        "options": options,
    }  # fmt: skip
    os.lseek(file.fileno(), 0, os.SEEK_SET)
    environment = {
        name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ
    }
    child = subprocess.Popen(
        [sys.executable, str(CHILD), json.dumps(asked)],
        stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        cwd=BASE_DIR, env=environment | {"PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    frames = _frames(child, name, limits)
    try:
        yield frames
    finally:
        frames.close()
        child.kill()
        with contextlib.suppress(OSError):
            child.stdout.close()  # type: ignore[union-attr]
        child.wait()


def _frames(child: subprocess.Popen, name: str, limits: Limits) -> Generator[Any, None, None]:
    end = time.monotonic() + limits.whole if limits.whole else None
    pipe = child.stdout.fileno()  # type: ignore[union-attr]
    while True:
        until = time.monotonic() + limits.wait
        until = min(until, end) if end else until
        length = int.from_bytes(_exactly(pipe, 4, until), "big")
        body = _exactly(pipe, length, until) if 0 < length <= LARGEST_FRAME else b""
        if not body:
            log.warning("a brought file was not read (child ended with %s)", _ending(child))
            raise FileRefused(
                gettext(
                    "%(file)s is too much to read: it takes more memory or time than a file may. Split it, "
                    "or save its table alone as CSV."
                )
                % {"file": name}
            )
        frame = json.loads(body)
        if "refused" in frame:
            raise FileRefused(str(frame["refused"]))
        if "end" in frame:
            return
        yield frame["piece"]


def _ending(child: subprocess.Popen) -> int | None:
    """How it ended, negative for a signal; None where it has not."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        return child.wait(timeout=1)
    return None


def _exactly(pipe: int, length: int, until: float) -> bytes:
    """So many bytes; none when the child ends, or the time does, before them."""
    parts: list[bytes] = []
    while length:
        left = until - time.monotonic()
        if left <= 0 or not select.select([pipe], [], [], left)[0]:
            return b""
        part = os.read(pipe, min(length, MB))
        if not part:
            return b""
        parts.append(part)
        length -= len(part)
    return b"".join(parts)
