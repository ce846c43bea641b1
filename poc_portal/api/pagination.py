"""Pages that skip and repeat nothing while records come and go.

A cursor names the last record of the page before by the value it was ordered by and its key, so
the next page begins right behind it whatever was added or withdrawn meanwhile. (A cursor that
counts an offset among equal values, as the usual ones do, repeats rows when one is inserted.)
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any, NamedTuple

from django.core.exceptions import FieldDoesNotExist
from django.core.exceptions import ValidationError as ModelError
from django.db.models import F, Q
from rest_framework import exceptions
from rest_framework.pagination import BasePagination, _positive_int
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder
from rest_framework.utils.urls import replace_query_param

PAGE_SIZE = 100
LARGEST_PAGE = 1000


class Window(NamedTuple):
    """A page of a queryset and one record more, and what it is ordered by."""

    queryset: Any
    size: int
    name: str
    descending: bool


class CursorPagination(BasePagination):
    """``page_size`` (at most 1000) and ``cursor``, taken from the ``next`` link."""

    def window(self, queryset, request) -> Window:
        size = self.page_size(request)
        name, descending = self._ordering(queryset)
        nullable = self._is_nullable(queryset, name)
        # Unknown values last, in either direction; else as an index has it.
        last = True if nullable else None
        first = F(name).desc(nulls_last=last) if descending else F(name).asc(nulls_last=last)
        by_key = "-pk" if descending else "pk"
        queryset = queryset.order_by(*([by_key] if name == "pk" else [first, by_key]))
        cursor = request.query_params.get("cursor")
        if cursor:
            queryset = self._behind(queryset, cursor, name, descending, nullable)
        return Window(queryset[: size + 1], size, name, descending)

    def next_page(self, request, window: Window, value: Any, key: int) -> str:
        """Address of the page behind the record with ``key``, ``value`` being what it is ordered by."""
        mark = [window.name, window.descending, value, key]
        return replace_query_param(request.build_absolute_uri(), "cursor", self._encode(mark))

    def paginate_queryset(self, queryset, request, view=None) -> list:
        window = self.window(queryset, request)
        rows = list(window.queryset)
        self._next = None
        if len(rows) > window.size:
            rows.pop()
            self._next = self.next_page(
                request, window, getattr(rows[-1], window.name), rows[-1].pk
            )
        return rows

    def get_paginated_response(self, data) -> Response:
        return Response({"next": self._next, "results": data})

    def get_paginated_response_schema(self, schema: dict) -> dict:
        return {
            "type": "object",
            "required": ["next", "results"],
            "properties": {
                "next": {
                    "type": ["string", "null"],
                    "format": "uri",
                    "description": "The next page; null on the last.",
                },
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view) -> list[dict]:
        return [
            {
                "name": "page_size", "in": "query", "required": False,
                "description": f"Records a page, at most {LARGEST_PAGE}.",
                "schema": {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE},
            },
            {
                "name": "cursor", "in": "query", "required": False,
                "description": "Where the page begins; taken from “next”.",
                "schema": {"type": "string"},
            },
        ]  # fmt: skip

    def page_size(self, request) -> int:
        """The number of records asked for a page. Raises ValidationError."""
        given = request.query_params.get("page_size")
        if not given:
            return PAGE_SIZE
        try:
            size = _positive_int(given, strict=True)
            if size > LARGEST_PAGE:
                raise ValueError
            return size
        except ValueError:
            raise exceptions.ValidationError(
                {"page_size": f"“{given[:20]}” is not a number from 1 to {LARGEST_PAGE}."}
            ) from None

    def _ordering(self, queryset) -> tuple[str, bool]:
        """The field asked for, by default the key, newest first; and whether it descends."""
        ordering = queryset.query.order_by
        name = ordering[0] if ordering and isinstance(ordering[0], str) else "-pk"
        plain = name.removeprefix("-")
        return ("pk" if plain == "id" else plain), name.startswith("-")

    @staticmethod
    def _is_nullable(queryset, name: str) -> bool:
        try:
            return name != "pk" and queryset.model._meta.get_field(name).null
        except FieldDoesNotExist:  # a figure that was annotated
            return True

    def _behind(self, queryset, cursor: str, name: str, descending: bool, nullable: bool):
        try:
            cursor_name, cursor_descending, value, key = json.loads(
                base64.urlsafe_b64decode(cursor.encode("ascii"))
            )
            if (cursor_name, cursor_descending) != (name, descending) or type(key) is not int:
                raise ValueError
            if isinstance(value, dict | list) or "\x00" in str(value):
                raise ValueError
            further = "lt" if descending else "gt"
            by_key = Q(**{f"pk__{further}": key})
            if name == "pk":
                return queryset.filter(by_key)
            if value is None:
                return queryset.filter(by_key, **{f"{name}__isnull": True})
            behind = (Q(**{name: value}) & by_key) | Q(**{f"{name}__{further}": value})
            if nullable:
                return queryset.filter(behind | Q(**{f"{name}__isnull": True}))
            # Said twice, so that an index on the field finds where the page begins.
            return queryset.filter(behind, **{f"{name}__{further}e": value})
        except (ValueError, TypeError, ModelError, binascii.Error, RecursionError):
            raise exceptions.ValidationError(
                {"cursor": "This cursor is not one of this list's; begin again without it."}
            ) from None

    def _encode(self, mark: list[Any]) -> str:
        text = json.dumps(mark, cls=JSONEncoder)
        return base64.urlsafe_b64encode(text.encode()).decode("ascii")
