"""What an installation must not run without: keys of the right form, and TLS beyond one machine."""

from __future__ import annotations

import ipaddress
import logging
import os
import re
from collections.abc import Callable, Sequence
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from poc_portal.local.state import database_is_external

log = logging.getLogger(__name__)
SHORTEST_KEY, FEWEST_LETTERS = 50, 5  # characters, and different ones, of SECRET_KEY
MADE_BY_DJANGO = "django-insecure-"
FERNET = re.compile(r"[A-Za-z0-9_+/-]{43}=")  # decoding would pass over whatever else stands in it
MAKE_FERNET = (
    'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'
)


class Unsound(SystemExit):
    """The installation's settings are refused; the message says which, and what would be right."""


def require_sound_settings() -> None:
    """Raises Unsound with all that is wrong, one a line. For what starts without Django's checks."""
    found = check_installation()
    for message in found:
        if not message.is_serious():
            log.warning("%s %s (%s)", message.msg, message.hint, message.id)
    errors = [message for message in found if message.is_serious()]
    if errors:
        lines = [f"{error.msg} {error.hint} ({error.id})" for error in errors]
        raise Unsound("\n".join(["The portal does not start like this:", *lines]))


@register("security")
def check_installation(**kwargs) -> list[CheckMessage]:
    """All that is wrong with the settings in force."""
    checks: tuple[Callable[[], Sequence[CheckMessage]], ...] = (
        _secret_key, _informant_keys, _transport, _addresses,
    )  # fmt: skip
    return [error for check in checks for error in check()]


def _addresses() -> list[Warning]:
    """Behind a proxy nobody trusts every reader has the proxy's address, and shares its limits."""
    if not settings.BEHIND_TLS or settings.TRUSTED_PROXIES:
        return []
    said = "BEHIND_TLS is set and TRUSTED_PROXIES is not: all readers count as one address."
    hint = "Set TRUSTED_PROXIES to how many proxies stand before the portal, such as 1."
    return [Warning(said, hint=hint, id="poc_portal.W001")]


def _secret_key() -> list[Error]:
    key = settings.SECRET_KEY
    is_long = len(key) >= SHORTEST_KEY and len(set(key)) >= FEWEST_LETTERS
    if is_long and not key.startswith(MADE_BY_DJANGO):
        return []
    said = (
        "SECRET_KEY is empty."
        if not key
        else "SECRET_KEY is too short, of too few letters, or an example."
    )
    hint = (
        f"Set a random text of {SHORTEST_KEY} characters or more: "
        'python -c "import secrets; print(secrets.token_urlsafe(50))".'
    )
    return [Error(said, hint=hint, id="poc_portal.E001")]


def _informant_keys() -> list[Error]:
    if not settings.INFORMANT_KEYS:
        said = "INFORMANT_KEYS is empty: no source's name could be sealed."
        return [Error(said, hint=f"Set at least one key: {MAKE_FERNET}.", id="poc_portal.E002")]
    for place, key in enumerate(settings.INFORMANT_KEYS, start=1):
        if not FERNET.fullmatch(key):
            said = (
                f"INFORMANT_KEYS: key {place} of {len(settings.INFORMANT_KEYS)} is no Fernet key."
            )
            return [Error(said, hint=f"Make one with: {MAKE_FERNET}.", id="poc_portal.E003")]
    return []


def _transport() -> list[Error]:
    """Passwords and sessions beyond one machine go encrypted, and errors tell nothing."""
    if is_one_machine():
        return []
    errors = []
    if settings.DEBUG:
        said = "DEBUG shows records and settings to whoever meets an error."
        errors.append(Error(said, hint="Switch it off.", id="poc_portal.E004"))
    if not (settings.SESSION_COOKIE_SECURE and settings.CSRF_COOKIE_SECURE):
        said = "Cookies of sessions would go unencrypted, beyond one machine."
        hint = "Put a proxy with TLS before the portal and set BEHIND_TLS=1."
        errors.append(Error(said, hint=hint, id="poc_portal.E005"))
    return errors


def is_one_machine() -> bool:
    """Whether database and readers are on this very machine: a socket, and names of its own."""
    return _database_is_near() and all(map(_is_loopback, settings.ALLOWED_HOSTS))


def _database_is_near() -> bool:
    if not database_is_external():
        return True
    host = urlsplit(os.environ["DATABASE_URL"]).netloc.rpartition("@")[2]
    return unquote(host).startswith("/")


def _is_loopback(host: str) -> bool:
    name = host.strip("[]").lower()
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")
