"""Whom a request comes from."""

from __future__ import annotations

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
