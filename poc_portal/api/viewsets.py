"""What every resource of the API does, whatever it is."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from poc_portal.api.once import Once
from poc_portal.api.renderers import encode_json, feature
from poc_portal.exports import csv_response, xlsx_response

STREAMED = frozenset({"csv", "geojson", "xlsx"})  # formats that give the whole list
BLOCK = 1000  # records read at a time while streaming

FIELDS = [
    OpenApiParameter("fields", OpenApiTypes.STR, description="Only these fields, comma separated."),
    OpenApiParameter("omit", OpenApiTypes.STR, description="All but these, comma separated."),
]


class SelectableFields(serializers.ModelSerializer):
    """Honours ``fields=`` and ``omit=``; unknown names are refused with those there are."""

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        request = self.context.get("request")
        if request is None or (self.parent is not None and self.parent.parent is not None):
            return fields
        if request.method not in ("GET", "HEAD"):
            return fields
        for name, keep in (("fields", True), ("omit", False)):
            asked = {part for part in request.query_params.get(name, "").split(",") if part}
            unknown = asked - set(fields)
            if unknown:
                raise serializers.ValidationError(
                    {
                        name: f"Unknown: {', '.join(sorted(unknown))}. There are: {', '.join(fields)}."
                    }
                )
            if asked:
                fields = {key: field for key, field in fields.items() if (key in asked) == keep}
        return fields


class ReadViewSet(Once, viewsets.ReadOnlyModelViewSet):
    """Lists and single records, only those ``visible_to`` the caller.

    A subclass declares queryset, serializer and filterset. CSV, XLSX and GeoJSON of a list give
    all of it, filtered; JSON comes in cursor pages.
    """

    queryset: QuerySet
    lookup_value_converter = "int"
    search_fields: tuple[str, ...] = ()
    ordering_fields: tuple[str, ...] | str = ("id",)

    def get_queryset(self) -> QuerySet:
        queryset = self.queryset.all()
        if getattr(self, "swagger_fake_view", False):
            return queryset.none()
        return self.annotate(queryset.visible_to(self.request.user))  # type: ignore[attr-defined]

    def annotate(self, queryset: QuerySet) -> QuerySet:
        """Figures that depend on who asks; by default none."""
        return queryset

    @extend_schema(parameters=FIELDS)
    def list(self, request: Request, *args, **kwargs):
        if request.accepted_renderer.format in STREAMED:
            return self._stream(request.accepted_renderer.format)
        return super().list(request, *args, **kwargs)

    @extend_schema(parameters=FIELDS)
    def retrieve(self, request: Request, *args, **kwargs) -> Response:
        return self.tagged(self.get_object())

    def tagged(self, record: Any, status: int = 200) -> Response:
        """The record under its entity tag."""
        data = self.get_serializer(record).data
        return Response(data, status=status, headers={"ETag": self.etag(record, data)})

    def etag(self, record: Any, data: Any) -> str:
        """Entity tag of a record as this reader is shown it: its version, and what is read."""
        shown = hashlib.sha256(encode_json(data).encode()).hexdigest()[:16]
        return f'"{self.version(record)}-{shown}"'

    def version(self, record: Any) -> str:
        """What changes when the record itself does; other records may change how it reads."""
        return str(record.pk)

    def _stream(self, kind: str):
        queryset = self.filter_queryset(self.get_queryset())
        serializer = self.get_serializer(many=True)
        rows = (
            serializer.child.to_representation(record)
            for record in queryset.iterator(chunk_size=BLOCK)
        )
        name = str(self.basename)
        if kind in ("csv", "xlsx"):
            respond = csv_response if kind == "csv" else xlsx_response
            header = list(serializer.child.fields)
            return respond(name, header, ([row[key] for key in header] for row in rows))
        response = StreamingHttpResponse(
            _feature_collection(rows), content_type="application/geo+json"
        )
        response["Content-Disposition"] = f'inline; filename="{name}.geojson"'
        return response


def _feature_collection(rows: Iterator[dict]) -> Iterator[str]:
    yield '{"type":"FeatureCollection","features":['
    for place, row in enumerate(rows):
        yield ("," if place else "") + encode_json(feature(row))
    yield "]}"
