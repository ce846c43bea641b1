"""Requests to addresses that people typed: never to this machine or its own network."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import SplitResult, urlsplit

import urllib3
from django.conf import settings
from django.utils.translation import gettext as _

CONNECT, READ = 3.0, 5.0  # seconds
SHOWN = 2_000  # bytes of an answer that are read


class Forbidden(Exception):
    """The address is not one the portal calls; the message says why."""


class Unreachable(Exception):
    """Nobody answered; the message says how."""


def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """Send a POST; the status of the answer. Redirects are answers, and not followed.

    The name is looked up once, and the very address that was checked is called. Raises Forbidden
    or Unreachable.
    """
    parts = check_url(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    address = _checked_address(host, port)
    timeout = urllib3.Timeout(connect=CONNECT, read=READ)
    pool: urllib3.HTTPConnectionPool
    if parts.scheme == "https":
        pool = urllib3.HTTPSConnectionPool(
            address, port, timeout=timeout, server_hostname=host, assert_hostname=host
        )
    else:
        pool = urllib3.HTTPConnectionPool(address, port, timeout=timeout)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    shown = f"[{host}]" if ":" in host else host
    name = shown if parts.port is None else f"{shown}:{port}"
    try:
        with pool:
            answer = pool.urlopen(
                "POST", path, body, headers | {"Host": name}, retries=False, redirect=False,
                preload_content=False,
            )  # fmt: skip
            answer.read(SHOWN)
            answer.close()
            return answer.status
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise Unreachable(type(error).__name__) from None


def check_url(url: str) -> SplitResult:
    """Raises Forbidden unless it is an address on the web, and encrypted where it must be."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Forbidden(_("This is not an address.")) from None
    if parts.scheme not in ("https", "http") or not parts.hostname or port == 0:
        raise Forbidden(_("Give an address that begins with https://."))
    if parts.username or parts.password:
        raise Forbidden(_("Give the address without a name and password."))
    if parts.scheme == "http" and parts.hostname not in settings.WEBHOOK_HOSTS:
        raise Forbidden(_("Give an address that begins with https://."))
    return parts


def _checked_address(host: str, port: int) -> str:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unreachable(_("the name %(host)s is not known") % {"host": host}) from None
    addresses = [str(entry[4][0]) for entry in found]
    if host not in settings.WEBHOOK_HOSTS and not all(map(_is_public, addresses)):
        raise Forbidden(
            _("%(host)s is within a private network. An administrator of the installation can "
              "allow it (WEBHOOK_HOSTS).") % {"host": host}
        )  # fmt: skip
    return addresses[0]


def _is_public(text: str) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    for inner in (getattr(address, "ipv4_mapped", None), getattr(address, "sixtofour", None)):
        if inner is not None:
            address = inner
    return address.is_global and not address.is_multicast
