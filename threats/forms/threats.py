"""Reporting, changing and assessing threats."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from missions.models import AdminArea
from records.forms import RecordForm, numbered
from threats.choices import Confidence, Impact, Likelihood, Phase, ThreatKind
from threats.forms.named import ActorByName, Lines, WithCommunities
from threats.forms.report import ReportForm


class ThreatForm(WithCommunities, ActorByName, ReportForm):
    """A threat report, or a correction of a threat."""

    unset = ("kind", "phase")

    title = forms.CharField(label=_("Title"), max_length=250)
    kind = forms.ChoiceField(label=_("Type"), choices=ThreatKind.choices)
    phase = forms.ChoiceField(label=_("Phase"), choices=Phase.choices)
    phase_reason = forms.CharField(
        label=_("Why this phase"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    admin_area = forms.ModelChoiceField(
        AdminArea.objects.none(), label=_("Administrative area"), required=False
    )
    description = forms.CharField(
        label=_("Description"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    motive = forms.CharField(
        label=_("Motive"),
        required=False,
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    modus_operandi = forms.CharField(
        label=_("Modus operandi"),
        required=False,
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    time_frame = forms.CharField(label=_("Time frame"), required=False, max_length=250)
    parties = Lines(
        label=_("Sides of fighting, without blame"),
        each=200,
        widget=forms.Textarea(attrs={"rows": 2, "data-lines": "actors"}),
        help_text=_("Of a crossfire or of intercommunal violence: one name a line."),
    )

    sections = (
        (
            _("The threat"),
            ("title", "kind", "admin_area", "perpetrator", "parties", "new_actor", "communities"),
        ),
        (_("Phase"), ("phase", "phase_reason", "time_frame")),
        (_("What is known"), ("description", "motive", "modus_operandi", "classification")),
    )
    wide = ("title", "communities", "description", "phase_reason", "new_actor")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.choosable("admin_area").queryset = AdminArea.objects.visible_to(self.user).filter(
            mission=self.mission
        )

    def clean(self):
        super().clean()
        self.clean_actor("perpetrator")
        self.clean_actors("parties")
        return self.cleaned_data

    def values(self, *leave_out: str) -> dict:
        return super().values(
            "perpetrator", "new_actor", "perpetrator_record", "parties", *leave_out
        )


class AssessmentForm(RecordForm):
    """A judgement of a threat."""

    likelihood = forms.TypedChoiceField(
        label=_("Likelihood"),
        coerce=int,
        choices=numbered(Likelihood),
    )
    impact = forms.TypedChoiceField(
        label=_("Impact"),
        coerce=int,
        choices=[("", "–"), *numbered(Impact)],  # never judged by leaving it alone
        help_text=_("How severe an attack would be for those exposed, not how large the place is."),
    )
    intent = forms.IntegerField(label=_("Intent, 1–5"), required=False, min_value=1, max_value=5)
    capability = forms.IntegerField(
        label=_("Capability, 1–5"), required=False, min_value=1, max_value=5
    )
    opportunity = forms.IntegerField(
        label=_("Opportunity, 1–5"), required=False, min_value=1, max_value=5
    )
    confidence = forms.ChoiceField(
        label=_("Confidence"), choices=Confidence.choices, initial=Confidence.MODERATE
    )
    rationale = forms.CharField(
        label=_("Rationale"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 5})
    )

    sections = (
        (_("Risk"), ("likelihood", "impact", "confidence")),
        (_("What lies behind it, where judged"), ("intent", "capability", "opportunity")),
        (_("Why"), ("rationale", "classification")),
    )
    wide = ("rationale",)
