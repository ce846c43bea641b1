"""Who belongs to a mission, and how much they may see: the only writer of memberships.

Nobody changes their own membership, grants or takes a clearance above their own, or grants or takes
a compartment they do not hold; whoever administers may end a membership as a whole. Who is the last
to be able to grant a compartment keeps it until another is. Strictly confidential takes two: an
administrator asks, another one so cleared confirms, and the old clearance stands until then. The
operator's command line counts as one of the two. All of it is kept (``MembershipChange``), logged,
and told to the administrators and to whom it is about.
"""

from __future__ import annotations

import getpass
import logging
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext

from missions.access import can, clearance_in, grant_in, require
from missions.choices import Classification
from missions.models import Component, FieldOffice, Membership, MembershipChange, Mission, User
from missions.need_to_know import EVERY, in_order
from missions.roles import Capability, roles_with
from missions.signals import membership_changed

BY_TWO = Classification.STRICTLY_CONFIDENTIAL  # from here on a grant takes a second administrator
NOBODY_YET = -1  # clearance of who is no member: below all there is

log = logging.getLogger(__name__)
Act = MembershipChange.Act


@dataclass(frozen=True)
class State:
    """What a membership allows, to be kept in its history."""

    role: str = ""
    clearance: int | None = None
    limits: str = ""
    compartments: tuple[str, ...] = ()

    @classmethod
    def of(cls, membership: Membership) -> State:
        """As it stands in the database; nothing for one that is not stored or was withdrawn."""
        if membership.pk is None or membership.withdrawn_at is not None:
            return cls()
        offices = [str(office) for office in membership.field_offices.all()]
        component = [str(membership.component)] if membership.component_id else []
        limits = "; ".join([*component, *offices])
        return cls(membership.role, membership.clearance, limits, (*membership.compartments,))


@dataclass(frozen=True)
class Asked:
    """What is asked for in a change; None: it stays as it is."""

    role: str | None = None
    clearance: int | None = None
    limits: dict[str, Any] = field(default_factory=dict)  # component, field_offices
    compartments: Collection[str] | None = None


@transaction.atomic
def give_membership(
    *,
    by: User | None,
    member: User,
    mission: Mission,
    role: str,
    clearance: int = Classification.UNCLASSIFIED,
    component: Component | None = None,
    field_offices: Iterable[FieldOffice] = (),
    compartments: Collection[str] = (),
) -> Membership:
    """Make an account a member, or one again that was withdrawn.

    ``by``: the administrator; None for the operator's command line. Raises PermissionDenied, or
    ValidationError, also for who is a member.
    """
    _require_administrator(by, mission, member)
    held = _locked(member, mission)
    if held is not None and held.withdrawn_at is None:
        message = gettext("This account is a member already.")
        raise ValidationError({"member": message})
    membership = held or Membership(member=member, mission=mission)
    limits = {"component": component, "field_offices": list(field_offices)}
    asked = Asked(role, clearance, limits, compartments)
    return _write(membership, by=by, asked=asked, was=State())


@transaction.atomic
def change_membership(
    membership: Membership,
    *,
    by: User | None,
    role: str | None = None,
    clearance: int | None = None,
    compartments: Collection[str] | None = None,
    **limits: Any,
) -> Membership:
    """Change what a membership allows; None stays as it is. ``limits``: component, field_offices.

    Raises PermissionDenied or ValidationError.
    """
    membership = _relocked(membership)
    _require_administrator(by, membership.mission, membership.member)
    if membership.withdrawn_at is not None:  # meanwhile: only ``give_membership`` readmits
        raise ValidationError({"member": gettext("This membership has ended.")})
    if _seconds(membership, by, clearance):
        membership, clearance = confirm_clearance(membership, by=by), None
    asked = Asked(role, clearance, limits, compartments)
    return _write(membership, by=by, asked=asked, was=State.of(membership))


@transaction.atomic
def confirm_clearance(membership: Membership, *, by: User | None) -> Membership:
    """Grant what another administrator asked for. Raises PermissionDenied or ValidationError."""
    membership = _relocked(membership)
    _require_administrator(by, membership.mission, membership.member)
    _require_asked(membership)
    if membership.asked_by_id == (by.pk if by else None):
        raise ValidationError(
            {"clearance": gettext("Who asked for a clearance does not confirm it: another does.")}
        )
    asker = membership.asked_by
    asked = membership.asked_clearance
    assert asked is not None
    if asker is not None and not _may_grant(asker, membership.mission, asked):
        raise ValidationError(
            {"clearance": gettext("Who asked for it may no longer grant it. Ask for it anew.")}
        )
    _require_not_above(by, membership.mission, asked, held=NOBODY_YET)
    was = State.of(membership)
    membership.clearance = asked
    membership.asked_clearance = membership.asked_by = None
    membership.save()
    _keep(membership, Act.CONFIRMED, by, was, State.of(membership))
    return membership


@transaction.atomic
def refuse_clearance(membership: Membership, *, by: User | None) -> Membership:
    """Take back or refuse what was asked for. Raises PermissionDenied or ValidationError."""
    membership = _relocked(membership)
    _require_administrator(by, membership.mission, membership.member)
    _require_asked(membership)
    was = State.of(membership)
    membership.asked_clearance = membership.asked_by = None
    membership.save()
    _keep(membership, Act.REFUSED, by, was, was)
    return membership


@transaction.atomic
def withdraw_membership(membership: Membership, *, by: User | None, reason: str) -> Membership:
    """End an account's access. Raises PermissionDenied, or ValidationError without a reason."""
    membership = _relocked(membership)
    _require_administrator(by, membership.mission, membership.member)
    if not reason or not reason.strip():
        raise ValidationError({"reason": gettext("Say why this record is withdrawn.")})
    if membership.withdrawn_at is None:
        was = State.of(membership)
        _require_others_grant(by, membership, was, keeps=(), names="reason")
        membership.withdrawn_at = timezone.now()
        membership.withdrawn_by = by
        membership.withdrawn_reason = reason.strip()
        membership.asked_clearance = membership.asked_by = None
        membership.save()
        _keep(membership, Act.WITHDRAWN, by, was, State(), reason=reason.strip())
    return membership


@transaction.atomic
def found_membership(
    *,
    member: User,
    mission: Mission,
    role: str,
    clearance: int,
    compartments: Collection[str] | None,
) -> Membership:
    """The access an account begins with; see ``missions.services.add_member``."""
    if compartments is None:  # else nobody could grant any
        is_first = role in roles_with(Capability.ADMINISTER) and clearance >= BY_TWO
        is_first &= not administrators(mission).exclude(member=member).exists()
        compartments = EVERY if is_first else None
    membership = _locked(member, mission) or Membership(member=member, mission=mission)
    was = State.of(membership)
    membership.role, membership.clearance = role, clearance
    _begin(membership, was)
    _settle(membership)  # by the operator, who is one of the two
    if compartments is not None:
        membership.compartments = in_order(compartments)
    membership.save()
    _keep(membership, Act.CHANGED if was.role else Act.GIVEN, None, was, State.of(membership))
    return membership


def may_confirm(user: User, membership: Membership) -> bool:
    """Whether a page offers the user to confirm what is asked for."""
    asked = membership.asked_clearance
    if asked is None or user.pk in (membership.member_id, membership.asked_by_id):
        return False
    return _may_grant(user, membership.mission, asked)


def administrators(mission: Mission) -> models.QuerySet[Membership]:
    """Memberships of those who keep a mission's members."""
    roles = roles_with(Capability.ADMINISTER)
    return Membership.objects.current().filter(
        mission=mission, role__in=roles, member__is_active=True
    )


def _write(membership: Membership, *, by: User | None, asked: Asked, was: State) -> Membership:
    mission = membership.mission
    held = NOBODY_YET if was.clearance is None else was.clearance
    if asked.clearance is not None:
        _require_not_above(by, mission, asked.clearance, held=held)
    clearance = max(held, 0) if asked.clearance is None else asked.clearance
    _begin(membership, was)
    takes_two = clearance >= BY_TWO and clearance > held and _second_for(membership, by, clearance)
    if clearance != held:
        _settle(membership)
    if takes_two:
        membership.asked_clearance, membership.asked_by = clearance, by
        clearance = max(held, 0)
    membership.clearance = clearance
    if asked.compartments is not None:
        _require_held(by, mission, set(asked.compartments) ^ set(was.compartments))
        membership.compartments = in_order(asked.compartments)
    membership.role = asked.role or membership.role
    keeps = membership.compartments if _administers(membership.role) else []
    _require_others_grant(by, membership, was, keeps=keeps)
    limits = dict(asked.limits)
    offices = limits.pop("field_offices", None)
    if "component" in limits:
        membership.component = limits["component"]
    _require_of_mission(mission, membership.component, offices or ())
    membership.full_clean()
    membership.save()
    if offices is not None:
        membership.field_offices.set(offices)
    state = State.of(membership)
    if state != was:
        _keep(membership, Act.CHANGED if was.role else Act.GIVEN, by, was, state)
    if takes_two:
        wanted = replace(state, clearance=membership.asked_clearance)
        _keep(membership, Act.ASKED, by, state, wanted)
    return membership


def _begin(membership: Membership, was: State) -> None:
    """It holds from now on; nothing of an earlier one comes back unsaid."""
    if not was.role:
        membership.compartments = []
        _settle(membership)
    membership.withdrawn_at = membership.withdrawn_by = None
    membership.withdrawn_reason = ""


def _settle(membership: Membership) -> None:
    membership.asked_clearance = membership.asked_by = None


def _seconds(membership: Membership, by: User | None, clearance: int | None) -> bool:
    """Whether giving the clearance confirms what somebody else asked for."""
    asked, asker = membership.asked_clearance, membership.asked_by
    if clearance is None or clearance != asked or asker == by:
        return False
    return asker is None or _may_grant(asker, membership.mission, clearance)


def _second_for(membership: Membership, by: User | None, clearance: int) -> bool:
    """Whether somebody else is to confirm; not where the operator finds nobody who could."""
    if by is not None:
        return True
    others = administrators(membership.mission).filter(clearance__gte=clearance)
    return others.exclude(member=membership.member_id).exists()


def _require_administrator(by: User | None, mission: Mission, member: User) -> None:
    if by is None:
        return
    require(can(by, mission, Capability.ADMINISTER))
    require(
        by.pk != member.pk,
        gettext("Nobody changes their own membership: another administrator does."),
    )


def _may_grant(user: User, mission: Mission, clearance: int) -> bool:
    return administrators(mission).filter(member=user, clearance__gte=clearance).exists()


def _require_not_above(by: User | None, mission: Mission, clearance: int, *, held: int) -> None:
    """What a member holds already may stay above the administrator's own, and is not theirs to take."""
    own = None if by is None else clearance_in(by, mission)
    if own is not None and held > own and clearance < held:
        message = gettext("Nobody takes a clearance above their own, but by ending the membership.")
        raise ValidationError({"clearance": message})
    if own is not None and clearance > max(own, held):
        message = gettext("Nobody grants a clearance above their own.")
        raise ValidationError({"clearance": message})


def _require_held(by: User | None, mission: Mission, moved: Collection[str]) -> None:
    own = None if by is None else grant_in(by, mission)
    if own is not None and not own.compartments.issuperset(moved):
        message = gettext("Nobody grants or takes a need-to-know that they do not hold themselves.")
        raise ValidationError({"compartments": message})


def _require_others_grant(
    by: User | None,
    membership: Membership,
    was: State,
    *,
    keeps: Collection[str],
    names: str = "compartments",
) -> None:
    """Another can grant what an administrator no longer does; the operator's command needs none.

    ``keeps``: the compartments that stay theirs to grant. ``names``: the field that a refusal names.
    """
    lost = set(was.compartments) - set(keeps)
    if by is None or not lost or not _administers(was.role):
        return
    others = administrators(membership.mission).exclude(pk=membership.pk)
    held = {code for found in others.values_list("compartments", flat=True) for code in found}
    if not held.issuperset(lost):
        message = gettext(
            "Nobody else could grant a need-to-know that this member holds: give it to another "
            "administrator first, or ask the operator."
        )
        raise ValidationError({names: message})


def _administers(role: str) -> bool:
    return role in roles_with(Capability.ADMINISTER)


def _require_asked(membership: Membership) -> None:
    if membership.asked_clearance is None:
        raise ValidationError({"clearance": gettext("No clearance is asked for.")})


def _require_of_mission(
    mission: Mission, component: Component | None, offices: Iterable[FieldOffice]
) -> None:
    named = [("component", component), *(("field_offices", office) for office in offices)]
    for name, record in named:
        if record is not None and record.mission_id != mission.pk:
            message = gettext("“%(name)s” belongs to another mission.") % {"name": record}
            raise ValidationError({name: message})


def _locked(member: User, mission: Mission) -> Membership | None:
    found = Membership.objects.select_for_update(of=("self",)).filter(member=member)
    return found.filter(mission=mission).first()


def _relocked(membership: Membership) -> Membership:
    return Membership.objects.select_for_update(of=("self",)).get(pk=membership.pk)


def _keep(
    membership: Membership, act: MembershipChange.Act, by: User | None, was: State, now: State,
    reason: str = "",
) -> None:  # fmt: skip
    operator = "" if by is not None else _operator()
    MembershipChange.objects.create(
        membership=membership, act=act, by=by, operator=operator,
        from_role=was.role, from_clearance=was.clearance, from_limits=was.limits,
        to_role=now.role, to_clearance=now.clearance, to_limits=now.limits,
        from_compartments=[*was.compartments], to_compartments=[*now.compartments], reason=reason,
    )  # fmt: skip
    log.info(
        "Membership %s in %s: %s by %s, %s/%s/%s -> %s/%s/%s",
        membership.member_id, membership.mission.code, act.value,
        f"account {by.pk}" if by is not None else f"operator {operator}",
        was.role or "-", was.clearance, "+".join(was.compartments) or "-",
        now.role or "-", now.clearance, "+".join(now.compartments) or "-",
    )  # fmt: skip
    membership_changed.send(Membership, membership=membership, act=act, by=by)


def _operator() -> str:
    try:
        return getpass.getuser()[:100]
    except (KeyError, OSError):  # an account without a name, as in containers
        return ""
