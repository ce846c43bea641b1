"""Filter backends and the base filtersets of the API and of list pages."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

import django_filters
from django import forms
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_filters.filters import QuerySetRequestMixin
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework import filters as drf
from rest_framework.exceptions import ValidationError

from poc_portal.api.strict import LONGEST, no_date, no_such_value
from poc_portal.declarations.extensions import extra_ordering, with_filters

WORDS = {"true": True, "false": False}
SEVERAL = (forms.MultipleChoiceField, forms.ModelMultipleChoiceField)
AS_STORED = "A text the portal made is ordered by its English words, whatever the language."
MOST_WORDS, LONGEST_SEARCH = 12, 200  # of a search; characters
COMPARED = 2000  # records whose names are compared with what was typed, at most


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
    """``search=``: words that must all occur, in any of the resource's search fields.

    A field that is shown otherwise than it is stored (``shown_as``) is searched both ways.
    """

    def filter_queryset(self, request, queryset, view):
        terms = self.get_search_terms(request)
        # Each word looks through each field of each row.
        if len(terms) > MOST_WORDS or sum(map(len, terms)) > LONGEST_SEARCH:
            raise ValidationError(
                {self.search_param: gettext("Search for fewer or shorter words.")}
            )
        if terms:
            shown = _shown_as(queryset.model)
            queryset = queryset.alias(**{f"shown_{name}": own("") for name, own in shown.items()})
        return super().filter_queryset(request, queryset, view)

    def get_search_fields(self, view, request):
        fields = super().get_search_fields(view, request) or ()
        shown = _shown_as(view.queryset.model)
        return [*fields, *(f"shown_{name}" for name in shown if name in fields)]


def _shown_as(model: type[models.Model]) -> dict[str, Any]:
    return getattr(model, "shown_as", {})


class OrderingFilter(drf.OrderingFilter):
    """``ordering=``: one field name, a leading minus for descending; others are refused."""

    def remove_invalid_fields(self, queryset, fields, view, request):
        there = self._directions(queryset, view, {"request": request})
        asked = ",".join(fields)
        if asked not in there:
            raise ValidationError({self.ordering_param: no_such_value(asked, there)})
        return fields

    def _directions(self, queryset, view, context: dict[str, Any]) -> list[str]:
        names = list(dict.fromkeys(n for n, _t in self.get_valid_fields(queryset, view, context)))
        return [*names, *(f"-{name}" for name in names)]

    def get_schema_operation_parameters(self, view):
        (parameter,) = super().get_schema_operation_parameters(view)
        values = self._directions(view.queryset.model.objects.none(), view, {"view": view})
        found = parameter | {"schema": {"type": "string", "enum": values}}
        if _shown_as(view.queryset.model).keys() & set(values):
            found |= {"description": f"{parameter['description']} {AS_STORED}"}
        return [found]

    def get_valid_fields(self, queryset, view, context: Any = None):
        there = super().get_valid_fields(queryset, view, context or {})
        return [*there, *((name, name) for name in extra_ordering(queryset.model))]


class FilterForm(forms.Form):
    """Refuses a value its filter does not know, with the nearest; none is passed over."""

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        for name, field in self.fields.items():
            given = self._given(name)
            if isinstance(field, forms.NullBooleanField):
                self._clean_yes_or_no(name, given)
            elif name in self.errors:
                self._say_better(name, field, given)
            if len(given) > 1 and not isinstance(field, SEVERAL):
                self._refuse(name, gettext("Given more than once; give one value."))

    def _given(self, name: str) -> list[str]:
        key = self.add_prefix(name)
        if hasattr(self.data, "getlist"):
            return self.data.getlist(key)
        return [self.data[key]] if key in self.data else []

    def _clean_yes_or_no(self, name: str, given: list[str]) -> None:
        text = str(given[-1]).strip().lower() if given else ""
        if text in WORDS:
            self.cleaned_data[name] = WORDS[text]
        elif text:
            self._refuse(name, no_such_value(text, tuple(WORDS)))

    def _say_better(self, name: str, field: Any, given: list[str]) -> None:
        """What there is and what was meant, instead of “select a valid choice”."""
        last = str(given[-1])[:LONGEST] if given else ""
        if isinstance(field, forms.DateTimeField):
            said = gettext("“%(value)s” is not a moment; give it as 2022-12-31T08:00:00Z.")
            self._refuse(name, said % {"value": last})
        elif isinstance(field, forms.DateField):
            self._refuse(name, no_date(last))
        elif isinstance(field, forms.ModelChoiceField):
            records: Any = field.queryset
            there = {str(record.pk): str(record) for record in records[:COMPARED]}
            self._refuse_first(name, given, there, are_records=True)
        elif isinstance(field, forms.ChoiceField):
            choices: Any = field.choices
            there = {str(code): str(label) for code, label in choices if str(code)}
            self._refuse_first(name, given, there)

    def _refuse_first(
        self, name: str, given: list[str], there: dict[str, str], *, are_records: bool = False
    ) -> None:
        for value in map(str, given):
            if value not in there:
                self._refuse(name, no_such_value(value, there, are_records=are_records))
                return

    def _refuse(self, name: str, message: str) -> None:
        self.errors.pop(name, None)
        self.cleaned_data.pop(name, None)
        self.add_error(name, message)


class WholeNumberFilter(django_filters.NumberFilter):
    """Of a whole number: 2.5 is none."""

    field_class = forms.IntegerField


WHOLE = (models.AutoField, models.IntegerField, models.PositiveIntegerField,
         models.PositiveSmallIntegerField, models.SmallIntegerField)  # fmt: skip


class Filters(django_filters.FilterSet):
    """A filterset that passes over nothing it was given, and chooses among what its reader may see.

    A relation's choices are the records that are ``visible_to`` whoever asks, so that one hidden
    answers as one that is absent. A filter that names a callable says itself what they are.
    """

    FILTER_DEFAULTS: ClassVar = {
        **django_filters.FilterSet.FILTER_DEFAULTS,
        **{field: {"filter_class": WholeNumberFilter} for field in WHOLE},
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for each in self.filters.values():
            # The API's description asks the class for its fields, which there know no model, and
            # so no label; the copy of one would stand on the page.
            each.__dict__.pop("_field", None)
            if isinstance(each, QuerySetRequestMixin):
                self._limit(each)

    def _limit(self, relation: QuerySetRequestMixin) -> None:
        declared = relation.extra["queryset"]  # type: ignore[attr-defined]
        if not callable(declared):
            relation.queryset = partial(_seen, declared)

    def get_form_class(self):
        made = super().get_form_class()
        return type(made.__name__, (FilterForm,), dict(made.base_fields))


def _seen(records: Any, request: Any) -> Any:
    """Of records those the reader may see; none where that is not known."""
    user = getattr(request, "user", None)
    if user is None or not hasattr(records, "visible_to"):
        return records.none()
    seen = records.visible_to(user)
    mission = getattr(request, "mission", None)  # of a page
    return seen.filter(mission=mission) if mission and hasattr(seen.model, "mission") else seen


class BaseFilterSet(Filters):
    """What every resource can be filtered by."""

    mission = django_filters.CharFilter(
        field_name="mission__code", label=_("Code of the mission, e.g. MINUSCA")
    )
