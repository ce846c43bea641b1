"""Stopping a program of another member's: a token that signs in, a webhook that is told.

Forms and sheets that come in are records of the mission: administrators change and withdraw them on
their own pages.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext

from exchange.choices import NotificationKind
from exchange.models import AccessToken, Webhook
from exchange.notifications.services import notify
from exchange.webhooks.services import stop
from missions.access import can, missions_with, require
from missions.models import Membership, Mission, User
from missions.roles import Capability

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Place:
    """Where the owner of what was stopped is led to, whatever they are cleared for by now."""

    mission: Mission
    address: str

    def get_absolute_url(self) -> str:
        """As of a record."""
        return self.address


def tokens_of_members(mission: Mission) -> QuerySet[AccessToken]:
    """Tokens of the mission's present members, those of one person together."""
    members = Membership.objects.current().filter(mission=mission).values("member")
    found = AccessToken.objects.filter(user__in=members).select_related("user")
    return found.order_by("user__username", "-created")


def webhooks_of_members(mission: Mission) -> QuerySet[Webhook]:
    """All webhooks of the mission, those of one person together."""
    found = Webhook.objects.filter(mission=mission).select_related("mission", "owner", "stopped_by")
    return found.order_by("owner__username", "pk")


@transaction.atomic
def revoke_token_of_member(token: AccessToken, *, by: User, mission: Mission) -> None:
    """End another member's token at once, everywhere; its owner is told. Raises PermissionDenied."""
    require(can(by, mission, Capability.ADMINISTER))
    require(tokens_of_members(mission).filter(pk=token.pk).exists())
    owner = token.user
    token.delete()
    log.info("Token of account %s revoked by account %s", owner.pk, by.pk)
    _tell(Place(mission, reverse("tokens")), owner, by)


@transaction.atomic
def stop_webhook_of_member(webhook: Webhook, *, by: User) -> None:
    """Switch another member's webhook off, until an administrator lets its owner switch it on again.

    Its owner is told. Raises PermissionDenied.
    """
    require(webhook.mission_id in missions_with(by, Capability.ADMINISTER))
    stop(webhook, gettext("by an administrator of the mission"))
    Webhook.objects.filter(pk=webhook.pk).update(stopped_by=by)
    log.info("Webhook %s stopped by account %s", webhook.pk, by.pk)
    _tell(Place(webhook.mission, webhook.get_absolute_url()), webhook.owner, by)


@transaction.atomic
def release_webhook_of_member(webhook: Webhook, *, by: User) -> None:
    """Let its owner switch it on again: another administrator does. Raises PermissionDenied."""
    require(webhook.mission_id in missions_with(by, Capability.ADMINISTER))
    require(by.pk != webhook.owner_id, gettext("Nobody releases their own webhook."))
    Webhook.objects.filter(pk=webhook.pk).update(stopped_by=None)
    log.info("Webhook %s released by account %s", webhook.pk, by.pk)


def _tell(place: Place, owner: User, by: User) -> None:
    kind = NotificationKind.PROGRAM_STOPPED
    notify(place, kind, Membership.objects.filter(member=owner), by=by)
