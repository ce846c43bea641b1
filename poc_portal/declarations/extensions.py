"""What an app adds to a list, page or resource of a floor below, which knows nothing of it.

The module an app names in ``AppConfig.extensions_module`` lists its ``extensions``.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.apps import apps
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django_filters import Filter, FilterSet
from django_tables2 import Column, Table
from rest_framework.serializers import Field

from poc_portal.declarations import modules


def _unchanged(queryset: QuerySet, user: Any) -> QuerySet:
    return queryset


@dataclass(frozen=True)
class Panel:
    """Part of a record's page: a template, drawn within the page's own context.

    ``context``: of the record and the request, what the template needs besides; None: nothing to
    show. ``place``: where on the page, by default below everything; a page says which it has with
    ``{% panels record "place" %}``.
    """

    template: str
    context: Callable[[Any, HttpRequest], dict[str, Any] | None] = lambda record, request: {}
    place: str = "end"
    order: int = 0


@dataclass(frozen=True)
class Extension:
    """What an app adds to a model's lists, pages and API resource.

    ``model``: its label, such as ``"threats.Community"``. ``annotate``: adds to a queryset what
    the rest needs, from what the user may see. ``columns``: of the list and its files.
    ``filters``: of list and API. ``ordering``: sort keys of the API. ``fields``: of the API, read
    only; SQL writes them where they are annotations. ``hxl``: their tags. ``panels``: of the
    record's page. ``page``: the address of a record's page, of a model whose own floor has none;
    where several apps have one, the highest floor's. ``after``: the column, field or filter the new
    ones follow; by default the last.
    """

    model: str
    annotate: Callable[[QuerySet, Any], QuerySet] = _unchanged
    columns: Mapping[str, Column] = field(default_factory=dict)
    filters: Mapping[str, Filter] = field(default_factory=dict)
    ordering: tuple[str, ...] = ()
    fields: Mapping[str, Field] = field(default_factory=dict)
    hxl: Mapping[str, str] = field(default_factory=dict)
    panels: tuple[Panel, ...] = ()
    page: Callable[[Any], str] | None = None
    after: str = ""


@cache
def extensions_of(model: type[Model]) -> tuple[Extension, ...]:
    """From the lowest floor up. Raises LookupError where one is of a model there is not."""
    found = [each for module in modules("extensions") for each in module.extensions]
    return tuple(each for each in found if apps.get_model(each.model) is model)


def annotated(queryset: QuerySet, user: Any) -> QuerySet:
    model: Any = queryset.model
    for extension in extensions_of(model):
        queryset = extension.annotate(queryset, user)
    return queryset


def with_fields(fields: dict[str, Any], model: type[Model]) -> dict[str, Any]:
    """A serializer's fields and those apps add. Raises TypeError for one that could be written."""
    for extension in extensions_of(model):
        for name, each in extension.fields.items():
            if not each.read_only:
                raise TypeError(f"{extension.model}: the field “{name}” must be read only.")
        added = {name: copy.deepcopy(each) for name, each in extension.fields.items()}
        fields = _placed(fields, added, extension.after)
    return fields


@cache
def with_filters(filterset: type[FilterSet], model: type[Model]) -> type[FilterSet]:
    """The filterset with the filters apps add, made once."""
    for extension in extensions_of(model):
        if extension.filters:
            base = filterset.base_filters
            filterset = type(filterset.__name__, (filterset,), dict(extension.filters))
            added = {name: filterset.base_filters[name] for name in extension.filters}
            filterset.base_filters = _placed(base, added, extension.after)
    return filterset


def extra_columns(model: type[Model]) -> list[tuple[str, Column]]:
    return [
        (name, copy.deepcopy(column))
        for extension in extensions_of(model)
        for name, column in extension.columns.items()
    ]


def place_columns(table: Table, model: type[Model]) -> None:
    """Move the columns that apps added behind those they are to follow."""
    names = dict.fromkeys(table.sequence)
    for extension in extensions_of(model):
        added = dict.fromkeys(extension.columns)
        rest = {name: None for name in names if name not in added}
        names = _placed(rest, added, extension.after)
    table.sequence = list(names)


def extra_ordering(model: type[Model]) -> Iterable[str]:
    return [name for extension in extensions_of(model) for name in extension.ordering]


def hxl_tags(model: type[Model]) -> dict[str, str]:
    tags: dict[str, str] = {}
    for extension in extensions_of(model):
        tags |= extension.hxl
    return tags


def panels_of(model: type[Model], place: str) -> list[Panel]:
    found = [panel for each in extensions_of(model) for panel in each.panels]
    return sorted((p for p in found if p.place == place), key=lambda panel: panel.order)


def page_of(record: Model) -> str:
    """The address of the page apps give a record. Raises LookupError where none does."""
    pages = [each.page for each in extensions_of(type(record)) if each.page is not None]
    if not pages:
        raise LookupError(f"No app has a page of {record._meta.label}.")
    return pages[-1](record)


def _placed(there: Mapping[str, Any], added: Mapping[str, Any], after: str) -> dict[str, Any]:
    if after not in there:
        return {**there, **added}
    names = list(there)
    cut = names.index(after) + 1
    before, behind = names[:cut], names[cut:]
    return {
        **{name: there[name] for name in before},
        **added,
        **{name: there[name] for name in behind},
    }
