"""Everything on one machine: database, demo, web server, worker and beat."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import socket
import sys
import time
import urllib.request
from importlib import import_module
from pathlib import Path

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from poc_portal import embedded
from poc_portal.supervisor import CannotLive, Child, Supervisor, python

HOST = "127.0.0.1"
PORT = 8000
WEB_PATIENCE = 60  # seconds until the web server must answer
DEMO = "strategies.demo"  # named, not imported: the frame knows no app


class Command(BaseCommand):
    help = "Run the whole portal on this machine, with the demonstration on first run."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or PORT))
        parser.add_argument("--no-demo", action="store_true", help="start with an empty portal")

    def handle(self, *args, **options) -> None:
        port = options["port"]
        self._require_free(port)
        state = embedded.state_directory()
        state.mkdir(parents=True, exist_ok=True)
        server = None if embedded.database_is_external() else embedded.Server(state)
        with self._only_one(state), server.claimed() if server else contextlib.nullcontext():
            secrets = embedded.load_secrets(state)
            supervisor = Supervisor(self._children(state, port), server, self._say)
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.default_int_handler)  # stops like Ctrl-C
            started = time.monotonic()
            try:
                self._prepare(server, secrets, demo=not options["no_demo"])
                supervisor.start()
                self._wait_for_web(supervisor.children[0], port)
                self._announce(port, secrets, time.monotonic() - started)
                supervisor.run()
            except (CannotLive, embedded.ServerError) as reason:
                raise CommandError(str(reason)) from None
            except KeyboardInterrupt:
                self._say("Stopping …")
            finally:
                for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                    signal.signal(number, signal.SIG_IGN)
                supervisor.end()
                if server is not None:
                    server.stop()
        self._say("Stopped.")

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

    def _require_free(self, port: int) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except (OSError, OverflowError) as error:
                raise CommandError(
                    f"Port {port} cannot be used ({error}); choose another: make run PORT={port + 1}"
                ) from None

    @contextlib.contextmanager
    def _only_one(self, state: Path):
        with (state / "portal.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise CommandError(f"The portal already runs on {state}; stop it first.") from None
            yield

    def _prepare(self, server: embedded.Server | None, secrets: dict, *, demo: bool) -> None:
        steps = ["database", "tables"]
        with tqdm(total=len(steps), desc="starting", unit="step", file=sys.stdout) as bar:
            bar.set_postfix_str(steps[0])
            if server is not None:
                server.start()
            bar.update()
            bar.set_postfix_str(steps[1])
            call_command("migrate", verbosity=0, interactive=False)
            bar.update()
        if demo and secrets:
            call_command("load_demo", password=secrets["demo_password"], stdout=self.stdout)

    def _children(self, state: Path, port: int) -> list[Child]:
        logs = state / "logs"
        logs.mkdir(exist_ok=True)
        environment = os.environ | {"PYTHONUNBUFFERED": "1"}
        quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        commands = {
            "web server": python(
                "-m", "gunicorn", "poc_portal.wsgi", "--bind", f"{HOST}:{port}", "--workers", "2",
                "--threads", "4", "--graceful-timeout", "5", "--no-control-socket",
            ),
            "worker": python(
                "-m", "celery", "-A", "poc_portal", "worker", "--concurrency", "2", *quiet,
            ),
            "beat": python(
                "-m", "celery", "-A", "poc_portal", "beat",
                "--pidfile", "", "--schedule", str(state / "beat-schedule"),
            ),
        }  # fmt: skip
        return [
            Child(name, command, logs / f"{name.replace(' ', '-')}.log", environment)
            for name, command in commands.items()
        ]

    def _wait_for_web(self, web: Child, port: int) -> None:
        deadline = time.monotonic() + WEB_PATIENCE
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://{HOST}:{port}/healthz", timeout=2).close()
                return
            if web.process is not None and web.process.poll() is not None:
                break
            time.sleep(0.2)
        raise CannotLive(f"The web server does not come up: {web.tail()}")

    def _announce(self, port: int, secrets: dict, seconds: float) -> None:
        lines = ["", f"The portal runs at http://{HOST}:{port}/ (ready after {seconds:.0f} s)", ""]
        if secrets:
            lines.append("Demonstration accounts (role: user name / password):")
            lines += [
                f"  {role}: {name} / {secrets['demo_password']}"
                for role, name in import_module(DEMO).demo_logins()
            ]
        lines += ["", "Ctrl-C stops everything."]
        self._say("\n".join(lines))
