"""One address of Redis or Valkey, as Celery and as Django's cache spell it."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit

PATIENCE = 1.0  # seconds for a connection, and for an answer: no request waits longer
OF_CACHE, OF_CELERY = ("unix", "db"), ("redis+socket", "virtual_host")


def celery_url(url: str) -> str:
    """``unix:///path?db=1`` as ``redis+socket:///path?virtual_host=1``; others as they are."""
    return _respelt(url, OF_CACHE, OF_CELERY)


def cache_url(url: str) -> str:
    """``redis+socket:///path?virtual_host=1`` as ``unix:///path?db=1``; others as they are."""
    return _respelt(url, OF_CELERY, OF_CACHE)


def _respelt(url: str, old: tuple[str, str], new: tuple[str, str]) -> str:
    parts = urlsplit(url)
    if parts.scheme != old[0]:
        return url
    given = [(new[1] if key == old[1] else key, value) for key, value in parse_qsl(parts.query)]
    query = f"?{urlencode(given)}" if given else ""
    return f"{new[0]}://{parts.netloc}{parts.path}{query}"
