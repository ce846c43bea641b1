"""Writes that obey the same rules on pages, API and commands.

Every function checks who may do it, validates with ``full_clean`` and runs in one transaction.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext

from missions.access import (
    clearance_in,
    grant_in,
    is_visible,
    may_create,
    may_edit,
    require,
    secrecy_of,
)
from missions.choices import Classification
from missions.models import Mission
from missions.models.base import MissionOwned, MissionRecord
from missions.need_to_know import compartments_of, in_order
from records.checks import validate
from records.declassifying import is_lowered, note_declassified
from records.namesakes import set_apart
from records.versions import is_hidden, version_of

USUAL_LEVEL = Classification.CONFIDENTIAL  # of what people write, where nobody says otherwise


class EditConflict(Exception):
    """Somebody else changed the record since it was read. ``current`` is what stands now."""

    def __init__(self, current: models.Model):
        super().__init__(gettext("This record was changed by somebody else in the meantime."))
        self.current = current


@transaction.atomic
def create_record(
    model: type[models.Model], *, user, usual: int | None = None, told_of: Any = None, **values
):
    """Make a record of a mission's.

    ``values`` maps field names to values; many-to-many fields take lists. ``usual``: the
    classification such a record has where ``values`` say none; up to it anybody may file, also
    above their own clearance, and then no longer sees the record. Where they say none it is never
    below what the record names. It is in all compartments of what it names. ``told_of``: another
    record whose content it takes over, though it does not name it: it is no less secret than that
    one. Raises PermissionDenied, or ValidationError with messages by field.
    """
    least, also = secrecy_of(told_of) if told_of is not None else (0, [])
    if any(field.name == "classification" for field in model._meta.concrete_fields):
        values.setdefault("classification", max(usual or 0, _highest_named(values)))
        values["classification"] = max(values["classification"], least)
    if issubclass(model, MissionRecord):
        held = [*values.get("compartments", ()), *_all_named(values), *also]
        values["compartments"] = in_order(held)
    plain, many = _split(model, values)
    record = model(**plain)
    mission = _mission_of(record)
    require(mission is not None and may_create(user, model, mission))
    if hasattr(record, "created_by_id"):
        record.created_by_id = user.pk
    _check(record, user, values, usual)
    if getattr(model, "identified_by", ()) and mission is not None:
        set_apart(record, user=user, mission_id=mission.pk)
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
    was, was_in = getattr(record, "classification", 0), compartments_of(record)
    require(may_edit(user, record))
    if expected is not None and expected != version_of(record, user):
        raise EditConflict(record)
    plain, many = _split(model, values)
    naming = [name for name in getattr(model, "identified_by", ()) if name in plain]
    is_renamed = any(getattr(record, name) != plain[name] for name in naming)
    _require_same_owner(record, plain)
    before = _own_values(record)
    for name, value in plain.items():
        # A form shows nothing for what its reader may not see: to leave it so changes nothing.
        if value is not None or not is_hidden(record, model._meta.get_field(name), user):
            setattr(record, name, value)
    _check(record, user, values, usual)
    if is_renamed:
        set_apart(record, user=user, mission_id=record.mission_id)
    validate(record)
    is_moved = _own_values(record) != before
    for name, related in many.items():
        standing = list(getattr(record, name).all())
        hidden = [other for other in standing if not is_visible(user, other)]
        getattr(record, name).set([*related, *hidden])
        is_moved |= _is_seen_by_all(record, {*related} ^ {*standing} - {*hidden})
    if is_moved:  # else readers who see no difference would see the time of one
        record.save()
    elif unseen := _not_for_all(record):
        model.objects.filter(pk=record.pk).update(**unseen)
    if isinstance(record, MissionRecord) and is_lowered(record, was, was_in):
        note_declassified(record, user=user, was=was, was_in=was_in)
    is_raised = usual is not None and not is_visible(user, record)  # above their clearance
    _require_within_limits(user, record, may_be_hidden=is_raised)
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


def _own_values(record) -> list[Any]:
    """Its columns as everybody who sees it is shown them."""
    shown = [f for f in record._meta.concrete_fields if f.name not in record.unseen_fields]
    hidden = {f for f in _naming_classified(record) if not _is_named_to_all(record, f)}
    return [None if field in hidden else getattr(record, field.attname) for field in shown]


def _not_for_all(record) -> dict[str, Any]:
    """The columns that can change without a change of what everybody is shown, and their values."""
    names = [*record.unseen_fields, *(field.attname for field in _naming_classified(record))]
    return {name: getattr(record, name) for name in names}


def _naming_classified(record) -> list[Any]:
    """The columns that name another record with a classification."""
    owner = getattr(record, "belongs_to", "").split("__")[0]
    return [
        field
        for field in record._meta.concrete_fields
        if field.is_relation
        and field.name != owner
        and hasattr(field.related_model, "classification")
    ]


def _is_named_to_all(record, field) -> bool:
    other = getattr(record, field.name)
    return other is not None and _is_seen_by_all(record, [other])


def name_record(record, name: str, other) -> None:
    """Keep that the record names the ``other`` in its column ``name``; the time everybody is shown
    moves only where everybody who sees the record may see that."""
    before = _own_values(record)
    setattr(record, name, other)
    if _own_values(record) != before:
        record.save()
    else:
        type(record).objects.filter(pk=record.pk).update(**{name: other})


def _is_seen_by_all(record, related: Iterable[Any]) -> bool:
    """Whether everybody who sees the record sees one of the ``related``."""
    level, held = getattr(record, "classification", 0), set(compartments_of(record))
    return any(
        getattr(other, "classification", 0) <= level and held.issuperset(compartments_of(other))
        for other in related
    )


def relinked(record, related: Iterable[Any]) -> None:
    """Keep that a record's links to the ``related`` changed just now; it is theirs to see who sees it.

    A link to what some of its readers may not see moves no time that they are shown.
    """
    if _is_seen_by_all(record, related):
        record.save(update_fields=["modified_at"])


def _named(values: dict) -> list[models.Model]:
    return [
        each
        for value in values.values()
        for each in (value if isinstance(value, list | tuple | models.QuerySet) else [value])
        if isinstance(each, models.Model)
    ]


def _highest_named(values: dict) -> int:
    """The highest classification that reading one of the records that values name takes."""
    return max((secrecy_of(each)[0] for each in _named(values)), default=0)


def _all_named(values: dict) -> list[str]:
    """The compartments that reading all the records that values name takes."""
    return in_order(code for each in _named(values) for code in secrecy_of(each)[1])


def usual_level(clearance: int, *levels: int) -> int:
    """The level of a new record made from records of these levels: at least confidential,
    and nothing its writer may not read."""
    return min(clearance, max(USUAL_LEVEL, *levels, 0))


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
    if mission is not None:
        try:
            require_held(user, mission, compartments_of(record))
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


def require_held(user, mission: Mission, compartments: Iterable[str]) -> None:
    """Raise ValidationError for a compartment that the user does not hold."""
    grant = grant_in(user, mission)
    if grant is not None and not grant.compartments.issuperset(compartments):
        message = gettext("You cannot put a record under a need-to-know that you do not hold.")
        raise ValidationError({"compartments": message})


def _require_within_limits(user, record, *, may_be_hidden: bool = False) -> None:
    """A membership limited to field offices or a component keeps within them, also afterwards."""
    require(
        _is_within_limits(user, record) if may_be_hidden else may_edit(user, record),
        gettext("Your membership is limited to other field offices or another component."),
    )


def _is_within_limits(user, record) -> bool:
    """Whether the membership allows it, though it may be above the user's clearance."""
    grant = grant_in(user, record.mission_id)
    if grant is None:
        return False
    limits = type(record).limits(grant)
    return not limits or type(record).objects.filter(limits, pk=record.pk).exists()


def told_hidden(record) -> str:
    """What to tell who filed a record above their own clearance."""
    return gettext(
        "It is filed as “%(level)s”, above your own clearance: you do not see it from now on, and "
        "those who are cleared for it do."
    ) % {"level": record.get_classification_display()}
