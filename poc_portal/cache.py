"""Django's cache on Redis or Valkey, for which nobody waits: while it is away, nothing is cached."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from poc_portal.broker import PATIENCE

log = logging.getLogger(__name__)


def _while_away(method: Callable, otherwise: Callable[..., Any]) -> Callable:
    @wraps(method)
    def guarded(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return method(self, *args, **kwargs)
        except (RedisError, OSError) as error:
            log.warning("the cache is away (%s)", type(error).__name__)
            return otherwise(*args)

    return guarded


def _missing(key: str, *rest: Any) -> int:
    raise ValueError(f"Key '{key}' not found.")  # as of one that has expired


class AsJson:
    """Values as JSON: what comes back from the server is read, and never run."""

    def __init__(self, protocol: int | None = None):
        """``protocol``: of pickles, which Django offers."""

    def dumps(self, value: Any) -> bytes | int:
        # Numbers stay numbers, which the server itself counts up.
        return value if type(value) is int else json.dumps(value).encode()

    def loads(self, data: bytes | int) -> Any:
        return data if isinstance(data, int) else json.loads(data)


class Client(RedisCacheClient):
    """Answers as an empty cache would while the server is away; tries once, and not for long."""

    def __init__(self, servers: Any, **options: Any):
        own: dict[str, Any] = {"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE}
        super().__init__(servers, retry=Retry(NoBackoff(), 0), **own, **options)

    add = _while_away(RedisCacheClient.add, lambda *given: True)
    get = _while_away(RedisCacheClient.get, lambda key, default=None: default)
    set = _while_away(RedisCacheClient.set, lambda *given: None)
    touch = _while_away(RedisCacheClient.touch, lambda *given: False)
    delete = _while_away(RedisCacheClient.delete, lambda *given: False)
    get_many = _while_away(RedisCacheClient.get_many, lambda *given: {})
    has_key = _while_away(RedisCacheClient.has_key, lambda *given: False)
    incr = _while_away(RedisCacheClient.incr, _missing)
    set_many = _while_away(RedisCacheClient.set_many, lambda *given: None)
    delete_many = _while_away(RedisCacheClient.delete_many, lambda *given: None)

    def clear(self) -> bool:
        """Would empty the whole database, the broker's queues with it. Raises NotImplementedError."""
        raise NotImplementedError("The cache shares its database with the broker.")


class Cache(RedisCache):
    def __init__(self, server: str, params: dict[str, Any]):
        super().__init__(server, params)
        self._class = Client
