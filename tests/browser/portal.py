"""Starts the real portal in a directory of its own, as ``make run`` does."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg2
import requests
from celery import Celery

from poc_portal.broker import celery_url
from poc_portal.local.postgres import DATABASE_NAME, DATABASE_USER, Postgres, postgres_sockets
from poc_portal.local.valkey import Valkey, valkey_url
from poc_portal.postgres.locks import Lock
from poc_portal.queues import LONG
from threats.scoring.training import EVERYWHERE

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(condition, patience: float = PATIENCE, what: str = ""):
    """The first true value of ``condition()``; fails after ``patience`` seconds."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.1)
    raise AssertionError(f"not within {patience:.0f} s: {what or condition}")


class Portal:
    """A running portal; ``output`` is what it has printed."""

    def __init__(self, state: Path, *options: str):
        self.state, self.port = state, free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.started, self.ready_after = time.monotonic(), 0.0
        self.printed = state.parent / f"{state.name}.out"
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if name not in ("SECRET_KEY", "INFORMANT_KEYS", "REDIS_URL", "DATABASE_URL")
        } | {"POC_STATE_DIR": str(state)}
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), "portal", "--port", str(self.port), *options],
            stdin=subprocess.DEVNULL,
            stdout=self.printed.open("wb"),
            stderr=subprocess.STDOUT,
            env=self.environment,
            cwd=ROOT,
            start_new_session=True,
        )

    @property
    def output(self) -> str:
        return self.printed.read_text(errors="replace")

    @property
    def password(self) -> str:
        return json.loads((self.state / "secrets.json").read_text())["demo_password"]

    def ready(self) -> Portal:
        def announced() -> bool:
            assert self.process.poll() is None, self.output
            return "Ctrl-C stops everything" in self.output

        wait_for(announced, 240, "the portal to be ready")
        self.ready_after = self.ready_after or time.monotonic() - self.started
        return self

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(40)

    def child(self, part: str) -> psutil.Process:
        """The child process whose command line holds ``part``."""
        return next(
            child
            for child in psutil.Process(self.process.pid).children()
            if part in " ".join(child.cmdline())
        )

    def everything(self) -> list[psutil.Process]:
        """All processes of this portal, its servers' included."""
        found = psutil.Process(self.process.pid).children(recursive=True)
        for server in (Postgres(self.state), Valkey(self.state)):
            pid = server.pid()
            if pid is not None:
                found += [psutil.Process(pid), *psutil.Process(pid).children()]
        return found

    def query(self, sql: str, *values):
        with self.connection() as connection, connection.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall() if cursor.description else None

    @contextmanager
    def without_training(self):
        """Minutes after its start the portal trains a model, which takes a processor for minutes.

        Here it finds somebody at it: until PostgreSQL is killed.
        """
        held = self.connect()
        held.autocommit = True
        try:
            held.cursor().execute("SELECT pg_advisory_lock(%s, %s)", [Lock.TRAINING, EVERYWHERE])
            yield
        finally:
            with suppress(psycopg2.Error):
                held.close()

    def connect(self):
        return psycopg2.connect(
            host=str(postgres_sockets(self.state)), user=DATABASE_USER, dbname=DATABASE_NAME
        )

    @contextmanager
    def connection(self):
        connection = self.connect()
        try:
            with connection:
                yield connection
        finally:
            connection.close()

    def scores(self) -> list[tuple]:
        return self.query(
            "SELECT community_id, date, horizon, clearance, band,"
            " round(expected::numeric, 10), round(week_before::numeric, 10)"
            " FROM threats_riskscore ORDER BY 1, 2, 3, 4"
        )

    def nothing_pending(self) -> bool:
        return self.query(
            "SELECT (SELECT count(*) FROM threats_recomputerequest)"
            " + (SELECT count(*) FROM threats_evidencechange)"
        ) == [(0,)]

    def ask_for_everything(self) -> None:
        self.query(
            "INSERT INTO threats_recomputerequest (mission_id, scope, created_at)"
            " SELECT id, 'whole', now() FROM missions_mission"
        )
        # Woken as by whoever asks for it; the next sweep would take it up a quarter of a minute later.
        with Celery(broker=celery_url(valkey_url(self.state))) as app:
            app.send_task("threats.tasks.recompute_whole", queue=LONG)

    def recompute_everything(self) -> None:
        self.ask_for_everything()
        wait_for(self.nothing_pending, what="the recompute")

    def signed_in(self, name: str) -> requests.Session:
        session = requests.Session()
        page = f"{self.address}/sign-in/"
        session.get(page, timeout=60)
        answer = session.post(
            page,
            data={
                "username": name,
                "password": self.password,
                "csrfmiddlewaretoken": session.cookies["csrftoken"],
            },
            timeout=60,
        )
        assert answer.url.endswith("/MINUSCA/"), answer.url
        return session
