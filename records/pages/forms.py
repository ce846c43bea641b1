"""Form pages: a form and the service that does its work."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Model
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.views.generic import FormView

from missions.access import clearance_in, is_visible, level_of, may_create, may_edit, require
from missions.models.base import MissionRecord
from records.declassifying import FIELD, declassifying
from records.pages.mission import MissionPage
from records.services import EditConflict, told_hidden
from records.titles import as_read
from records.versions import as_told, version_of


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
            title=self.title, lead=self.lead, submit=self.submit or gettext("Save"),
            draft_level=self.draft_level(), **kwargs,
        )  # fmt: skip

    def draft_level(self) -> int:
        """How secret (0-2) what the form is about is; above 0 the browser keeps no draft of it."""
        held = [*vars(self).values(), *self.given().values()]
        return max((level_of(each) for each in held if isinstance(each, Model)), default=0)

    def given(self) -> dict[str, Any]:
        return {"mission": self.mission}

    def save(self, form) -> Any:
        """Call the service; returns the record to go to."""
        return type(self).service(user=self.request.user, **self.given(), **form.values())

    def form_valid(self, form):
        try:
            with declassifying(form.cleaned_data.get(FIELD)):
                record = self.save(form)
        except ValidationError as error:
            place_errors(form, error)
            return self.form_invalid(form)
        except EditConflict as conflict:
            form.add_error(None, str(conflict))
            form.data = form.data.copy()
            form.data[form.add_prefix("version")] = version_of(conflict.current, self.request.user)
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
        """Label and present value of each field the other person's version has otherwise, as its
        reader is told it."""
        columns = {field.name: field for field in current._meta.concrete_fields}
        rows = []
        for name, field in form.fields.items():
            if field.widget.is_hidden or name not in form.cleaned_data or name not in columns:
                continue
            if as_told(current, columns[name], self.request.user) is None and (
                getattr(current, columns[name].attname) is not None
            ):
                continue  # another record that is not theirs to see
            now = as_read(current, name)
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
        names = [*self.attributes]
        names += ["compartments"] if hasattr(self.record, "compartments") else []
        values = {name: as_read(self.record, name) for name in names}
        return (
            super().get_initial() | values | {"version": version_of(self.record, self.request.user)}
        )

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
