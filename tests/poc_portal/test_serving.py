"""gunicorn with the portal's worker: requests that never end hold no thread, whole ones arrive whole."""

import http.client
import socket
import subprocess
import sys
import time

import pytest
import yaml

from poc_portal.local.portal import _children
from poc_portal.local.state import BASE_DIR
from poc_portal.web import serving

APP = """
def app(environ, start):
    size = int(environ.get("CONTENT_LENGTH") or 0)
    body = b"" if environ["PATH_INFO"] == "/unread" else environ["wsgi.input"].read(size)
    said = str(len(body)).encode()
    start("200 OK", [("Content-Length", str(len(said)))])
    return [said]
"""
WORKER = "poc_portal.web.serving.Worker"


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    """Of a web server with two threads."""
    home = tmp_path_factory.mktemp("app")
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
        stderr=subprocess.DEVNULL,
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


def test_who_never_ends_is_cut_off(monkeypatch):
    gathering = serving.Gathering()
    gathering.take(b"POST / HTTP/1.1\r\nContent-Length: 8000\r\n\r\n")
    left = gathering.until - time.monotonic()
    assert serving.HEADERS_WITHIN - 1 < left < serving.HEADERS_WITHIN + 2
    assert not gathering.is_whole


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
