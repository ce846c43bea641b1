from __future__ import annotations

import datetime

from django import forms
from django.utils.translation import gettext_lazy as _

from missions.choices import Phase, Tier
from missions.forms import RecordForm, date_input, numbered
from missions.models import Component, FieldOffice
from strategies.choices import ActivityStatus
from threats.forms.named import WithCommunities
from threats.models import Threat


class ActivityForm(WithCommunities, RecordForm):
    title = forms.CharField(label=_("Title"), max_length=250)
    tier = forms.TypedChoiceField(
        label=_("Tier"),
        coerce=int,
        choices=numbered(Tier),
    )
    phase = forms.ChoiceField(label=_("Phase"), choices=Phase.choices)
    lead_component = forms.ModelChoiceField(Component.objects.none(), label=_("Lead component"))
    supporting_components = forms.ModelMultipleChoiceField(
        Component.objects.none(),
        label=_("Supporting components"),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 5}),
    )
    threats = forms.ModelMultipleChoiceField(
        Threat.objects.none(),
        label=_("Threats"),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 5}),
    )
    status = forms.ChoiceField(label=_("Status"), choices=ActivityStatus.choices)
    start = forms.DateField(label=_("Start"), widget=date_input())
    due = forms.DateField(label=_("Due"), widget=date_input())
    description = forms.CharField(
        label=_("Description"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    outcome = forms.CharField(
        label=_("Outcome"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    blockers = forms.CharField(
        label=_("Blockers"),
        required=False,
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("What stands in the way, and who could move it."),
    )

    sections = (
        (_("What"), ("title", "tier", "phase", "description")),
        (_("Who"), ("lead_component", "supporting_components")),
        (_("When"), ("start", "due", "status")),
        (_("For whom"), ("threats", "communities")),
        (_("Result"), ("outcome", "blockers", "classification")),
    )
    wide = ("title", "description", "outcome", "blockers", "threats", "communities")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        components = Component.objects.visible_to(self.user).filter(mission=self.mission)
        self.fields["lead_component"].queryset = components
        self.fields["supporting_components"].queryset = components
        self.fields["threats"].queryset = (
            Threat.objects.visible_to(self.user)
            .filter(mission=self.mission)
            .order_by("status", "title")  # the active ones first
        )


class StatusForm(forms.Form):
    """A new status, and why."""

    status = forms.ChoiceField(label=_("Status"), choices=ActivityStatus.choices)
    note = forms.CharField(label=_("Note"), max_length=500, required=False)
    version = forms.CharField(widget=forms.HiddenInput, required=False)


def _asked() -> forms.CharField:
    return forms.CharField(
        label=_("Decisions asked for"),
        required=False,
        max_length=3_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One a line. Undecided alerts and proposed threats are added by themselves."),
    )


class BriefForm(RecordForm):
    week = forms.DateField(
        label=_("Week"), widget=date_input(), help_text=_("Any day of it; weeks begin on Monday.")
    )
    field_office = forms.ModelChoiceField(
        FieldOffice.objects.none(),
        label=_("Field office"),
        required=False,
        empty_label=_("Whole mission"),
    )
    asked = _asked()
    sections = (
        (_("Which"), ("week", "field_office", "classification")),
        (_("What it asks for"), ("asked",)),
    )
    wide = ("asked",)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["field_office"].queryset = FieldOffice.objects.visible_to(self.user).filter(
            mission=self.mission
        )
        self.fields["classification"].help_text = _(
            "What it is made from, and who may read it: everything up to this level, nothing above."
        )

    def clean_week(self) -> datetime.date:
        day = self.cleaned_data["week"]
        return day - datetime.timedelta(days=day.weekday())


class BriefEditForm(RecordForm):
    asked = _asked()
    sections = ((_("What it asks for"), ("asked",)),)
    wide = ("asked",)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        del self.fields["classification"]
