"""The portal's web server over a copy of the test database, for clients that speak HTTP."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from urllib.parse import quote

import requests
from django.db import connection

from exchange.tokens.services import issue_token
from missions.models import Mission, User
from missions.services import add_member
from poc_portal.local.state import BASE_DIR


@contextlib.contextmanager
def database_copy(blocker, suffix: str) -> Iterator[str]:
    """A copy of the test database under another name; gone with what was committed in it."""
    name = connection.settings_dict["NAME"]
    copy = f"{name}_{suffix}"
    with blocker.unblock():
        connection.close()
        with connection._nodb_cursor() as cursor:
            # Whatever earlier tests left connected, from another thread or loop.
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
            )
            cursor.execute(f'DROP DATABASE IF EXISTS "{copy}" WITH (FORCE)')
            cursor.execute(f'CREATE DATABASE "{copy}" TEMPLATE "{name}"')
    yield copy
    with blocker.unblock(), connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{copy}" WITH (FORCE)')


@contextlib.contextmanager
def within(blocker, database: str) -> Iterator[None]:
    """Django's own connection, to another database for a while."""
    name = connection.settings_dict["NAME"]
    with blocker.unblock():
        connection.close()
        connection.settings_dict["NAME"] = database
        try:
            yield
        finally:
            connection.close()
            connection.settings_dict["NAME"] = name


class Served:
    """``address`` of the web server; accounts and their tokens on demand."""

    def __init__(self, blocker, database: str, port: int):
        self.address = f"http://127.0.0.1:{port}"
        self.database = database
        self._blocker, self._tokens = blocker, {}

    def token(self, role: str, clearance: int = 2, may_write: bool = True) -> str:
        """Of an account of its own in the demonstration."""
        key = (role, clearance, may_write)
        if key not in self._tokens:
            with within(self._blocker, self.database):
                user = User.objects.create_user(f"{role}-{clearance}-{may_write}")
                mission = Mission.objects.get(code="MINUSCA")
                add_member(member=user, mission=mission, role=role, clearance=clearance)
                _record, token = issue_token(
                    user=user, name="a test", may_write=may_write, resources=[], days=1
                )
            self._tokens[key] = token
        return self._tokens[key]

    def session(self, role: str, clearance: int = 2) -> requests.Session:
        session = requests.Session()
        session.headers["Authorization"] = f"Token {self.token(role, clearance)}"
        return session


@contextlib.contextmanager
def serve(blocker, name: str) -> Iterator[Served]:
    with database_copy(blocker, name) as database, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        settings = connection.settings_dict
        place = quote(str(settings["HOST"]), safe="")
        url = f"postgres://{settings['USER']}:{settings['PASSWORD']}@{place}:{settings['PORT']}"
        environment = os.environ | {
            "DATABASE_URL": f"{url.removesuffix(':')}/{database}",
            "API_REQUESTS_PER_MINUTE": "100000",
            "DJANGO_SETTINGS_MODULE": "poc_portal.settings",
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "poc_portal.wsgi", "--bind", f"127.0.0.1:{port}",
             "--workers", "2", "--threads", "2", "--no-control-socket", "--log-level", "error"],
            cwd=BASE_DIR, env=environment,
        )  # fmt: skip
        try:
            served = Served(blocker, database, port)
            for _try in range(300):
                with contextlib.suppress(requests.RequestException):
                    if requests.get(f"{served.address}/healthz", timeout=5).ok:
                        break
                time.sleep(0.1)
            yield served
        finally:
            process.terminate()
            process.wait(20)
