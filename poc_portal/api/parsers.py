"""Bodies as JSON, whole or a line each."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import JSONParser

from poc_portal.api.json_text import read_json

SMALL = 8 * 1024  # bytes
MOST_LINES = 10_000  # counted before any of them is read


class Parser(JSONParser):
    def parse(self, stream, media_type=None, parser_context=None) -> Any:
        return parse_json(stream.read())


class SmallParser(Parser):
    """Of doors that stand open to everybody: a body of at most SMALL bytes is read."""

    def parse(self, stream, media_type=None, parser_context=None) -> Any:
        body = stream.read(SMALL + 1)
        if len(body) > SMALL:
            raise TooLarge
        return parse_json(body)


class TooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = _("The body is larger than anything that is taken here.")
    default_code = "too_large"


class LinesParser(JSONParser):
    """NDJSON: a list of what its lines hold; a line that cannot be read is a ``BadLine``."""

    media_type = "application/x-ndjson"

    def parse(self, stream, media_type=None, parser_context=None) -> Any:
        body = stream.read()
        if body.count(b"\n") > MOST_LINES:
            raise ParseError(
                gettext("More than %(most)d lines; send them in several parts.")
                % {"most": MOST_LINES}
            )
        return [_line(line) for line in body.split(b"\n") if line.strip()]


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
        return read_json(body)
    except ValueError as error:
        raise ParseError(str(error)) from None
