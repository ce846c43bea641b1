"""Orders of lists: as people read them, and the same however often it is asked for."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, CharField, F, Model, QuerySet, Value, When

KEYS = frozenset({"pk", "id"})


def ends_in_key(queryset: QuerySet) -> QuerySet:
    """The queryset in its order, and equals by their key: its pages skip and repeat nothing."""
    order = queryset.query.order_by or queryset.model._meta.ordering
    if order and _name(order[-1]) in KEYS:
        return queryset
    return queryset.order_by(*order, "-pk" if order and _descends(order[0]) else "pk")


def as_shown(model: type[Model], key: Any) -> Any:
    """A key to order by, turned to what a list shows of the field where that is not what is stored.

    A field of a few words (``choices``) is ordered by their labels in the reader's language; a
    number is a rank and stays one. What is not known comes last, either way round. A model names its own in ``shown_as``: functions that take the
    path to the record. ``key``: such as ``"-lead_component__name"``; what is no text stays.
    """
    if not isinstance(key, str):
        return key
    path = key.lstrip("-")
    field, prefix = _field(model, path)
    own = getattr(getattr(field, "model", None), "shown_as", {}).get(getattr(field, "name", ""))
    if own is not None:
        shown = own(prefix)
    elif isinstance(field, CharField) and field.flatchoices:
        labels = [When(**{path: word}, then=Value(str(label))) for word, label in field.flatchoices]
        shown = Case(*labels, default=F(path), output_field=CharField())
    elif path not in KEYS and _may_be_unknown(field, path):
        shown = F(path)
    else:
        return key
    return shown.desc(nulls_last=True) if _descends(key) else shown.asc(nulls_last=True)


def _may_be_unknown(field: Any, path: str) -> bool:
    """Whether a record may be without the value: what is not known comes last, either way round."""
    if field is None or "__" in path:  # an annotation, or by way of another record
        return not getattr(field, "is_relation", False)
    return field.null and not field.is_relation


def _field(model: type[Model], path: str) -> tuple[Any, str]:
    """The field a path leads to and the path to its record; None for an annotation."""
    *steps, last = path.split("__")
    there: Any = model
    for step in steps:
        there = there._meta.get_field(step).related_model
    names = {field.name: field for field in there._meta.get_fields()}
    return names.get(last), "".join(f"{step}__" for step in steps)


def _name(key: Any) -> str:
    return key.lstrip("-") if isinstance(key, str) else getattr(key.expression, "name", "")


def _descends(key: Any) -> bool:
    return key.startswith("-") if isinstance(key, str) else bool(getattr(key, "descending", False))
