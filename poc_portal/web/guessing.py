"""Guessing passwords, slowed down at every door: each asks Django's ``authenticate``, and that asks here.

Tries are rows of the database, so a cache that is away opens nothing. What fails is counted by
account and by address; the devices its owner signed in with before have tries of their own, so that
nobody who guesses keeps the owner out, and take those of the account once theirs are used up.
Accounts that do not exist are counted like those that do.
"""

from __future__ import annotations

import datetime
import logging
import math
import secrets
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext, ngettext

from poc_portal.models import SignInTries
from poc_portal.web.address import address_of, network_named, network_of

log = logging.getLogger(__name__)
WINDOW = datetime.timedelta(hours=1)
# Answered tries of one account in any hour: 7 from wherever, 3 more on the owner's own devices.
ACCOUNT, DEVICE, ADDRESS = 7, 3, 60
DELAYS = (0, 0, 0, 5, 15, 60, 300)  # seconds to wait after so many failures within the hour
LONGEST_NAME = 150  # characters of an account's name; longer ones are nobody's, and not looked at
DEVICE_SALT = "poc_portal.device"
DEVICE_AGE = 180 * 24 * 3600  # seconds
ACCOUNTS_A_DEVICE = 5


class Backend(ModelBackend):
    """Answers only so many tries; ``request.sign_in_wait`` says in how many seconds the next."""

    def authenticate(
        self, request: Any, username: str | None = None, password: str | None = None, **extra: Any
    ) -> Any:
        username = username or extra.get(get_user_model().USERNAME_FIELD)
        if username is None or password is None or len(username) > LONGEST_NAME:
            return None
        now = timezone.now()
        reserved, wait = _reserve(_ways(request, username), now)
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
        _release(reserved, now)
        return user


class Count(NamedTuple):
    """What is counted, how many tries of it an hour, and the seconds between them."""

    key: str
    most: int
    delays: Sequence[int] = ()


def account_key(username: str) -> str:
    """By which tries of an account are counted; says nothing of its name."""
    name = get_user_model().normalize_username(username).casefold()
    return f"account:{salted_hmac('poc_portal.tries', name, algorithm='sha256').hexdigest()}"


def devices_key(account: str) -> str:
    """By which tries on the devices of an account's owner are counted."""
    return f"devices:{account[8:40]}"


def _ways(request: Any, username: str) -> list[list[Count]]:
    """What a try is counted by: the first way that has one left."""
    account = account_key(username)
    if request is None:
        return [[Count(account, ACCOUNT, DELAYS)]]
    anybody = [
        Count(account, ACCOUNT, DELAYS),
        Count(f"address:{network_of(request)}", ADDRESS),
    ]
    device = _device(request)
    if device and account in device["accounts"]:
        return [[Count(devices_key(account), DEVICE, DELAYS)], anybody]
    return [anybody]


@transaction.atomic
def _reserve(ways: list[list[Count]], now: datetime.datetime) -> tuple[list[str], float]:
    """Counts a try before it is answered: by which keys, or the seconds until there is one."""
    earlier: list[datetime.datetime] = []  # failures of the ways that are used up
    waits = []
    for way in ways:
        rows = [_row(count.key, now) for count in sorted(way)]
        left = wait = 0.0
        for row, count in zip(rows, sorted(way), strict=True):
            failed = row.failed_at
            if len(failed) >= count.most:
                left = max(left, (failed[-count.most] + WINDOW - now).total_seconds())
            elif count.delays and (failed or earlier):
                before = sorted(earlier + failed)
                delay = count.delays[min(len(before), len(count.delays) - 1)]
                wait = max(wait, delay - (now - before[-1]).total_seconds())
        if left <= 0 and wait <= 0:
            for row in rows:
                row.failed_at.append(now)
                row.last_at = now
                row.save()
            return [row.key for row in rows], 0.0
        # A refused try is no row: who is refused as often as they like fills nothing.
        SignInTries.objects.filter(pk__in=[row.key for row in rows], last_at=None).delete()
        waits.append(max(left, wait))
        if left <= 0:
            break  # a delay is waited for, not gone round
        earlier = [moment for row in rows for moment in row.failed_at]
    return [], min(waits)


def _row(key: str, now: datetime.datetime) -> SignInTries:
    """The row of a key, locked, with the failures of the last hour."""
    while True:
        SignInTries.objects.bulk_create([SignInTries(key=key)], ignore_conflicts=True)
        row = SignInTries.objects.select_for_update().filter(pk=key).first()
        if row is not None:  # else somebody just forgot it
            row.failed_at = [moment for moment in row.failed_at if now - moment < WINDOW]
            return row


@transaction.atomic
def _release(keys: list[str], now: datetime.datetime) -> None:
    """The try was no guess."""
    for row in SignInTries.objects.select_for_update().filter(pk__in=keys).order_by("pk"):
        if now in row.failed_at:
            row.failed_at.remove(now)
            row.save()


def forget_tries() -> None:
    """Drop counts of yesterday."""
    before = timezone.now() - datetime.timedelta(days=1)
    SignInTries.objects.filter(Q(last_at__lt=before) | Q(last_at=None)).delete()


def forget_account(username: str) -> int:
    """Drop what is counted of an account, also on its owner's devices; how many tries it were."""
    account = account_key(username)
    return _forget([account, devices_key(account)])


def forget_address(address: str) -> int:
    """Drop what is counted of an address; how many tries it were."""
    return _forget([f"address:{network_named(address)}"])


@transaction.atomic
def _forget(keys: list[str]) -> int:
    now = timezone.now()
    rows = SignInTries.objects.select_for_update().filter(pk__in=keys).order_by("pk")
    tries = sum(now - moment < WINDOW for row in rows for moment in row.failed_at)
    rows.delete()
    return tries


def wait_told(wait: int) -> str:
    """What is said to who has to wait so many seconds, and who can help."""
    minutes = -(-wait // 60)
    if wait < 60:
        said = ngettext(
            "Too many attempts. Wait %(seconds)d second, then try again.",
            "Too many attempts. Wait %(seconds)d seconds, then try again.",
            wait,
        )
    else:
        said = ngettext(
            "Too many attempts. Wait %(minutes)d minute, then try again.",
            "Too many attempts. Wait %(minutes)d minutes, then try again.",
            minutes,
        )
    help_is_near = gettext(
        "Who keeps the accounts can let you in sooner, by setting your password anew."
    )
    return f"{said % {'seconds': wait, 'minutes': minutes}} {help_is_near}"


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
