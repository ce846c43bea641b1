"""Requests to addresses that people typed: never to this machine or its own network."""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from urllib.parse import SplitResult, urlsplit

import urllib3
from django.conf import settings
from django.utils.translation import gettext

CONNECT, READ = 3.0, 5.0  # seconds
WHOLE = 15.0  # seconds a webhook's receiver may take in all, however it drips
SHOWN = 2_000  # bytes of an answer that are read
PORTS = {"https": 443, "http": 80}
GIVEN = ipaddress.ip_network("2000::/3")  # what there is of public IPv6 (RFC 4291)
# Addresses that stand for IPv4 ones: NAT64 (RFC 6052, RFC 8215), IPv4-compatible (RFC 4291).
TRANSLATED = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "::/96")))


class Forbidden(Exception):
    """The address is not one the portal calls; the message says why."""


class Unreachable(Exception):
    """Nobody answered; the message says how."""


def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """Send a POST; the status of the answer. Redirects are answers, and not followed.

    Raises Forbidden or Unreachable.
    """
    trusted = frozenset(settings.WEBHOOK_HOSTS)
    with opened("POST", url, headers, body, trusted=trusted, patience=READ, whole=WHOLE) as answer:
        answer.read(SHOWN)
        return answer.status


@contextmanager
def opened(
    method: str, url: str, headers: dict[str, str], body: bytes | None = None,
    *, trusted: frozenset[str], patience: float, whole: float | None = None,
) -> Iterator[urllib3.BaseHTTPResponse]:  # fmt: skip
    """The answer to a request, to be read from; redirects are answers, and not followed.

    The name is looked up once, and the very address that was checked is called. Only ``trusted``
    hosts may be private, or be called without encryption, and at another port than the web's only
    where that is named too (``host:port``). ``patience``: seconds without a byte;
    ``whole``: seconds for all of it, after which the connection is cut.
    Raises Forbidden or Unreachable, also while the answer is being read.
    """
    parts = check_url(url, trusted)
    host, port = parts.hostname or "", _port(parts)
    address = _checked_address(host, port, trusted)
    timeout = urllib3.Timeout(connect=CONNECT, read=patience)
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
    with pool, _cut_after(pool, whole) as is_cut:
        try:
            answer = pool.urlopen(
                method, path, body, headers | {"Host": name}, retries=False, redirect=False,
                preload_content=False,
            )  # fmt: skip
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise Unreachable(type(error).__name__) from None
        try:
            # A header that ends with the connection passes for a whole one.
            if is_cut():
                raise Unreachable(gettext("it took too long"))
            yield answer
            if is_cut():
                raise Unreachable(gettext("it took too long"))
        except urllib3.exceptions.HTTPError as error:
            raise Unreachable(type(error).__name__) from None
        finally:
            answer.close()


@contextmanager
def _cut_after(
    pool: urllib3.HTTPConnectionPool, seconds: float | None
) -> Iterator[Callable[[], bool]]:
    """Shut the pool's connections down after so many seconds, whoever waits for them then; gives
    whether that has happened."""
    happened = threading.Event()
    ends: list[socket.socket] = []

    class Watched(pool.ConnectionCls):  # type: ignore[name-defined, misc]
        def _new_conn(self) -> socket.socket:
            made = super()._new_conn()
            ends.append(
                socket.fromfd(made.fileno(), made.family, made.type)
            )  # outlives TLS's taking
            return made

    def cut() -> None:
        happened.set()
        for end in ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    pool.ConnectionCls = Watched
    timer = threading.Timer(seconds or 0, cut)
    timer.daemon = True
    if seconds is not None:
        timer.start()
    try:
        yield happened.is_set
    finally:
        timer.cancel()
        for end in ends:
            end.close()


def check_url(url: str, trusted: frozenset[str] | None = None) -> SplitResult:
    """Raises Forbidden unless it is an address on the web, and encrypted where it must be."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Forbidden(gettext("This is not an address.")) from None
    if parts.scheme not in ("https", "http") or not parts.hostname or port == 0:
        raise Forbidden(gettext("Give an address that begins with https://."))
    if parts.username or parts.password:
        raise Forbidden(gettext("Give the address without a name and password."))
    trusted = frozenset(settings.WEBHOOK_HOSTS) if trusted is None else trusted
    is_trusted = _is_trusted(parts.hostname, _port(parts), trusted)
    if parts.scheme == "http" and not is_trusted:
        raise Forbidden(gettext("Give an address that begins with https://."))
    if port not in (None, PORTS[parts.scheme]) and f"{parts.hostname}:{port}" not in trusted:
        raise Forbidden(
            gettext("Port %(port)s is not called, only 443. An administrator of the installation can "
              "allow it (WEBHOOK_HOSTS, as host:port).") % {"port": port}
        )  # fmt: skip
    return parts


def _port(parts: SplitResult) -> int:
    return parts.port or PORTS[parts.scheme]


def _is_trusted(host: str, port: int, trusted: frozenset[str]) -> bool:
    return host in trusted or f"{host}:{port}" in trusted


def _checked_address(host: str, port: int, trusted: frozenset[str]) -> str:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unreachable(gettext("the name %(host)s is not known") % {"host": host}) from None
    addresses = [str(entry[4][0]) for entry in found]
    if not _is_trusted(host, port, trusted) and not all(map(_is_public, addresses)):
        raise Forbidden(
            gettext("%(host)s is within a private network. An administrator of the installation can "
              "allow it (WEBHOOK_HOSTS).") % {"host": host}
        )  # fmt: skip
    return addresses[0]


def _is_public(text: str) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        if any(address in network for network in TRANSLATED):
            return False  # whose network it ends in is for the translator to know
        inner = address.ipv4_mapped or address.sixtofour
        if inner is not None:
            address = inner
        elif address.teredo is not None or address not in GIVEN:
            return False
    return address.is_global and not address.is_multicast
