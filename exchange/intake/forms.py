"""The forms of a file in hand: what it is, and which of its columns becomes what."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from exchange.intake.columns import Target, targets_of
from exchange.intake.mapping import Taker, targets
from missions.choices import Classification
from poc_portal.api.router import resources
from poc_portal.tabular import DAY_FIRST, MONTH_FIRST
from poc_portal.tabular.names import sort_key
from records.bulk.writer import Refused
from records.forms import CompartmentsField, limit_to_clearance, offer_compartments

NONE = "-"  # an answer that stands for nothing
SAMPLE = 3  # answers shown beside a column
MOST_ANSWERS = 40  # different answers of a column that are offered a counterpart
FIRSTS = [(DAY_FIRST, _("day first, 31/12/2022")), (MONTH_FIRST, _("month first, 12/31/2022"))]
UPLOAD = _("CSV, Excel (xlsx, xls), OpenDocument (ods), or submissions of a form as JSON; up to 10 MB and 50,000 rows.")  # fmt: skip


class FileField(forms.FileField):
    def __init__(self, **kwargs):
        super().__init__(
            label=_("File"), help_text=UPLOAD,
            widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.xls,.ods,.json,.zip,.gz"}),
            **kwargs,
        )  # fmt: skip


class NextFileForm(forms.Form):
    """A further file for a mapping that is kept."""

    file = FileField()


class FirstFileForm(forms.Form):
    file = FileField()
    resource = forms.ChoiceField(label=_("Each row becomes"))
    source = forms.CharField(
        label=_("Name of the mapping"), max_length=30,
        help_text=_("Of the sheet or form, not of this one file: the next one is known by it."),
    )  # fmt: skip
    classification = forms.TypedChoiceField(
        label=_("Classification"), coerce=int, choices=Classification.choices, initial=0,
        help_text=_(
            "The least of every record that comes in through it: a report is at least as secret as "
            "its kind usually is."
        ),
    )  # fmt: skip
    compartments = CompartmentsField(
        help_text=_("Only who holds all that you tick sees any record that comes in through it.")
    )
    sections = (
        (_("The file"), ("file",)),
        (_("What it holds"), ("resource", "source", "classification")),
    )
    wide = ("file",)

    def __init__(self, *args, mission, user, clearance, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["resource"].choices = [  # type: ignore[attr-defined]
            (name, becomes(name)) for name in targets()
        ]
        limit_to_clearance(self, clearance)
        offer_compartments(self, user=user, mission=mission)

    def values(self) -> dict[str, Any]:
        values = dict(self.cleaned_data)
        return values | {"upload": values.pop("file")}


def becomes(resource: str) -> str:
    """What the records of a resource are called."""
    model = resources()[resource].queryset.model  # type: ignore[attr-defined]
    return model._meta.verbose_name_plural.capitalize()


@dataclass
class Line:
    """One field in the table of columns."""

    target: Target
    column: str = ""
    always: str = ""
    first: str = DAY_FIRST
    is_missing: bool = False  # the column is not in this file
    sample: list[str] = field(default_factory=list)  # what the column holds in the first rows
    answers: list[tuple[str, str]] = field(default_factory=list)  # as they stand, and their codes


def lines_of(taker: Taker, headers: list[str], rows: Iterable[dict[str, Any]]) -> list[Line]:
    """The table of columns as the intake's mapping says, with the answers found in the file."""
    keys = {sort_key(header): header for header in headers}
    lines = []
    for target in targets_of(taker):
        rule = taker.intake.mapping.get(target.name, {})
        line = Line(target, always=str(rule.get("always", "")), first=rule.get("first", DAY_FIRST))
        if "from" in rule:
            line.column = keys.get(sort_key(rule["from"]), rule["from"])
            line.is_missing = sort_key(rule["from"]) not in keys
        lines.append(line)
    answers = _different(rows, {line.column for line in lines if line.column})
    for line in lines:
        found = answers.get(line.column, {})
        line.sample = list(found.values())[:SAMPLE]
        if line.column and (line.target.choices or line.target.names_records):
            line.answers = _counterparts(taker, line, found)
    return lines


def _different(rows: Iterable[dict[str, Any]], columns: set[str]) -> dict[str, dict[str, str]]:
    """The different answers of each column, by their keys, up to MOST_ANSWERS."""
    found: dict[str, dict[str, str]] = {column: {} for column in columns}
    for row in rows:
        for column, answers in found.items():
            answer = str(row.get(column) or "").strip()
            if answer and len(answers) < MOST_ANSWERS:
                answers.setdefault(sort_key(answer), answer[:200])
    return found


def _counterparts(taker: Taker, line: Line, found: dict[str, str]) -> list[tuple[str, str]]:
    """Answers and the code of each; of names of records, only those that name none."""
    values = taker.intake.mapping[line.target.name].get("values", {})
    known = {sort_key(answer): str(code) or NONE for answer, code in values.items()}
    counterparts = []
    for key, answer in sorted(found.items()):
        code = known.get(key, "")
        if not code:
            with contextlib.suppress(Refused):
                read = taker.answers.read(line.target.name, answer)
                if line.target.names_records:
                    continue
                code = str(read)
        counterparts.append((answer, code))
    return counterparts


def mapping_from(data: QueryDict, taker: Taker) -> dict[str, dict]:
    """The mapping somebody chose on the page."""
    mapping: dict[str, dict] = {}
    for target in targets_of(taker):
        column, always = data.get(f"from:{target.name}", ""), data.get(f"always:{target.name}", "")
        if column:
            rule: dict[str, Any] = {"from": column[:200]}
            if target.is_date and data.get(f"first:{target.name}"):
                rule["first"] = data[f"first:{target.name}"]
            answers = islice(
                zip(
                    data.getlist(f"answer:{target.name}"), data.getlist(f"code:{target.name}"),
                    strict=False,
                ),
                MOST_ANSWERS,
            )  # fmt: skip
            values = {answer[:200]: code.removeprefix(NONE) for answer, code in answers if code}
            if values and data.get(f"asked:{target.name}") == column:
                rule["values"] = values
            mapping[target.name] = rule
        elif always.strip():
            mapping[target.name] = {"always": always.strip()}
    return mapping
