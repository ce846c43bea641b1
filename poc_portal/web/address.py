"""Whom a request comes from."""

from __future__ import annotations

import ipaddress
from typing import Any

from django.conf import settings


def address_of(request: Any) -> str:
    """The address the last trusted proxy saw; without one, that of the connection.

    What stands further left in ``X-Forwarded-For`` anybody can write.
    """
    hops = settings.TRUSTED_PROXIES
    if hops:
        told = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        if len(told) >= hops and told[-hops].strip():
            return told[-hops].strip()[:100]
    return request.META.get("REMOTE_ADDR", "")


def network_of(request: Any) -> str:
    """What is counted as one address: of IPv6 the /64 it stands in, which one customer holds whole."""
    return network_named(address_of(request))


def network_named(address: str) -> str:
    try:
        found = ipaddress.ip_address(address.partition("%")[0].strip("[]"))
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((int(found) >> 64 << 64, 64)))
    return str(found)
