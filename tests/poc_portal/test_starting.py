"""The portal refuses to start with keys that protect nothing, or where secrets travel in the clear."""

import os
import re
import subprocess
import sys

import pytest
import yaml
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from poc_portal.local.state import BASE_DIR
from poc_portal.starting import is_one_machine, require_safe_start

GOOD_KEY = "kq2V0Wb7yLr3TzA8cN1eXf5uJm9pSd4GhR6oIvEwQxYtUaZjBn"
FERNET = Fernet.generate_key().decode()


def refusals() -> str:
    try:
        require_safe_start()
    except ImproperlyConfigured as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    "key", ["", "x", "short-key", "a" * 80, GOOD_KEY[:49], "django-insecure-" + GOOD_KEY]
)
def test_a_signing_key_that_can_be_guessed_is_refused_and_not_shown(settings, key):
    settings.SECRET_KEY = key
    assert "SECRET_KEY" in refusals()
    assert not key or key not in refusals().replace("SECRET_KEY", "")


@pytest.mark.parametrize(
    "keys", [[], ["x"], [GOOD_KEY], [FERNET, "x"], [FERNET[:-1]], [f"{FERNET} {FERNET}"], ["é"]]
)
def test_keys_of_informants_that_are_none_are_refused_and_not_shown(settings, keys):
    settings.INFORMANT_KEYS = keys
    assert "INFORMANT_KEYS" in refusals()
    assert FERNET not in refusals()
    assert GOOD_KEY not in refusals()


def test_good_keys_start(settings):
    settings.ALLOWED_HOSTS = ["localhost"]
    settings.SECRET_KEY, settings.INFORMANT_KEYS = GOOD_KEY, [FERNET, FERNET]
    assert refusals() == ""


@pytest.mark.parametrize(
    ("hosts", "database", "alone"),
    [
        (["localhost", "127.0.0.1", "[::1]"], "/run/sockets", True),
        (["portal.localhost"], "/run/sockets", True),
        (["portal.example.org"], "/run/sockets", False),
        (["*"], "/run/sockets", False),
        ([".example.org"], "/run/sockets", False),
        (["192.168.1.7"], "/run/sockets", False),
        (["localhost"], "database", False),
        (["localhost"], "127.0.0.1", False),
    ],
)
def test_beyond_one_machine_there_is_no_start_without_tls(
    settings, monkeypatch, hosts, database, alone
):
    settings.ALLOWED_HOSTS = hosts
    monkeypatch.setitem(settings.DATABASES["default"], "HOST", database)
    assert is_one_machine() is alone
    assert ("BEHIND_TLS" in refusals()) is not alone
    settings.DEBUG = True
    assert ("DEBUG" in refusals()) is not alone
    settings.BEHIND_TLS = settings.SESSION_COOKIE_SECURE = True
    settings.CSRF_COOKIE_SECURE = False
    assert ("BEHIND_TLS" in refusals()) is not alone
    settings.CSRF_COOKIE_SECURE, settings.DEBUG = True, False
    assert refusals() == ""


@pytest.mark.parametrize(
    "command",
    [
        ["manage.py", "portal", "--port", "1"],
        ["manage.py", "check", "--deploy"],
        ["-c", "import poc_portal.wsgi"],
        ["-m", "gunicorn", "poc_portal.wsgi", "--bind", "127.0.0.1:0", "--preload"],
        ["-m", "celery", "-A", "poc_portal", "worker", "--pool", "solo"],
        ["-m", "celery", "-A", "poc_portal", "beat", "--schedule", "/dev/null"],
    ],
    ids=["portal", "check", "wsgi", "gunicorn", "worker", "beat"],
)
def test_every_process_refuses_to_start(command):
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "poc_portal.settings",
        "SECRET_KEY": "short",
        "INFORMANT_KEYS": "none",
        "ALLOWED_HOSTS": "portal.example.org",
    }
    done = subprocess.run(
        [sys.executable, *command], cwd=BASE_DIR, env=environment, capture_output=True,
        text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    for name in ("SECRET_KEY", "INFORMANT_KEYS", "BEHIND_TLS"):
        assert name in done.stdout + done.stderr


def composed(service: str, given: dict[str, str]) -> dict[str, str]:
    """The environment of a service of the compose file, with what an operator gives filled in."""
    compose = yaml.safe_load((BASE_DIR / "docker-compose.yml").read_text())

    def filled(match: re.Match) -> str:
        name, _mark, default = re.fullmatch(r"(\w+)(?::([-?])(.*))?", match[1]).groups()
        return given.get(name) or (default or "" if _mark == "-" else "")

    environment = compose["services"][service]["environment"]
    return {
        name: re.sub(r"\$\{([^}]*)\}", filled, str(value)) for name, value in environment.items()
    }


@pytest.mark.parametrize("service", ["web", "worker-out", "beat", "migrate"])
def test_the_compose_environment_passes_djangos_checks_for_deployment(service, tmp_path):
    given = {
        "SECRET_KEY": GOOD_KEY, "INFORMANT_KEYS": FERNET, "POSTGRES_PASSWORD": "x",
        "ALLOWED_HOSTS": "portal.example.org,localhost",
    }  # fmt: skip
    environment = {"PATH": os.environ["PATH"], "POC_STATE_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=BASE_DIR, env=environment | composed(service, given), capture_output=True,
        text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
