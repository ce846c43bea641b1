"""Pages that skip and repeat nothing while records come and go.

A cursor names the last record of the page before by the value it was ordered by and its key, so
the next page begins right behind it whatever was added or withdrawn meanwhile. (A cursor that
counts an offset among equal values, as the usual ones do, repeats rows when one is inserted.)
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from django.core.exceptions import ValidationError as ModelError
from django.db.models import F, Q
from rest_framework import exceptions
from rest_framework.pagination import BasePagination, _positive_int
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder
from rest_framework.utils.urls import replace_query_param

PAGE_SIZE = 100
LARGEST_PAGE = 1000


class CursorPagination(BasePagination):
    """``page_size`` (at most 1000) and ``cursor``, taken from the ``next`` link."""

    def paginate_queryset(self, queryset, request, view=None) -> list:
        size = self.page_size(request)
        name, descending = self._ordering(queryset)
        # Unknown values last, in either direction.
        first = F(name).desc(nulls_last=True) if descending else F(name).asc(nulls_last=True)
        queryset = queryset.order_by(first, "-pk" if descending else "pk")
        cursor = request.query_params.get("cursor")
        if cursor:
            queryset = self._behind(queryset, cursor, name, descending)
        rows = list(queryset[: size + 1])
        self._next = None
        if len(rows) > size:
            rows.pop()
            mark = [name, descending, getattr(rows[-1], name), rows[-1].pk]
            self._next = replace_query_param(
                request.build_absolute_uri(), "cursor", self._encode(mark)
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
            return _positive_int(given, strict=True, cutoff=LARGEST_PAGE)
        except ValueError:
            raise exceptions.ValidationError(
                {"page_size": f"“{given[:20]}” is not a number from 1 to {LARGEST_PAGE}."}
            ) from None

    def _ordering(self, queryset) -> tuple[str, bool]:
        """The field asked for, by default the key, newest first; and whether it descends."""
        asked = queryset.query.order_by
        name = asked[0] if asked and isinstance(asked[0], str) else "-pk"
        plain = name.removeprefix("-")
        return ("pk" if plain == "id" else plain), name.startswith("-")

    def _behind(self, queryset, cursor: str, name: str, descending: bool):
        try:
            kept_name, kept_descending, value, key = json.loads(
                base64.urlsafe_b64decode(cursor.encode("ascii"))
            )
            if (kept_name, kept_descending) != (name, descending) or not isinstance(key, int):
                raise ValueError
            further = "lt" if descending else "gt"
            same = Q(**{name: value}) if value is not None else Q(**{f"{name}__isnull": True})
            behind = same & Q(**{f"pk__{further}": key})
            if value is not None:
                behind |= Q(**{f"{name}__{further}": value}) | Q(**{f"{name}__isnull": True})
            return queryset.filter(behind)
        except (ValueError, TypeError, ModelError, binascii.Error, RecursionError):
            raise exceptions.ValidationError(
                {"cursor": "This cursor is not one of this list's; begin again without it."}
            ) from None

    def _encode(self, mark: list[Any]) -> str:
        text = json.dumps(mark, cls=JSONEncoder)
        return base64.urlsafe_b64encode(text.encode()).decode("ascii")
