"""Making a record less secret: for its originator or an adviser, with a reason that is kept.

``records.services.update_record`` asks here whenever a classification falls or a compartment is left,
whatever door the change came by; a door that takes no reason lowers nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from missions.access import can, grant_in
from missions.models import User
from missions.models.base import MissionRecord
from missions.need_to_know import in_order, reads
from missions.roles import Capability
from records.declassification import Declassification
from records.signals import declassified

_reason: ContextVar[str] = ContextVar("reason to declassify", default="")
FIELD = "declassification_reason"


@contextmanager
def declassifying(reason: str | None) -> Iterator[None]:
    """Changes made within may lower a classification, for this reason; none without one."""
    token = _reason.set((reason or "").strip())
    try:
        yield
    finally:
        _reason.reset(token)


def may_declassify(user: User, record: MissionRecord) -> bool:
    """Whether it is the user's own, or the user's role lowers others'."""
    own = record.created_by_id is not None and record.created_by_id == user.pk
    return own or can(user, record.mission_id, Capability.DECLASSIFY)


def is_lowered(record: MissionRecord, level: int, compartments: Collection[str]) -> bool:
    """Whether more people may read it than at a former ``level``, in former ``compartments``."""
    return record.classification < level or not set(compartments) <= set(record.compartments)


def note_declassified(
    record: MissionRecord, *, user: User, was: int, was_in: Collection[str] = ()
) -> None:
    """Keep that a record was lowered from the level it ``was``, or left a compartment it ``was_in``,
    and have those told who answer for it.

    Raises ValidationError where the user may not, or no reason was given.
    """
    if not may_declassify(user, record):
        raise ValidationError(
            {
                "classification": gettext(
                    "Only who filed a record, an adviser or an administrator lowers its "
                    "classification."
                )
            }
        )
    reason = _reason.get()
    if not reason:
        raise ValidationError(
            {FIELD: gettext("Say why it may be read by more people from now on.")}
        )
    record.check_texts({"reason": reason}, user)
    row = Declassification(
        mission=record.mission, kind=record._meta.label_lower, record=record.pk, by=user,
        from_level=was, to_level=record.classification, reason=reason,
        from_compartments=in_order(was_in), to_compartments=in_order(record.compartments),
    )  # fmt: skip
    row.full_clean()
    row.save()
    declassified.send(type(record), record=record, by=user)


def lowers_nothing() -> str:
    """What to tell who would lower a classification where no reason is taken."""
    return gettext(
        "A row of many lowers no classification: change the record itself, with a reason."
    )


def declassifications(record: MissionRecord, user: User) -> list[Declassification]:
    """What the user may know of them: those from a level the user is cleared for, newest first."""
    grant = grant_in(user, record.mission)
    if grant is None:
        return []
    found = Declassification.objects.filter(
        reads(grant.compartments, "from_compartments"),
        kind=record._meta.label_lower,
        record=record.pk,
        from_level__lte=grant.clearance,
    )
    return list(found.select_related("by"))
