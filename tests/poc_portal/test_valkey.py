"""The Valkey of one machine: private, shared by its users, and back whatever became of it."""

import contextlib
import stat
import subprocess
import sys
import time

import psutil
import pytest
import redis

from poc_portal.local import supervisor
from poc_portal.local.server import ServerError
from poc_portal.local.state import BASE_DIR
from poc_portal.local.supervisor import CannotLive, Supervisor
from poc_portal.local.valkey import Valkey, valkey_url

MEGABYTE = b"x" * 1_000_000


@pytest.fixture
def server(tmp_path):
    found = Valkey(tmp_path / "state")
    with found.in_use():
        yield found


def client(server: Valkey) -> redis.Redis:
    return redis.from_url(valkey_url(server.state), socket_timeout=5)


def kill(server: Valkey) -> None:
    process = psutil.Process(server.pid())
    process.kill()
    process.wait(5)


def test_only_this_machine_reaches_it_and_it_keeps_nothing(server):
    process = psutil.Process(server.pid())
    assert process.net_connections("inet") == []
    for place, mode in ((server.socket.parent, 0o700), (server.socket, 0o700)):
        assert stat.S_IMODE(place.stat().st_mode) == mode
    if process.uids().effective == 0:
        pytest.fail("it runs as root")
    found = client(server).config_get("*")
    assert (found["port"], found["save"], found["appendonly"]) == ("0", "", "no")


def test_what_is_cached_makes_room_and_no_message_is_dropped(server):
    connection = client(server)
    connection.lpush("long", *(f"message {number}" for number in range(100)))
    for number in range(150):  # more than its memory holds
        connection.set(f"cached {number}", MEGABYTE, ex=600)
    assert connection.llen("long") == 100
    assert connection.info("stats")["evicted_keys"] > 10
    with contextlib.suppress(redis.OutOfMemoryError):
        for _time in range(200):
            connection.lpush("long", MEGABYTE)
    assert 150 < connection.llen("long") < 300  # refused in the end, and none dropped
    assert connection.lrange("long", -1, -1) == [b"message 0"]


def test_the_last_who_uses_it_stops_it(tmp_path):
    first, second = Valkey(tmp_path), Valkey(tmp_path)
    with first.in_use():
        pid = first.pid()
        # Locks are of open files: a process of its own is what another window would be.
        code = (
            "import pathlib, sys; from poc_portal.local.valkey import Valkey\n"
            "with Valkey(pathlib.Path(sys.argv[1])).in_use() as found: print(found.pid())"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path)],
            cwd=BASE_DIR, capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
        assert int(done.stdout) == pid
        assert second.is_running()
    assert second.pid() is None
    assert not psutil.pid_exists(pid)


def test_two_state_directories_have_two(server, tmp_path):
    other = Valkey(tmp_path / ("deep" * 40))  # too long for a socket
    assert not str(other.socket).startswith(str(tmp_path))
    with other.in_use():
        client(server).set("whose", "the first's")
        assert client(other).get("whose") is None
        assert server.pid() != other.pid()
    assert server.is_running()


@pytest.mark.parametrize("fault", ["killed", "hung"])
def test_it_starts_over_what_another_left(server, fault):
    process = psutil.Process(server.pid())
    if fault == "killed":
        kill(server)
        assert server.socket.exists()
        assert server.pid() is None
    else:
        process.suspend()
        assert server.pid() == process.pid
        assert not server.is_running()
    server.start(patience=5)
    assert server.is_running()
    assert server.pid() != process.pid
    assert not psutil.pid_exists(process.pid) or process.status() == psutil.STATUS_ZOMBIE


def test_the_supervisor_starts_it_again_and_says_so(server):
    said = []
    watching = Supervisor([], [server], said.append)
    for _time in range(supervisor.TRIES + 2):  # more often than a vital server may end
        kill(server)
        watching._watch_server(server)
        assert server.is_running()
    assert said == ["Valkey ended; starting it again.", "Valkey is back."] * 6


def test_one_that_does_not_start_is_said_once_and_tried_for_ever(server, monkeypatch):
    said = []
    watching = Supervisor([], [server], said.append)
    kill(server)
    monkeypatch.setattr(supervisor, "TRIED_AGAIN", 0.0)
    with monkeypatch.context() as broken:
        broken.setattr(Valkey, "prepare", lambda self: (_ for _ in ()).throw(OSError("disk full")))
        for _time in range(supervisor.TRIES * 2):
            watching._watch_server(server)
    assert said == [
        "Valkey ended; starting it again.", "Valkey does not start; trying on. disk full",
    ]  # fmt: skip
    watching._watch_server(server)
    assert said[2:] == ["Valkey is back."]


def test_a_vital_server_that_cannot_live_ends_the_run(tmp_path):
    class Broken(Valkey):
        is_vital = True

        def start(self, *, patience=0):
            raise ServerError("no space left on device")

    with pytest.raises(CannotLive, match="no space left"):
        Supervisor([], [Broken(tmp_path)], print).run()


@pytest.mark.prove
def test_starting_takes_a_moment(tmp_path, figure):
    began = time.monotonic()
    with Valkey(tmp_path).in_use():
        figure("seconds to start", round(time.monotonic() - began, 2), "less than 5")
