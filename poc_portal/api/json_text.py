"""JSON as values, and what is JSON but cannot be stored, or costs more than it says, refused."""

from __future__ import annotations

import json
import math
from typing import Any

from django.utils.translation import gettext

DEEPEST = 64  # levels of lists and objects
MOST_PARTS = 2_000_000  # values and names; each takes up to a hundred bytes once it is read


def read_json(body: bytes) -> Any:
    """Raises ValueError with where and why."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(
            gettext("The body is not UTF-8 (byte %(place)d).") % {"place": error.start}
        ) from None
    # Counted before they are made; commas inside texts count too, and do not matter.
    if sum(map(body.count, (b",", b"[", b"{"))) > MOST_PARTS:
        raise ValueError(
            gettext("The body holds more values than %(most)d; send it in several parts.")
            % {"most": MOST_PARTS}
        )
    try:
        found = json.loads(text, parse_constant=_no_number, parse_float=_number)
        _require_shallow(found)
    except RecursionError:
        raise ValueError(gettext("The body is nested too deeply.")) from None
    except ValueError as error:
        raise ValueError(gettext("The body is not JSON: %(error)s.") % {"error": error}) from None
    if "\\u" in text and not _can_be_stored(found):
        raise ValueError(gettext("A text holds a null character or half a character. Remove it."))
    return found


def _require_shallow(found: Any) -> None:
    """Raises RecursionError for more levels than anything the portal takes has."""
    level = [found]
    for _depth in range(DEEPEST + 1):
        level = [
            part
            for whole in level
            if isinstance(whole, list | dict)
            for part in (whole.values() if isinstance(whole, dict) else whole)
            if isinstance(part, list | dict)
        ]
        if not level:
            return
    raise RecursionError


def _no_number(name: str):
    raise ValueError(gettext("%(value)s is not a number JSON knows") % {"value": name})


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(gettext("%(value)s is too large") % {"value": text[:20]})
    return value


def _can_be_stored(value: Any) -> bool:
    if isinstance(value, str):
        return "\x00" not in value and not any("\ud800" <= char <= "\udfff" for char in value)
    if isinstance(value, dict):
        return all(_can_be_stored(key) and _can_be_stored(part) for key, part in value.items())
    if isinstance(value, list):
        return all(map(_can_be_stored, value))
    return True
