"""What the portal refuses to start with: keys that protect nothing, and secrets sent in the clear.

Django's system checks, which every command runs; the web server, the workers and beat ask the same
by ``require_safe_start``, for none of them runs checks by itself.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

SHORTEST_KEY = 50  # characters, as Django's own check asks for
FEWEST_CHARACTERS = 5  # that differ
FERNET_KEY = re.compile(r"[A-Za-z0-9_+/-]{43}=")  # 32 bytes in base64, and nothing beside them
MADE_BY_DJANGO = "django-insecure-"
ASKED_TO = "Make one with: python -c 'import secrets; print(secrets.token_urlsafe(50))'"
INFORMANT_KEY_ASKED_TO = (
    "Make one with: python -c 'from cryptography.fernet import Fernet; "
    "print(Fernet.generate_key().decode())'"
)


def register() -> None:
    for check in (check_signing_key, check_informant_keys, check_exposure):
        checks.register(check, checks.Tags.security)


def require_safe_start() -> None:
    """Raises ImproperlyConfigured, whose message names each setting and never its value."""
    found = [*check_signing_key(), *check_informant_keys(), *check_exposure()]
    if found:
        raise ImproperlyConfigured(
            "The portal does not start:\n" + "\n".join(f"  {error.msg}" for error in found)
        )


def check_signing_key(**given: Any) -> list[checks.CheckMessage]:
    try:
        key = settings.SECRET_KEY
    except ImproperlyConfigured:  # Django's own word for one that is empty
        key = ""
    is_long = len(key) >= SHORTEST_KEY and len(set(key)) >= FEWEST_CHARACTERS
    if is_long and not key.startswith(MADE_BY_DJANGO):
        return []
    text = f"SECRET_KEY is missing or can be guessed; it takes {SHORTEST_KEY} random characters."
    return [checks.Error(text, hint=ASKED_TO, id="poc_portal.E001")]


def check_informant_keys(**given: Any) -> list[checks.CheckMessage]:
    found: list[checks.CheckMessage] = []
    if not settings.INFORMANT_KEYS:
        text = "INFORMANT_KEYS is missing: the names of sources could not be encrypted."
        found.append(checks.Error(text, hint=INFORMANT_KEY_ASKED_TO, id="poc_portal.E002"))
    for number, key in enumerate(settings.INFORMANT_KEYS, start=1):
        if not FERNET_KEY.fullmatch(key):
            text = f"INFORMANT_KEYS: key number {number} is not a Fernet key."
            found.append(checks.Error(text, hint=INFORMANT_KEY_ASKED_TO, id="poc_portal.E003"))
    return found


def check_exposure(**given: Any) -> list[checks.CheckMessage]:
    """Beyond one machine nothing is served in the clear, and no page shows its workings."""
    if is_one_machine():
        return []
    found: list[checks.CheckMessage] = []
    if settings.DEBUG:
        text = "DEBUG shows settings and records to whoever meets an error; switch it off."
        found.append(checks.Error(text, id="poc_portal.E004"))
    if not (settings.BEHIND_TLS and settings.SESSION_COOKIE_SECURE and settings.CSRF_COOKIE_SECURE):
        text = (
            "BEHIND_TLS is not 1, though DATABASE_URL or ALLOWED_HOSTS name more than this "
            "machine: passwords and sessions would travel in the clear."
        )
        hint = "Put a proxy with TLS before it (deploy/Caddyfile), and set BEHIND_TLS=1."
        found.append(checks.Error(text, hint=hint, id="poc_portal.E005"))
    return found


def is_one_machine() -> bool:
    """Whether the database is reached by a socket of this machine, and only loopback is served."""
    return _is_own_socket(str(settings.DATABASES["default"].get("HOST") or "")) and all(
        map(_is_loopback, settings.ALLOWED_HOSTS)
    )


def _is_own_socket(host: str) -> bool:
    return host.startswith("/")


def _is_loopback(host: str) -> bool:
    name = host.strip().lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False
