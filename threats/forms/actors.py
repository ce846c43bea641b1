"""Keeping armed actors: their names, kind, parent, and who belongs to a coalition since when."""

from __future__ import annotations

import datetime

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from records.forms import RecordForm, Sections
from threats.choices import ActorKind
from threats.forms.named import Lines
from threats.lookup import named, similar
from threats.models import ArmedActor
from threats.services.actors import Belonging


class Belongings(forms.CharField):
    """Members of a coalition, one a line: name; since; until. The days may be left out."""

    def __init__(self, **kwargs):
        kwargs.setdefault("required", False)
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": 4}))
        super().__init__(**kwargs)

    def prepare_value(self, value):
        if value is None or isinstance(value, str):
            return value
        return "\n".join(
            "; ".join(
                [str(row.member), *(str(day) if day else "" for day in (row.since, row.until))]
            ).rstrip("; ")
            for row in value
        )

    def find(self, text: str, mission, user) -> list[Belonging]:
        """Raises ValidationError for each line that names no actor, or no day."""
        found, problems = [], []
        for line in filter(None, map(str.strip, text.splitlines())):
            name, *days = (part.strip() for part in line.split(";"))
            actor = named(ArmedActor, mission, user, name).first()
            if actor is None:
                near = ", ".join(str(one) for one in similar(ArmedActor, mission, user, name, 4))
                problems.append(
                    (gettext("No armed actor is called “%(name)s”. Did you mean %(names)s?")
                     if near else gettext("No armed actor is called “%(name)s”. Add it first."))
                    % {"name": name, "names": near}
                )  # fmt: skip
                continue
            try:
                since, until = (_day(day) for day in [*days, "", ""][:2])
            except ValueError:
                problems.append(
                    gettext("“%(line)s”: write days as 2020-12-17, after semicolons.")
                    % {"line": line}
                )
                continue
            found.append(Belonging(actor, since, until))
        if problems:
            raise forms.ValidationError(problems)
        return found


def _day(text: str) -> datetime.date | None:
    return datetime.date.fromisoformat(text) if text else None


class PeoplesForm(forms.Form):
    """The mission's list of names that are no armed group."""

    peoples = Lines(
        label=_("Peoples and faiths"),
        each=100,
        widget=forms.Textarea(attrs={"rows": 24}),
        help_text=_(
            "One name a line. “Dinka” stands for “Dinka Rek” and “Dinka (Bor)” too, not for an "
            "organisation such as “Dinka militia”."
        ),
    )
    sections: Sections = ((_("Names"), ("peoples",)),)
    wide = ("peoples",)

    def __init__(self, *args, mission, user, clearance, **kwargs):
        super().__init__(*args, **kwargs)


class ActorForm(RecordForm):
    asks_level = True
    name = forms.CharField(label=_("Name"), max_length=200)
    aliases = Lines(label=_("Other names"), each=200)
    kind = forms.ChoiceField(label=_("Kind"), choices=ActorKind.choices)
    parent = forms.CharField(
        label=_("Part of"),
        max_length=200,
        required=False,
        help_text=_("The force or group that commands it."),
        widget=forms.TextInput(attrs={"data-suggest": "actors", "autocomplete": "off"}),
    )
    belongings = Belongings(
        label=_("Members of the coalition"),
        help_text=_("One a line: name; since; until. For example: UPC; 2020-12-17; 2021-04-05"),
    )
    sections: Sections = (
        (_("Who"), ("name", "kind", "classification", "aliases")),
        (_("With whom"), ("parent", "belongings")),
    )
    wide = ("belongings",)

    def clean_parent(self):
        name = self.cleaned_data["parent"]
        if not name:
            return None
        found = named(ArmedActor, self.mission, self.user, name).first()
        if found is None:
            raise forms.ValidationError(
                gettext("No armed actor is called “%(name)s”. Add it first.") % {"name": name}
            )
        return found

    def clean_belongings(self):
        field = self.fields["belongings"]
        return field.find(self.cleaned_data["belongings"], self.mission, self.user)  # type: ignore[attr-defined]
