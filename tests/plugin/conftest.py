"""These tests run with the plug-in installed: see ``tests/poc_portal/test_plugin.py``."""

import pytest
from django.apps import apps
from django.core.management import call_command

collect_ignore = [] if apps.is_installed("tests.plugin.hazards") else ["test_hazards.py"]


@pytest.fixture(scope="session", autouse=True)
def installed(django_db_setup, django_db_blocker):
    """The tables of the plug-in, beside the demonstration."""
    with django_db_blocker.unblock():
        call_command("migrate", verbosity=0, interactive=False)
