"""Every landed version upgrades: its database is restored, migrated, checked and looked at."""

import re
from collections import deque
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.test import Client

from missions.choices import ComponentKind
from missions.models import Component, User
from poc_portal.models import Layout
from strategies.models import Strategy
from tests.upgrades.dumps import FOLDER, restore, upgrading
from threats.scoring.recompute import recompute_whole

DUMPS = sorted(FOLDER.glob("demo-*.dump"))
PAGES = 40  # looked at by each of two roles
LINK = re.compile(r'href="(/MINUSCA/[^"#]*)"')
# Ways out, and files a page offers.
NOT_LOOKED_AT = re.compile(r"format=|\.pdf|\.csv")


@pytest.fixture
def empty_database(django_db_setup, django_db_blocker):
    with upgrading(django_db_blocker) as name:
        yield name


def test_each_released_version_has_a_dump():
    assert DUMPS, "tests/upgrades/dumps.py makes one when a version is released"


@pytest.mark.parametrize("dump", DUMPS, ids=lambda path: path.stem)
def test_a_database_of_that_version_upgrades(dump: Path, empty_database):
    settings = connection.settings_dict
    restore(dump, host=str(settings["HOST"]), user=settings["USER"], database=empty_database)
    call_command("migrate", verbosity=0, interactive=False)
    call_command("migrate", verbosity=0, check_unapplied=True)
    assert Layout.objects.count() == 1
    # What was endorsed is cleared, and nobody is said to have approved it.
    standing = Strategy.objects.values_list("status", "endorsed_by__username", "approved_by")
    assert set(standing) == {("endorsed", "adviser", None)}
    pillars = Component.objects.filter(kind__in=["jmac", "joc"]).values_list("pillar", flat=True)
    assert set(pillars) == {"joint"}
    named = Component.objects.filter(kind="public_information").values_list("name", flat=True)
    assert set(named) == {"Strategic communications"}
    kinds = set(Component.objects.values_list("kind", flat=True))
    assert kinds == set(ComponentKind.values) - {"other"}
    # What weighs otherwise now is asked to be summed anew.
    assert recompute_whole() > 0
    call_command("check_risk")
    for role in ("adviser", "viewer"):
        assert _look_around(role) == PAGES


def _look_around(role: str) -> int:
    """Follow links as a demonstration account; how many pages were looked at, all of them sound."""
    client = Client()
    client.force_login(User.objects.get(username=role))
    waiting, seen, looked_at = deque(["/MINUSCA/"]), {"/MINUSCA/"}, 0
    while waiting and looked_at < PAGES:
        address = waiting.popleft()
        answer = client.get(address)
        assert answer.status_code in (200, 302), f"{role} {address}: {answer.status_code}"
        looked_at += 1
        if answer.status_code == 200 and "html" in answer["Content-Type"]:
            links = [link.replace("&amp;", "&") for link in LINK.findall(answer.content.decode())]
            found = [each for each in dict.fromkeys(links) if not NOT_LOOKED_AT.search(each)]
            waiting.extend(link for link in found if link not in seen)
            seen.update(found)
    return looked_at


def test_a_database_from_before_is_refused_in_one_line(empty_database):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE django_migrations (app text, name text, applied timestamptz)")
        cursor.execute("INSERT INTO django_migrations VALUES ('poc_portal', '0001_initial', now())")
    with pytest.raises(CommandError, match=r"made before version 0\.1\.0.*start again\."):
        call_command("migrate", verbosity=0)
    assert connections["default"].introspection.table_names() == ["django_migrations"]
