"""Base of forms that write a mission's records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.db import models
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from missions.choices import Classification
from missions.models import Mission
from records.declassifying import FIELD
from records.services import usual_level

# Legend and names of the fields of each part of a form.
Sections = tuple[tuple[str | Promise, tuple[str, ...]], ...]


class RecordForm(forms.Form):
    """Fields every such form has: the classification, and marks against double sending.

    A new record is offered the usual level, or none where ``asks_level``: then it is for its writer
    to say, for what is public of it serves every reader.
    """

    asks_level = False
    classification = forms.TypedChoiceField(
        label=_("Classification"),
        coerce=int,
        choices=Classification.choices,
        error_messages={"required": _("Choose one: who may read it is for you to say.")},
        help_text=_("Readers cleared for less do not see the record at all."),
    )
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
        self._ask_why_lowered()
        level: Any = self.fields["classification"]
        if self.asks_level and "classification" not in self.initial:
            level.choices = [("", _("– choose –")), *level.choices]
        else:
            level.initial = usual_level(clearance)
        self.order_fields([name for name in self.fields if name != "classification"])

    def _ask_why_lowered(self) -> None:
        """Of a record on file that is not open to everybody anyway."""
        sections = getattr(self, "sections", ())
        is_asked = bool(self.initial.get("version")) and bool(self.initial.get("classification"))
        if not is_asked:
            del self.fields[FIELD]
            return
        self.sections = tuple(
            (legend, tuple(_with_reason(names)) if "classification" in names else names)
            for legend, names in sections
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


def _with_reason(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        yield name
        if name == "classification":
            yield FIELD


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
