"""The whole portal on one machine: servers, demonstration, web server, workers and beat."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import socket
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from django.core.management import CommandError, call_command
from tqdm import tqdm

from poc_portal.declarations import modules
from poc_portal.local.secrets import load_secrets
from poc_portal.local.server import Server, own_servers
from poc_portal.local.state import state_directory
from poc_portal.local.supervisor import CannotLive, Child, Say, Supervisor, python
from poc_portal.queues import POOLS

HOST = "127.0.0.1"
WEB_PATIENCE = 60  # seconds until the web server must answer
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class CannotStart(RuntimeError):
    """The portal cannot start; the message says why in one line."""


def run_portal(*, port: int, demo: bool, say: Say) -> None:
    """Run until interrupted. Raises CannotStart, CannotLive or ServerError."""
    _require_free(port)
    os.umask(0o077)  # logs, e-mails and schedules are for this account alone
    state = state_directory()
    state.mkdir(parents=True, exist_ok=True)
    _close_off(state)
    servers = own_servers(state)
    with contextlib.ExitStack() as held:
        held.enter_context(_only_one(state))
        for server in servers:
            held.enter_context(server.claimed())
        secrets = load_secrets(state)
        supervisor = Supervisor(_children(state, port), servers, say)
        for number in STOPPING:
            signal.signal(number, signal.default_int_handler)  # stops like Ctrl-C
        started = time.monotonic()
        try:
            _prepare(servers)
            if demo and secrets:
                call_command("load_demo", password=secrets["demo_password"])
            web = supervisor.children[0]
            web.start()  # people wait for it; the workers' starting would slow it down
            _wait_for_web(web, port)
            supervisor.start()
            _announce(say, port, secrets if demo else {}, time.monotonic() - started)
            supervisor.run()
        except KeyboardInterrupt:
            say("Stopping …")
        finally:
            for number in STOPPING:
                signal.signal(number, signal.SIG_IGN)
            supervisor.end()
            for server in reversed(servers):
                server.stop()
    say("Stopped.")


def _close_off(state: Path) -> None:
    """What an earlier version left open to other accounts of the machine."""
    passed = state.stat().st_mode & 0o001  # the servers' accounts pass through
    state.chmod(0o700 | passed)
    for path in (state / "logs", state / "e-mail", *state.glob("beat-schedule*")):
        for one in (path, *(path.iterdir() if path.is_dir() else ())):
            with contextlib.suppress(OSError):
                one.chmod(0o700 if one.is_dir() else 0o600)


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError) as error:
            raise CannotStart(
                f"Port {port} cannot be used ({error}); choose another: make run PORT={port + 1}"
            ) from None


@contextlib.contextmanager
def _only_one(state: Path) -> Iterator[None]:
    with (state / "portal.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotStart(f"The portal already runs on {state}; stop it first.") from None
        yield


def _prepare(servers: list[Server]) -> None:
    with tqdm(total=len(servers) + 1, desc="starting", unit="step", file=sys.stdout) as bar:
        for server in servers:
            bar.set_postfix_str(server.name)
            server.start()
            bar.update()
        bar.set_postfix_str("tables")
        try:
            call_command("migrate", verbosity=0, interactive=False)
        except CommandError as error:
            raise CannotStart(str(error)) from None
        bar.update()


def _children(state: Path, port: int) -> list[Child]:
    logs = state / "logs"
    logs.mkdir(exist_ok=True)
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    commands = {
        "web server": python(
            "-m", "gunicorn", "poc_portal.wsgi", "--bind", f"{HOST}:{port}", "--workers", "2",
            "--threads", "4", "--worker-class", "poc_portal.web.serving.Worker", "--graceful-timeout", "5", "--no-control-socket", "--preload",
        ),
        **{f"{pool.queue} worker": pool.command for pool in POOLS},
        "beat": python(
            "-m", "celery", "-A", "poc_portal", "beat",
            "--pidfile", "", "--schedule", str(state / "beat-schedule"),
        ),
    }  # fmt: skip
    return [
        Child(name, command, logs / f"{name.replace(' ', '-')}.log", environment)
        for name, command in commands.items()
    ]


def _wait_for_web(web: Child, port: int) -> None:
    deadline = time.monotonic() + WEB_PATIENCE
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"http://{HOST}:{port}/healthz", timeout=2).close()
            return
        if web.process is not None and web.process.poll() is not None:
            break
        time.sleep(0.2)
    raise CannotLive(f"The web server does not come up: {web.tail()}")


def _announce(say: Say, port: int, secrets: dict, seconds: float) -> None:
    lines = ["", f"The portal runs at http://{HOST}:{port}/ (ready after {seconds:.0f} s)", ""]
    if secrets:
        lines.append("Demonstration accounts (role: user name / password):")
        lines += [
            f"  {role}: {name} / {secrets['demo_password']}"
            for module in modules("demo")
            for role, name in getattr(module, "logins", list)()
        ]
    lines += ["", "Ctrl-C stops everything."]
    say("\n".join(lines))
