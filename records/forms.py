"""Base of forms that write a mission's records."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from django import forms
from django.db import models
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from missions.access import grant_in
from missions.choices import Classification, Compartment
from missions.models import Mission
from records.declassifying import FIELD
from records.services import usual_level

# Legend and names of the fields of each part of a form.
Sections = tuple[tuple[str | Promise, tuple[str, ...]], ...]


class CompartmentsField(forms.MultipleChoiceField):
    """Compartments, of which the account is offered those it holds."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs):
        kwargs.setdefault(
            "help_text", _("Only who holds all that you tick sees the record at all.")
        )
        super().__init__(
            label=_("Need to know"), required=False, choices=Compartment.choices, **kwargs
        )


LAST = ("classification", "compartments", FIELD)  # what every form ends with


def limit_to_held(form: forms.Form, held: frozenset[str]) -> None:
    """Nobody sets a compartment they do not hold; who holds none is not asked."""
    if not held:
        del form.fields["compartments"]
        return
    field: Any = form.fields["compartments"]
    field.choices = [choice for choice in Compartment.choices if choice[0] in held]


def offer_compartments(form: forms.Form, *, user, mission: Mission) -> None:
    """Those the account holds, beside the classification, where that is asked for."""
    sections = getattr(form, "sections", ())
    grant = grant_in(user, mission)
    is_asked = (
        grant is not None
        and getattr(form, "takes_compartments", True)
        and any("classification" in names for _, names in sections)
    )
    limit_to_held(form, grant.compartments if grant is not None and is_asked else frozenset())
    if "compartments" in form.fields:
        form.sections = tuple(  # type: ignore[attr-defined]
            (legend, tuple(_with(names, "classification", "compartments")))
            for legend, names in sections
        )


class RecordForm(forms.Form):
    """Fields every such form has: the classification, and marks against double sending.

    A new record is offered the usual level, or none where ``asks_level``: then it is for its writer
    to say, for what is public of it serves every reader.
    """

    asks_level = False
    takes_compartments = True
    classification = forms.TypedChoiceField(
        label=_("Classification"),
        coerce=int,
        choices=Classification.choices,
        error_messages={"required": _("Choose one: who may read it is for you to say.")},
        help_text=_("Readers cleared for less do not see the record at all."),
    )
    compartments = CompartmentsField()
    declassification_reason = forms.CharField(
        label=_("Reason, if you lower the classification"), required=False, max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Kept with the record, and told to who filed it and the advisers."),
    )  # fmt: skip
    submission = forms.UUIDField(widget=forms.HiddenInput, required=False)
    version = forms.CharField(widget=forms.HiddenInput, required=False)
    wide: tuple[str, ...] = ()  # fields that take the whole width
    once_finished: tuple[str, ...] = ()  # asked once the status says that it has ended

    def __init__(self, *args, mission: Mission, user, clearance: int, **kwargs):
        self.mission, self.user = mission, user
        super().__init__(*args, **kwargs)
        limit_to_clearance(self, clearance)
        offer_compartments(self, user=user, mission=mission)
        self._ask_why_lowered()
        level: Any = self.fields["classification"]
        if self.asks_level and "classification" not in self.initial:
            level.choices = [("", _("– choose –")), *level.choices]
        else:
            level.initial = usual_level(clearance)
        self.order_fields([name for name in self.fields if name not in LAST])

    def _ask_why_lowered(self) -> None:
        """Of a record on file that is not open to everybody anyway."""
        sections = getattr(self, "sections", ())
        is_kept = self.initial.get("classification") or self.initial.get("compartments")
        is_asked = bool(self.initial.get("version")) and bool(is_kept)
        if not is_asked:
            del self.fields[FIELD]
            return
        self.sections = tuple(
            (legend, tuple(_with(names, _last_of(names), FIELD))) for legend, names in sections
        )

    def choosable(self, name: str) -> forms.ModelChoiceField:
        """The field ``name``, which offers records."""
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)
        return field

    def notice(self) -> str:
        """What to say of what was saved, beside that it was; by default nothing."""
        return ""

    def values(self, *leave_out: str) -> dict:
        """What was given, as the service wants it."""
        hidden = {"submission", "version", FIELD, *leave_out}
        return {name: value for name, value in self.cleaned_data.items() if name not in hidden}


def _with(names: Iterable[str], after: str, added: str) -> Iterator[str]:
    for name in names:
        yield name
        if name == after:
            yield added


def _last_of(names: Collection[str]) -> str:
    """The last of what says who reads the record; empty where a section asks for none of it."""
    asked = [name for name in ("compartments", "classification") if name in names]
    return asked[0] if asked else ""


def limit_to_clearance(form: forms.Form, clearance: int) -> None:
    """Nobody classifies above what they may read themselves."""
    form.fields["classification"].choices = [  # type: ignore[attr-defined]
        (level, label) for level, label in Classification.choices if level <= clearance
    ]


class NumberField(forms.FloatField):
    """A number; where it is none, the message says what was typed."""

    def to_python(self, value):
        try:
            return super().to_python(value)
        except forms.ValidationError:
            raise forms.ValidationError(not_a_number(value)) from None


def not_a_number(value) -> str:
    return gettext("“%(value)s” is not a number. Give one such as 12 or 3.5.") % {"value": value}


def numbered(choices: type[models.IntegerChoices]) -> list[tuple]:
    """Choices that show their number before their name, in the reader's language."""
    return [(value, format_lazy("{} · {}", value, label)) for value, label in choices.choices]


def date_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
