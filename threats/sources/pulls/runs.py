"""Fetching datasets on a schedule, going on where the last run broke off."""

from __future__ import annotations

import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import get_language, gettext, override

from exchange.notifications.services import notify
from missions.access import can, require
from missions.models import Membership, Mission, User
from missions.roles import Capability, roles_with
from poc_portal.celery import wake
from poc_portal.tabular import FileRefused
from records.namesakes import set_apart
from records.queue import Lost, Queue, log_failure
from records.services import require_cleared
from threats.choices import NotificationKind
from threats.models import Incident, Pull, PullRun
from threats.scoring.record import note_span
from threats.sources.loader import import_incidents
from threats.sources.pulls import Step, Unavailable

HOUR = 3_600.0  # seconds
# The lease is renewed with every step; after a failure ten minutes, doubled with each further one.
PULLS = Queue("pull", lease=900, waits=tuple(600 * 2.0**n for n in range(11)), is_endless=True)
SHOWN_ERRORS = 50
RETAINED_RUNS = 200
Status = PullRun.Status


class Changed(Exception):
    """What a pull fetches was changed while it ran."""


@transaction.atomic
def save_pull(
    *,
    user: User,
    mission: Mission,
    since: datetime.date,
    every: int,
    classification: int,
    source: str = "",
    account: str = "",
    password: str = "",
    pull: Pull | None = None,
) -> Pull:
    """Set up a pull, or change it. An empty password keeps the one there is.

    ``since``: the first day of events. ``every``: hours between runs. ``source``: code of a new one's dataset.
    Another day to begin from begins anew. Raises PermissionDenied, or ValidationError by field.
    """
    require(can(user, mission, Capability.SCHEDULE_PULLS))
    if pull is None:
        pull = Pull(mission=mission, created_by=user, source=source)
        set_apart(pull, user=user, mission_id=mission.pk)
    else:
        pull = Pull.objects.select_for_update().get(pk=pull.pk)
    if pull.pk and (since < pull.since or account != pull.account):
        pull.place = {}
    pull.since, pull.every, pull.classification = since, every, classification
    pull.account = account
    pull.password = password or pull.password
    require_cleared(user, mission, pull.classification)
    pull.due_at, pull.is_on, pull.tries = timezone.now(), True, 0
    pull.language = get_language() or ""
    pull.full_clean()
    pull.save()
    wake("threats.tasks.run_pulls")
    return pull


def run_soon(pull: Pull) -> None:
    """Have it run now, whatever its schedule says."""
    with transaction.atomic():
        Pull.objects.filter(pk=pull.pk).update(due_at=Now(), is_on=True)
        wake("threats.tasks.run_pulls")


def switch_off(pull: Pull) -> None:
    Pull.objects.filter(pk=pull.pk).update(is_on=False)


def run_due() -> int:
    """Run what is due; how many runs ended well. Safe to run twice at once, and to be killed."""
    return PULLS.drain(Pull.objects.filter(is_on=True), run)


def run(pull: Pull) -> bool:
    """One run of a claimed pull, from where the last one broke off."""
    with override(pull.language or None):
        return _run(pull)


def _run(pull: Pull) -> bool:
    pull.runs.filter(outcome=Status.RUNNING).update(
        outcome=Status.FAILED, finished_at=timezone.now()
    )
    found = PullRun.objects.create(pull=pull)
    try:
        for step in pull.declared.steps(pull, _folder(pull)):
            _take(pull, found, step)
    except Lost:
        raise
    except Changed:
        _begin_anew(pull, found)
        return False
    except (Unavailable, FileRefused) as error:
        _fail(pull, found, str(error))
        return False
    except Exception as error:
        log_failure(PULLS.named(pull), error)
        _fail(pull, found, gettext("It broke off (%(error)s).") % {"error": type(error).__name__})
        return False
    with transaction.atomic():
        if not _is_as_begun(pull):
            _begin_anew(pull, found)
            return False
        _end(pull, found, Status.DONE)
        PULLS.done(pull, again_in=pull.every * HOUR)
    return True


def _is_as_begun(pull: Pull) -> bool:
    """Whether what is fetched is still what is asked for; held until the transaction ends."""
    now = Pull.objects.select_for_update(no_key=True).get(pk=pull.pk)
    return (now.since, now.account) == (pull.since, pull.account)


def _begin_anew(pull: Pull, found: PullRun) -> None:
    """Somebody asked for something else meanwhile: what was taken stays, the next run does that."""
    with transaction.atomic():
        _end(pull, found, Status.DONE)
        PULLS.release(pull, tries=0)
        wake("threats.tasks.run_pulls")


def _folder(pull: Pull) -> Path:
    """Where files lie while they arrive, so that a broken download goes on."""
    folder = settings.STATE_DIR / "pulls" / str(pull.pk)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _take(pull: Pull, found: PullRun, step: Step) -> None:
    """Store a step and where it leaves off, or neither."""
    PULLS.renew(pull)
    with transaction.atomic():
        if not _is_as_begun(pull):
            raise Changed
        if step.path is not None:
            report = import_incidents(
                mission=pull.mission, path=step.path, format_name=step.format_name,
                classification=pull.classification, only_here=step.only_here,
            )  # fmt: skip
            found.report += report
            errors = [f"{step.path.name}: {error}" for error in report.errors[:SHOWN_ERRORS]]
            found.errors = [*found.errors, *errors][:SHOWN_ERRORS]
        if step.told is not None:
            note_span(pull.mission, step.format_name, *step.told, pull.classification)
        found.steps = [*found.steps, step.name]
        found.vanished = [*found.vanished, *_on_record(pull, step)]
        found.save()
        pull.place = step.place
        pull.save(update_fields=["place"])
        PULLS.renew(pull)
    if step.path is not None:
        step.path.unlink(missing_ok=True)


def _on_record(pull: Pull, step: Step) -> list[str]:
    """Of what the source no longer has, what is on record here; it stays, for people to judge."""
    known = Incident.objects.current().filter(
        mission=pull.mission, dataset=step.format_name, external_id__in=step.vanished
    )
    return list(known.order_by("external_id").values_list("external_id", flat=True))


def _fail(pull: Pull, found: PullRun, problem: str) -> None:
    found.problem = problem
    with transaction.atomic():
        _end(pull, found, Status.FAILED)
        PULLS.failed(pull, at_most=pull.every * HOUR)
        if not _is_announced(pull, found):
            desk = Membership.objects.filter(role__in=roles_with(Capability.SCHEDULE_PULLS))
            notify(pull, NotificationKind.PULL_FAILED, desk)


def _is_announced(pull: Pull, found: PullRun) -> bool:
    """Whether the desk heard of an earlier failure, since it last worked; a worker that died is none."""
    earlier = pull.runs.filter(pk__lt=found.pk)[: pull.tries - 1]
    return any(run.problem for run in earlier)


def _end(pull: Pull, found: PullRun, outcome: str) -> None:
    found.outcome, found.finished_at = outcome, timezone.now()
    found.save()
    old = pull.runs.values_list("pk", flat=True)[RETAINED_RUNS:]
    PullRun.objects.filter(pk__in=list(old)).delete()
