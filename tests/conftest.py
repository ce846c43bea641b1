import datetime
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone, translation
from rest_framework.test import APIClient

from missions.choices import Classification, Role
from missions.models import Mission, User
from tests.factories import MembershipFactory, MissionFactory
from tests.serving import Served, serve
from threats.risk import skill


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker) -> Iterator[None]:
    """The test database holds the demonstration; each test's own changes are rolled back."""
    settings = connection.settings_dict
    loaded, name = settings["NAME"], f"test_{settings['NAME']}"
    with django_db_blocker.unblock():
        connection.close()
        with connection._nodb_cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, 'test_')")
            for (left_over,) in cursor.fetchall():
                cursor.execute(f'DROP DATABASE "{left_over}" WITH (FORCE)')
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{loaded}"')
    settings["NAME"] = name
    yield
    with django_db_blocker.unblock():
        connection.close()
        settings["NAME"] = loaded


@pytest.fixture(autouse=True)
def usual_language_and_clock() -> None:
    """A page of an earlier test left its reader's."""
    translation.activate(settings.LANGUAGE_CODE)
    timezone.deactivate()


@pytest.fixture
def demo(db) -> Mission:
    return Mission.objects.get(code="MINUSCA")


@pytest.fixture
def mission(db) -> Mission:
    return MissionFactory()


@pytest.fixture
def member(mission):
    """Makes accounts: ``member(role, clearance)``, in the test's mission unless another is named."""

    def make(role=Role.VIEWER, clearance=Classification.STRICTLY_CONFIDENTIAL, where=None, **extra):
        membership = MembershipFactory(
            mission=where or mission, role=role, clearance=clearance, **extra
        )
        return membership.member

    return make


@pytest.fixture
def juba(db) -> Mission:
    """A mission on the last day of 2022, by the clocks of Juba."""
    return MissionFactory(time_zone="Africa/Juba", reference_date=datetime.date(2022, 12, 31))


@pytest.fixture
def planner_in_juba(juba, member):
    return member(Role.PLANNER, where=juba)


@pytest.fixture
def few_replicates(monkeypatch) -> None:
    """A backtest draws ten bootstrap replicates, and not three hundred."""
    monkeypatch.setattr(skill, "REPLICATES", 10)


@pytest.fixture
def signed_in():
    """Page and API clients of an account."""

    def make(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return make


@pytest.fixture
def api():
    def make(user: User) -> APIClient:
        client = APIClient()
        client.force_authenticate(user)
        return client

    return make


@pytest.fixture(scope="session")
def served(django_db_setup, django_db_blocker) -> Iterator[Served]:
    """The web server over a copy of the demonstration, to read from."""
    with serve(django_db_blocker, "served") as found:
        yield found


@pytest.fixture(scope="session")
def served_to_write(django_db_setup, django_db_blocker) -> Iterator[Served]:
    """Another, for those who write too."""
    with serve(django_db_blocker, "written") as found:
        yield found
