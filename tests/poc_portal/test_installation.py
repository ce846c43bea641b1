"""What an installation refuses to start with, and what it sends and keeps with everything."""

import csv
import json
import os
import stat
import subprocess
import sys

import pytest
import yaml
from cryptography.fernet import Fernet
from django.core.cache import caches

from missions.choices import Role
from poc_portal.cache import AsJson
from poc_portal.checks import check_installation
from poc_portal.local.portal import _close_off
from poc_portal.local.postgres import SILENT
from poc_portal.local.state import BASE_DIR
from poc_portal.tabular.exports import csv_rows, unmarked

RIGHT = {
    "SECRET_KEY": "s3cret-kfj29dkw02mfkeo29fkfo2mfo2kf0dkd02kf9fkwk3mfo",  # pragma: allowlist secret
    "INFORMANT_KEYS": Fernet.generate_key().decode(),
    "DATABASE_URL": "postgresql://portal:x@database:5432/portal",
    "REDIS_URL": "redis://redis:6379/0",
    "ALLOWED_HOSTS": "portal.example.org,localhost",
    "BEHIND_TLS": "1",
    "TRUSTED_PROXIES": "1",
    "DJANGO_SETTINGS_MODULE": "poc_portal.settings",
}


def run(*command, **changed):
    """A command of the portal as composed, with some settings others, or None for left out."""
    given = {name: value for name, value in (RIGHT | changed).items() if value is not None}
    of_tests = "DJANGO_ALLOW_ASYNC_UNSAFE"
    kept = {k: value for k, value in os.environ.items() if k not in {*RIGHT, of_tests}}
    return subprocess.run(
        [sys.executable, *command], cwd=BASE_DIR, env=kept | given, capture_output=True, text=True,
        timeout=120,
    )  # fmt: skip


def test_the_composed_portal_passes_the_check_for_deployment():
    done = run("manage.py", "check", "--deploy", "--fail-level", "INFO")
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


WRONG = [
    ({"SECRET_KEY": None}, "poc_portal.E001"),
    ({"SECRET_KEY": "abc"}, "poc_portal.E001"),
    ({"SECRET_KEY": "a" * 60}, "poc_portal.E001"),
    ({"SECRET_KEY": RIGHT["SECRET_KEY"][:49]}, "poc_portal.E001"),
    ({"SECRET_KEY": f"django-insecure-{RIGHT['SECRET_KEY']}"}, "poc_portal.E001"),
    ({"INFORMANT_KEYS": None}, "poc_portal.E002"),
    ({"INFORMANT_KEYS": "notakey"}, "poc_portal.E003"),
    ({"INFORMANT_KEYS": f"{RIGHT['INFORMANT_KEYS']} notakey"}, "poc_portal.E003"),
    ({"INFORMANT_KEYS": f"{RIGHT['INFORMANT_KEYS']},notakey"}, "poc_portal.E003"),
    ({"BEHIND_TLS": None}, "poc_portal.E005"),
    ({"BEHIND_TLS": None, "ALLOWED_HOSTS": None}, "poc_portal.E005"),
    ({"BEHIND_TLS": None, "DATABASE_URL": "postgres://x@localhost/portal"}, "poc_portal.E005"),
]


@pytest.mark.parametrize(("changed", "told"), WRONG)
def test_the_web_server_does_not_start_with(changed, told):
    done = run("-c", "import poc_portal.wsgi", **changed)
    assert done.returncode != 0
    assert told in done.stderr or "SECRET_KEY setting must not be empty" in done.stderr
    assert "notakey" not in done.stderr  # a key that is nearly right is still one
    assert run("-c", "import poc_portal.wsgi").returncode == 0


def test_keys_may_lie_in_files(tmp_path):
    places = {}
    for name in ("SECRET_KEY", "INFORMANT_KEYS"):
        file = tmp_path / name
        file.write_text(f"{RIGHT[name]}\n")
        places |= {name: None, f"{name}_FILE": str(file)}
    assert run("-c", "import poc_portal.wsgi", **places).returncode == 0
    (tmp_path / "INFORMANT_KEYS").write_text("notakey")
    assert "poc_portal.E003" in run("-c", "import poc_portal.wsgi", **places).stderr


@pytest.mark.parametrize("command", [("beat",), ("worker", "--pool", "solo")])
def test_neither_worker_nor_scheduler_starts_with_a_wrong_key(command):
    done = run("-m", "celery", "-A", "poc_portal", *command, INFORMANT_KEYS="notakey")
    assert done.returncode != 0
    assert "poc_portal.E003" in done.stderr + done.stdout


def test_a_machine_of_its_own_needs_no_tls(settings, monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
    assert check_installation() == []
    settings.DEBUG = True
    assert check_installation() == []
    for host in ("*", ".example.org", "10.0.0.3", "portal"):
        settings.ALLOWED_HOSTS = ["localhost", host]
        assert {error.id for error in check_installation()} == {
            "poc_portal.E004",
            "poc_portal.E005",
        }
    settings.ALLOWED_HOSTS = ["localhost"]
    monkeypatch.setenv("DATABASE_URL", "postgres://u@%2Fvar%2Frun/portal")
    assert check_installation() == []


def test_cookies_behind_tls_are_of_this_host_alone():
    code = (
        "import django, json; django.setup(); from django.conf import settings as s; print(json.dumps("
        "[s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, "
        "s.DEVICE_COOKIE_NAME, s.SESSION_COOKIE_DOMAIN, s.CSRF_COOKIE_DOMAIN, s.SESSION_COOKIE_PATH, s.CSRF_COOKIE_AGE]))"
    )
    said = json.loads(run("-c", code).stdout)
    day = 12 * 60 * 60
    names = ["__Host-sessionid", "__Host-csrftoken"]
    assert said == [*names, True, True, "__Host-device", None, None, "/", day]


def test_every_answer_says_what_a_browser_may_not(client, db):
    for address in ("/sign-in/", "/api/v1/", "/static/img/mark.svg", "/nothing/"):
        answer = client.get(address)
        assert "camera=()" in answer["Permissions-Policy"], address
        assert answer["Cross-Origin-Resource-Policy"] == "same-origin"


def test_signing_out_clears_what_the_browser_kept(member, signed_in):
    answer = signed_in(member(Role.ANALYST)).post("/sign-out/")
    assert answer["Clear-Site-Data"] == '"cache", "storage"'


def test_the_cache_holds_no_pickles():
    values = [1, "é", [1, 2], {"a": None}, True, 2.5]
    assert [AsJson().loads(AsJson().dumps(value)) for value in values] == values
    with pytest.raises(TypeError):
        AsJson().dumps(object())
    cache = caches["default"]
    cache.set("test-json", {"a": [1]}, 10)
    raw = cache._cache.get_client("test-json").get(cache.make_key("test-json"))
    assert raw == b'{"a": [1]}'
    cache.set("test-count", 1, 10)
    assert cache.incr("test-count") == 2


def test_no_cell_of_a_csv_runs_in_any_spreadsheet():
    for text in ("=1+1", "+1", "-1", "@a", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠a"):
        assert next(iter(csv_rows([[text]]))).lstrip('"').startswith("'"), text
    assert next(iter(csv_rows([[-1, "a=1"]]))) == "-1,a=1\n"
    for between in (";", "; ", "\t", "\n", "\r\n", ';"', ";\u00a0", "\n \t"):
        for sign in "=+-@＝＋－＠":
            text = f"note{between}{sign}HYPERLINK(1);x"
            written = next(csv.reader(csv_rows([[text]])))[0]
            assert written == f"note{between}'{sign}HYPERLINK(1);x"
            assert unmarked(written) == text


def test_the_database_logs_no_statement_and_no_row(db):
    from django.db import IntegrityError, connection, transaction

    from missions.models import Mission
    from poc_portal.local.postgres import Postgres

    assert "-c log_min_error_statement=panic" in SILENT
    Mission.objects.create(code="X-CANARY-4711", name="a", countries=["CAF"])
    with pytest.raises(IntegrityError), transaction.atomic():
        Mission.objects.create(code="X-CANARY-4711", name="b", countries=["CAF"])
    with connection.cursor() as cursor:
        cursor.execute("SHOW log_error_verbosity")
        assert cursor.fetchone()[0] == "terse"
    assert "X-CANARY-4711" not in Postgres().log.read_text(errors="replace")


def test_what_an_earlier_version_left_open_is_closed(tmp_path):
    state = tmp_path / "var"
    (state / "logs").mkdir(parents=True)
    for name in ("logs/web-server.log", "beat-schedule", "beat-schedule.db"):
        (state / name).write_text("x")
        (state / name).chmod(0o644)
    state.chmod(0o755)
    _close_off(state)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in state.rglob("*")}
    assert modes == {
        "logs": 0o700, "web-server.log": 0o600, "beat-schedule": 0o600, "beat-schedule.db": 0o600,
    }  # fmt: skip
    assert stat.S_IMODE(state.stat().st_mode) == 0o701  # the servers' accounts pass through


def test_every_composed_service_is_closed():
    composed = yaml.safe_load((BASE_DIR / "docker-compose.yml").read_text())
    services = composed["services"]
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["mem_limit"], name
        assert service["pids_limit"], name
        image = service["image"].partition(":")[2]
        assert "build" in service or (image[:1].isdigit() and "." in image), name  # no moving tag
        assert not service.get("ports") or name == "proxy"
        assert service.get("user") != "root"
    reached = {name for name, service in services.items() if "broker" in service["networks"]}
    assert reached == {"valkey", "migrate", "web", "beat", *(n for n in services if "worker" in n)}
    outward = [name for name, network in composed["networks"].items() if not (network or {})]
    callers = {n for n, s in services.items() if {*s["networks"]} & {*outward}}
    assert callers == {"proxy", "worker-out"}
    assert "requirepass" in str(services["valkey"]["command"])
    silent = str(services["database"]["command"])
    assert all(option.removeprefix("-c ") in silent for option in SILENT)


def test_the_schema_needs_a_sign_in_where_the_installation_says_so():
    code = (
        "import django; django.setup(); from django.test import Client; c = Client(headers={'host': 'localhost'});"
        "print([c.get(a).status_code for a in ('/api/v1/schema/', '/api/v1/explorer/')])"
    )
    assert run("-c", code, API_SCHEMA_SIGN_IN="1").stdout.strip() == "[401, 401]"
