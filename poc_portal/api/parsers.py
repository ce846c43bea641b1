"""Bodies as JSON, and what is JSON but cannot be stored refused."""

from __future__ import annotations

import json
import math
from typing import Any

from django.utils.translation import gettext
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class Parser(JSONParser):
    def parse(self, stream, media_type=None, parser_context=None) -> Any:
        return parse_json(stream.read())


class LinesParser(JSONParser):
    """NDJSON: a list of what its lines hold; a line that cannot be read is a ``BadLine``."""

    media_type = "application/x-ndjson"

    def parse(self, stream, media_type=None, parser_context=None) -> Any:
        return [_line(line) for line in stream.read().split(b"\n") if line.strip()]


class BadLine:
    def __init__(self, message: str):
        self.message = message


def _line(line: bytes) -> Any:
    try:
        return parse_json(line)
    except ParseError as error:
        return BadLine(str(error.detail))


def parse_json(body: bytes) -> Any:
    """Raises ParseError with where and why."""
    try:
        text = body.decode("utf-8-sig")
        found = json.loads(text, parse_constant=_no_number, parse_float=_number)
    except UnicodeDecodeError as error:
        raise ParseError(
            gettext("The body is not UTF-8 (byte %(place)d).") % {"place": error.start}
        ) from None
    except RecursionError:
        raise ParseError(gettext("The body is nested too deeply.")) from None
    except ValueError as error:
        raise ParseError(gettext("The body is not JSON: %(error)s.") % {"error": error}) from None
    if "\\u" in text and not _can_be_stored(found):
        raise ParseError(gettext("A text holds a null character or half a character. Remove it."))
    return found


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
