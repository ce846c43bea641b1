"""Who may see and change what. Every page, API answer, export and count goes through here.

Clearance and compartments decide what a person reads, in the whole mission; role, field office and component
decide what a person writes. Membership is the only way in: being a superuser opens the
administration of accounts, not a mission's records.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeAlias, TypeVar

from django.contrib.postgres.aggregates import ArrayAgg
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext

from missions.choices import Classification, Role
from missions.need_to_know import (
    EVERY,
    KEPT_APART,
    compartments_of,
    in_order,
    layer_of,
    reads,
    sights_within,
)
from missions.roles import Capability, roles_with

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from missions.models import Mission, User

Record = TypeVar("Record", bound=models.Model)

NOTHING = Q(pk__in=[])


@dataclass(frozen=True)
class Grant:
    """What one membership allows, in plain values.

    ``role``: None for whoever only reads. ``clearance``: the highest ``Classification`` that may
    be read. ``component_id``: what is planned is this component's only; None: any.
    ``field_offices``: what is written lies in these; empty: in the whole mission.
    ``compartments``: those that may be read; a record is read by who holds all of its own.
    """

    mission_id: int
    role: Role | None
    clearance: int
    component_id: int | None = None
    field_offices: frozenset[int] = field(default_factory=frozenset)
    compartments: frozenset[str] = frozenset()

    @property
    def layer(self) -> int:
        """The layer of figures that are its holder's, see ``missions.need_to_know``."""
        is_whole = self.clearance == Classification.STRICTLY_CONFIDENTIAL
        return KEPT_APART if is_whole and self.compartments >= EVERY else self.clearance

    @property
    def counted(self) -> Grant:
        """What its holder's figures are made from: no record in a compartment, unless all are."""
        return self if self.layer == KEPT_APART else replace(self, compartments=frozenset())

    @property
    def sights(self) -> frozenset[int]:
        """What may be read, in numbers of ``need_to_know.sight_of``."""
        return sights_within(self.clearance, self.compartments)

    def can(self, capability: Capability | None) -> bool:
        """Whether the role has a capability; never for None, which stands for what nobody may."""
        return capability is not None and self.role in roles_with(capability)


@dataclass(frozen=True)
class Reader:
    """Whoever reads under grants that were set out for it, and not under all an account holds.

    Stands where a user does: for the readers of what is made once for many, such as a brief, and
    for an account that is to see less than it may. ``grants``: by mission id. ``pk``: the account's,
    whose own records are shown; None for nobody in particular.
    """

    grants: Mapping[int, Grant]
    pk: int | None = None
    is_authenticated: ClassVar[bool] = True
    is_active: ClassVar[bool] = True

    @classmethod
    def cleared(cls, mission: Mission, clearance: int) -> Reader:
        """Nobody in particular, cleared up to a ``Classification`` in one mission."""
        return cls({mission.pk: Grant(mission.pk, None, clearance)})

    @classmethod
    def counting(cls, user: Account) -> Reader:
        """The user as figures count for: without records in compartments, unless all are held."""
        held = {mission: grant.counted for mission, grant in grants(user).items()}
        return cls(held, None if user is None else user.pk)


Account: TypeAlias = "User | AnonymousUser | Reader | None"


def grants(user: Account) -> Mapping[int, Grant]:
    """The user's grants by mission id, read once per user object (that is, once per request).

    Empty for nobody, for whoever is not signed in, and for an account that was deactivated.
    """
    if isinstance(user, Reader):
        return user.grants
    if not user or not user.is_authenticated or not user.is_active:
        return {}
    cached = getattr(user, "_grants", None)
    if cached is None:
        offices = ArrayAgg("field_offices", filter=Q(field_offices__isnull=False))
        rows = (
            user.memberships.current()
            .order_by()
            .annotate(offices=offices)
            .values_list(
                "mission_id", "role", "clearance", "component_id", "offices", "compartments"
            )
        )
        cached = {
            mission: Grant(
                mission, Role(role), clearance, component, frozenset(offices or ()),
                frozenset(compartments),
            )
            for mission, role, clearance, component, offices, compartments in rows
        }  # fmt: skip
        user._grants = cached  # type: ignore[attr-defined, union-attr]
    return cached


def read_as_cleared(user: User, clearance: int) -> None:
    """From now on, for this user object, grant what a reader of no role, so cleared, is granted.

    Never more than the account's own clearance. Nothing can be written under such grants.
    """
    held = grants(user).values()
    user._grants = {  # type: ignore[attr-defined]
        grant.mission_id: Grant(grant.mission_id, None, min(clearance, grant.clearance))
        for grant in held
    }


def own_missions(user: Account) -> list[int]:
    """Ids of the missions whose matters of one's own (what one was told, one's webhooks) one sees:
    none for whoever reads as another."""
    return [grant.mission_id for grant in grants(user).values() if grant.role is not None]


def grant_in(user: Account, mission: Mission | int) -> Grant | None:
    """The user's grant in a mission, or the mission of that id; None where there is none."""
    return grants(user).get(mission if isinstance(mission, int) else mission.pk)


def can(user: Account, mission: Mission | int, capability: Capability) -> bool:
    """Whether the user's role in a mission, or in the mission of that id, has a capability."""
    grant = grant_in(user, mission)
    return grant is not None and grant.can(capability)


def missions_with(user: Account, capability: Capability) -> list[int]:
    """Ids of the missions in which the user's role has a capability."""
    return [grant.mission_id for grant in grants(user).values() if grant.can(capability)]


def clearance_in(user: Account, mission: Mission) -> int | None:
    """The highest ``Classification`` the user may read in a mission; None for no member."""
    grant = grant_in(user, mission)
    return None if grant is None else grant.clearance


def layer_in(user: Account, mission: Mission) -> int | None:
    """The layer of figures that are the user's in a mission; None for no member."""
    grant = grant_in(user, mission)
    return None if grant is None else grant.layer


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


def own_visibility(model: type[models.Model], user: Account, path: str = "") -> Q:
    """Condition on ``model``: the record at ``path`` may by itself be seen by the user.

    That is, its mission is the user's, its classification within the clearance there, its
    compartments are held there, and it was not withdrawn. **Not the whole**: whether the user may see what the record belongs to is left
    out. Only for queries that ask that already; all others take ``full_visibility``.
    ``path``: an ORM path from ``model``; empty for the model itself.
    """
    record = _record_model(model, path)
    prefix = f"{path}__" if path else ""
    missions_by_sight: dict[tuple[int, frozenset[str]], list[int]] = defaultdict(list)
    for grant in grants(user).values():
        missions_by_sight[grant.clearance, grant.compartments].append(grant.mission_id)
    if not missions_by_sight:
        return NOTHING
    classified = _has_field(record, "classification")
    kept_apart = classified and _has_field(record, "compartments")
    allowed = Q()
    for (clearance, held), mission_ids in missions_by_sight.items():
        level = Q(**{f"{prefix}mission__in": mission_ids})
        if classified:
            level &= Q(**{f"{prefix}classification__lte": clearance})
        if kept_apart:
            level &= reads(held, f"{prefix}compartments")
        allowed |= level
    if _has_field(record, "withdrawn_at"):
        allowed &= Q(**{f"{prefix}withdrawn_at__isnull": True})
    return allowed


def full_visibility(model: type[models.Model], user: Account, path: str = "") -> Q:
    """Condition on ``model``: the user may see the record at ``path``. The whole of it.

    That of the record itself and that of what it ``belongs_to``; what ``visible_to`` filters by.
    ``path``: an ORM path from ``model``; empty for the model itself.
    """
    record = _record_model(model, path)
    owner = getattr(record, "belongs_to", "")
    condition = own_visibility(model, user, "__".join(part for part in (path, owner) if part))
    if owner and _has_field(record, "mission"):
        condition &= own_visibility(model, user, path)
    return condition


class MissionScopedQuerySet(models.QuerySet):
    """Base of every queryset of records that belong to a mission.

    A model whose records are part of another names that one in ``belongs_to`` (an ORM path): they
    are visible when that record is, and their own classification, where they have one, allows it.
    """

    def visible_to(self, user: Account) -> Self:
        """Records the user may see: the only way from a request to a mission's records."""
        return self.filter(full_visibility(self.model, user))

    def for_figures(self, user: Account) -> Self:
        """Records that the user's figures count: those visible, but none in a compartment for who
        does not hold all compartments."""
        return self.visible_to(Reader.counting(user))

    def editable_by(self, user: Account) -> Self:
        """Records the user may change, a subset of what the user may see."""
        allowed = Q()
        for grant in grants(user).values():
            condition = self.model.write_condition(grant, user)  # type: ignore[attr-defined]
            if condition is not None:
                allowed |= Q(**{self._mission_path(): grant.mission_id}) & condition
        if not allowed:
            return self.none()
        return self.visible_to(user).filter(allowed)

    def current(self) -> Self:
        """Records that were not withdrawn."""
        return self.filter(withdrawn_at__isnull=True)

    def _mission_path(self) -> str:
        if _has_field(self.model, "mission"):
            return "mission"
        return f"{self.model.belongs_to}__mission"  # type: ignore[attr-defined]


def is_visible(user: Account, record: models.Model) -> bool:
    """Whether the user may see one loaded record: the whole rule of ``visible_to``.

    Costs no query where what the record belongs to is loaded with it.
    """
    path = getattr(record, "belongs_to", "")
    if path:
        owner: Any = record
        for part in path.split("__"):
            owner = getattr(owner, part)
        if not is_visible(user, owner):
            return False
        if not hasattr(record, "mission_id"):
            return True
    grant = grants(user).get(record.mission_id)  # type: ignore[attr-defined]
    if grant is None or getattr(record, "withdrawn_at", None) is not None:
        return False
    if not grant.compartments.issuperset(compartments_of(record)):
        return False
    return getattr(record, "classification", Classification.UNCLASSIFIED) <= grant.clearance


def secrecy_of(record: Any) -> tuple[int, list[str]]:
    """The classification and compartments that reading a record takes, with what it belongs to."""
    level = int(getattr(record, "classification", Classification.UNCLASSIFIED))
    held = compartments_of(record)
    path = getattr(record, "belongs_to", "")
    if path:
        owner: Any = record
        for part in path.split("__"):
            owner = getattr(owner, part)
        above, also = secrecy_of(owner)
        level, held = max(level, above), in_order([*held, *also])
    return level, held


def level_of(record: Any) -> int:
    """How secret a record is, with what it belongs to (0-2; 3 under need-to-know); 0 of what has no
    level at all."""
    return layer_of(*secrecy_of(record))


def only_visible(user: Account, records: Iterable[Record]) -> list[Record]:
    """Those of the loaded ``records`` the user may see (``is_visible``), in their order."""
    return [record for record in records if is_visible(user, record)]


def may_create(user: Account, model: type[models.Model], mission: Mission) -> bool:
    """Whether the user's role in a mission has the capability it takes to create such a record."""
    grant = grant_in(user, mission)
    return grant is not None and grant.can(model.to_create)  # type: ignore[attr-defined]


def may_edit(user: Account, record: models.Model) -> bool:
    """Whether the user may see and change a record, as it stands in the database: one query."""
    return type(record).objects.editable_by(user).filter(pk=record.pk).exists()  # type: ignore


def require(allowed: bool, message: str | None = None) -> None:
    """Raise PermissionDenied unless ``allowed``, with the message or one that speaks of the role."""
    if not allowed:
        raise PermissionDenied(message or gettext("Your role in this mission does not allow this."))
