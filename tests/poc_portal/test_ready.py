"""A new user need not wait: the portal answers soon after it is started on an empty home."""

import os
import re
import signal
import socket
import subprocess
import sys

import pytest

from poc_portal.local.state import BASE_DIR

PATIENCE = 180  # seconds; 60 are asked of a machine that has nothing else to do


@pytest.mark.prove(only=True)
def test_the_portal_is_ready_soon_on_an_empty_home(tmp_path, figure):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    home = {"POC_STATE_DIR": str(tmp_path / "state"), "HOME": str(tmp_path)}
    own = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    portal = subprocess.Popen(
        [sys.executable, "manage.py", "portal", "--port", port],
        cwd=BASE_DIR, env=own | home, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True,
    )  # fmt: skip
    assert portal.stdout is not None
    said = []
    try:
        for line in portal.stdout:
            said.append(line)
            if ready := re.search(r"ready after (\d+) s", line):
                seconds = int(ready.group(1))
                break
        else:
            pytest.fail("".join(said)[-2000:])
    finally:
        portal.send_signal(signal.SIGINT)
        portal.stdout.read()
        portal.wait(timeout=60)
    figure("seconds to the first page, empty home", seconds, "less than 60")
    assert seconds < PATIENCE
