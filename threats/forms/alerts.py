"""Filing alerts, and the steps taken on them."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from missions.models import Component
from records.forms import Sections
from threats.choices import (
    AlertDecision,
    AlertKind,
    AlertStage,
    Credibility,
    Imminence,
    PlacePrecision,
    Reliability,
    SourceKind,
    Verification,
)
from threats.forms.named import PlaceByName
from threats.forms.report import ReportForm


class AlertForm(PlaceByName, ReportForm):
    """What is feared, where, how soon, and who says so."""

    unset = ("imminence", "kind", "place_precision", "source_kind")

    imminence = forms.ChoiceField(label=_("How soon"), choices=Imminence.choices)
    kind = forms.ChoiceField(label=_("What is feared"), choices=AlertKind.choices)
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
        (_("What and how soon"), ("imminence", "kind", "details")),
        (_("Where"), ("place_name", "place_precision", "latitude", "longitude")),
        (_("Source"), ("source_kind", "reliability", "credibility", "classification")),
    )
    wide = ("details",)

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
    """One step; the fields it needs depend on which."""

    step = forms.ChoiceField(label=_("Step"), choices=AlertStage.choices)
    verification = forms.ChoiceField(
        label=_("Verification"), required=False, choices=[("", "–"), *Verification.choices]
    )
    decision = forms.ChoiceField(
        label=_("Decision"), required=False, choices=[("", "–"), *AlertDecision.choices]
    )
    responding_component = forms.ModelChoiceField(
        Component.objects.none(), label=_("Responding component"), required=False
    )
    note = forms.CharField(
        label=_("Note, or reason"),
        required=False,
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args, mission, user, step: str = "", **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["responding_component"].queryset = Component.objects.visible_to(user).filter(  # type: ignore[attr-defined]
            mission=mission
        )
        for name, of in (
            ("verification", AlertStage.VERIFIED),
            ("decision", AlertStage.DECIDED),
            ("responding_component", AlertStage.DECIDED),
        ):
            if step and step != of:
                del self.fields[name]
        self.fields["step"].widget = forms.HiddenInput()
        self.fields["step"].initial = step
