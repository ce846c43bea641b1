"""The state of a record as one reader can know it, so that nobody overwrites what they never saw.

It is made of what people edit and the reader may see: a change that is hidden from a reader does
not move it, and one that a reader could undo by saving an old form always does.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection, models
from django.utils.crypto import salted_hmac

from missions.access import full_visibility, is_visible

LENGTH = 20  # hexadecimal digits


def version_of(record: Any, user: Any) -> str:
    """Opaque mark of a record's present state for a reader, for forms and entity tags.

    One query where records of its model name others.
    """
    return versions_of([record], user)[record.pk]


def versions_of(records: Sequence[Any], user: Any) -> dict[int, str]:
    """``version_of`` records of one model, by their ids; one query for all of them."""
    linked = _linked(records, user) if records else {}
    found = {}
    for record in records:
        state = [_own(record, user), sorted(linked.get(record.pk, []))]
        # Keyed, so that nobody finds out by trying what a record says beside what they are told.
        digest = salted_hmac("records.versions", repr(state), algorithm="sha256").hexdigest()
        found[record.pk] = f"{record.pk}-{digest[:LENGTH]}"
    return found


def _own(record: Any, user: Any) -> list[tuple[str, str]]:
    """The fields people edit, as the reader is told them."""
    return [
        (field.attname, _as_stored(field, as_told(record, field, user)))
        for field in record._meta.concrete_fields
        if field.editable and not field.primary_key
    ]


def as_told(record: Any, field: Any, user: Any) -> Any:
    """A column's value as a reader is told it; of another record the reader may not see, none."""
    if getattr(record, field.attname) is None or is_hidden(record, field, user):
        return None
    told = getattr(record, "told_to", None)
    return told(user, field.attname) if told else getattr(record, field.attname)


def _as_stored(field: Any, value: Any) -> str:
    """A value as text, the same for a record just made and one read anew."""
    if field.is_relation:
        return str(value)
    value = field.to_python(value)
    if isinstance(value, datetime.datetime):
        return str(value.timestamp())
    return json.dumps(value, sort_keys=True, default=str)


def is_hidden(record: Any, field: Any, user: Any) -> bool:
    """Whether a field names a record that has a classification and is not the reader's to see."""
    if not (field.is_relation and hasattr(field.related_model, "classification")):
        return False
    other = getattr(record, field.name)
    return other is not None and not is_visible(user, other)


def _linked(records: Sequence[Any], user: Any) -> dict[int, list[tuple[int, str]]]:
    """By record a digest of its links of each kind to records the reader may see."""
    pieces, values = [], []
    for number, (rows, own, order) in enumerate(_links(type(records[0]), records, user)):
        sql, parameters = rows.order_by().values("pk").query.sql_with_params()
        table = connection.ops.quote_name(rows.model._meta.db_table)
        pieces.append(
            f"SELECT l.{own}, {number}, md5(string_agg(to_jsonb(l)::text, ',' ORDER BY l.{order}))"
            f" FROM {table} l WHERE l.id IN ({sql}) GROUP BY l.{own}"
        )
        values += parameters
    found: dict[int, list[tuple[int, str]]] = {}
    if pieces:
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(pieces), values)
            for key, number, digest in cursor.fetchall():
                found.setdefault(key, []).append((number, digest))
    return found


def _links(
    model: type[models.Model], records: Sequence[Any], user: Any
) -> Iterator[tuple[Any, str, str]]:
    """Rows that link the records to others, the column of the record, and that of the other."""
    keys = [record.pk for record in records]
    for field in model._meta.many_to_many:
        through: Any = field.remote_field.through
        if through._meta.auto_created:
            own, other = field.m2m_field_name(), field.m2m_reverse_field_name()
            seen = _seen(through, user, other)
            rows = through._default_manager.filter(seen, **{f"{own}__in": keys})
            yield rows, field.m2m_column_name(), field.m2m_reverse_name()
    for relation in model._meta.related_objects:
        part: Any = relation.related_model
        link: Any = relation.field
        if getattr(part, "is_edited_with_owner", False) and part.belongs_to == link.name:
            rows = part._default_manager.filter(**{f"{link.name}__in": keys})
            for field in part._meta.concrete_fields:
                if field.is_relation and field is not link:
                    rows = rows.filter(_seen(part, user, field.name))
            yield rows, link.column, "id"


def _seen(model: type[models.Model], user: Any, name: str) -> models.Q:
    related: Any = model._meta.get_field(name).related_model
    if not hasattr(related, "mission"):
        return models.Q()
    return full_visibility(model, user, name)
