from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from rest_framework.test import APIClient

from missions.choices import Classification, Role
from missions.models import Mission, User
from strategies.demo import load_demo
from tests.factories import MembershipFactory, MissionFactory
from tests.serving import Served, serve


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The test database holds the demonstration; each test's own changes are rolled back."""
    with django_db_blocker.unblock():
        # Not made yet where no test of this run is marked to need it, only those of the web server.
        if not connection.settings_dict["NAME"].startswith("test_"):
            connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        load_demo(password="demonstration")


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
