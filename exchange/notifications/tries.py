"""Telling the owner of an account that somebody tried to sign in as them.

The worker does it, from the counted tries: the answer to a try takes as long for an account that
does not exist.
"""

from __future__ import annotations

import datetime
import logging
from smtplib import SMTPException

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from exchange.choices import NotificationKind
from exchange.notifications.owners import tell_owner
from missions.models import User
from poc_portal.models import SignInTries
from poc_portal.web.guessing import WINDOW, account_key

log = logging.getLogger(__name__)
ENOUGH = 3  # failures within the hour; fewer are the owner's own fingers


def tell_of_tries(now: datetime.datetime | None = None) -> int:
    """Once for each hour of tries; how many owners were told."""
    now = now or timezone.now()
    told = 0
    fresh = Q(told_at=None) | Q(told_at__lt=F("last_at") - WINDOW)
    rows = SignInTries.objects.filter(
        fresh, key__startswith="account:", failed_at__len__gte=ENOUGH, last_at__gte=now - WINDOW
    )
    if not rows.exists():
        return 0
    owners = {account_key(user.username): user for user in User.objects.filter(is_active=True)}
    for pk in list(rows.values_list("pk", flat=True)):
        try:
            with transaction.atomic():
                row = rows.select_for_update(skip_locked=True).filter(pk=pk).first()
                if row is None:
                    continue
                row.told_at = now
                row.save(update_fields=["told_at"])
                if row.key in owners:
                    _tell(owners[row.key])
                    told += 1
        except (OSError, SMTPException) as error:  # told by the next sweep
            log.warning("an owner could not be told of tries (%s)", type(error).__name__)
    return told


def _tell(owner: User) -> None:
    tell_owner(
        owner,
        NotificationKind.SIGN_IN_TRIED,
        _("POC Portal: somebody tried to sign in as you"),
        _(
            "Within an hour several tries to sign in to your account failed. If it was not "
            "you, tell your administrator. Your password still works; on a device you "
            "signed in with before you need not wait.\n\n%(address)s"
        ),
    )
