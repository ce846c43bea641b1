from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from missions.models import Component
from records.forms import RecordForm, date_input
from threats.forms.named import PlaceByName
from threats.presence.choices import PostKind, Strength


class PostForm(PlaceByName, RecordForm):
    asks_level = True
    name = forms.CharField(label=_("Name"), max_length=200)
    kind = forms.ChoiceField(label=_("Kind"), choices=PostKind.choices)
    component = forms.ModelChoiceField(Component.objects.none(), label=_("Component"))
    strength = forms.ChoiceField(
        label=_("Strength"), choices=Strength.choices,
        help_text=_("A band, never a number of people."),
    )  # fmt: skip
    since = forms.DateField(label=_("Since"), widget=date_input())
    until = forms.DateField(
        label=_("Until"), widget=date_input(), required=False,
        help_text=_("Empty while it stands."),
    )  # fmt: skip
    sections = (
        (_("What"), ("name", "kind", "component", "strength", "classification")),
        (_("Where"), ("place_name", "latitude", "longitude")),
        (_("When"), ("since", "until")),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.choosable("component").queryset = Component.objects.visible_to(self.user).filter(
            mission=self.mission
        )

    def clean(self):
        super().clean()
        self.clean_place()
        return self.cleaned_data

    def values(self, *leave_out: str) -> dict:
        return super().values("place_name", *leave_out)
