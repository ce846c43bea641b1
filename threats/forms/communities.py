"""Keeping communities: adding, correcting, merging two records of one place."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from records.forms import RecordForm, Sections
from threats.choices import CommunityAccess, CommunityKind
from threats.forms.named import CommunityNames, Lines, PlaceByName


class CommunityForm(PlaceByName, RecordForm):
    asks_level = True
    name = forms.CharField(label=_("Name"), max_length=200)
    aliases = Lines(label=_("Other names"), each=200)
    kind = forms.ChoiceField(label=_("Kind"), choices=CommunityKind.choices)
    population = forms.IntegerField(
        label=_("Population"), required=False, min_value=0, max_value=100_000_000,
        help_text=_("Without the displaced. Empty: not known."),
    )  # fmt: skip
    displaced_population = forms.IntegerField(
        label=_("Displaced people"), required=False, min_value=0, max_value=100_000_000,
        help_text=_("Who live here for now. Empty: not known."),
    )  # fmt: skip
    vulnerable_groups = Lines(
        label=_("Vulnerable groups"), each=100,
        help_text=_("Groups, one a line; never names of people."),
    )  # fmt: skip
    access = forms.ChoiceField(label=_("Access"), choices=CommunityAccess.choices)

    sections: Sections = (
        (_("What"), ("name", "kind", "classification", "aliases")),
        (_("Where"), ("latitude", "longitude")),
        (_("People"), ("population", "displaced_population", "access", "vulnerable_groups")),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        del self.fields["place_name"]  # it is the place

    def clean(self):
        super().clean()
        self.clean_place()
        return self.cleaned_data


class MergeForm(forms.Form):
    """Which other record is the same place."""

    other = CommunityNames(
        label=_("The other record"),
        required=True,
        widget=forms.TextInput(attrs={"data-suggest": "places", "autocomplete": "off"}),
        help_text=_("Its name; it is withdrawn, and what hangs on it comes here."),
    )
    version = forms.CharField(widget=forms.HiddenInput, required=False)
    submission = forms.UUIDField(widget=forms.HiddenInput, required=False)
    sections: Sections = ((_("One place, two records"), ("other",)),)

    def __init__(self, *args, mission, user, clearance: int, **kwargs):
        self.mission, self.user = mission, user
        super().__init__(*args, **kwargs)

    def clean_other(self):
        field = self.fields["other"]
        found = field.find(self.cleaned_data["other"], self.mission, self.user)  # type: ignore[attr-defined]
        if len(found) != 1:
            raise forms.ValidationError(gettext("Name one community."))
        return found[0]

    def values(self) -> dict:
        return {"other": self.cleaned_data["other"]}
