"""The loaded demonstration, kept between runs under ``var/tests/template``.

It is a state directory as a first ``make run`` leaves it: the server's files with the demonstration
in the portal's database, and the secrets that belong to it. Each process of a test run works on a
copy of the files, with a server of its own, and each run on a clone of the database within.

It is made anew when something it was made of has changed: a Python file of ours that the making
read (comments and layout apart), a file added beside one of those, data, a library. What was read
is written down when it is made, so nobody has to keep a list. ``--create-db`` (or ``make test
FRESH=1``) makes it anew in any case; ``KEEP_TEMPLATE=1`` in the environment keeps what there is
unless a migration has changed, for who knows that an edit changes nothing in the demonstration.
"""

from __future__ import annotations

import ast
import contextlib
import fcntl
import hashlib
import itertools
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from poc_portal.local.secrets import load_secrets
from poc_portal.local.server import all_in_use, own_servers

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / "var" / "tests"
TEMPLATE = HOME / "template"
MADE_OF = TEMPLATE / "made-of.json"
DATA_FILES = {".csv", ".geojson", ".json", ".sql", ".typ", ".txt"}
OURS_TO_LEAVE_OUT = {"tests", "docs", "static", "templates", "locale", "var"}
_OUTSIDE = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "INFORMANT_KEYS", "POC_STATE_DIR")


def ensure(*, fresh: bool = False) -> str:
    """Make the template unless the kept one is right; its name, another each time it is made."""
    HOME.mkdir(parents=True, exist_ok=True)
    with _locked(HOME / "template.lock"):
        stale = "asked for" if fresh else why_stale()
        may_keep = os.environ.get("KEEP_TEMPLATE") == "1" and not why_stale("migrations")
        if stale and (fresh or not may_keep):
            _make(stale)
        return json.loads(MADE_OF.read_text())["name"]


def copy(target: Path) -> None:
    """The server's files and the secrets into an empty or missing directory ``target``."""
    target.mkdir(parents=True, exist_ok=True)
    with _locked(HOME / "template.lock"):
        # Keeps the owner of each file, which root's server needs.
        subprocess.run(["cp", "-a", str(TEMPLATE / "postgres"), str(target)], check=True)
        shutil.copy(TEMPLATE / "secrets.json", target)


@contextlib.contextmanager
def place(name: str) -> Iterator[Path]:
    """A state directory of this process alone, with the files of the template called ``name``."""
    with contextlib.ExitStack() as held:
        for number in itertools.count():
            try:
                held.enter_context(_locked(HOME / f"process-{number}.lock", wait=False))
            except BlockingIOError:
                continue  # another process works there
            break
        state = HOME / f"process-{number}"
        copied = state / "copied"
        if not copied.exists() or copied.read_text() != name:
            for server in own_servers(state):
                server.stop()
            shutil.rmtree(state, ignore_errors=True)
            copy(state)
            copied.write_text(name)
        yield state


def why_stale(part: str = "") -> str:
    """What has changed, of paths that hold ``part``, since the template was made; empty: nothing."""
    try:
        made = json.loads(MADE_OF.read_text())
    except (OSError, ValueError):
        return "there is none yet"
    if not part and made["libraries"] != _libraries():
        return "other libraries"
    for directory, names in made["directories"].items():
        if part in directory and _names(ROOT / directory) != names:
            return f"files added or removed in {directory}"
    for path, (digest, meaning) in made["files"].items():
        if part not in path:
            continue
        try:
            content = (ROOT / path).read_bytes()
            right = _digest(content) == digest or _meaning(path, content) == meaning
        except (OSError, SyntaxError):
            right = False
        if not right:
            return f"{path} changed"
    return ""


def _make(why: str) -> None:
    sys.stderr.write(f"Loading the demonstration for the tests ({why}) …\n")
    began = time.monotonic()
    for server in own_servers(TEMPLATE):
        server.stop()
    shutil.rmtree(TEMPLATE, ignore_errors=True)
    environment = {key: value for key, value in os.environ.items() if key not in _OUTSIDE}
    environment |= {
        "POC_STATE_DIR": str(TEMPLATE), "DJANGO_SETTINGS_MODULE": "poc_portal.settings",
        "OPENBLAS_NUM_THREADS": "1",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "tests.template"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise RuntimeError(f"The demonstration could not be loaded:\n{done.stdout}{done.stderr}")
    sys.stderr.write(f"… loaded in {time.monotonic() - began:.0f} s.\n")


def _load() -> None:
    """In a process of its own: load as a first run does, then write down what was read."""
    secrets = load_secrets()
    with all_in_use(own_servers(durable=False)):
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0, interactive=False)
        call_command("load_demo", password=secrets["demo_password"])
    MADE_OF.write_text(json.dumps(_made_of(), indent=1))


def _made_of() -> dict:
    loaded = {
        Path(file).relative_to(ROOT)
        for module in list(sys.modules.values())
        if (file := getattr(module, "__file__", None)) and Path(file).is_relative_to(ROOT)
    }
    python = {path for path in loaded if _is_ours(path)}
    directories = {path.parent for path in python}
    data = {
        path.relative_to(ROOT)
        for directory in {directory.parts[0] for directory in directories if directory.parts}
        for path in (ROOT / directory).rglob("*")
        if path.suffix in DATA_FILES and "__pycache__" not in path.parts
    }
    return {
        "name": hashlib.sha256(os.urandom(16)).hexdigest()[:16],
        "libraries": _libraries(),
        "directories": {str(directory): _names(ROOT / directory) for directory in directories},
        "files": {
            str(path): [_digest(content), _meaning(str(path), content)]
            for path in sorted(python | data)
            for content in [(ROOT / path).read_bytes()]
        },
    }


def _is_ours(path: Path) -> bool:
    return path.parts[0] not in OURS_TO_LEAVE_OUT and not path.parts[0].startswith(".")


def _names(directory: Path) -> list[str]:
    """Modules that may be found by looking: a migration, a format, an app's declarations."""
    return sorted(path.name for path in directory.glob("*.py"))


def _libraries() -> str:
    """Releases of what the portal runs on, and of Python itself."""
    return _digest((sys.version + (ROOT / "requirements.txt").read_text()).encode())


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _meaning(path: str, content: bytes) -> str:
    """Digest of Python code without comments, layout and docstrings; of anything else as it is."""
    if not path.endswith(".py"):
        return _digest(content)
    tree = ast.parse(content)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        first = body[0] if isinstance(body, list) and body else None
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            first.value = ast.Constant("")
    return _digest(ast.dump(tree).encode())


@contextlib.contextmanager
def _locked(path: Path, *, wait: bool = True) -> Iterator[None]:
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield
    finally:
        os.close(descriptor)


if __name__ == "__main__":
    _load()
