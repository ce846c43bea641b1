"""List pages: a queryset, a filterset and a table; the state is in the address."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponseBadRequest
from django.utils.functional import Promise
from django.utils.translation import gettext
from django_filters.views import FilterView
from django_tables2 import SingleTableMixin
from django_tables2.data import TableQuerysetData

from poc_portal.declarations.extensions import (
    annotated,
    extra_columns,
    place_columns,
    with_filters,
)
from poc_portal.postgres.ordering import as_shown, ends_in_key
from poc_portal.tabular.exports import csv_response, xlsx_response
from records.asked import about, no_such_page, not_understood
from records.nothing import Nothing, nothing_yet
from records.pages.mission import MissionPage

PAGE_SIZE = 50
EXPORTS = {"csv": csv_response, "xlsx": xlsx_response}


class Rows(TableQuerysetData):
    """A list's rows: sorted by what a column shows, and equals by their key."""

    data: Any

    def __init__(self, data):
        super().__init__(ends_in_key(data))

    def order_by(self, aliases):
        super().order_by(aliases)
        keys = [as_shown(self.data.model, key) for key in self.data.query.order_by]
        self.data = ends_in_key(self.data.order_by(*keys))


class ListPage(MissionPage, SingleTableMixin, FilterView):
    """A list: its state is in the URL, ``?format=csv`` or ``xlsx`` gives the whole of it."""

    template_name = "portal/list.html"
    body_template = "portal/list_body.html"  # the rows, which a changed filter replaces
    table_pagination = {"per_page": PAGE_SIZE}
    title: str | Promise = ""
    lead: str | Promise = ""
    empty: str | Promise = ""  # said where no row fits the filters
    nothing: Nothing | None = None  # where the mission has no such record
    strict = False
    resource = ""  # of the API, where one's own sheets can become such records
    hidden_filters: tuple[str, ...] = ("mission",)  # for the API, or set by links
    queryset: Any

    def get_queryset(self):
        found = self.annotate(self.visible_here(self.queryset.all()))
        return annotated(found, self.request.user)

    def annotate(self, queryset):
        """Figures that depend on who asks; by default none."""
        return queryset

    def get_table_kwargs(self):
        return {
            "empty_text": self.empty or gettext("Nothing here yet."),
            "extra_columns": extra_columns(self.queryset.model),
        }

    def get_table_data(self):
        return Rows(super().get_table_data())

    def get_table(self, **kwargs):
        table = super().get_table(**kwargs)
        place_columns(table, self.queryset.model)
        return table

    def get_template_names(self):
        htmx = getattr(self.request, "htmx", False)
        return ["portal/list_rows.html" if htmx else self.template_name]

    def get_filterset_kwargs(self, filterset_class):
        found = super().get_filterset_kwargs(filterset_class)
        if found["data"] and found["data"].get("mission", self.mission.code) != self.mission.code:
            found["data"] = found["data"].copy()
            del found["data"]["mission"]  # told: the page is of one mission
        return found

    def not_understood(self, context):
        given, table, filterset = self.request.GET, context["table"], context["filter"]
        filters = dict.fromkeys(filterset.base_filters)
        if "mission" in filters:
            filters["mission"] = [self.mission.code]
        columns = [column.name for column in table.columns if column.orderable]
        known = {
            **filters, "format": EXPORTS, "page": None, "per_page": None, **self.parameters,
            "sort": [*columns, *(f"-{name}" for name in columns)],
        }  # fmt: skip
        labels = {name: field.label for name, field in filterset.form.fields.items()}
        return [
            *not_understood(given, known),
            *no_such_page(given, table.paginator),
            *(
                about(f"{labels.get(name, name)} ({name})", str(problem))
                for name, problems in filterset.errors.items()
                for problem in problems
            ),
        ]

    def get_filterset_class(self):
        return with_filters(super().get_filterset_class(), self.queryset.model)

    def get_filterset(self, filterset_class):
        filterset = super().get_filterset(filterset_class)
        for field in filterset.form.fields.values():
            if isinstance(field, forms.NullBooleanField):
                field.widget = forms.Select(
                    choices=[
                        ("", gettext("any")),
                        ("true", gettext("yes")),
                        ("false", gettext("no")),
                    ]
                )
        return filterset

    def get_context_data(self, **kwargs):
        context = super().get_context_data(
            title=self.title,
            lead=self.lead,
            hidden_filters=self.hidden_filters,
            body_template=self.body_template,
            resource=self.resource,
            **kwargs,
        )
        total = context["table"].paginator.count
        return context | {
            "total": total,
            "nothing": "" if total else nothing_yet(self),
            "count_note": self.count_note(context["filter"].qs) if total else "",
        }

    def count_note(self, found) -> str:
        """What is to be said beside the number of the records ``found``; by default nothing."""
        return ""

    def render_to_response(self, context, **kwargs):
        export = EXPORTS.get(self.request.GET.get("format", ""))
        if export is None:
            return super().render_to_response(context, **kwargs)
        if context["not_understood"]:  # a file has no place to tell it
            text = "\n".join(context["not_understood"])
            return HttpResponseBadRequest(text, content_type="text/plain; charset=utf-8")
        rows = context["table"].as_values()
        header = next(rows)
        name = f"{self.mission.code}-{self.request.resolver_match.url_name}".lower()
        return export(name, header, rows)
