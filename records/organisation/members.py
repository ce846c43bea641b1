"""Memberships through the same calls as all records; their rules are in ``missions.members``."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from missions.members import change_membership, give_membership, withdraw_membership
from missions.models import Membership, User
from records.services import EditConflict, lock
from records.versions import version_of


def create_membership(*, user: User, **values: Any) -> Membership:
    """Make an account a member, or one again."""
    return give_membership(by=user, **{"role": "viewer", **values})


@transaction.atomic
def update_membership(
    membership: Membership, *, user: User, expected: str | None = None, **values: Any
) -> Membership:
    """Change it. Raises EditConflict where another version than ``expected`` stands now."""
    current = lock(membership)
    if expected is not None and expected != version_of(current, user):
        raise EditConflict(current)
    return change_membership(current, by=user, **values)


def end_membership(membership: Membership, *, user: User, reason: str) -> Membership:
    """Withdraw it with a reason."""
    return withdraw_membership(membership, by=user, reason=reason)
