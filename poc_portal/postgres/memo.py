"""What is read but once while many records are written in one call."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_memo: ContextVar[dict[Any, Any] | None] = ContextVar("memo", default=None)


@contextmanager
def memo() -> Iterator[None]:
    """A block of work in which what was read once is not read again."""
    token = _memo.set({})
    try:
        yield
    finally:
        _memo.reset(token)


@contextmanager
def undone_with_it() -> Iterator[None]:
    """A part of such a block that may be rolled back: what was read or made in it goes with it."""
    found = _memo.get()
    before = set(found or ())
    try:
        yield
    except BaseException:
        for key in set(found or ()) - before:
            (found or {}).pop(key)
        raise


@contextmanager
def without_memo() -> Iterator[None]:
    """A part of such a block that reads anew."""
    token = _memo.set(None)
    try:
        yield
    finally:
        _memo.reset(token)


def has_memo() -> bool:
    return _memo.get() is not None


def cached(key: Any, make) -> Any:
    """What ``make`` returns; within a memo, what it returned the first time."""
    found = _memo.get()
    if found is None:
        return make()
    if key not in found:
        found[key] = make()
    return found[key]
