"""What every resource of the API does, whatever it is."""

from __future__ import annotations

import datetime
import hashlib
import threading
import time
from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, ClassVar

from cachetools import TTLCache
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.translation import get_language, gettext
from django_filters import FilterSet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from poc_portal.api.once import Once
from poc_portal.api.pagination import CursorPagination
from poc_portal.api.projection import ByKey, Form, Projection, Unknown, as_record
from poc_portal.api.renderers import encode_json, feature
from poc_portal.api.strict import Strict, no_such_value
from poc_portal.declarations.extensions import annotated, hxl_tags, with_fields, with_filters
from poc_portal.postgres.ordering import ends_in_key
from poc_portal.tabular.exports import csv_rows, xlsx_response

STREAMED = frozenset({"csv", "geojson", "ndjson", "xlsx"})  # formats that give the whole list
BLOCK = 1000  # records read at a time while streaming
Written = list[tuple]  # key, fields asked for, and the record as JSON text

MOST_CACHED = 500  # queries
CACHED_FOR = 60  # seconds: a query may hold the day's date
_queries: TTLCache[tuple, ByKey | None] = TTLCache(MOST_CACHED, CACHED_FOR)
_queries_lock = threading.Lock()

FIELDS = [
    OpenApiParameter("fields", OpenApiTypes.STR, description="Only these fields, comma separated."),
    OpenApiParameter("omit", OpenApiTypes.STR, description="All but these, comma separated."),
]


HXL = OpenApiParameter(
    "hxl", {"anyOf": [{"type": "boolean"}, {"type": "integer", "enum": [0, 1]}]},
    description="With CSV and XLSX: a row of HXL tags below the header.",
)  # fmt: skip
YES, NO = ("1", "true"), ("0", "false")


class SelectableFields(Strict, serializers.ModelSerializer):
    """``hxl``: tags of the Humanitarian Exchange Language by field name.

    Honours ``fields=`` and ``omit=``; unknown names are refused with those there are. As what a
    resource itself answers with, it has also the fields apps declare for its model.
    """

    hxl: ClassVar[dict[str, str]] = {
        "id": "#meta+id", "mission": "#meta+mission", "created_at": "#date+created",
        "modified_at": "#date+updated", "longitude": "#geo+lon", "latitude": "#geo+lat",
    }  # fmt: skip

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        for name, field in fields.items():
            # DRF forgets that what is only read may be blank; the schema must not.
            if field.read_only and isinstance(field, serializers.ChoiceField):
                stored: Any = self.Meta.model
                field.allow_blank = stored._meta.get_field(field.source or name).blank
        if self.parent is not None and self.parent.parent is not None:
            return fields
        view, request = self.context.get("view"), self.context.get("request")
        if isinstance(view, ReadViewSet) and view.queryset.model is self.Meta.model:
            fields = with_fields(fields, self.Meta.model)
        if request is None:
            return fields
        if request.method not in ("GET", "HEAD"):
            return fields
        for name, keep in (("fields", True), ("omit", False)):
            requested = {part for part in request.query_params.get(name, "").split(",") if part}
            unknown = requested - set(fields)
            if unknown:
                raise serializers.ValidationError(
                    {
                        name: f"Unknown: {', '.join(sorted(unknown))}. There are: {', '.join(fields)}."
                    }
                )
            if requested:
                fields = {key: field for key, field in fields.items() if (key in requested) == keep}
        if not fields:
            raise serializers.ValidationError(
                {"omit": gettext("This leaves no field at all. Ask for at least one.")}
            )
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
    # Also a layer for maps: the fields a moment is compared with, first and last; None: no layer.
    times: tuple[str, ...] | None = None

    def initial(self, request: Request, *args, **kwargs) -> None:
        super().initial(request, *args, **kwargs)
        hxl = request.query_params.get(HXL.name, "false")
        if hxl not in YES + NO:
            raise serializers.ValidationError({HXL.name: no_such_value(hxl, ("true", "false"))})

    @classmethod
    def shown_to(cls, user: Any, key: int) -> dict | None:
        """A record as a reader would get it; None where there is none for that reader."""
        request = Request(HttpRequest())
        request.user = user
        view = cls(format_kwarg=None)  # type: ignore[call-arg]
        view.request, view.action, view.args, view.kwargs = request, "retrieve", (), {}
        record = view.get_queryset().filter(pk=key).first()
        return None if record is None else view.get_serializer(record).data

    def get_queryset(self) -> QuerySet:
        queryset = self.queryset.all()
        if getattr(self, "swagger_fake_view", False):
            return queryset.none()
        user = self.request.user
        return annotated(self.annotate(queryset.visible_to(user)), user)  # type: ignore[attr-defined]

    def annotate(self, queryset: QuerySet) -> QuerySet:
        """Figures that depend on who asks; by default none."""
        return queryset

    def clocks(self) -> Iterable[tuple[datetime.tzinfo, Q]]:
        """By whose clocks a moment without an offset is of which records; by default UTC's of all."""
        return [(datetime.UTC, Q())]

    @classmethod
    def filterset(cls) -> type[FilterSet] | None:
        """The resource's filters, with those apps add; None for a resource that has none."""
        own = getattr(cls, "filterset_class", None)
        model: Any = cls.queryset.model
        return own and with_filters(own, model)

    @extend_schema(parameters=[*FIELDS, HXL])
    def list(self, request: Request, *args, **kwargs):
        kind = request.accepted_renderer.format
        queryset = self.filter_queryset(self.get_queryset())
        if kind in STREAMED:
            return self._stream(kind, ends_in_key(queryset))
        paginator: CursorPagination = self.paginator  # type: ignore[assignment]
        window = paginator.window(queryset, request)
        rows = self.written(window.queryset, window.name)
        address = None
        if len(rows) > window.size:
            rows.pop()
            key, value, _text = rows[-1]
            address = paginator.next_page(request, window, value, key)
        return json_answer({"next": address}, results=[text for *_rest, text in rows])

    def written(
        self, queryset: QuerySet, *extra: str, form: Form = as_record
    ) -> Written:  # fmt: skip
        """Rows of key, of the fields ``extra``, and of the record as JSON text.

        A ``form`` other than the plain one needs a serializer that can be projected.
        """
        query = self._by_key(form)
        if query is not None:
            plain = queryset.select_related(None).prefetch_related(None)
            rows = list(plain.values_list("pk", *extra))
            texts = query.json([key for key, *_rest in rows])
            return [(*row, texts[row[0]]) for row in rows if row[0] in texts]
        serializer = self.row_serializer()
        return [
            (
                record.pk,
                *(getattr(record, name) for name in extra),
                encode_json(serializer.to_representation(record)),
            )
            for record in queryset
        ]

    def _by_key(self, form: Form) -> ByKey | None:
        """The query for some records of the list; None where only the serializer can write them.

        It depends on what the reader may see, the reader's language and the fields asked for, and is cached within the
        present minute, for it may hold a date.
        """
        given = self.request.query_params.get
        minute = int(time.time() // CACHED_FOR)
        reader = self.sight(), get_language()
        key = (self.basename, *reader, given("fields"), given("omit"), form, minute)
        with _queries_lock:
            if key in _queries:
                return _queries[key]
        try:
            queryset = self.get_queryset()
            found = Projection(self.row_serializer(), queryset).by_key(form)
        except Unknown:
            found = None
        with _queries_lock:
            _queries[key] = found
        return found

    def row_serializer(self) -> Any:
        """The serializer of one record of the list."""
        serializer: Any = self.get_serializer(many=True)
        return serializer.child

    def sight(self) -> Hashable:
        """What the caller may see as a whole; the same for callers who see the same."""
        return self.request.user.pk

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

    def _stream(self, kind: str, queryset: QuerySet):
        serializer = self.row_serializer()
        name = str(self.basename)
        try:
            lists: Projection | SerializedRows = Projection(serializer, queryset)
        except Unknown:
            lists = SerializedRows(serializer, queryset)
        tags = self._tags(serializer, lists.names)
        if kind == "xlsx":
            return xlsx_response(name, lists.names, chain([tags] if tags else [], lists.values()))
        if kind == "csv":
            lines = with_header(lists.names, lists.csv(), tags)
            return file_response(f"{name}.csv", "text/csv", lines)
        if kind == "ndjson":
            return file_response(f"{name}.ndjson", "application/x-ndjson", lists.ndjson())
        features = feature_collection(lists.features())
        return file_response(f"{name}.geojson", "application/geo+json", features)

    def _tags(self, serializer: Any, names: Sequence[str]) -> Sequence[str]:
        """Tags of the Humanitarian Exchange Language for a second row, where asked for."""
        if self.request.query_params.get("hxl", "false") not in YES:
            return []
        tags = serializer.hxl | hxl_tags(serializer.Meta.model)
        return [tags.get(name, "") for name in names]


class SerializedRows:
    """What a Projection does, by the serializer itself."""

    def __init__(self, serializer: Any, queryset: QuerySet):
        self.names = list(serializer.fields)
        self._serializer, self._queryset = serializer, queryset

    def _rows(self) -> Iterator[dict]:
        records = self._queryset.iterator(chunk_size=BLOCK)
        return map(self._serializer.to_representation, records)

    def values(self) -> Iterator[list]:
        return ([row[name] for name in self.names] for row in self._rows())

    def csv(self) -> Iterator[bytes]:
        return (line.encode() for line in csv_rows(self.values()))

    def ndjson(self) -> Iterator[bytes]:
        return (encode_json(row).encode() + b"\n" for row in self._rows())

    def features(self) -> Iterator[bytes]:
        return (encode_json(feature(row)).encode() + b"\n" for row in self._rows())


def with_header(
    names: Iterable[str], lines: Iterator[bytes], tags: Iterable[str] = ()
) -> Iterator[bytes]:
    # The mark tells spreadsheets that this is UTF-8.
    yield b"\xef\xbb\xbf" + ",".join(names).encode() + b"\n"
    if tags:
        yield ",".join(tags).encode() + b"\n"
    yield from lines


def feature_collection(lines: Iterator[bytes]) -> Iterator[bytes]:
    """One GeoJSON document of features that come one a line."""
    yield b'{"type":"FeatureCollection","features":[\n'
    between = b""
    for block in lines:  # whole lines, and no line break within JSON
        yield between + block[:-1].replace(b"\n", b",\n")
        between = b",\n"
    yield b"\n]}"


def json_answer(parts: dict[str, Any], **lists: list[str]) -> HttpResponse:
    """A JSON object of values and of lists of ready-made JSON texts."""
    members = [f"{encode_json(name)}:{encode_json(value)}" for name, value in parts.items()]
    members += [f"{encode_json(name)}:[{','.join(texts)}]" for name, texts in lists.items()]
    return HttpResponse("{" + ",".join(members) + "}", content_type="application/json")


def file_response(name: str, kind: str, parts: Iterator[bytes]) -> StreamingHttpResponse:
    way = "attachment" if kind == "text/csv" else "inline"
    charset = "; charset=utf-8" if kind == "text/csv" else ""
    return StreamingHttpResponse(
        parts,
        content_type=kind + charset,
        headers={"Content-Disposition": f'{way}; filename="{name}"'},
    )
