"""Whoever answers by drips is cut off in time."""

import socket
import threading
import time

import pytest

from poc_portal.web import outbound
from poc_portal.web.outbound import Unreachable, opened


@pytest.fixture
def dripping():
    """A receiver that sends a byte of a header now and then, for as long as it is listened to."""
    server = socket.create_server(("127.0.0.1", 0))
    sent: list[bool] = []

    def drip() -> None:
        client, _address = server.accept()
        with client:
            client.recv(4096)
            client.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
            try:
                while True:
                    client.sendall(b"x")
                    time.sleep(0.05)
            except OSError:
                sent.append(True)

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}/", thread
    server.close()


def test_a_receiver_that_drips_is_cut_off(dripping):
    url, thread = dripping
    trusted = frozenset({url.removeprefix("http://").rstrip("/")})
    with (
        pytest.raises(Unreachable),
        opened("POST", url, {}, b"{}", trusted=trusted, patience=5, whole=0.5),
    ):
        pass
    thread.join(timeout=30)
    assert not thread.is_alive()  # the connection is closed, not merely left


def test_webhooks_have_such_an_end():
    assert outbound.WHOLE <= 20
