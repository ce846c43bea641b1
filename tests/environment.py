"""Loaded before Django's settings: gives the tests servers of their own."""

import os
from contextlib import ExitStack

import pytest

from poc_portal.local.secrets import load_secrets
from poc_portal.local.server import all_in_use, own_servers
from tests import template

os.environ.pop("DATABASE_URL", None)
os.environ.pop("REDIS_URL", None)
# Two processes share two cores: threads of linear algebra would only wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# Playwright keeps an event loop in the thread the tests run in, which Django takes for a server's.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
_running = ExitStack()


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config, parser, args):
    """Each process of a parallel run has a server of its own: what is still open in one would
    hold back what others are told of as committed."""
    asked = early_config.known_args_namespace
    is_worker = "PYTEST_XDIST_WORKER" in os.environ
    with early_config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        name = template.ensure(fresh=getattr(asked, "create_db", False) and not is_worker)
    # Who only hands out work needs no server; any place will do for its settings.
    hands_out = getattr(asked, "numprocesses", None) and not is_worker
    if hands_out or getattr(asked, "collectonly", False):
        state = template.TEMPLATE
    else:
        state = _running.enter_context(template.place(name))
    os.environ["POC_STATE_DIR"] = str(state)
    load_secrets()
    if state != template.TEMPLATE:
        _running.enter_context(all_in_use(own_servers(durable=False)))


def pytest_configure(config):
    from django.conf import settings

    # Passwords of tests protect nothing; the real hasher costs a third of a second each.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Else every client of a test looks through all static files before its first request.
    settings.WHITENOISE_AUTOREFRESH = True


def pytest_unconfigure(config):
    _running.close()
