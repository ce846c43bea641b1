"""Guessing passwords, slowed down at every door: each asks Django's ``authenticate``, and that asks here.

Tries are rows of the database, so a cache that is away opens nothing. What fails is counted by
account and by address; the devices its owner signed in with before have tries of their own, so that
nobody who guesses keeps the owner out. Accounts that do not exist are counted like those that do.
"""

from __future__ import annotations

import datetime
import logging
import math
import secrets
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from poc_portal.models import SignInTries
from poc_portal.web.address import address_of

log = logging.getLogger(__name__)
WINDOW = datetime.timedelta(hours=1)
# Answered tries of one account in any hour: 7 from wherever, 3 more on the owner's own devices.
ACCOUNT, DEVICE, ADDRESS = 7, 3, 60
DELAYS = (0, 0, 0, 5, 15, 60, 300)  # seconds to wait after so many failures within the hour
DEVICE_SALT = "poc_portal.device"
DEVICE_AGE = 180 * 24 * 3600  # seconds
ACCOUNTS_A_DEVICE = 5


class Backend(ModelBackend):
    """Answers only so many tries; ``request.sign_in_wait`` says in how many seconds the next."""

    def authenticate(
        self, request: Any, username: str | None = None, password: str | None = None, **extra: Any
    ) -> Any:
        username = username or extra.get(get_user_model().USERNAME_FIELD)
        if username is None or password is None:
            return None
        keys = _keys(request, username)
        now = timezone.now()
        wait = _reserve(keys, now)
        if wait:
            if request is not None:
                vars(_bare(request))["sign_in_wait"] = math.ceil(wait)
            raise PermissionDenied
        user = super().authenticate(request, username=username, password=password)
        if user is None:
            # The name as it was typed may be a password; only one that exists is written down.
            exists = get_user_model()._default_manager.filter(username=username).exists()
            log.warning(
                "a sign-in failed: %s from %s",
                repr(username) if exists else "an unknown account",
                address_of(request) if request is not None else "this machine",
            )
            return None
        _release(keys, now)
        return user


def account_key(username: str) -> str:
    """By which tries of an account are counted; says nothing of its name."""
    name = get_user_model().normalize_username(username).casefold()
    return f"account:{salted_hmac('poc_portal.tries', name, algorithm='sha256').hexdigest()}"


def _keys(request: Any, username: str) -> list[tuple[str, int, Sequence[int]]]:
    """What is counted, how many tries of it an hour, and the delays between them."""
    account = account_key(username)
    if request is None:
        return [(account, ACCOUNT, DELAYS)]
    device = _device(request)
    if device and account in device["accounts"]:
        return [(f"devices:{account[8:40]}", DEVICE, ())]
    return [(account, ACCOUNT, DELAYS), (f"address:{address_of(request)}", ADDRESS, ())]


@transaction.atomic
def _reserve(keys: list[tuple[str, int, Sequence[int]]], now: datetime.datetime) -> float:
    """Counts a try before it is answered; seconds to wait when there is none left."""
    wait = 0.0
    rows = []
    for key, most, delays in sorted(keys):
        SignInTries.objects.bulk_create([SignInTries(key=key)], ignore_conflicts=True)
        row = SignInTries.objects.select_for_update().get(key=key)
        row.failed_at = [moment for moment in row.failed_at if now - moment < WINDOW]
        if len(row.failed_at) >= most:
            wait = max(wait, (row.failed_at[-most] + WINDOW - now).total_seconds())
        elif delays and row.failed_at:
            delay = delays[min(len(row.failed_at), len(delays) - 1)]
            wait = max(wait, delay - (now - row.failed_at[-1]).total_seconds())
        rows.append(row)
    if wait <= 0:
        for row in rows:
            row.failed_at.append(now)
            row.last_at = now
            row.save()
    return max(wait, 0.0)


@transaction.atomic
def _release(keys: list[tuple[str, int, Sequence[int]]], now: datetime.datetime) -> None:
    """The try was no guess."""
    for key, _most, _delays in sorted(keys):
        row = SignInTries.objects.select_for_update().filter(key=key).first()
        if row is not None and now in row.failed_at:
            row.failed_at.remove(now)
            row.save()


def forget_tries() -> None:
    """Drop counts of yesterday."""
    before = timezone.now() - datetime.timedelta(days=1)
    SignInTries.objects.filter(last_at__lt=before).delete()


# -- devices ---------------------------------------------------------------------------------


def _bare(request: Any) -> HttpRequest:
    return getattr(request, "_request", request)


def _device(request: Any) -> dict[str, Any] | None:
    given = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")
    try:
        return signing.loads(given, salt=DEVICE_SALT, max_age=DEVICE_AGE) if given else None
    except signing.BadSignature:
        return None


def remember_device(request: HttpRequest, response: HttpResponse, username: str) -> None:
    """The owner signed in here: what others guess elsewhere does not keep this device out."""
    device = _device(request) or {"name": secrets.token_hex(8), "accounts": []}
    own = account_key(username)
    others = [account for account in device["accounts"] if account != own]
    device["accounts"] = [own, *others][:ACCOUNTS_A_DEVICE]
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME, signing.dumps(device, salt=DEVICE_SALT), max_age=DEVICE_AGE,
        httponly=True, secure=request.is_secure(), samesite="Lax",
    )  # fmt: skip
