"""Pages of files and forms kept elsewhere: bring one, say what its columns mean, see what came of it."""

from __future__ import annotations

import json
from itertools import islice
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView

from exchange.declared import usual_sheet
from exchange.intake.columns import labels_of
from exchange.intake.files import (
    ask,
    bring_file,
    forget_file,
    headers_of,
    intake_of,
    preview,
    problems_of,
    row_numbers_of,
    said,
    set_mapping,
    submissions_of,
)
from exchange.intake.forms import (
    FIRSTS,
    FirstFileForm,
    Line,
    NextFileForm,
    becomes,
    lines_of,
    mapping_from,
)
from exchange.intake.mapping import Taker
from exchange.models import Intake, IntakeFile
from missions.access import can, may_edit
from missions.roles import Capability
from poc_portal.tabular.exports import csv_response
from records.asked import not_understood
from records.pages import ActionPage, ContentPage, FormPage, RecordPage, place_errors
from records.services import withdraw_record

SECTION = "intakes"
SHOWN_PROBLEMS = 100
RAW = 5  # rows of the file shown as they stand


class Intakes(ContentPage):
    template_name = "exchange/intake/intakes.html"
    section = SECTION

    def get_context_data(self, **kwargs):
        intakes = self.visible_here(Intake.objects.select_related("mission", "created_by"))
        files = self.visible_here(
            IntakeFile.objects.select_related("mission").defer("contents", "problems")
        )
        return super().get_context_data(
            intakes=[(intake, becomes(intake.resource)) for intake in intakes],
            files=files[:50],
            may_bring=can(self.request.user, self.mission, Capability.BRING_IN),
            **kwargs,
        )  # fmt: skip


class BringFile(FormPage):
    form_class = FirstFileForm
    service = staticmethod(bring_file)
    section = SECTION
    title = _("Bring in a sheet or a form's submissions")
    lead = _("Nothing is stored before you have seen its first rows as records.")
    submit = _("Read it")
    saved = _("Read. Say below what its columns mean.")
    parameters = {"resource": None}

    def not_understood(self, context):
        there = [code for code, _label in context["form"].fields["resource"].choices]
        return not_understood(self.request.GET, {"resource": there})

    def get_initial(self):
        return super().get_initial() | {"resource": self.request.GET.get("resource", usual_sheet())}

    def allowed(self) -> bool:
        return can(self.request.user, self.mission, Capability.BRING_IN)


class IntakePage(RecordPage, FormView):
    """A mapping that is kept: what it says, where forms send to, and a box for the next file."""

    queryset = Intake.objects.select_related("mission", "created_by")
    context_object_name = "intake"
    template_name = "exchange/intake/intake.html"
    form_class = NextFileForm
    section = SECTION

    def get_context_data(self, **kwargs):
        self.object = self.get_object()
        taker = Taker(self.object, self.request.user)
        labels = labels_of(taker)
        mapping = self.object.mapping.items()
        files = self.visible_here(self.object.files.select_related("mission"))
        return super().get_context_data(
            rules=[(labels.get(name, name), rule) for name, rule in mapping],
            becomes=becomes(self.object.resource),
            files=files.defer("contents", "problems")[:50],
            may_bring=can(self.request.user, self.mission, Capability.BRING_IN),
            may_edit=may_edit(self.request.user, self.object),
            address=self.request.build_absolute_uri(
                f"/api/v1/intakes/{self.object.pk}/submissions/"
            ),
            **kwargs,
        )

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.get_form()
        if form.is_valid():
            try:
                file = bring_file(
                    user=request.user, mission=self.mission, upload=form.cleaned_data["file"],
                    intake=self.get_object(),
                )  # fmt: skip
                return HttpResponseRedirect(file.get_absolute_url())
            except ValidationError as error:
                place_errors(form, error)
        response = self.render_to_response(self.get_context_data(form=form))
        response.status_code = 422
        return response


class ForgetIntake(ActionPage):
    queryset = Intake.objects.select_related("mission")

    def act(self) -> str:
        withdraw_record(self.record, user=self.request.user, reason=gettext("No longer used."))
        return gettext("The mapping is withdrawn. What came in through it stays.")

    def back(self) -> str:
        return "../../"


class FilePage(RecordPage):
    """A file in hand: its columns, its first rows as records, and what became of it."""

    queryset = IntakeFile.objects.select_related("mission", "intake")
    context_object_name = "file"
    section = SECTION

    def get_template_names(self):
        is_draft = self.object.state == IntakeFile.State.DRAFT
        return [
            "exchange/intake/intake_file.html"
            if is_draft
            else "exchange/intake/intake_outcome.html"
        ]

    def get_context_data(self, **kwargs):
        file = self.object
        context = super().get_context_data(becomes=becomes(file.resource), **kwargs)
        if file.state != IntakeFile.State.DRAFT:
            problems = problems_of(file, self.request.user)
            return context | {
                "problems": problems[:SHOWN_PROBLEMS],
                "more": len(problems) - SHOWN_PROBLEMS,
                "has_rows": bool(file.contents),
            }
        taker = Taker(intake_of(file), self.request.user)
        headers = headers_of(file)
        lines = lines_of(taker, headers, submissions_of(file))
        used = [line for line in lines if line.column or line.always]
        missing = [
            line.target.label for line in lines if line.target.is_required and line not in used
        ]
        shown = [line for line in lines if line in used or line.target.is_required]
        context |= {
            "headers": headers,
            "firsts": FIRSTS,
            "parts": [(shown, True), ([line for line in lines if line not in shown], False)],
            "missing": missing,
        }
        if missing:
            return context | {
                "first_rows": [row.values() for row in islice(submissions_of(file), RAW)]
            }
        return context | _previewed(file, taker, used)

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = file = self.get_object()
        if file.state == IntakeFile.State.WAITING:
            return HttpResponseRedirect(file.get_absolute_url())
        problem: ValidationError | None = None
        try:
            set_mapping(file, mapping_from(request.POST, Taker(intake_of(file), request.user)))
            if request.POST.get("do") == "bring":
                ask(file, user=request.user, keep_good=request.POST.get("mode") != "all")
                return HttpResponseRedirect(file.get_absolute_url())
        except ValidationError as error:
            problem = error
        context = self.get_context_data(problem=problem and " ".join(problem.messages))
        return self.render_to_response(context, status=422 if problem else 200)


def _previewed(file: IntakeFile, taker: Taker, used: list[Line]) -> dict[str, Any]:
    """The first rows as they would be stored: cells by field, and what is wrong with each."""
    report = preview(file, taker)
    labels = labels_of(taker)
    raw = islice(submissions_of(file), report.read)
    numbers = islice(
        row_numbers_of(file), report.read
    )  # as the file counts them, and the outcome will
    found = []
    for number, as_it_stands, outcome in zip(numbers, raw, report.outcomes, strict=True):
        cells = [_cell(outcome.values or {}, as_it_stands, line) for line in used]
        found.append((number, outcome.status, cells, said(outcome.errors, labels)))
    return {
        "preview": found,
        "chosen": [line.target for line in used],
        "good": report.read - report.refused,
        "unplaced": report.unplaced,
        "is_unnamed": "external_id" not in file.mapping,
    }


def _cell(row: dict, as_it_stands: dict, line: Line) -> str:
    """What stands in the record; a record it names under the name the file has for it."""
    name, _dot, part = line.target.name.partition(".")
    choices = dict(line.target.choices)
    if line.target.names_records:
        value: Any = as_it_stands.get(line.column) or line.always
    elif name == "point":
        value = f"{row['latitude']}, {row['longitude']}" if "latitude" in row else ""
    elif part:
        value = row.get(name, {}).get(part, "")
    else:
        value = row.get(name, "")
    values = value if isinstance(value, list) else [value]
    return "; ".join(choices.get(str(found), str(found)) for found in values)


class ReopenFile(ActionPage):
    """Back to the columns, to mend what was refused; a row that is in already is not made again."""

    queryset = IntakeFile.objects.select_related("mission")

    def act(self) -> str:
        if not self.record.contents:
            raise ValidationError(gettext("Its rows are no longer kept. Bring the file again."))
        if self.record.state == IntakeFile.State.WAITING:
            raise ValidationError(gettext("It is being brought in. Wait until that is done."))
        set_mapping(self.record, self.record.mapping)
        return gettext(
            "Mend the columns and bring it in again: what is in already is not made twice."
        )


class ForgetFile(ActionPage):
    queryset = IntakeFile.objects.select_related("mission")

    def act(self) -> str:
        forget_file(self.record)
        return gettext("The file is forgotten. What was brought in stays.")

    def back(self) -> str:
        return "../../../"


class RefusedRows(RecordPage):
    """The refused rows as a sheet, each with what was wrong, to be mended and brought again."""

    queryset = IntakeFile.objects.select_related("mission")

    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        file = get_object_or_404(self.get_queryset(), pk=kwargs["pk"])
        problems = {row: "; ".join(texts) for row, _line, texts in problems_of(file, request.user)}
        if not problems:
            raise Http404
        contents = json.loads(file.contents)
        rows = (
            [*values, problems[number]]
            for number, (_line, values) in enumerate(contents["rows"])
            if number in problems
        )
        name = f"{file.file_name.rpartition('.')[0] or file.file_name}-refused"
        return csv_response(name, [*contents["headers"], gettext("what is wrong")], rows)
