"""One broker everywhere: its address, who does what, and that nobody waits for it."""

import contextlib

import pytest
import redis
import yaml
from django.core.cache import caches
from django.db import transaction
from kombu import Connection

from missions.choices import Role
from poc_portal import celery as waking
from poc_portal.broker import cache_url, celery_url
from poc_portal.cache import Cache
from poc_portal.celery import app, wake
from poc_portal.local.state import BASE_DIR
from poc_portal.local.valkey import Valkey, valkey_url
from poc_portal.queues import LONG, OUT, POOLS, SHORT
from records.upsert import Undo
from threats.models import Incident

TASK = "threats.tasks.recompute_pending"


# -- its address ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("of_celery", "of_cache"),
    [
        ("redis+socket:///run/valkey.sock?virtual_host=1", "unix:///run/valkey.sock?db=1"),
        ("redis+socket:///run/valkey.sock", "unix:///run/valkey.sock"),
        ("redis+socket:///a%2Cb/%C3%A9.sock?virtual_host=0", "unix:///a%2Cb/%C3%A9.sock?db=0"),
        (
            "redis://portal:secret@redis:6379/0",  # pragma: allowlist secret
            "redis://portal:secret@redis:6379/0",  # pragma: allowlist secret
        ),
        ("rediss://redis:6379/2", "rediss://redis:6379/2"),
    ],
)
def test_celery_and_the_cache_spell_one_address_each_its_way(of_celery, of_cache):
    for given in (of_celery, of_cache):
        assert celery_url(given) == of_celery
        assert cache_url(given) == of_cache


def test_both_spellings_are_read_as_the_same_place(tmp_path):
    with Valkey(tmp_path / "a, place; é").in_use() as server:
        url = valkey_url(server.state)
        Cache([cache_url(url)], {}).set("one", [1])
        with Connection(celery_url(url)) as connection:
            connection.SimpleQueue("long").put("a message")
        plain = redis.Redis(unix_socket_path=str(server.socket))
        assert {b":1:one", b"long"} <= set(plain.keys())


# -- the cache -------------------------------------------------------------------------------------


def test_a_cache_that_is_away_is_an_empty_one(tmp_path):
    away = Cache([f"unix://{tmp_path}/nobody?db=0"], {})
    away.set("one", 1)
    away.set_many({"two": 2})
    away.delete_many(["two"])
    assert away.get("one") is None
    assert away.get("one", "else") == "else"
    assert away.get_many(["one", "two"]) == {}
    assert away.add("one", 1)
    assert (away.has_key("one"), away.touch("one"), away.delete("one")) == (False, False, False)
    with pytest.raises(ValueError, match="not found"):
        away.incr("one")


def test_one_signs_in_while_the_cache_is_away(db, client, member, tmp_path, monkeypatch):
    away = Cache([f"unix://{tmp_path}/nobody?db=0"], {})
    monkeypatch.setattr(caches["default"], "_cache", away._cache, raising=False)
    user = member(Role.VIEWER)
    user.set_password("a long password")
    user.save()
    answer = client.post(
        "/sign-in/", {"username": user.username, "password": "a long password"}  # pragma: allowlist secret
    )  # fmt: skip
    assert answer.status_code == 302


# -- waking ------------------------------------------------------------------------------------------


@pytest.fixture
def sent(monkeypatch):
    """Names of the tasks sent; ``sent.fault``: what sending raises instead."""

    class Sent(list):
        fault: Exception | None = None

        def send(self, task, **options):
            if self.fault is not None:
                raise self.fault
            self.append(task)

    found = Sent()
    monkeypatch.setattr(app, "send_task", found.send)
    monkeypatch.setattr(waking, "_away_until", 0.0)
    return found


def test_a_task_is_woken_once_a_transaction_and_not_if_that_is_undone(
    db, sent, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        with transaction.atomic():
            wake(TASK)
            wake(TASK)
            wake("exchange.tasks.send_emails")
        wake(TASK)
        with contextlib.suppress(Undo), transaction.atomic():
            wake("threats.tasks.run_pulls")
            raise Undo
        assert sent == []
    assert sent == [TASK, "exchange.tasks.send_emails"]


@pytest.mark.parametrize(
    "fault", [RuntimeError("Retry limit exceeded"), OSError("refused"), redis.TimeoutError("slow")]
)
def test_a_report_is_answered_saved_whatever_the_broker_does(
    mission, member, api, sent, caplog, fault, django_capture_on_commit_callbacks
):
    sent.fault = fault
    body = {
        "mission": mission.code, "kind": "killing", "start_date": mission.today.isoformat(),
        "longitude": 20.0, "latitude": 5.0, "place_precision": "exact", "date_precision": "day",
    }  # fmt: skip
    with django_capture_on_commit_callbacks(execute=True):
        answer = api(member(Role.ANALYST)).post("/api/v1/incidents/", body)
    assert answer.status_code == 201, answer.json()
    assert Incident.objects.filter(pk=answer.json()["id"]).exists()
    assert "a sweep will do its work" in caplog.text


def test_a_broker_that_is_away_is_not_tried_again_at_once(db, sent):
    sent.fault = OSError("refused")
    waking._send(TASK)
    sent.fault = None
    waking._send(TASK)
    assert sent == []
    waking._away_until = 0.0
    waking._send(TASK)
    assert sent == [TASK]


# -- queues and pools ------------------------------------------------------------------------------


def test_every_task_has_a_sweep_and_a_queue_that_some_pool_serves():
    app.loader.import_default_modules()
    ours = {name for name in app.tasks if not name.startswith("celery.")}
    routes = {name: route["queue"] for name, route in app.conf.task_routes.items()}
    assert set(routes) == ours
    assert set(routes.values()) == {pool.queue for pool in POOLS} == {SHORT, LONG, OUT}
    for name, queue in routes.items():
        assert app.amqp.router.route({}, name)["queue"].name == queue
    assert {name for name, queue in routes.items() if queue == LONG} == {
        "threats.tasks.recompute_whole", "threats.tasks.keep_models_current",
        "exchange.tasks.take_files",
    }  # fmt: skip


def test_production_runs_a_worker_of_every_pool():
    services = yaml.safe_load((BASE_DIR / "docker-compose.yml").read_text())["services"]
    workers = {
        service["command"][-1]: service
        for service in services.values()
        if "worker" in service.get("command", ())
    }
    assert set(workers) == {pool.queue for pool in POOLS}
    for queue, service in workers.items():
        assert f"-d {queue}@" in service["healthcheck"]["test"][1]
        assert "valkey" in service["depends_on"]


def test_no_result_is_kept():
    assert app.conf.result_backend is None
