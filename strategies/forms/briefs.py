from __future__ import annotations

import datetime

from django import forms
from django.utils.translation import gettext_lazy as _

from missions.models import FieldOffice
from records.forms import RecordForm, date_input


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
    takes_compartments = False  # a brief holds nothing that is under any

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.choosable("field_office").queryset = FieldOffice.objects.visible_to(self.user).filter(
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
