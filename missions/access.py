"""Who may see and change what. Every page, API answer, export and count goes through here.

Clearance decides what a person reads, in the whole mission; role, field office and component
decide what a person writes. Membership is the only way in: being a superuser opens the
administration of accounts, not a mission's records.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from django.contrib.postgres.aggregates import ArrayAgg
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from missions.choices import Classification, Role

if TYPE_CHECKING:
    from missions.models import Mission

NOTHING = Q(pk__in=[])


@dataclass(frozen=True)
class Grant:
    """What one membership allows, in plain values."""

    mission_id: int
    role: str
    clearance: int
    component_id: int | None
    field_offices: frozenset[int] = field(default_factory=frozenset)  # empty: the whole mission


def grants(user) -> dict[int, Grant]:
    """The user's grants by mission id, read once per user object (that is, once per request)."""
    if not user or not user.is_authenticated or not user.is_active:
        return {}
    cached = getattr(user, "_grants", None)
    if cached is None:
        offices = ArrayAgg("field_offices", filter=Q(field_offices__isnull=False))
        rows = (
            user.memberships.current()
            .order_by()
            .annotate(offices=offices)
            .values_list("mission_id", "role", "clearance", "component_id", "offices")
        )
        cached = {row[0]: Grant(*row[:4], frozenset(row[4] or ())) for row in rows}
        user._grants = cached
    return cached


class ClearedReader:
    """Nobody in particular: whoever is cleared for a level in a mission, and writes nothing.

    Stands for the readers of what is made once for many, such as a brief.
    """

    is_authenticated = is_active = True
    pk = None

    def __init__(self, mission: Mission, clearance: int):
        self._grants = {mission.pk: Grant(mission.pk, Role.VIEWER, clearance, None)}


def forget_grants(user) -> None:
    """Drop what was read, after a membership changed within one request or test."""
    user.__dict__.pop("_grants", None)


def clearance_in(user, mission: Mission) -> int | None:
    grant = grants(user).get(mission.pk)
    return None if grant is None else grant.clearance


def _has_field(model: type[models.Model], name: str) -> bool:
    try:
        model._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return True


def _record_model(model: type[models.Model], path: str) -> type[models.Model]:
    for part in path.split("__"):
        if part:
            model = model._meta.get_field(part).related_model  # type: ignore[assignment]
    return model


def visible_q(model: type[models.Model], user, path: str = "") -> Q:
    """Condition on ``model`` under which the record at ``path`` is the user's to see."""
    record = _record_model(model, path)
    prefix = f"{path}__" if path else ""
    missions_by_clearance: dict[int, list[int]] = defaultdict(list)
    for grant in grants(user).values():
        missions_by_clearance[grant.clearance].append(grant.mission_id)
    if not missions_by_clearance:
        return NOTHING
    classified = _has_field(record, "classification")
    allowed = Q()
    for clearance, mission_ids in missions_by_clearance.items():
        level = Q(**{f"{prefix}mission__in": mission_ids})
        if classified:
            level &= Q(**{f"{prefix}classification__lte": clearance})
        allowed |= level
    if _has_field(record, "withdrawn_at"):
        allowed &= Q(**{f"{prefix}withdrawn_at__isnull": True})
    return allowed


def seen_q(model: type[models.Model], user, path: str = "") -> Q:
    """The whole condition: that of ``visible_q``, and that of what the record belongs to."""
    record = _record_model(model, path)
    owner = getattr(record, "belongs_to", "")
    condition = visible_q(model, user, "__".join(part for part in (path, owner) if part))
    if owner and _has_field(record, "mission"):
        condition &= visible_q(model, user, path)
    return condition


class MissionScopedQuerySet(models.QuerySet):
    """Base of every queryset of records that belong to a mission.

    A model without a mission of its own names the record it belongs to in ``belongs_to``
    (an ORM path); it is visible when that record is, and its own classification allows it.
    """

    def visible_to(self, user) -> Self:
        return self.filter(seen_q(self.model, user))

    def editable_by(self, user) -> Self:
        """Records the user may change, a subset of what the user may see."""
        allowed = Q()
        for grant in grants(user).values():
            condition = self.model.write_condition(grant, user)
            if condition is not None:
                allowed |= Q(**{self._mission_path(): grant.mission_id}) & condition
        if not allowed:
            return self.none()
        return self.visible_to(user).filter(allowed)

    def at_clearance(self, clearance: int) -> Self:
        """Current records whose classification does not exceed ``clearance``."""
        return self.current().filter(classification__lte=clearance)

    def current(self) -> Self:
        """Records that were not withdrawn."""
        return self.filter(withdrawn_at__isnull=True)

    def _mission_path(self) -> str:
        if _has_field(self.model, "mission"):
            return "mission"
        return f"{self.model.belongs_to}__mission"


def can_see(user, record: models.Model) -> bool:
    """The same rule as ``visible_to`` for one loaded record, without a query."""
    path = getattr(record, "belongs_to", "")
    if path:
        owner: Any = record
        for part in path.split("__"):
            owner = getattr(owner, part)
        if not can_see(user, owner):
            return False
        if not hasattr(record, "mission_id"):
            return True
    grant = grants(user).get(record.mission_id)  # type: ignore[attr-defined]
    if grant is None or getattr(record, "withdrawn_at", None) is not None:
        return False
    return getattr(record, "classification", Classification.UNCLASSIFIED) <= grant.clearance


def visible(user, records) -> list:
    """Those of the loaded ``records`` the user may see, in their order."""
    return [record for record in records if can_see(user, record)]


def may_create(user, model: type[models.Model], mission: Mission) -> bool:
    grant = grants(user).get(mission.pk)
    return grant is not None and grant.role in model.creators  # type: ignore[attr-defined]


def may_edit(user, record: models.Model) -> bool:
    return type(record).objects.editable_by(user).filter(pk=record.pk).exists()  # type: ignore


def require(allowed: bool, message: str | None = None) -> None:
    """Raise PermissionDenied unless ``allowed``."""
    if not allowed:
        raise PermissionDenied(message or _("Your role in this mission does not allow this."))


WRITING_ROLES = frozenset({Role.ANALYST, Role.ADVISER, Role.ADMIN})
ADMINISTRATORS = frozenset({Role.ADMIN})
