"""Fetching datasets on a schedule, going on where the last run broke off."""

from __future__ import annotations

import datetime
import logging
import traceback
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language, gettext, override

from exchange.notifications.services import notify
from missions.access import can, require
from missions.models import Membership, Mission, User
from missions.roles import Capability, roles_with
from poc_portal.celery import wake
from poc_portal.tabular import FileRefused
from records.services import require_cleared
from threats.choices import NotificationKind
from threats.models import Incident, Pull, PullRun
from threats.sources.loader import import_incidents
from threats.sources.pulls import Step, Unavailable

LEASE = datetime.timedelta(minutes=15)  # a worker has a pull to itself, renewed with every step
SOONEST = datetime.timedelta(minutes=10)  # after a failure; doubled with each further one
SHOWN_ERRORS = 50
RETAINED_RUNS = 200
Status = PullRun.Status

log = logging.getLogger(__name__)


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
    else:
        pull = Pull.objects.select_for_update().get(pk=pull.pk)
    if pull.pk and (since < pull.since or account != pull.account):
        pull.place = {}
    pull.since, pull.every, pull.classification = since, every, classification
    pull.account = account
    pull.password = password or pull.password
    require_cleared(user, mission, pull.classification)
    pull.next_at, pull.is_on, pull.failures = timezone.now(), True, 0
    pull.language = get_language() or ""
    pull.full_clean()
    pull.save()
    wake("threats.tasks.run_pulls")
    return pull


def run_soon(pull: Pull) -> None:
    """Have it run now, whatever its schedule says."""
    with transaction.atomic():
        Pull.objects.filter(pk=pull.pk).update(next_at=timezone.now(), is_on=True)
        wake("threats.tasks.run_pulls")


def switch_off(pull: Pull) -> None:
    Pull.objects.filter(pk=pull.pk).update(is_on=False)


def run_due() -> int:
    """Run what is due; how many runs ended well. Safe to run twice at once, and to be killed."""
    ended_well = 0
    while (pull := _claim()) is not None:
        with override(pull.language or None):
            ended_well += run(pull)
    return ended_well


def _claim() -> Pull | None:
    now = timezone.now()
    free = Q(leased_until__isnull=True) | Q(leased_until__lt=now)
    for pull in Pull.objects.filter(free, is_on=True, next_at__lte=now).select_related("mission"):
        if Pull.objects.filter(free, pk=pull.pk).update(leased_until=now + LEASE):
            pull.leased_until = now + LEASE
            return pull
    return None


def run(pull: Pull) -> bool:
    """One run of a claimed pull, from where the last one broke off."""
    pull.runs.filter(outcome=Status.RUNNING).update(
        outcome=Status.FAILED, finished_at=timezone.now(), problem=gettext("It was interrupted.")
    )
    found = PullRun.objects.create(pull=pull)
    try:
        for step in pull.declared.steps(pull, _folder(pull)):
            _take(pull, found, step)
    except (Unavailable, FileRefused) as error:
        _fail(pull, found, str(error))
        return False
    except Exception as error:
        places = "".join(traceback.format_tb(error.__traceback__))
        log.error("pull %s broke off (%s)\n%s", pull.pk, type(error).__name__, places)
        _fail(pull, found, gettext("It broke off (%(error)s).") % {"error": type(error).__name__})
        return False
    _end(pull, found, Status.DONE)
    return True


def _folder(pull: Pull) -> Path:
    """Where files lie while they arrive, so that a broken download goes on."""
    folder = settings.STATE_DIR / "pulls" / str(pull.pk)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _take(pull: Pull, found: PullRun, step: Step) -> None:
    """Store a step and where it leaves off, or neither."""
    with transaction.atomic():
        if step.path is not None:
            report = import_incidents(
                mission=pull.mission, path=step.path, format_name=step.format_name,
                classification=pull.classification, only_here=step.only_here,
            )  # fmt: skip
            found.report += report
            errors = [f"{step.path.name}: {error}" for error in report.errors[:SHOWN_ERRORS]]
            found.errors = [*found.errors, *errors][:SHOWN_ERRORS]
        found.steps = [*found.steps, step.name]
        found.vanished = [*found.vanished, *_on_record(pull, step)]
        found.save()
        pull.place, pull.leased_until = step.place, timezone.now() + LEASE
        pull.save(update_fields=["place", "leased_until"])
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
    pull.failures += 1
    if pull.failures == 1:  # told once, until it works again
        desk = Membership.objects.filter(role__in=roles_with(Capability.SCHEDULE_PULLS))
        notify(pull, NotificationKind.PULL_FAILED, desk)
    _end(pull, found, Status.FAILED)


def _end(pull: Pull, found: PullRun, outcome: str) -> None:
    now = timezone.now()
    wait = datetime.timedelta(hours=pull.every)
    if outcome == Status.DONE:
        pull.failures = 0
    else:
        wait = min(wait, SOONEST * 2 ** min(pull.failures - 1, 10))
    found.outcome, found.finished_at = outcome, now
    with transaction.atomic():
        found.save()
        Pull.objects.filter(pk=pull.pk).update(
            failures=pull.failures, leased_until=None, next_at=now + wait
        )
        old = pull.runs.values_list("pk", flat=True)[RETAINED_RUNS:]
        PullRun.objects.filter(pk__in=list(old)).delete()
