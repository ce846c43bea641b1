"""The form that sets up a scheduled pull."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from missions.choices import Classification
from records.forms import date_input, limit_to_clearance
from threats.sources.pulls import SOURCES


class PullForm(forms.Form):
    since = forms.DateField(
        label=_("Events since"), widget=date_input(),
        help_text=_("Earlier ones come with a yearly file, on the command line."),
    )  # fmt: skip
    every = forms.IntegerField(
        label=_("Hours between runs"), min_value=1, max_value=24 * 31, initial=24
    )
    classification = forms.TypedChoiceField(
        label=_("Classification"), coerce=int, choices=Classification.choices, initial=0,
        help_text=_("Of incidents new to the portal."),
    )  # fmt: skip
    account = forms.CharField(
        label=pgettext_lazy("to sign in with", "Account"), max_length=200, required=False,
        help_text=_("The e-mail address of a myACLED account with access to the API."),
    )  # fmt: skip
    password = forms.CharField(
        label=_("Password"), max_length=200, required=False, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Stored encrypted and never shown. Left empty, the one there is stays."),
    )  # fmt: skip
    wide: tuple[str, ...] = ()

    def __init__(self, *args, mission, user, clearance, source: str, **kwargs):
        super().__init__(*args, **kwargs)
        limit_to_clearance(self, clearance)
        self.sections: list[tuple] = [
            (_("What is fetched, and how often"), ("since", "every", "classification"))
        ]
        if SOURCES[source].asks_for_account:
            self.sections.append((_("Who asks for it"), ("account", "password")))
        else:
            del self.fields["account"], self.fields["password"]

    def values(self) -> dict[str, Any]:
        return {"account": "", **self.cleaned_data}
