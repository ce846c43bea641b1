"""Celery: who does what, and the one way to wake a worker.

A message only wakes. What must be done is a row of PostgreSQL, written in the transaction of its
cause; a sweep by beat finds whatever was not told of.
"""

from __future__ import annotations

import logging
import os
import time
from functools import partial

from celery import Celery
from celery.signals import beat_init, celeryd_init
from django.db import transaction
from kombu.transport.redis import Channel

from poc_portal.queues import sweeps

log = logging.getLogger(__name__)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "poc_portal.settings")
# A worker that loses the broker would give back what it had taken, fail at it, and die of that.
Channel.do_restore = False
app = Celery("poc_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@celeryd_init.connect
@beat_init.connect
def _require_sound_settings(**kwargs) -> None:
    from poc_portal.checks import require_sound_settings  # settings are not read yet

    require_sound_settings()


SPARED = 2.0  # seconds without a further try after one that failed
_away_until = 0.0


def schedule_sweeps() -> None:
    """Have beat start what apps declare; whoever wakes a task need not have imported it."""
    declared = sweeps()
    app.conf.beat_schedule = {
        sweep.task: {
            "task": sweep.task, "schedule": sweep.seconds,
            "options": {"expires": sweep.seconds, "queue": sweep.queue},
        }
        for sweep in declared
    }  # fmt: skip
    app.conf.task_routes = {sweep.task: {"queue": sweep.queue} for sweep in declared}


def wake(task: str) -> None:
    """Have a task run once the transaction has committed; once, however often it is asked for.

    Never fails, nor takes longer than a second or two: of a broker that is away only the log tells.
    """
    waiting = transaction.get_connection().run_on_commit
    if not any(getattr(call, "args", None) == (task,) for _sids, call, _robust in waiting):
        transaction.on_commit(partial(_send, task), robust=True)


def _send(task: str) -> None:
    global _away_until
    if time.monotonic() < _away_until:
        return
    try:
        app.send_task(task, retry=False)
    except Exception as error:
        _away_until = time.monotonic() + SPARED
        log.warning("%s was not sent (%s); a sweep will do its work", task, error)
