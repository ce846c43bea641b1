"""Forms of a mission's members."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from missions.access import grant_in
from missions.choices import Classification, Role
from missions.models import Component, FieldOffice, Mission, User
from records.forms import CompartmentsField, Sections, limit_to_held


class MemberForm(forms.Form):
    """What a membership allows."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    clearance = forms.TypedChoiceField(
        label=_("Clearance"), coerce=int, choices=Classification.choices,
        help_text=_(
            "Never above your own. Strictly confidential holds once another administrator so "
            "cleared confirms it; until then the old clearance stands."
        ),
    )  # fmt: skip
    compartments = CompartmentsField(
        help_text=_("Records kept to these are read by who holds them; you give what you hold.")
    )
    component = forms.ModelChoiceField(
        label=_("Component"), queryset=Component.objects.none(), required=False,
        help_text=_("When set, the member plans for this component only."),
    )  # fmt: skip
    field_offices = forms.ModelMultipleChoiceField(
        label=_("Field offices"), queryset=FieldOffice.objects.none(), required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("When set, the member writes for these offices only."),
    )  # fmt: skip
    version = forms.CharField(widget=forms.HiddenInput, required=False)
    sections: Sections = (
        (_("Access"), ("role", "clearance", "compartments")),
        (_("Limits"), ("component", "field_offices")),
    )
    wide = ("field_offices",)

    def __init__(self, *args, mission: Mission, user, clearance: int, **kwargs):
        super().__init__(*args, **kwargs)
        for name, model in (("component", Component), ("field_offices", FieldOffice)):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = model.objects.visible_to(user).filter(mission=mission)
        grant = grant_in(user, mission)
        own = frozenset() if grant is None else grant.compartments
        limit_to_held(self, own.union(self.initial.get("compartments", ())))
        if "compartments" not in self.fields:
            self.sections = tuple(
                (legend, tuple(name for name in names if name != "compartments"))
                for legend, names in self.sections
            )
        level = self.fields["clearance"]
        assert isinstance(level, forms.TypedChoiceField)
        most = max(clearance, int(self.initial.get("clearance", 0)))
        level.choices = [(each, label) for each, label in Classification.choices if each <= most]

    def values(self) -> dict:
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class AddMemberForm(MemberForm):
    account = forms.CharField(
        label=pgettext_lazy("to sign in with", "Account"),
        max_length=150,
        help_text=_("The name it signs in with."),
    )
    sections = ((_("Who"), ("account",)), *MemberForm.sections)

    def clean_account(self) -> User:
        name = self.cleaned_data["account"].strip()
        found = User.objects.filter(username=name, is_active=True).first()
        if found is None:
            raise forms.ValidationError(
                gettext("No account is called “%(name)s”; who keeps accounts makes one.")
                % {"name": name}
            )
        return found

    def values(self) -> dict:
        values = super().values()
        return values | {"member": values.pop("account")}


class EndMembershipForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 2}))
