"""Filing alerts, and the steps taken on them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from missions.models import Component
from records.forms import Sections
from threats.alerts.choices import (
    AlertDecision,
    AlertKind,
    AlertOutcome,
    AlertStage,
    Imminence,
    Verification,
)
from threats.choices import Credibility, PlacePrecision, Reliability, SourceKind
from threats.forms.named import PlaceByName
from threats.forms.report import ReportForm
from threats.rules.source_kinds import group_choices, sees_exactly
from threats.services.alert_steps import MAY_NEVER_HAVE_HAPPENED


class Moment(forms.DateTimeInput):
    """A moment by the mission's clocks, to the minute."""

    input_type = "datetime-local"

    def __init__(self):
        super().__init__(format="%Y-%m-%dT%H:%M")


class AlertForm(PlaceByName, ReportForm):
    """What is feared, where, how soon, and who says so."""

    unset = ("imminence", "kind", "place_precision", "source_kind")

    imminence = forms.ChoiceField(label=_("How soon"), choices=Imminence.choices)
    kind = forms.ChoiceField(label=_("What is feared"), choices=AlertKind.choices)
    received_at = forms.DateTimeField(
        label=_("Received"),
        required=False,
        widget=Moment(),
        help_text=_("When it reached the mission, by the mission's clocks; left empty, now."),
    )
    details = forms.CharField(
        label=_("Details"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("No names of sources here; they have fields of their own."),
    )
    place_precision = forms.ChoiceField(
        label=_("Precision of the place"), choices=PlacePrecision.choices
    )
    source_kind = forms.ChoiceField(label=_("Source"), choices=SourceKind.choices)
    reliability = forms.ChoiceField(
        label=_("Reliability of the source"), choices=Reliability.choices, initial=Reliability.F
    )
    credibility = forms.TypedChoiceField(
        label=_("Credibility of the information"),
        coerce=int,
        choices=Credibility.choices,
        initial=Credibility.UNKNOWN,
    )

    sections: Sections = (
        (_("What and how soon"), ("imminence", "kind", "received_at", "details")),
        (_("Where"), ("place_name", "place_precision", "latitude", "longitude")),
        (_("Source"), ("source_kind", "reliability", "credibility", "classification")),
    )
    wide = ("details",)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["received_at"].initial = self.mission.now
        if "version" in self.initial and not sees_exactly(self.user, self.mission):
            source: Any = self.fields["source_kind"]
            source.choices = group_choices()
            source.help_text = _("You are told the group alone; what stands behind it is kept.")

    def values(self, *leave_out: str) -> dict:
        unsaid = () if self.cleaned_data.get("received_at") else ("received_at",)
        return super().values(*unsaid, *leave_out)

    def clean(self):
        super().clean()
        self.clean_place(required=self.cleaned_data.get("place_precision") != "country")
        return self.cleaned_data


class AlertReportForm(AlertForm):
    """A new alert: a name or contact of who told is sealed."""

    informant_name = forms.CharField(
        label=_("Name of the informant"),
        max_length=200,
        required=False,
        help_text=_("Sealed on saving: no page or export shows it again."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-sealed": ""}),
    )
    informant_contact = forms.CharField(
        label=_("Contact of the informant"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-sealed": ""}),
    )

    sections: Sections = (
        *AlertForm.sections[:2],
        (
            _("Source"),
            ("source_kind", "reliability", "credibility", "informant_name", "informant_contact",
             "classification"),
        ),
    )  # fmt: skip

    def values(self, *leave_out: str) -> dict:
        return super().values("informant_name", "informant_contact", *leave_out)

    def informant(self) -> dict:
        data = self.cleaned_data
        return {"name": data["informant_name"], "contact": data["informant_contact"]}


class StepForm(forms.Form):
    """One step, and when it happened; the fields it needs depend on which."""

    step = forms.ChoiceField(label=_("Step"), choices=AlertStage.choices)
    taken_at = forms.DateTimeField(
        label=_("When it happened"), required=False, widget=Moment(),
        help_text=_("By the mission's clocks; when you record it is kept besides."),
    )  # fmt: skip
    verification = forms.ChoiceField(
        label=_("Verification"), required=False, choices=[("", "–"), *Verification.choices]
    )
    decision = forms.ChoiceField(
        label=_("Decision"), required=False, choices=[("", "–"), *AlertDecision.choices]
    )
    responding_component = forms.ModelChoiceField(
        Component.objects.none(), label=_("Responding component"), required=False
    )
    outcome = forms.ChoiceField(
        label=_("What came of it"), choices=[("", "–"), *AlertOutcome.choices],
        error_messages={"required": _("Say what came of it; “Unknown” where nobody knows.")},
    )  # fmt: skip
    note = forms.CharField(
        label=_("Note, or reason"),
        required=False,
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    OF_STEP = {
        "verification": AlertStage.VERIFIED,
        "decision": AlertStage.DECIDED,
        "responding_component": AlertStage.DECIDED,
        "outcome": AlertStage.CLOSED,
    }

    def __init__(self, *args, mission, user, step: str = "", **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["responding_component"].queryset = Component.objects.visible_to(user).filter(  # type: ignore[attr-defined]
            mission=mission
        )
        for name, of in self.OF_STEP.items():
            if step != of:
                del self.fields[name]
        self.fields["step"].widget = forms.HiddenInput()
        self.fields["step"].initial = step
        self.fields["taken_at"].initial = mission.now


class CorrectionForm(forms.Form):
    """When a step truly happened, or that it never did."""

    corrects = forms.IntegerField(widget=forms.HiddenInput())
    taken_at = forms.DateTimeField(label=_("It happened"), required=False, widget=Moment())
    never_happened = forms.BooleanField(label=_("It never happened"), required=False)
    note = forms.CharField(label=_("Reason"), required=False, max_length=5_000)

    def __init__(self, *args, step, **kwargs):
        kwargs.setdefault("initial", {"corrects": step.pk, "taken_at": step.taken_at})
        super().__init__(*args, **kwargs)
        self.auto_id = f"correct_{step.pk}_%s"  # several stand on a page
        if step.step not in MAY_NEVER_HAVE_HAPPENED:
            del self.fields["never_happened"]
