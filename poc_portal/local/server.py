"""What the private servers of one machine have in common.

A server lives in ``POC_STATE_DIR`` (default ``var/`` in the project) and listens on a Unix socket
only. Root runs each under an unprivileged account of its own.

Several processes may want a server at once (``make run`` and an import in another window). Each
holds a shared lock while it works; the last one to leave stops the server.
"""

from __future__ import annotations

import fcntl
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from poc_portal.local.state import (
    EXCLUSIVE,
    SHARED,
    broker_is_external,
    database_is_external,
    file_lock,
    state_directory,
)


class ServerError(RuntimeError):
    """The server could not be started; the message holds the end of its log."""


class Server:
    """A server of one state directory."""

    name = ""  # for people
    kind = ""  # of its files
    account = ""  # that root runs it under
    package = ""  # the wheel, as it is imported
    is_vital = True  # nothing works without it
    pause = 0.5  # seconds between two tries to start it

    def __init__(self, state: Path | None = None):
        self.state = state or state_directory()
        self.data = self.state / self.kind
        self.log = self.data / "server.log"

    # -- what callers use ---------------------------------------------------------------

    @contextmanager
    def in_use(self) -> Iterator[Server]:
        """Start the server if it is not running; stop it on leaving if nobody else uses it."""
        with self.claimed() as users:
            self.start()
            try:
                yield self
            finally:
                try:
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    pass  # another process still works with it
                else:
                    self.stop()

    def claimed(self) -> AbstractContextManager[int]:
        """While held, no other process stops the server on leaving."""
        self.state.mkdir(parents=True, exist_ok=True)
        return file_lock(self.state / f"{self.kind}.users", SHARED)

    def start(self, *, patience: float = 30.0) -> None:
        """Make sure the server answers.

        ``patience`` (seconds) covers the moment after a killed server in which what it left still
        holds its place. Raises ServerError.
        """
        with file_lock(self.state / f"{self.kind}.lock", EXCLUSIVE):
            if self.is_running():
                return
            self.prepare()
            deadline = time.monotonic() + patience
            while not self.try_start():
                if time.monotonic() > deadline:
                    raise ServerError(f"{self.name} did not start:\n{self.log_tail()}")
                time.sleep(self.pause)
            self.finish()

    def is_running(self) -> bool:
        """Whether the server answers (not merely whether its process exists)."""
        raise NotImplementedError

    def pid(self) -> int | None:
        """Process id of the server, or None if no such process lives."""
        raise NotImplementedError

    def stop(self) -> None:
        """End the server; what is not running stays so."""
        raise NotImplementedError

    # -- what each of them does its own way ------------------------------------------------

    def prepare(self) -> None:
        """Make what the server needs before its first start."""
        raise NotImplementedError

    def try_start(self) -> bool:
        """Start it once; whether it answers."""
        raise NotImplementedError

    def finish(self) -> None:
        """Make what the server holds, once it answers."""

    # -- how it is done ---------------------------------------------------------------------

    def package_directory(self) -> Path:
        """Where the wheel lies; it is not imported, for that might touch the disk."""
        spec = importlib.util.find_spec(self.package)
        if spec is None or spec.origin is None:
            name = self.package.replace("_", "-")
            raise ServerError(f"The {name} package is missing; install requirements.txt.")
        return Path(spec.origin).parent

    def run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess:
        """Run a program of the server's under its account."""
        # A file, not a pipe: the server inherits it and would keep a pipe open for ever.
        account = self.account if os.geteuid() == 0 else None
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                user=account,
                group=account,
                extra_groups=[] if account else None,
                cwd="/",
                check=False,
            )
            output.seek(0)
            said = output.read()
        if check and done.returncode != 0:
            name = Path(command[0]).name
            raise ServerError(f"{name} failed:\n{said.strip()}\n{self.log_tail()}")
        return done

    def make_private(self, *directories: Path, programs: Path) -> None:
        """Make directories that only the server's account may enter, and let it to ``programs``."""
        for directory in directories:
            directory.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            _ensure_account(self.account)
            for directory in (*directories, programs):
                _let_others_pass(directory)
            for directory in directories:
                shutil.chown(directory, self.account, self.account)
        for directory in directories:
            directory.chmod(0o700)

    def log_tail(self) -> str:
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-8:])
        except OSError:
            return ""


def own_servers(state: Path | None = None, *, durable: bool = True) -> list[Server]:
    """The servers this machine runs itself; without ``durable`` they may lose data in a power cut."""
    from poc_portal.local.postgres import Postgres
    from poc_portal.local.valkey import Valkey

    servers: list[Server] = []
    if not database_is_external():
        servers.append(Postgres(state, durable=durable))
    if not broker_is_external():
        servers.append(Valkey(state))
    return servers


@contextmanager
def all_in_use(servers: list[Server]) -> Iterator[None]:
    with ExitStack() as stack:
        for server in servers:
            stack.enter_context(server.in_use())
        yield


def _ensure_account(name: str) -> None:
    try:
        pwd.getpwnam(name)
    except KeyError:
        subprocess.run(["useradd", "--system", "--shell", "/usr/sbin/nologin", name], check=True)


def _let_others_pass(directory: Path) -> None:
    """Let the server's account walk through (not list) the directories above ``directory``."""
    for parent in [*reversed(directory.parents)]:
        mode = parent.stat().st_mode
        if not mode & stat.S_IXOTH:
            parent.chmod(mode | stat.S_IXOTH)
