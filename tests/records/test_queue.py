"""The one queue: leases, tries, back-off, giving up, with workers beside each other."""

import dataclasses
import threading
import time

import pytest
from django.db import OperationalError, connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from exchange.models import Webhook
from missions.models import Mission, User
from records.queue import Lost, Queue
from tests.serving import database_copy, within
from threats.models import RecomputeLane

QUEUE = Queue("lane", lease=30, waits=(0.05, 600))


@pytest.fixture
def lanes(django_db_setup, django_db_blocker):
    """Rows to work at, in a copy of the database where what is written is committed."""
    with database_copy(django_db_blocker, "queue") as copy, within(django_db_blocker, copy):
        RecomputeLane.objects.all().delete()
        for number in range(6):
            mission = Mission.objects.create(code=f"Q{number}", name="Q", countries=["CAF"])
            RecomputeLane.objects.create(mission=mission, is_whole=False)
        yield RecomputeLane.objects.all()


def in_another_session(do):
    """What ``do`` returns, from a thread with a connection of its own."""
    found = []

    def run():
        try:
            found.append(do())
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(20)
    return found[0]


def expire(row):
    type(row).objects.filter(pk=row.pk).update(leased_until="2001-01-01T00:00Z")


def stored(row):
    return type(row).objects.get(pk=row.pk)


def test_the_longest_due_is_claimed_first_and_nobody_else_gets_it(lanes):
    rows = list(lanes.order_by("pk"))
    lanes.filter(pk=rows[3].pk).update(due_at="2001-01-01T00:00Z")
    lanes.filter(pk=rows[0].pk).update(due_at="2100-01-01T00:00Z")
    lanes.filter(pk=rows[1].pk).update(due_at=None)
    claimed = QUEUE.claim(lanes, 2)
    assert [row.pk for row in claimed] == [rows[3].pk, rows[2].pk]
    assert [row.tries for row in claimed] == [1, 1]
    assert claimed[0].leased_until == stored(claimed[0]).leased_until is not None
    others = in_another_session(lambda: QUEUE.claim(lanes))
    assert [row.pk for row in others] == [rows[4].pk, rows[5].pk]
    assert QUEUE.claim(lanes) == []
    assert QUEUE.claim(lanes.none()) == QUEUE.claim(lanes.filter(pk__in=[])) == []


def test_workers_at_once_get_each_row_once(lanes):
    ready, taken = threading.Barrier(6), []

    def work():
        ready.wait()
        try:
            while claimed := QUEUE.claim(lanes.all(), 1):
                taken.append(claimed[0].pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(lanes.values_list("pk", flat=True))


def test_a_claim_waits_neither_for_a_locked_row_nor_for_who_refers_to_one(lanes):
    rows = list(lanes.order_by("pk"))
    with transaction.atomic():
        list(lanes.filter(pk=rows[0].pk).select_for_update())
        with connection.cursor() as cursor:
            # As a row does that is inserted with a reference to it.
            cursor.execute(
                "SELECT 1 FROM threats_recomputelane WHERE id = %s FOR KEY SHARE", [rows[1].pk]
            )
        claimed = in_another_session(lambda: QUEUE.claim(lanes))
    assert {row.pk for row in claimed} == {row.pk for row in rows[1:]}


def test_a_worker_that_dies_costs_a_try_and_its_lease(lanes):
    short = dataclasses.replace(QUEUE, lease=60)
    (dead,) = short.claim(lanes, 1)
    assert dead.pk not in [row.pk for row in QUEUE.claim(lanes)]
    expire(dead)
    (second,) = QUEUE.claim(lanes)
    assert (second.pk, second.tries) == (dead.pk, 2)
    # Thought dead, it comes back: what it says counts for nothing.
    for act in (short.renew, short.done, short.failed, short.give_back, short.release):
        with pytest.raises(Lost):
            act(dead)
    with pytest.raises(Lost), transaction.atomic():
        short.hold(dead)
    assert stored(second).leased_until == second.leased_until
    QUEUE.done(second)
    assert (stored(second).due_at, stored(second).leased_until) == (None, None)


def test_a_row_that_kills_its_workers_is_given_up_untried(lanes):
    ended, tried = [], []
    queue = dataclasses.replace(QUEUE, given_up=ended.append)
    only = lanes.filter(pk=lanes.first().pk)
    for _death in range(3):
        (row,) = queue.claim(only)
        expire(row)
    assert queue.drain(only, tried.append) == 0
    assert (tried, [row.pk for row in ended]) == ([], [row.pk])
    assert stored(row).due_at is None


def test_renewed_and_held_it_is_nobody_elses(lanes):
    only = lanes.filter(pk=lanes.first().pk)
    (row,) = dataclasses.replace(QUEUE, lease=0.2).claim(only)
    QUEUE.renew(row)
    time.sleep(0.25)
    assert QUEUE.claim(only) == []
    with transaction.atomic():
        QUEUE.hold(row)
        assert in_another_session(lambda: QUEUE.claim(only)) == []
        QUEUE.done(row, again_in=0)
    assert stored(row).tries == 0
    assert [found.pk for found in QUEUE.claim(only)] == [row.pk]


def test_a_lease_that_runs_out_while_the_row_is_held_is_nobodys(lanes):
    only = lanes.filter(pk=lanes.first().pk)
    (row,) = dataclasses.replace(QUEUE, lease=0.1).claim(only)
    with transaction.atomic():
        QUEUE.hold(row)
        time.sleep(0.15)
        assert in_another_session(lambda: QUEUE.claim(only)) == []
    assert in_another_session(lambda: len(QUEUE.claim(only))) == 1  # it did not settle: died


def test_failures_are_put_off_by_what_is_declared_and_then_given_up(lanes, caplog):
    ended = []
    queue = dataclasses.replace(QUEUE, waits=(600, 1_200), given_up=ended.append)
    only = lanes.filter(pk=lanes.first().pk)
    waited = []
    for number in (1, 2, 3):
        (row,) = queue.claim(only)
        assert row.tries == number
        assert queue.failed(row) == (number == 3)
        if number < 3:
            assert queue.claim(only) == []
            waited.append(only.values_list(F("due_at") - Now(), flat=True).get().total_seconds())
            only.update(due_at=Now())
    assert 0 < waited[0] <= 600 < waited[1] <= 1_200
    assert [found.pk for found in ended] == [row.pk]
    assert stored(row).due_at is None
    assert f"lane {row.pk}: given up after try 3" in caplog.text


def test_endless_work_is_put_off_by_the_last_wait_and_never_given_up(lanes):
    queue = dataclasses.replace(QUEUE, waits=(0, 600), is_endless=True)
    only = lanes.filter(pk=lanes.first().pk)
    only.update(tries=70_000)
    (row,) = queue.claim(only)
    assert not queue.failed(row, at_most=300)
    wait = only.annotate(now=Now()).values_list("due_at", "now").get()
    assert 295 < (wait[0] - wait[1]).total_seconds() <= 300


def test_what_can_never_succeed_is_given_up_at_once(lanes):
    (row,) = QUEUE.claim(lanes, 1)
    assert QUEUE.failed(row, for_good=True)


def test_given_back_it_counts_no_try_and_others_go_first(lanes):
    (row,) = QUEUE.claim(lanes, 1)
    QUEUE.give_back(row)
    assert stored(row).tries == 0
    assert [found.pk for found in QUEUE.claim(lanes)][-1] == row.pk


def test_an_error_stops_nobody_and_shows_no_value(lanes, caplog):
    rows, said = list(lanes.order_by("pk")), "the source Jean of Le marché"
    broke = dataclasses.replace(QUEUE, waits=(600,), broke=lambda error: {"is_whole": True})

    def work(row):
        if row.pk == rows[1].pk:
            raise ValueError(said)
        if row.pk == rows[2].pk:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        if row.pk == rows[3].pk:
            row.mission.delete()  # and the row with it, as somebody else may
        broke.done(row)
        return 1

    assert broke.drain(lanes, work) == 3
    assert set(lanes.filter(due_at=None).values_list("pk", flat=True)) == {
        rows[0].pk, rows[4].pk, rows[5].pk
    }  # fmt: skip
    failed = lanes.exclude(due_at=None)
    assert set(failed.values_list("pk", "tries", "leased_until", "is_whole")) == {
        (rows[1].pk, 1, None, True), (rows[2].pk, 1, None, True)
    }  # fmt: skip
    assert "ValueError" in caplog.text
    assert OperationalError.__name__ in caplog.text
    assert "in work" in caplog.text
    assert "Jean" not in caplog.text
    assert f"lane {rows[1].pk}: try 1 failed, the next in 600 s" in caplog.text


def test_a_worker_that_is_told_to_stop_leaves_its_lease(lanes):
    def work(row):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        QUEUE.drain(lanes, work)
    (row,) = lanes.filter(leased_until__isnull=False)
    assert row.tries == 1


def test_a_lane_has_no_tries_of_its_own(lanes):
    webhook = Webhook.objects.create(
        mission=Mission.objects.get(code="Q1"), owner=User.objects.create_user("owner"),
        name="x", url="https://example.org/", events=["test"],
    )  # fmt: skip
    (row,) = QUEUE.claim(Webhook.objects.all())
    assert QUEUE.claim(Webhook.objects.all()) == []
    QUEUE.renew(row)
    QUEUE.release(row)
    assert [row.pk for row in QUEUE.claim(Webhook.objects.all())] == [webhook.pk]
    Webhook.objects.all().delete()
    with pytest.raises(Lost):
        QUEUE.renew(row)
