from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from missions.models import Component
from records.forms import RecordForm, date_input


class MeetingForm(RecordForm):
    title = forms.CharField(label=_("Title"), max_length=250)
    day = forms.DateField(label=_("Day"), widget=date_input())
    notes = forms.CharField(
        label=_("Notes"), required=False, max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )  # fmt: skip
    sections = (
        (_("Which"), ("title", "day", "classification")),
        (_("What was said"), ("notes",)),
    )
    wide = ("title", "notes")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["classification"].help_text = _(
            "The agenda is made from everything up to this level, and nothing above."
        )


class DecisionForm(RecordForm):
    text = forms.CharField(
        label=_("Decision"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )
    owner = forms.ModelChoiceField(Component.objects.none(), label=_("Owner"))
    due = forms.DateField(label=_("Due"), widget=date_input())
    sections = ((_("What was decided"), ("text", "owner", "due")),)
    wide = ("text",)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        del self.fields["classification"]
        self.choosable("owner").queryset = Component.objects.visible_to(self.user).filter(
            mission=self.mission
        )
