"""A serializer's fields as columns of SQL, so that PostgreSQL writes whole lists itself.

A list through a serializer makes an object and a dozen calls for every field of every record;
here the database sends each record as ready JSON, or as a line of CSV. A serializer with a field
that only Python knows has no projection, and its lists are made by the serializer. Both write
the same; the battery of every resource compares them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import EmptyResultSet, FieldDoesNotExist, FieldError
from django.db import connection, models
from django.db.models import F, Func, OuterRef, TextField, Value
from django.db.models.expressions import Combinable
from rest_framework import relations, serializers

from poc_portal.postgres.copy_text import copy_out
from poc_portal.tabular.exports import BEGINNING, FORMULA_STARTS

PLAIN = (
    serializers.CharField, serializers.IntegerField, serializers.FloatField,
    serializers.BooleanField, serializers.DateField, serializers.ChoiceField,
    serializers.TimeField, serializers.UUIDField, serializers.ListField, serializers.JSONField,
)  # fmt: skip
NUMBERS = (serializers.IntegerField, serializers.FloatField)
# A row of JSON holds no control characters, so a table "quoted" by them is not quoted at all.
RAW = "FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02'"


# Of columns of a query that matches nothing: PostgreSQL takes each expression by its types.
TYPES = {"text": "text", "value": "text", "boolean": "boolean", "list": "text[]", "json": "json", "rows": "json[]"}  # fmt: skip

KEYS = object()


class Unknown(Exception):
    """Only Python can say what the field holds."""


class Column(NamedTuple):
    """``grouped``: of nested records, for all records at once: rows of the record's key and an
    array of JSON. Much faster than ``expression`` where the keys are known."""

    name: str
    expression: Combinable
    kind: str  # text, value (number, date), boolean, list, json, or rows of json
    grouped: tuple[str, models.QuerySet] | None = None  # by which field, and the rows


class Moment(Func):
    """A moment as the serializers write it, in UTC with six decimals."""

    template = "to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
    output_field = TextField()


class AsText(Func):
    function = "to_jsonb"
    template = "%(function)s(%(expressions)s)::text"
    output_field = TextField()


class JsonArray(ArrayAgg):
    """Records as one array of JSON."""

    function = "json_agg"
    output_field: Any = models.JSONField()


class JsonObject(Func):
    """A nested record as JSON, its names in their order."""

    function = "json_build_object"
    output_field = models.JSONField()


def columns(serializer: Any, queryset: models.QuerySet) -> list[Column]:
    """The columns of a serializer's fields over a queryset. Raises Unknown."""
    model, annotations = queryset.model, queryset.query.annotations
    return [
        Column(name, *_column(field, model, annotations))
        for name, field in serializer.fields.items()
        if not field.write_only
    ]


def _column(field, model, annotations) -> tuple:
    source = field.source
    own = getattr(field, "expression", None)
    if own is not None:
        return own(model, source)
    if isinstance(field, serializers.ListSerializer):
        return _nested(field, model, source)
    if isinstance(field, relations.SlugRelatedField):
        return F(f"{source}__{field.slug_field}"), "text"
    if isinstance(field, relations.PrimaryKeyRelatedField):
        return F(f"{source}_id"), "value"
    stored = _stored(source, model, annotations)
    if isinstance(field, serializers.DateTimeField):
        return Moment(F(source)), "text"
    if isinstance(stored, models.JSONField):
        return F(source), "json"
    if isinstance(stored, ArrayField):
        return F(source), "list"
    if not isinstance(field, PLAIN):
        raise Unknown
    if isinstance(field, serializers.BooleanField):
        return F(source), "boolean"
    is_text = isinstance(stored, models.CharField | models.TextField)
    plain = isinstance(field, (*NUMBERS, serializers.DateField)) or not is_text
    return F(source), "value" if plain else "text"


def _stored(source: str, model, annotations) -> models.Field | None:
    """The kind of field the values are of; None where an annotation does not say. Raises Unknown."""
    if source in annotations:
        with contextlib.suppress(FieldError):
            return annotations[source].output_field
        return None
    try:
        stored = model._meta.get_field(source)
    except FieldDoesNotExist:
        raise Unknown from None
    if not stored.concrete:
        raise Unknown
    return stored


def _nested(field: serializers.ListSerializer, model, source: str) -> tuple:
    child: Any = field.child
    relation = model._meta.get_field(source)
    related = relation.related_model
    if type(child).to_representation is not serializers.Serializer.to_representation:
        raise Unknown
    own = relation.field.name
    queryset = related._default_manager.all()
    for name in getattr(child, "only_with", ()):
        queryset = queryset.filter(child.fields[name].condition(related))
    parts: list[Any] = []
    for column in columns(child, queryset):
        parts += [Value(column.name), column.expression]
    order = [name for name in related._meta.ordering if name.lstrip("-") != own] or ["pk"]
    one = queryset.filter(**{own: OuterRef("pk")}).order_by(*order)
    every = (
        queryset.order_by().values(own).annotate(rows=JsonArray(JsonObject(*parts), order_by=order))
    )
    return ArraySubquery(one.values_list(JsonObject(*parts))), "rows", (own, every)


class ByKey(NamedTuple):
    """A query for the records of some keys, and its values; KEYS among them stands for the keys."""

    sql: str
    values: tuple

    def json(self, keys: list[int]) -> dict[int, str]:
        """JSON texts by key."""
        # One literal: an array of a thousand takes the parser longer than finding the records.
        wanted = "{" + ",".join(map(str, keys)) + "}"
        values = [wanted if value is KEYS else value for value in self.values]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, values)
            return dict(cursor.fetchall())


class Projection:
    """The records of a queryset, in its order, as a serializer would write them."""

    def __init__(self, serializer: serializers.BaseSerializer, queryset: models.QuerySet):
        """Raises Unknown where the serializer must do it."""
        if type(serializer).to_representation is not serializers.Serializer.to_representation:
            raise Unknown
        self.columns = columns(serializer, queryset)
        self.queryset = queryset.select_related(None).prefetch_related(None)

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    def _inner(
        self, *extra: Any, leave_out: frozenset[int] = frozenset()
    ) -> tuple[str, tuple, str]:
        """The query, its values, and the names of its columns: c0, c1 …, those of extra x0, x1 …"""
        numbered = {
            f"c{number}": column.expression
            for number, column in enumerate(self.columns)
            if number not in leave_out
        }
        more = {f"x{number}": expression for number, expression in enumerate(extra)}
        query = self.queryset.annotate(**numbered, **more).values_list(*more, *numbered)
        try:
            sql, values = query.query.sql_with_params()
        except EmptyResultSet:  # what is asked for can match nothing
            nothing = ["NULL::bigint"] * len(more) + [
                f"NULL::{TYPES[column.kind]}"
                for number, column in enumerate(self.columns)
                if number not in leave_out
            ]
            sql, values = f"SELECT {', '.join(nothing)} LIMIT 0", ()
        return sql, values, ", ".join([*more, *numbered])

    def _written(self, form: Form, *extra: Any, by_key: bool = False) -> tuple[str, tuple]:
        """A query for ``extra`` and the form of each record.

        With ``by_key`` the first of extra is the key, and KEYS among the values stands for the
        keys wanted: nested records are then gathered for all of them at once.
        """
        nested = {n: c.grouped for n, c in enumerate(self.columns) if by_key and c.grouped}
        sql, values, names = self._inner(*extra, leave_out=frozenset(nested))
        source = f"({sql}) AS t({names})"
        place = {n: f"c{n}" for n in range(len(self.columns))}
        for number, (own, rows) in nested.items():
            place[number] = "'[]'::json"
            wanted = rows.extra(
                where=[f"{_column_of(rows, own)} = ANY(%s::bigint[])"], params=[KEYS]
            )
            with contextlib.suppress(EmptyResultSet):  # nothing nested is the reader's to see
                found, more = wanted.query.sql_with_params()
                source += f" LEFT JOIN ({found}) AS g{number}(key, rows) ON g{number}.key = x0"
                values += more
                place[number] = f"coalesce(g{number}.rows, '[]'::json)"
        chosen = "".join(f"x{number}, " for number in range(len(extra)))
        written, omit = form(self, place)
        quote = connection.ops.quote_name
        record = ", ".join(
            f"{place[number]} AS {quote(column.name)}"
            for number, column in enumerate(self.columns)
            if column.name not in omit
        )
        return (
            f"SELECT {chosen}{written}::text FROM {source}, LATERAL (SELECT {record}) AS record",
            values,
        )

    def _json(self, *extra: Any) -> tuple[str, tuple]:
        return self._written(as_record, *extra)

    def json(self) -> list[str]:
        """The records as JSON texts."""
        with connection.cursor() as cursor:
            cursor.execute(*self._json())
            return [text for (text,) in cursor.fetchall()]

    def by_key(self, form: Form) -> ByKey:
        """What gives the records of some keys; worth keeping, for it is long in the making."""
        queryset = self.queryset
        table = connection.ops.quote_name(queryset.model._meta.db_table)
        self.queryset = queryset.extra(
            where=[f"{table}.id = ANY(%s::bigint[])"], params=[KEYS]
        ).order_by()
        found = ByKey(*self._written(form, F("pk"), by_key=True))
        self.queryset = queryset
        return found

    def values(self) -> Iterator[tuple]:
        """Rows of plain values."""
        numbered = {
            f"c{number}": AsText(column.expression)
            if column.kind in ("json", "rows")
            else column.expression
            for number, column in enumerate(self.columns)
        }
        return self.queryset.annotate(**numbered).values_list(*numbered).iterator(5_000)

    def ndjson(self) -> Iterator[bytes]:
        """A record of JSON a line, in blocks."""
        return copy_out(*self._json(), RAW)

    def features(self) -> Iterator[bytes]:
        """A GeoJSON feature a line, in blocks."""
        return copy_out(*self._written(as_feature), RAW)

    def json_features(self) -> list[str]:
        """The records as texts of GeoJSON features."""
        with connection.cursor() as cursor:
            cursor.execute(*self._written(as_feature))
            return [text for (text,) in cursor.fetchall()]

    def csv(self) -> Iterator[bytes]:
        """Lines of CSV without a header, in blocks."""
        sql, values, names = self._inner()
        cells = ", ".join(
            _cell(f"c{number}", column.kind) for number, column in enumerate(self.columns)
        )
        return copy_out(f"SELECT {cells} FROM ({sql}) AS t({names})", values, "FORMAT csv")


Form = Callable[[Projection, dict[int, str]], tuple[str, frozenset[str]]]


def as_record(projection: Projection, place: dict[int, str]) -> tuple[str, frozenset[str]]:
    """A record as JSON, and the fields it leaves out: none."""
    return "row_to_json(record)", frozenset()


def as_feature(projection: Projection, place: dict[int, str]) -> tuple[str, frozenset[str]]:
    """A record as a GeoJSON feature, and the fields that are its geometry instead."""
    named = {column.name: place[number] for number, column in enumerate(projection.columns)}
    geometry = "'null'"
    if "polygon" in named:
        geometry = f"coalesce({named['polygon']}::text, 'null')"
    elif "longitude" in named and "latitude" in named:
        # Put together as text, which takes a third of the time of building JSON of JSON.
        longitude, latitude = named["longitude"], named["latitude"]
        geometry = (
            f"""coalesce('{{"type":"Point","coordinates":[' || {longitude} || ',' || {latitude} """
            "|| ']}', 'null')"
        )
    return (
        f"""('{{"type":"Feature","id":' || coalesce({named.get("id", "NULL")}::text, 'null') """
        f"""|| ',"geometry":' || {geometry} || ',"properties":' || row_to_json(record) || '}}')"""
    ), frozenset({"longitude", "latitude", "polygon"})


def _column_of(queryset: models.QuerySet, field: str) -> str:
    """The column of a field of the queryset's own table."""
    meta = queryset.model._meta
    quote = connection.ops.quote_name
    return f"{quote(meta.db_table)}.{quote(meta.get_field(field).column)}"


def _cell(name: str, kind: str) -> str:
    """A column as text for a spreadsheet; see ``poc_portal.tabular.exports.plain``."""
    if kind == "boolean":
        return f"CASE {name} WHEN true THEN 'true' WHEN false THEN 'false' END"
    if kind == "rows":
        return f"array_to_json({name}::json[])"  # one that matches nothing is of no type
    if kind == "list":
        name = f"array_to_string({name}::text[], '; ')"
    if kind in ("text", "list"):
        starts = ", ".join(f"chr({ord(start)})" for start in FORMULA_STARTS)
        marked = f"regexp_replace({name}, '{BEGINNING}', '\\1''', 'g')"
        return f"CASE WHEN left({name}, 1) IN ({starts}) THEN '''' || {marked} ELSE {marked} END"
    return name
