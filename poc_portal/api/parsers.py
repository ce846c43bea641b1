"""Bodies as JSON, whole or a line each."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from poc_portal.api.json_text import read_json


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
        return read_json(body)
    except ValueError as error:
        raise ParseError(str(error)) from None
