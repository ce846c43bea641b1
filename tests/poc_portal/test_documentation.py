"""The examples run as they stand, and the schema does not change unsaid."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys

import pytest
from drf_spectacular.generators import SchemaGenerator

from poc_portal.local.state import BASE_DIR

DOCS = BASE_DIR / "docs"


def run(served, *command: str) -> str:
    environment = os.environ | {
        "PORTAL": served.address, "TOKEN": served.token("analyst"), "MISSION": "MINUSCA",
    }  # fmt: skip
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=120, cwd=DOCS / "examples"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_python_example_runs(served_to_write):
    text = run(served_to_write, sys.executable, "follow.py")
    assert re.search(r"^copied \d{4} incidents", text)
    for line in ("replayed: true", "is answered 412", "says 3 injured", "gone from the copy: True"):
        assert line in text


def test_the_curl_example_runs(served_to_write):
    if shutil.which("curl") is None:
        pytest.skip("curl is not on this machine; install Debian's package curl")
    text = run(served_to_write, "sh", "walk.sh")
    assert '"probability"' in text
    assert "#meta+id" in text
    assert '"FeatureCollection"' in text
    assert "http://www.w3.org/2005/Atom" in text
    assert '"stored":true' in text


def test_a_change_of_the_schema_has_its_line():
    """docs/api-changelog.md ends each line with a digest of the schema it brought about."""
    schema = SchemaGenerator().get_schema(request=None, public=True)
    text = json.dumps(schema, sort_keys=True, default=str)
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    lines = (DOCS / "api-changelog.md").read_text().splitlines()
    newest = next(line for line in lines if line.startswith("- "))
    assert newest.endswith(f"`{digest}`"), (
        f"The schema changed. Say how in a new first line of docs/api-changelog.md, and end it "
        f"with `{digest}`; raise VERSION in the settings when a client must change."
    )
    assert schema["info"]["version"] in newest
