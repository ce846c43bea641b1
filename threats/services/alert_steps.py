"""When the steps of an alert happened, when they were recorded, and what was wrong with them.

A step is never changed. A wrong one is corrected by another, and both are kept; the moments on the
alert are those of the steps that stand.
"""

from __future__ import annotations

import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext

from missions.access import can, is_visible, may_edit, require
from missions.models import User
from missions.roles import Capability
from poc_portal.web.clock import as_clock
from records.checks import validate
from records.services import lock
from threats.alerts.choices import AlertStage
from threats.models import Alert, AlertStep
from threats.models.alert import FUTURE

S = AlertStage
# The moment on the alert that a step sets; the first time counts, for the clock runs to it.
MOMENTS = {
    S.ACKNOWLEDGED: "acknowledged_at",
    S.VERIFIED: "verified_at",
    S.DECIDED: "decided_at",
    S.RESPONDED: "responded_at",
    S.REPORTED_BACK: "reported_back_at",
}
SEEN = (S.ACKNOWLEDGED, S.VERIFIED, S.DECIDED, S.RESPONDED)  # who works on it has seen it
# What others already went by is taken back by a step of its own: decided anew, reopened.
MAY_NEVER_HAVE_HAPPENED = (S.ACKNOWLEDGED, S.RESPONDED, S.REPORTED_BACK)


def may_take(user, alert: Alert, step: AlertStage) -> bool:
    """Whether the user's role takes such steps: planners and advisers decide, the desk the rest.

    Whoever only decides, the head of mission, does so on any alert they may see.
    """
    decides = can(user, alert.mission_id, Capability.DECIDE)
    works = can(user, alert.mission_id, Capability.WORK_ON_ALERTS)
    if step == S.DECIDED and decides and not works:
        return is_visible(user, alert)
    if not may_edit(user, alert):
        return False
    if step == S.REPORTED_BACK:
        return True  # also by the reporter whose alert it is
    return decides if step == S.DECIDED else works


def sign_step(
    alert: Alert,
    step: AlertStage,
    *,
    user: User,
    moment: datetime.datetime,
    note: str = "",
    corrects: AlertStep | None = None,
    never_happened: bool = False,
) -> AlertStep:
    """Add a step that happened at ``moment``, recorded now."""
    late = max(alert.mission.now - moment, datetime.timedelta(0))
    row = AlertStep(
        mission=alert.mission, alert=alert, step=step, taken_by=user, note=note, taken_at=moment,
        recorded_after=late, corrects=corrects, never_happened=never_happened,
    )  # fmt: skip
    validate(row)
    row.save()
    return row


def check_moment(alert: Alert, moment: datetime.datetime) -> None:
    """Raise ValidationError unless a step can have happened then."""
    now, zone = alert.mission.now, alert.mission.zone
    said = as_clock(moment, zone)
    if moment > now + FUTURE:
        raise ValidationError(
            {"taken_at": gettext("%(value)s lies in the future; in the mission it is %(now)s.")
             % {"value": said, "now": as_clock(now, zone)}}
        )  # fmt: skip
    if (
        moment.replace(second=59, microsecond=999_999) < alert.received_at
    ):  # a form knows no seconds
        raise ValidationError(
            {"taken_at": gettext("%(value)s lies before the alert was received, %(received)s.")
             % {"value": said, "received": as_clock(alert.received_at, zone)}}
        )  # fmt: skip


def check_reception(alert: Alert, received: datetime.datetime) -> None:
    """Raise ValidationError where a step that stands was taken before the alert was received."""
    zone = alert.mission.zone
    for row in sorted(standing_steps(alert), key=lambda row: (row.taken_at, row.pk)):
        taken = row.taken_at.replace(second=59, microsecond=999_999)  # a form knows no seconds
        if row.step != S.RECEIVED and taken < received:
            raise ValidationError(
                {"received_at": gettext(
                    "%(value)s is later than the step “%(step)s” of %(taken)s. Correct that step"
                    " first, or give an earlier time."
                 )
                 % {"value": as_clock(received, zone),
                    "step": row.get_step_display(),
                    "taken": as_clock(row.taken_at, zone)}}
            )  # fmt: skip


def standing_steps(alert: Alert) -> list[AlertStep]:
    """The steps as corrected, in the order in which they were first recorded.

    Left out: what was corrected by another step, and what never happened.
    """
    rows = list(alert.steps.order_by("pk"))
    first: dict[int, int] = {}  # of each row, the one it goes back to
    for row in rows:
        first[row.pk] = first[row.corrects_id] if row.corrects_id else row.pk
    replaced = {row.corrects_id for row in rows}
    found = [row for row in rows if row.pk not in replaced and not row.never_happened]
    return sorted(found, key=lambda row: first[row.pk])


def set_moments(alert: Alert) -> None:
    """Set the moments on an alert from its steps that stand; it is not saved."""
    steps = standing_steps(alert)
    for step, name in MOMENTS.items():
        setattr(alert, name, min((row.taken_at for row in steps if row.step == step), default=None))
    if alert.acknowledged_at is None:
        alert.acknowledged_at = min(
            (row.taken_at for row in steps if row.step in SEEN), default=None
        )
    closed = [row for row in steps if row.step in (S.CLOSED, S.REOPENED)]
    is_closed = alert.stage == S.CLOSED and closed
    alert.closed_at = closed[-1].taken_at if is_closed else None


@transaction.atomic
def correct_step(
    step: AlertStep,
    *,
    user: User,
    taken_at: datetime.datetime | None = None,
    never_happened: bool = False,
    note: str = "",
) -> Alert:
    """Correct when a step happened, or say that it never did; the wrong one is kept beside it.

    For whoever may take such a step. Never to have happened takes a reason, and is for
    acknowledging, responding and reporting back. Raises PermissionDenied or ValidationError.
    """
    alert = lock(step.alert)
    kind = AlertStage(step.step)
    require(is_visible(user, alert) and may_take(user, alert, kind))
    if kind == S.RECEIVED:
        raise ValidationError(gettext("Correct the alert itself: it says when it was received."))
    if AlertStep.objects.filter(corrects=step).exists() or step.never_happened:
        raise ValidationError(gettext("This step was corrected already; correct what stands now."))
    note = note.strip()
    alert.check_texts({"note": note}, user)
    if never_happened:
        if kind not in MAY_NEVER_HAVE_HAPPENED:
            raise ValidationError(
                gettext("Take the step again instead: decide anew, verify anew or reopen.")
            )
        if not note:
            raise ValidationError({"note": gettext("Say why it never happened.")})
    elif taken_at is None:
        raise ValidationError({"taken_at": gettext("Say when it happened.")})
    else:
        check_moment(alert, taken_at)
    sign_step(
        alert, kind, user=user, moment=taken_at or step.taken_at, note=note, corrects=step,
        never_happened=never_happened,
    )  # fmt: skip
    if never_happened:
        steps = standing_steps(alert)
        alert.stage = steps[-1].step if steps else S.RECEIVED
    set_moments(alert)
    alert.save()
    return alert


def correct_reception(alert: Alert, *, user: User) -> None:
    """Keep beside the reception that was recorded the time the alert now says."""
    recorded = [row for row in standing_steps(alert) if row.step == S.RECEIVED]
    if recorded:
        sign_step(alert, S.RECEIVED, user=user, moment=alert.received_at, corrects=recorded[-1])
