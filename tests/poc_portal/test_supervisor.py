import os
import socket
import subprocess
import sys

import pytest

from poc_portal.local.postgres import postgres_sockets
from poc_portal.local.state import BASE_DIR, LONGEST_SOCKET_DIRECTORY
from poc_portal.local.supervisor import CannotLive, Child, Supervisor


def child(tmp_path, *command):
    return Child("worker", list(command), tmp_path / "log", dict(os.environ))


def test_one_that_cannot_live_ends_the_run_with_its_reason(tmp_path, monkeypatch):
    monkeypatch.setattr("poc_portal.local.supervisor.time.sleep", lambda seconds: None)
    said = []
    broken = child(tmp_path, "sh", "-c", "echo no such setting >&2; exit 3")
    supervisor = Supervisor([broken], [], said.append)
    supervisor.start()
    with pytest.raises(CannotLive, match="worker cannot stay up: no such setting"):
        supervisor.run()
    assert said
    assert all("exit code 3" in line for line in said)


def test_ending_takes_grandchildren_along(tmp_path):
    parent = child(tmp_path, "sh", "-c", "sleep 60 & echo $! > pid; wait")
    parent.command[2] = f"cd {tmp_path}; " + parent.command[2]
    supervisor = Supervisor([parent], [], print)
    supervisor.start()
    pid = tmp_path / "pid"
    while not pid.exists() or not pid.read_text().strip():
        pass
    supervisor.end()
    done = subprocess.run(["ps", "-o", "stat=", "-p", pid.read_text().strip()], capture_output=True)
    assert done.stdout.strip()[:1] in (b"", b"Z")


def test_a_port_in_use_is_said_in_one_line(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "manage.py", "portal", "--port", port],
            capture_output=True, text=True, cwd=BASE_DIR,
            env=os.environ | {"POC_STATE_DIR": str(tmp_path)},
        )  # fmt: skip
    assert done.returncode != 0
    assert done.stderr.count("\n") == 1
    assert port in done.stderr


def test_a_long_path_gets_a_short_socket(tmp_path):
    deep = tmp_path / ("x" * 120)
    assert len(str(postgres_sockets(deep))) < LONGEST_SOCKET_DIRECTORY
    assert postgres_sockets(deep) == postgres_sockets(deep)


def test_importing_settings_touches_nothing(tmp_path):
    code = "import os; os.environ['POC_STATE_DIR']=os.sys.argv[1]; import poc_portal.settings"
    subprocess.run(
        [sys.executable, "-c", code.replace("os.sys", "__import__('sys')"), str(tmp_path / "new")],
        check=True, cwd=BASE_DIR,
    )  # fmt: skip
    assert not (tmp_path / "new").exists()
