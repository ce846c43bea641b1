"""Loaded before Django's settings: gives the tests a database server of their own."""

import os
from contextlib import ExitStack
from pathlib import Path

import pytest

from poc_portal import embedded

# Each process of a parallel run has a server of its own: what is still open in one would hold back
# what others are told of as committed.
PROCESS = os.environ.get("PYTEST_XDIST_WORKER", "")
STATE = Path(__file__).resolve().parent.parent / "var" / f"test{PROCESS}"
os.environ["POC_STATE_DIR"] = str(STATE)
os.environ.pop("REDIS_URL", None)
# Two processes share two cores: threads of linear algebra would only wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# Playwright keeps an event loop in the thread the tests run in, which Django takes for a server's.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
_running = ExitStack()


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config, parser, args):
    embedded.load_secrets()
    for name in ("SECRET_KEY", "INFORMANT_KEYS"):
        os.environ.setdefault(name, "")
    if not embedded.database_is_external():
        _running.enter_context(embedded.Server(durable=False).in_use())


def pytest_configure(config):
    from django.conf import settings

    # Passwords of tests protect nothing; the real hasher costs a third of a second each.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_unconfigure(config):
    _running.close()
