"""Writes that obey the same rules on pages, API and commands.

Every function checks who may do it, validates with ``full_clean`` and runs in one transaction.
"""

from __future__ import annotations

import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext

from missions.access import clearance_in, grant_in, is_visible, may_create, may_edit, require
from missions.models import Mission
from missions.models.base import MissionOwned, MissionRecord
from records.checks import validate
from records.declassifying import note_declassified


class EditConflict(Exception):
    """Somebody else changed the record since it was read. ``current`` is what stands now."""

    def __init__(self, current: models.Model):
        super().__init__(gettext("This record was changed by somebody else in the meantime."))
        self.current = current


def version_of(record: Any) -> str:
    """Opaque mark of a record's present state, for forms and entity tags."""
    moment: datetime.datetime = record.modified_at
    return f"{record.pk}-{int(moment.timestamp() * 1_000_000)}"


@transaction.atomic
def create_record(model: type[models.Model], *, user, usual: int | None = None, **values):
    """Make a record of a mission's.

    ``values`` maps field names to values; many-to-many fields take lists. ``usual``: the
    classification such a record has where ``values`` say none; up to it anybody may file, also
    above their own clearance, and then no longer sees the record. Where they say none it is never
    below what the record names. Raises PermissionDenied, or ValidationError with messages by field.
    """
    if any(field.name == "classification" for field in model._meta.concrete_fields):
        values.setdefault("classification", max(usual or 0, _highest_named(values)))
    plain, many = _split(model, values)
    record = model(**plain)
    mission = _mission_of(record)
    require(mission is not None and may_create(user, model, mission))
    if hasattr(record, "created_by_id"):
        record.created_by_id = user.pk
    _check(record, user, values, usual)
    validate(record)
    record.save()
    for name, related in many.items():
        getattr(record, name).set(related)
    _require_within_limits(user, record, may_be_hidden=True)
    return record


@transaction.atomic
def update_record(record, *, user, expected: str | None = None, usual: int | None = None, **values):
    """Change a record's fields.

    ``expected`` is the version the user saw (see ``version_of``); EditConflict is raised when
    another stands now. ``usual``: as of ``create_record``, of what the record becomes. Related
    records hidden from the user stay as they are. A lower classification takes a reason, see
    ``records.declassifying``; what the record belongs to stays.
    """
    model = type(record)
    record = lock(record)
    was = getattr(record, "classification", 0)
    require(may_edit(user, record))
    if expected is not None and expected != version_of(record):
        raise EditConflict(record)
    plain, many = _split(model, values)
    _require_same_owner(record, plain)
    for name, value in plain.items():
        setattr(record, name, value)
    _check(record, user, values, usual)
    validate(record)
    record.save()
    if isinstance(record, MissionRecord) and record.classification < was:
        note_declassified(record, user=user, was=was)
    for name, related in many.items():
        hidden = [other for other in getattr(record, name).all() if not is_visible(user, other)]
        getattr(record, name).set([*related, *hidden])
    is_hidden = usual is not None and not is_visible(user, record)  # raised above their clearance
    _require_within_limits(user, record, may_be_hidden=is_hidden)
    return record


@transaction.atomic
def withdraw_record(record, *, user, reason: str):
    """Take a record out of every list, figure and score; it stays stored with the reason."""
    record = lock(record)
    require(may_edit(user, record))
    if not reason or not reason.strip():
        raise ValidationError({"reason": gettext("Say why this record is withdrawn.")})
    record.check_texts({"reason": reason}, user)
    if record.withdrawn_at is None:
        record.withdrawn_at = timezone.now()
        record.withdrawn_by = user
        record.withdrawn_reason = reason.strip()
        record.save()
    return record


def lock(record):
    """The record as it stands now, locked until the transaction ends."""
    return type(record).objects.select_for_update(of=("self",)).get(pk=record.pk)


def _split(model: type[models.Model], values: dict) -> tuple[dict, dict]:
    many_names = {field.name for field in model._meta.many_to_many}
    many = {name: list(value) for name, value in values.items() if name in many_names}
    return {name: value for name, value in values.items() if name not in many}, many


def _require_same_owner(record, values: dict) -> None:
    """A record stays in its mission, and with what it belongs to."""
    owner = getattr(record, "belongs_to", "").split("__")[0]
    for name in ("mission", owner):
        if name in values and getattr(values[name], "pk", None) != getattr(record, f"{name}_id"):
            message = gettext("It stays where it was made. Withdraw it and add it there.")
            raise ValidationError({name: message})


def _highest_named(values: dict) -> int:
    """The highest classification among the records that values name; 0 where none has one."""
    named = [
        each
        for value in values.values()
        for each in (value if isinstance(value, list | tuple | models.QuerySet) else [value])
    ]
    return max((getattr(each, "classification", 0) for each in named), default=0)


def _mission_of(record) -> Mission | None:
    owner = record
    for part in [part for part in getattr(record, "belongs_to", "").split("__") if part]:
        owner = getattr(owner, part, None)
    return getattr(owner, "mission", None) if owner is not None else None


def _check(record, user, values: dict, usual: int | None = None) -> None:
    """What database constraints cannot say: one mission, and nothing above one's clearance."""
    errors: dict[str, Any] = {}
    mission = _mission_of(record)
    for name, value in values.items():
        for related in value if isinstance(value, list | tuple) else [value]:
            if not isinstance(related, models.Model):
                continue
            other = getattr(related, "mission_id", None)
            if other is not None and mission is not None and other != mission.pk:
                errors[name] = gettext("“%(name)s” belongs to another mission.") % {"name": related}
    level = getattr(record, "classification", 0)
    if mission is not None and (usual is None or level > usual):
        try:
            require_cleared(user, mission, level)
        except ValidationError as error:
            errors |= error.message_dict
    if errors:
        raise ValidationError(errors)
    if isinstance(record, MissionOwned):
        record.check_written_by(user)
        record.check_texts(values, user)


def require_cleared(user, mission: Mission, classification: int) -> None:
    """Raise ValidationError for a classification above the user's own clearance."""
    clearance = clearance_in(user, mission)
    if clearance is not None and classification > clearance:
        message = gettext("You cannot classify a record above your own clearance.")
        raise ValidationError({"classification": message})


def _require_within_limits(user, record, *, may_be_hidden: bool = False) -> None:
    """A membership limited to field offices or a component keeps within them, also afterwards."""
    if may_be_hidden and not (type(record).office_path or type(record).component_path):
        return
    require(
        _is_within_limits(user, record) if may_be_hidden else may_edit(user, record),
        gettext("Your membership is limited to other field offices or another component."),
    )


def _is_within_limits(user, record) -> bool:
    """Whether the membership allows it, though it may be above the user's clearance."""
    grant = grant_in(user, record.mission_id)
    condition = None if grant is None else type(record).write_condition(grant, user)
    return condition is not None and type(record).objects.filter(condition, pk=record.pk).exists()


def told_hidden(record) -> str:
    """What to tell who filed a record above their own clearance."""
    return gettext(
        "It is filed as “%(level)s”, above your own clearance: you do not see it from now on, and "
        "those who are cleared for it do."
    ) % {"level": record.get_classification_display()}
