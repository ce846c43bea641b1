"""Tokens of a sign-in over REST: few at a time, and short."""

from __future__ import annotations

import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from knox.models import get_token_model

GOOD_FOR = datetime.timedelta(hours=12)  # a working day, as a session
MOST = 10  # of one account at a time; the oldest end
NAMED_FROM = datetime.timedelta(days=1)  # those people make and name are good for that at least


@transaction.atomic
def issue_by_password(user: Any) -> tuple[Any, str]:
    """A token for who gave the password; returns what is kept, and the token, which is shown once."""
    type(user)._default_manager.select_for_update(no_key=True).get(pk=user.pk)  # one at a time
    record, token = get_token_model().objects.create(
        user, expiry=GOOD_FOR, name=gettext("By password"), may_write=True
    )
    own = _by_password().filter(user=user).order_by("-created", "-pk").values("pk")
    get_token_model().objects.filter(pk__in=list(own[MOST:].values_list("pk", flat=True))).delete()
    return record, token


def forget_expired() -> None:
    """Drop tokens of sign-ins that have ended; what people named stays on their page."""
    _by_password().filter(expiry__lt=timezone.now()).delete()


def _by_password() -> QuerySet:
    return get_token_model().objects.filter(expiry__lt=F("created") + NAMED_FROM)
