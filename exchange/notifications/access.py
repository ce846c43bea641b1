"""Telling those who answer for a mission that somebody's access, or a record's level, changed."""

from __future__ import annotations

from django.db.models import Q

from exchange.choices import NotificationKind
from exchange.notifications.services import notify
from missions.members import administrators
from missions.models import Membership, MembershipChange, User
from missions.models.base import MissionRecord
from missions.roles import Capability, roles_with


def tell_of_access(membership: Membership, act: MembershipChange.Act, by: User | None) -> None:
    """Tell the mission's other administrators, but not those who did it; and whom it is about, of what
    holds from now on."""
    asked = act is MembershipChange.Act.ASKED
    kind = NotificationKind.ACCESS_ASKED if asked else NotificationKind.ACCESS_CHANGED
    others = administrators(membership.mission).exclude(member=membership.member_id)
    notify(membership, kind, others, by=by)
    if not asked and membership.withdrawn_at is None:
        own = Membership.objects.filter(pk=membership.pk)
        notify(membership, NotificationKind.OWN_ACCESS, own, by=by)


def tell_declassified(record: MissionRecord, by: User) -> None:
    """Tell who filed the record, and those who lower others' themselves."""
    answer = Q(role__in=roles_with(Capability.DECLASSIFY)) | Q(member=record.created_by_id)
    those = Membership.objects.filter(answer, mission=record.mission)
    notify(record, NotificationKind.DECLASSIFIED, those, by=by)
