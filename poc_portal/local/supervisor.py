"""Keeps a handful of processes running together on one machine.

A child that dies is started again, and said so. One that cannot live (it keeps dying soon
after its start) ends the whole run with one line that says why. Nothing outlives the
supervisor: each child leads a process group of its own, which is killed as a whole, and the
kernel ends a child whose supervisor was itself killed. A server that is not vital is tried again
for as long as it takes.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from poc_portal.local.server import Server, ServerError

PR_SET_PDEATHSIG = 1  # prctl(2)
QUICK = 20.0  # seconds; a child that dies within them counts as having failed to start
TRIES = 4  # quick deaths in a row after which a child cannot live
GRACE = 10.0  # seconds to end by itself after being asked
SERVER_PATIENCE = 30.0  # seconds for a vital server to come up again
TRIED_AGAIN = 5.0  # seconds between two tries to start a server that does not come up
Say = Callable[[str], None]


class CannotLive(RuntimeError):
    """A child keeps dying; the message names it and the end of what it printed."""


def _die_with_parent() -> None:
    """In the child: have the kernel end it when the supervisor is gone (Linux)."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Child:
    """A command that shall always run."""

    name: str
    command: list[str]
    log: Path
    environment: dict[str, str]
    process: subprocess.Popen | None = None
    started: float = 0.0
    quick_deaths: int = 0
    not_before: float = 0.0

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self.environment,
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )
        self.started = time.monotonic()

    def signal(self, number: int) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)

    def tail(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return next((line for line in reversed(lines) if line.strip()), "it printed nothing")


@dataclass
class Supervisor:
    """Runs children beside this machine's own servers, if there are any, until told to stop."""

    children: list[Child]
    servers: Iterable[Server]
    say: Say
    _deaths: dict[str, deque[float]] = field(
        default_factory=lambda: defaultdict(lambda: deque(maxlen=TRIES))
    )
    _away_until: dict[str, float] = field(default_factory=dict)

    def run(self) -> None:
        """Watch until interrupted; raises CannotLive."""
        while True:
            for server in self.servers:
                self._watch_server(server)
            for child in self.children:
                self._watch(child)
            time.sleep(0.2)

    def start(self) -> None:
        """Start those that do not run yet."""
        for child in self.children:
            if child.process is None:
                child.start()

    def end(self) -> None:
        """Ask every child to end, and end those that do not. May be called twice."""
        for child in self.children:
            child.signal(signal.SIGTERM)
        deadline = time.monotonic() + GRACE
        for child in self.children:
            if child.process is not None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.process.wait(max(0.1, deadline - time.monotonic()))
                child.signal(signal.SIGKILL)
                child.process.wait()
                child.process = None

    def _watch(self, child: Child) -> None:
        process, now = child.process, time.monotonic()
        if process is not None:
            status = process.poll()
            if status is None:
                if child.quick_deaths and now - child.started > QUICK:
                    child.quick_deaths = 0
                return
            # Whatever it had started may still hold its port.
            child.signal(signal.SIGKILL)
            child.process = None
            child.quick_deaths = child.quick_deaths + 1 if now - child.started < QUICK else 1
            if child.quick_deaths >= TRIES:
                raise CannotLive(f"{child.name} cannot stay up: {child.tail()}")
            child.not_before = now + 0.5 * (child.quick_deaths - 1)
            self.say(f"{child.name} ended ({_cause(status)}); starting it again.")
        if now >= child.not_before:
            child.start()

    def _watch_server(self, server: Server) -> None:
        if server.pid() is not None:
            return
        now = time.monotonic()
        if now < self._away_until.get(server.name, now):
            return
        deaths = self._deaths[server.name]
        deaths.append(now)
        if server.is_vital and len(deaths) == TRIES and now - deaths[0] < TRIES * QUICK:
            raise CannotLive(f"{server.name} cannot stay up; see its log in the state directory.")
        if server.name not in self._away_until:
            self.say(f"{server.name} ended; starting it again.")
        try:
            server.start(patience=SERVER_PATIENCE if server.is_vital else 0.0)
        except (ServerError, OSError) as error:
            if server.is_vital:
                raise CannotLive(str(error)) from error
            if server.name not in self._away_until:
                self.say(f"{server.name} does not start; trying on. {str(error).splitlines()[-1]}")
            self._away_until[server.name] = time.monotonic() + TRIED_AGAIN
            return
        self._away_until.pop(server.name, None)
        self.say(f"{server.name} is back.")


def _cause(status: int) -> str:
    if status < 0:
        return f"killed by {signal.Signals(-status).name}"
    return f"exit code {status}"


def python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]
