"""Filing, correcting and withdrawing incidents."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from records.forms import Sections, date_input
from threats.choices import (
    Credibility,
    DatePrecision,
    GraveViolation,
    PlacePrecision,
    Reliability,
    SourceKind,
    TimeOfDay,
)
from threats.forms.named import ActorByName, PlaceByName
from threats.forms.report import ReportForm
from threats.rules.harm import is_against_civilians, usual_parts
from threats.rules.kinds import (
    AGAINST_CIVILIANS,
    DETAILS,
    REFERRAL_ONLY,
    grouped_choices,
    referral,
)


class IncidentForm(PlaceByName, ActorByName, ReportForm):
    """An incident report."""

    unset = ("kind", "date_precision", "place_precision", "source_kind")

    kind = forms.ChoiceField(
        label=_("What happened"),
        choices=grouped_choices,
        help_text=_(
            "Sexual exploitation or abuse by UN or partner staff: give the day only. It is referred to "
            "the conduct and discipline team; no details are kept here."
        ),
    )
    start_date = forms.DateField(label=_("Date"), widget=date_input())
    end_date = forms.DateField(
        label=_("Until"),
        required=False,
        widget=date_input(),
        help_text=_("Only when it lasted longer than a day."),
    )
    date_precision = forms.ChoiceField(
        label=_("Precision of the date"), choices=DatePrecision.choices
    )
    time_of_day = forms.ChoiceField(label=_("Time of day"), choices=TimeOfDay.choices)
    place_precision = forms.ChoiceField(
        label=_("Precision of the place"), choices=PlacePrecision.choices
    )
    other_actor = forms.CharField(
        label=_("Other armed actor"),
        max_length=200,
        required=False,
        help_text=_("The other side of a clash, or an armed target."),
        widget=forms.TextInput(attrs={"data-suggest": "actors", "autocomplete": "off"}),
    )
    deaths_best = forms.IntegerField(label=_("Deaths"), min_value=0, required=False)
    civilian_deaths = forms.IntegerField(label=_("of them civilians"), min_value=0, required=False)
    injured = forms.IntegerField(label=_("Injured"), min_value=0, required=False)
    abducted = forms.IntegerField(label=_("Abducted"), min_value=0, required=False)
    displaced = forms.IntegerField(label=_("Displaced"), min_value=0, required=False)
    grave_violations = forms.MultipleChoiceField(
        label=_("Grave violations against children"),
        choices=GraveViolation.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Where children are among those harmed. What the kind says need not be ticked."
        ),
    )
    against_civilians = forms.TypedChoiceField(
        label=_("Harm to civilians"),
        choices=[
            ("", _("As the figures and the kind say")),
            ("yes", _("Yes, it was directed at civilians or harmed them")),
            ("no", _("No, it harmed no civilian")),
        ],
        coerce={"yes": True, "no": False}.get,
        empty_value=None,
        required=False,
        help_text=_(
            "Counts as harm to civilians: civilian deaths of 1 or more, people injured, or a kind that "
            "is against civilians. Say otherwise where that is wrong, for instance where only fighters "
            "were injured; known civilian deaths always count."
        ),
        widget=forms.Select(attrs={"data-harm": ""}),
    )
    notes = forms.CharField(
        label=_("Account"),
        max_length=20_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("No names of sources here; they have fields of their own."),
    )

    sections: Sections = (
        (_("What and when"), ("kind", "start_date", "end_date", "date_precision", "time_of_day")),
        (_("Where"), ("place_name", "place_precision", "latitude", "longitude")),
        (_("Who"), ("perpetrator", "other_actor", "new_actor")),
        (
            _("Harm to people: leave empty what is unknown"),
            (
                "deaths_best",
                "civilian_deaths",
                "injured",
                "abducted",
                "displaced",
                "against_civilians",
                "grave_violations",
            ),
        ),
        (_("Account"), ("notes", "classification")),
    )
    wide = ("kind", "grave_violations", "notes")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["against_civilians"]
        field.widget.attrs |= {
            "data-kinds": " ".join(sorted(AGAINST_CIVILIANS)),
            "data-counts": gettext("It will count as harm to civilians."),
            "data-counts-not": gettext("It will not count as harm to civilians."),
        }

    def counts_as_harm(self) -> bool:
        """Whether the cleaned report will count, by the one rule of all sources."""
        data = self.cleaned_data
        return is_against_civilians(
            kind=data.get("kind", ""),
            civilian_deaths=data.get("civilian_deaths"),
            injured=data.get("injured"),
            said=data.get("against_civilians"),
        )

    def clean(self):
        super().clean()
        if self.cleaned_data.get("civilian_deaths") and (
            self.cleaned_data.get("against_civilians") is False
        ):
            self.add_error(
                "against_civilians",
                gettext("With civilian deaths it counts. Correct the number, or leave this open."),
            )
        if self.cleaned_data.get("kind") in REFERRAL_ONLY:
            self._clean_referral()
            return self.cleaned_data
        precision = self.cleaned_data.get("place_precision")
        self.clean_place(required=precision != PlacePrecision.COUNTRY)
        self.clean_actor("perpetrator")
        self.clean_actor("other_actor")
        return self.cleaned_data

    def _clean_referral(self) -> None:
        """Nothing by which people could be known is taken; what was typed stands, to be carried on."""
        self.cleaned_data["place_precision"] = PlacePrecision.COUNTRY.value
        names = (*DETAILS, "latitude", "perpetrator", "other_actor", "against_civilians",
                 "informant_name", "informant_contact")  # fmt: skip
        for name in names:
            if self.cleaned_data.get(name) not in (None, "", []):
                self.add_error(name, referral())

    def values(self, *leave_out: str) -> dict:
        values = super().values(
            "perpetrator", "other_actor", "new_actor", "perpetrator_record", "other_actor_record",
            *leave_out,
        )  # fmt: skip
        values["said_against_civilians"] = values.pop("against_civilians", None)
        values["end_date"] = values.get("end_date") or values["start_date"]
        return values

    def parts(self) -> list[tuple]:
        """Actors (on record, or values of new ones) with their parts."""
        first, second = usual_parts(kind=self.cleaned_data["kind"], is_harm=self.counts_as_harm())
        given = ((self.actor("perpetrator"), first), (self.actor("other_actor"), second))
        return [(actor, part) for actor, part in given if actor is not None]


class IncidentReportForm(IncidentForm):
    """A new report: also who told, graded; a name or contact is sealed."""

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
        *IncidentForm.sections[:4],
        (
            _("Source"),
            ("source_kind", "reliability", "credibility", "informant_name", "informant_contact"),
        ),
        IncidentForm.sections[4],
    )

    def values(self, *leave_out: str) -> dict:
        return super().values(
            "source_kind", "reliability", "credibility", "informant_name", "informant_contact",
            *leave_out,
        )  # fmt: skip

    def source(self) -> dict:
        data = self.cleaned_data
        return {
            "kind": data["source_kind"],
            "reliability": data["reliability"],
            "credibility": data["credibility"],
        }

    def informant(self) -> dict:
        data = self.cleaned_data
        return {"name": data["informant_name"], "contact": data["informant_contact"]}


class WithdrawForm(forms.Form):
    reason = forms.CharField(label=_("Why is it withdrawn?"), max_length=2_000)
