"""Telling an owner that who keeps accounts set their password."""

from __future__ import annotations

import logging
from smtplib import SMTPException

from django.utils.translation import gettext_lazy as _

from exchange.choices import NotificationKind
from exchange.notifications.owners import tell_owner
from missions.models import User

log = logging.getLogger(__name__)


def tell_password_set(owner: User) -> None:
    """A mail server that is away keeps no password from being set."""
    try:
        tell_owner(
            owner,
            NotificationKind.PASSWORD_SET,
            _("POC Portal: your password was set anew"),
            _(
                "Who keeps the accounts set your password anew. Your sessions and access tokens "
                "have ended. If you did not ask for it, tell your administrator.\n\n%(address)s"
            ),
        )
    except (OSError, SMTPException) as error:
        log.warning("an owner could not be told of a password by e-mail (%s)", type(error).__name__)
