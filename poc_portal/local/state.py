"""Where one machine keeps what is its own, and what it does not need because others run it."""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parents[2]
LONGEST_SOCKET_DIRECTORY = 90  # bytes; the kernel allows 107 for the whole socket path
SHARED, EXCLUSIVE = fcntl.LOCK_SH, fcntl.LOCK_EX


def state_directory() -> Path:
    """Where one machine keeps its data and secrets."""
    return Path(os.environ.get("POC_STATE_DIR") or BASE_DIR / "var").resolve()


def database_is_external() -> bool:
    return bool(os.environ.get("DATABASE_URL"))


def broker_is_external() -> bool:
    return bool(os.environ.get("REDIS_URL"))


def socket_directory(state: Path, name: str) -> Path:
    """A directory for sockets: ``name`` in the state directory unless its path is too long."""
    inside = state / name
    if len(os.fsencode(inside)) <= LONGEST_SOCKET_DIRECTORY:
        return inside
    digest = hashlib.sha256(os.fsencode(inside)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"poc-portal-{digest}"


@contextmanager
def file_lock(path: Path, kind: int) -> Iterator[int]:
    """Hold a lock of ``kind`` on the file, which is made if need be; yields its descriptor."""
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, kind)
        yield descriptor
    finally:
        os.close(descriptor)
