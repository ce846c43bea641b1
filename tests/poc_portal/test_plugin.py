"""An app outside the tree adds a kind of record without a change to a file of ours."""

import os
import subprocess
import sys

APP = "tests.plugin.hazards"


def test_with_an_app_of_ones_own():
    """In a process of its own: which apps there are is settled when Django starts."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "tests/plugin", "-q", "-p", "no:cacheprovider"],
        env=environment | {"PORTAL_APPS": APP}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "passed" in done.stdout
    assert "skipped" not in done.stdout
