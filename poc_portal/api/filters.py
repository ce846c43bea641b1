"""Filter backends and the base filterset of the API and of list pages."""

from __future__ import annotations

from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework import filters as drf

from poc_portal.declarations.extensions import extra_ordering, with_filters


class FilterBackend(DjangoFilterBackend):
    """Of a resource's filters makes only those a request names; the others cost more than the page."""

    def get_filterset_class(self, view, queryset=None):
        filterset_class = super().get_filterset_class(view, queryset)
        return filterset_class and with_filters(filterset_class, view.queryset.model)

    def get_filterset(self, request, queryset, view):
        filterset = super().get_filterset(request, queryset, view)
        if filterset is not None:
            filterset.filters = {
                name: each
                for name, each in filterset.filters.items()
                if any(key == name or key.startswith(f"{name}_") for key in filterset.data)
            }
        return filterset


class SearchFilter(drf.SearchFilter):
    """``search=``: words that must all occur, in any of the resource's search fields."""


class OrderingFilter(drf.OrderingFilter):
    """``ordering=``: one field name, a leading minus for descending."""

    def get_valid_fields(self, queryset, view, context: Any = None):
        there = super().get_valid_fields(queryset, view, context or {})
        return [*there, *((name, name) for name in extra_ordering(queryset.model))]


class BaseFilterSet(django_filters.FilterSet):
    """What every resource can be filtered by."""

    mission = django_filters.CharFilter(
        field_name="mission__code", label=_("Code of the mission, e.g. MINUSCA")
    )
