"""Bases of pages within a mission: access, lists, details, forms.

A list page is a queryset, a filterset and a table; a form page is a form and a service. Apps add
to lists and to records' pages with ``poc_portal.declarations.extensions``.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import HttpRequest, HttpResponseBadRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.views.generic import DetailView, FormView, TemplateView, View
from django_filters.views import FilterView
from django_tables2 import SingleTableMixin
from django_tables2.data import TableQuerysetData

from missions.access import clearance_in, is_visible, may_create, may_edit, require
from missions.models import Mission
from missions.models.base import MissionRecord
from poc_portal.declarations.extensions import (
    annotated,
    extra_columns,
    place_columns,
    with_filters,
)
from poc_portal.postgres.ordering import as_shown, ends_in_key
from poc_portal.tabular.exports import csv_response, xlsx_response
from records.asked import Parameters, about, no_such_page, not_understood
from records.nothing import Nothing, nothing_yet
from records.services import EditConflict, told_hidden, version_of
from records.titles import as_read

PAGE_SIZE = 50
EXPORTS = {"csv": csv_response, "xlsx": xlsx_response}


class MissionPage(LoginRequiredMixin):
    """A page under ``/<mission code>/``. A mission that is not the user's answers 404."""

    request: Any  # of somebody signed in, who is a member
    mission: Mission
    section = ""  # entry of the navigation to mark
    parameters: Parameters = {}  # of the address, and the values known of each

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            self.mission = get_object_or_404(
                Mission.objects.visible_to(request.user), code=kwargs["code"]
            )
            request.mission = self.mission  # type: ignore[attr-defined]
            timezone.activate(self.mission.zone)  # ClockMiddleware ends it
            self.check_access()
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]

    def check_access(self) -> None:
        """What a page asks for beyond the mission. Raises PermissionDenied or Http404."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(section=self.section, **kwargs)  # type: ignore[misc]
        return context | {"not_understood": self.not_understood(context)}

    def not_understood(self, context: dict[str, Any]) -> list[str]:
        """What the page says of parameters and values it does not know; they do nothing."""
        return not_understood(self.request.GET, self.parameters)

    def visible_here(self, queryset):
        """Those of the mission's records the user may see."""
        return queryset.visible_to(self.request.user).filter(mission=self.mission)


class ContentPage(MissionPage, TemplateView):
    """A page of its own kind."""


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


class RecordPage(MissionPage, DetailView):
    """One record; what the user may not see answers 404."""

    queryset: Any

    def get_queryset(self):
        return self.visible_here(self.queryset.all())


class PostOnly(View):
    """An address that takes only what a button or form sends.

    Who opens it themselves, from their history or a link, is led to the page it belongs to.
    """

    http_method_names = ["get", "head", "post"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseRedirect:
        address = self.belongs_to()
        messages.info(
            request, gettext("Nothing was changed: that address only takes what a button sends.")
        )
        return HttpResponseRedirect(address)

    def belongs_to(self) -> str:
        """The page that holds the button. Raises Http404 where the reader may not see it."""
        raise NotImplementedError


class ActionPage(MissionPage, PostOnly):
    """A button of a record's page: one POST, then back to the page with what came of it."""

    queryset: Any

    def belongs_to(self) -> str:
        record = get_object_or_404(self.visible_here(self.queryset.all()), pk=self.kwargs["pk"])
        return record.get_absolute_url()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseRedirect:
        self.record = get_object_or_404(self.visible_here(self.queryset.all()), pk=kwargs["pk"])
        try:
            messages.success(request, self.act())
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(self.back())

    def act(self) -> str:
        """Call the service; returns what to say. Its ValidationError is said instead."""
        raise NotImplementedError

    def back(self) -> str:
        return self.record.get_absolute_url()


class FormPage(MissionPage, FormView):
    """A form whose service does the work.

    ``service`` is called with the user, what is ``given`` by the page, and the form's values.
    The service's ValidationError goes beside the fields; an EditConflict shows what stands now
    above what was typed. The hidden ``submission`` makes a form sent twice count once.
    """

    template_name = "portal/form.html"
    model: Any = None  # what the form makes, to see whether the user may
    service: Callable
    title: str | Promise = ""
    lead: str | Promise = ""
    submit: str | Promise = ""
    saved: str | Promise = ""

    def allowed(self) -> bool:
        return may_create(self.request.user, self.model, self.mission)

    def check_access(self) -> None:
        require(self.allowed())

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {
            "mission": self.mission,
            "user": self.request.user,
            "clearance": clearance_in(self.request.user, self.mission),
        }

    def get_initial(self):
        return {"submission": uuid.uuid4(), **super().get_initial()}

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            title=self.title, lead=self.lead, submit=self.submit or gettext("Save"), **kwargs
        )

    def given(self) -> dict[str, Any]:
        return {"mission": self.mission}

    def save(self, form) -> Any:
        """Call the service; returns the record to go to."""
        return type(self).service(user=self.request.user, **self.given(), **form.values())

    def form_valid(self, form):
        try:
            record = self.save(form)
        except ValidationError as error:
            place_errors(form, error)
            return self.form_invalid(form)
        except EditConflict as conflict:
            form.add_error(None, str(conflict))
            form.data = form.data.copy()
            form.data[form.add_prefix("version")] = version_of(conflict.current)
            return self.render_to_response(
                self.get_context_data(form=form, conflict=self.differences(form, conflict.current)),
                status=409,
            )
        messages.success(self.request, str(self.saved or gettext("Saved.")))
        if notice := getattr(form, "notice", str)():
            messages.warning(self.request, notice)
        if isinstance(record, MissionRecord) and not is_visible(self.request.user, record):
            messages.warning(self.request, told_hidden(record))
            return HttpResponseRedirect(self.mission.get_absolute_url())
        return HttpResponseRedirect(record.get_absolute_url())

    def form_invalid(self, form):
        response = super().form_invalid(form)
        response.status_code = 422
        return response

    def differences(self, form, current) -> list[tuple[str, Any]]:
        """Label and present value of each field the other person's version has otherwise."""
        rows = []
        for name, field in form.fields.items():
            if field.widget.is_hidden:
                continue
            if hasattr(current, name) and name in form.cleaned_data:
                now = as_read(current, name)
                if hasattr(now, "all"):
                    continue
                if now != form.cleaned_data[name]:
                    display = getattr(current, f"get_{name}_display", None)
                    rows.append((field.label, display() if display else now))
        return rows


class OfRecord(FormPage):
    """A form that adds something to the record named by the URL.

    ``owner``: what the service calls that record.
    """

    owner = ""

    def allowed(self) -> bool:
        self.record = get_object_or_404(
            self.visible_here(self.model.objects.all()), pk=self.kwargs["pk"]
        )
        return self.permitted()

    def permitted(self) -> bool:
        return may_edit(self.request.user, self.record)

    def given(self) -> dict[str, Any]:
        return {self.owner: self.record}

    def get_context_data(self, **kwargs):
        return super().get_context_data(back=self.record, **kwargs)


class EditPage(OfRecord):
    """A form that changes the record named by the URL. ``attributes``: fields filled in from it."""

    attributes: tuple[str, ...] = ()

    def get_initial(self):
        values = {name: as_read(self.record, name) for name in self.attributes}
        return super().get_initial() | values | {"version": version_of(self.record)}

    def save(self, form):
        return type(self).service(
            self.record,
            user=self.request.user,
            expected=form.cleaned_data["version"],
            **form.values(),
        )


def place_errors(form, error: ValidationError) -> None:
    """Put a service's messages beside the fields they name; the others above the form."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, problems in error.error_dict.items():
        known = name if name in form.fields and name != NON_FIELD_ERRORS else None
        form.add_error(known, problems)
