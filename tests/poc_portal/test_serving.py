"""gunicorn with the portal's worker: requests that never end hold no thread, whole ones arrive whole."""

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest
import yaml

from poc_portal.local.portal import _children
from poc_portal.local.state import BASE_DIR

APP = """
import os, resource, tempfile
from poc_portal.web import sending, serving

if os.environ.get("IMPATIENT"):
    serving.HEADERS_WITHIN = sending.TAKE_WITHIN = 1
    sending.MOST_KEPT = 1_000_000

def few_files():
    most = int(max(os.listdir("/proc/self/fd"), key=int)) + 1
    resource.setrlimit(resource.RLIMIT_NOFILE, (most + 4, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))

def disk(folder):
    tempfile.tempdir = folder

DOES = {
    "/few": few_files,
    "/full": lambda: disk("/nowhere"),
    "/free": lambda: disk(None),
}

def app(environ, start):
    path = environ["PATH_INFO"]
    size = int(environ.get("CONTENT_LENGTH") or 0)
    body = b"" if path == "/unread" else environ["wsgi.input"].read(size)
    if path in DOES:
        DOES[path]()
    if path == "/file":
        start("200 OK", [("Content-Length", "12000000")])
        file = tempfile.TemporaryFile()
        file.write(b"x" * 12_000_000)
        file.seek(0)
        return environ["wsgi.file_wrapper"](file)
    if path == "/large":
        start("200 OK", [("Content-Length", "8000000")])
        return (b"x" * 80_000 for _n in range(100))
    said = str(os.getpid() if path == "/who" else len(body)).encode()
    start("200 OK", [("Content-Length", str(len(said)))])
    return [said]
"""
WORKER = "poc_portal.web.serving.Worker"


@contextmanager
def served(home, **environment):
    """The port of a web server with two threads."""
    (home / "counting.py").write_text(APP)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number = probe.getsockname()[1]
    server = subprocess.Popen(
        [
            sys.executable, "-m", "gunicorn", "counting:app", "--bind", f"127.0.0.1:{number}",
            "--threads", "2", "--worker-class", WORKER, "--no-control-socket",
            "--pythonpath", f"{home},{BASE_DIR}",
        ],
        stderr=subprocess.DEVNULL, env=os.environ | environment,
    )  # fmt: skip
    try:
        for _n in range(600):
            try:
                socket.create_connection(("127.0.0.1", number), 1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield number
    finally:
        server.terminate()
        server.wait(30)


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    with served(tmp_path_factory.mktemp("app")) as number:
        yield number


@pytest.fixture(scope="module")
def impatient(tmp_path_factory):
    """The port of one that waits a second, and keeps a megabyte of an answer."""
    with served(tmp_path_factory.mktemp("impatient"), IMPATIENT="1") as number:
        yield number


def begun(port, text):
    connection = socket.create_connection(("127.0.0.1", port), 10)
    connection.sendall(text)
    return connection


def answer_of(connection, end):
    said = b""
    while not said.endswith(end) and (part := connection.recv(1000)):
        said += part
    return said.endswith(end)


def posted(connection, body, path="/"):
    connection.request("POST", path, body)
    return connection.getresponse().read()


def test_forty_unfinished_requests_hold_nobody_up(port):
    unfinished = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc"
    held = [begun(port, unfinished) for _n in range(20)]
    held += [begun(port, b"POST / HTT") for _n in range(20)]
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    assert [posted(connection, b"x" * size) for size in (0, 10, 5_000_000, 70_000)] == [
        b"0", b"10", b"5000000", b"70000",
    ]  # fmt: skip
    held[0].sendall(b"x" * 997)  # who was only slow is answered
    assert answer_of(held[0], b"\r\n\r\n1000")
    for each in held:
        each.close()


def asked(port, path):
    """Who asks for something and reads nothing of it."""
    return begun(port, b"GET %b HTTP/1.1\r\nHost: x\r\n\r\n" % path)


def read_whole(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path)
    return connection.getresponse().read()


def is_over(connection):
    """Whether the server closed it; what it sent before is read."""
    connection.settimeout(60)
    try:
        while connection.recv(1_000_000):
            pass
    except ConnectionResetError:
        pass
    return True


def test_who_never_ends_is_cut_off(impatient):
    held = [
        begun(impatient, b"POST / HTT"),
        begun(impatient, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc"),
    ]
    assert all(map(is_over, held))


@pytest.mark.parametrize("path", [b"/file", b"/large"])
def test_who_asks_and_never_reads_holds_no_thread(port, path):
    held = [asked(port, path) for _n in range(8)]
    assert read_whole(port, "/") == b"0"
    for each in held:
        each.close()


@pytest.mark.parametrize("path", [b"/file", b"/large"])
def test_an_answer_nobody_takes_is_given_up(impatient, path):
    held = [asked(impatient, path) for _n in range(8)]
    assert read_whole(impatient, "/") == b"0"
    time.sleep(4)  # without a byte taken; they are given up after one second
    for each in held:
        got = 0
        each.settimeout(60)
        try:
            while part := each.recv(1_000_000):
                got += len(part)
        except ConnectionResetError:
            pass
        assert got < {b"/file": 12_000_000, b"/large": 8_000_000}[path]


@pytest.mark.parametrize("path", ["/file", "/large"])
def test_who_reads_late_is_answered_whole(port, path):
    held = asked(port, path.encode())
    time.sleep(1)
    whole = {"/file": 12_000_000, "/large": 8_000_000}[path]
    said = b""
    while len(said.partition(b"\r\n\r\n")[2]) < whole and (part := held.recv(1_000_000)):
        said += part
    assert said.partition(b"\r\n\r\n")[2] == b"x" * whole


def test_who_is_answered_and_does_not_close_keeps_nobody_waiting(port):
    began = time.monotonic()
    held = []
    for _n in range(20):
        connection = begun(port, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert answer_of(connection, b"\r\n\r\n0")
        held.append(connection)
    assert read_whole(port, "/") == b"0"
    assert time.monotonic() - began < 20  # two seconds each were forty


def test_a_full_disk_costs_a_request_and_no_worker(port):
    worker = read_whole(port, "/who")
    read_whole(port, "/full")
    try:
        large = begun(port, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            large.sendall(b"x" * 200_000)
        assert is_over(large)
        asked(port, b"/large").close()
    finally:
        assert read_whole(port, "/free") == b"0"
    assert read_whole(port, "/who") == worker


def test_too_few_file_descriptors_cost_connections_and_no_worker(tmp_path):
    with served(tmp_path) as port:
        worker = read_whole(port, "/who")
        read_whole(port, "/few")
        held = [begun(port, b"POST / HTT") for _n in range(30)]
        for each in held:
            each.close()
        assert read_whole(port, "/who") == worker


def test_a_body_that_says_it_is_too_large_is_answered_unread_and_nothing_follows_it(port):
    for head in (b"Content-Length: 99999999", b"Transfer-Encoding: chunked"):
        connection = begun(port, b"POST /unread HTTP/1.1\r\nHost: x\r\n%b\r\n\r\n" % head)
        said = b""
        while part := connection.recv(1000):
            said += part
        assert said.startswith(b"HTTP/1.1 200")  # by this app; the portal refuses it


def test_who_waits_to_be_told_to_go_on_is_told(port):
    connection = begun(
        port, b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"
    )
    assert connection.recv(100).startswith(b"HTTP/1.1 100")
    connection.sendall(b"abcd")
    assert answer_of(connection, b"\r\n\r\n4")


def test_everything_the_portal_runs_with_serves_so(tmp_path):
    web = _children(tmp_path, 8000)[0]
    assert WORKER in web.command
    assert WORKER in (BASE_DIR / "Dockerfile").read_text()


def test_compose_lets_the_proxy_alone_be_reached_and_believes_it_alone():
    found = yaml.safe_load((BASE_DIR / "docker-compose.yml").read_text())
    assert [name for name, service in found["services"].items() if "ports" in service] == ["proxy"]
    assert found["services"]["web"]["environment"]["TRUSTED_PROXIES"] == "${TRUSTED_PROXIES:-1}"
    proxy = (BASE_DIR / "deploy" / "Caddyfile").read_text()
    assert "request_buffers" in proxy
    assert "header_up X-Forwarded-For {remote_host}" in proxy
