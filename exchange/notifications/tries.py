"""Telling the owner of an account that somebody tried to sign in as them.

The worker does it, from the counted tries: the answer to a try takes as long for an account that
does not exist.
"""

from __future__ import annotations

import datetime
import logging
from smtplib import SMTPException

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from exchange.choices import NotificationKind
from exchange.notifications.owners import tell_owner
from missions.models import User
from poc_portal.models import SignInTries
from poc_portal.web.guessing import WINDOW, account_key, devices_key

log = logging.getLogger(__name__)
ENOUGH = 3  # failures within the hour; fewer are the owner's own fingers


def tell_of_tries(now: datetime.datetime | None = None) -> int:
    """Once for each hour of tries, from wherever or on own devices; how many owners were told."""
    now = now or timezone.now()
    rows = SignInTries.objects.filter(
        Q(key__startswith="account:") | Q(key__startswith="devices:"),
        failed_at__len__gte=1,
        last_at__gte=now - WINDOW,
    )
    tried = set(rows.values_list("pk", flat=True))
    if not tried:
        return 0
    told = 0
    for user in User.objects.filter(is_active=True).order_by("pk"):
        account = account_key(user.username)
        keys = {account, devices_key(account)}
        if not keys & tried:
            continue
        try:
            with transaction.atomic():
                found = list(rows.select_for_update(skip_locked=True).filter(pk__in=keys))
                if _is_to_be_told(found, now):
                    rows.filter(pk__in=keys).update(told_at=now)
                    _tell(user)
                    told += 1
        except (OSError, SMTPException) as error:  # told by the next sweep
            log.warning("an owner could not be told of tries (%s)", type(error).__name__)
    return told


def _is_to_be_told(rows: list[SignInTries], now: datetime.datetime) -> bool:
    failures = [moment for row in rows for moment in row.failed_at if now - moment < WINDOW]
    if len(failures) < ENOUGH:
        return False
    told = [row.told_at for row in rows if row.told_at is not None]
    return not told or max(told) < max(failures) - WINDOW


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
