"""Forms of the threats floor. They read what was typed; services decide."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from missions.choices import Phase
from missions.forms import RecordForm, date_input
from missions.models import AdminArea
from threats.choices import (
    AGAINST_CIVILIANS,
    ActorKind,
    ActorPart,
    Confidence,
    Credibility,
    DatePrecision,
    Impact,
    IncidentKind,
    Likelihood,
    PlacePrecision,
    Reliability,
    SourceKind,
    ThreatKind,
    TimeOfDay,
)
from threats.lookup import named, similar
from threats.models import ArmedActor, Community


class PlaceByName(forms.Form):
    """A point given by map click, by coordinates, or by the name of a community."""

    place_name = forms.CharField(
        label=_("Place"),
        max_length=250,
        required=False,
        help_text=_("The name of a community places the report there; or click the map."),
        widget=forms.TextInput(attrs={"data-suggest": "places", "autocomplete": "off"}),
    )
    latitude = forms.FloatField(label=_("Latitude"), required=False, min_value=-90, max_value=90)
    longitude = forms.FloatField(
        label=_("Longitude"), required=False, min_value=-180, max_value=180
    )

    def clean_place(self, *, required: bool = True) -> None:
        data = self.cleaned_data
        latitude, longitude = data.get("latitude"), data.get("longitude")
        if "latitude" in self.errors or "longitude" in self.errors:
            return
        if (latitude is None) != (longitude is None):
            missing = "latitude" if latitude is None else "longitude"
            self.add_error(missing, gettext("Give both latitude and longitude, or neither."))
        elif latitude is None and data.get("place_name"):
            self._place_by_name(data["place_name"], required)
        elif latitude is None and required:
            self.add_error(
                "place_name", gettext("Name a community, click the map, or give coordinates.")
            )

    def _place_by_name(self, name: str, required: bool) -> None:
        found = list(named(Community, self.mission, self.user, name)[:6])  # type: ignore[attr-defined]
        if len(found) == 1:
            self.cleaned_data |= {"latitude": found[0].latitude, "longitude": found[0].longitude}
        elif found:
            places = "; ".join(
                f"{place} ({place.latitude:.3f}, {place.longitude:.3f})" for place in found
            )
            self.add_error(
                "place_name",
                gettext(
                    "Several places are called “%(name)s”: %(places)s. Click the map on the right one."
                )
                % {"name": name, "places": places},
            )
        elif required:
            near = similar(Community, self.mission, self.user, name, 5)  # type: ignore[attr-defined]
            names = ", ".join(str(place) for place in near)
            self.add_error(
                "place_name",
                (gettext("No community is called “%(name)s”. Did you mean %(names)s? Or click the map.")
                 if names else gettext("No community is called “%(name)s”. Click the map, or give coordinates."))
                % {"name": name, "names": names},
            )  # fmt: skip


class ActorByName(forms.Form):
    """An armed actor by name; a new name is added only when that was asked for."""

    perpetrator = forms.CharField(
        label=_("Armed actor"),
        max_length=200,
        required=False,
        help_text=_("Who did it, as far as is known. Leave empty where unknown."),
        widget=forms.TextInput(attrs={"data-suggest": "actors", "autocomplete": "off"}),
    )
    new_actor = forms.BooleanField(
        label=_("Add the actor if it is not on record yet"), required=False
    )

    def clean_actor(self, field: str) -> None:
        name = self.cleaned_data.get(field)
        if not name:
            return
        found = list(named(ArmedActor, self.mission, self.user, name)[:2])  # type: ignore[attr-defined]
        if found:
            self.cleaned_data[f"{field}_record"] = found[0]
        elif not self.cleaned_data.get("new_actor"):
            near = similar(ArmedActor, self.mission, self.user, name, 5)  # type: ignore[attr-defined]
            names = ", ".join(str(actor) for actor in near)
            self.add_error(
                field,
                (gettext("No armed actor is called “%(name)s”. Did you mean %(names)s? Or tick “Add the actor”.")
                 if names else gettext("No armed actor is called “%(name)s”. Tick “Add the actor” to add it."))
                % {"name": name, "names": names},
            )  # fmt: skip

    def actor(self, field: str = "perpetrator"):
        """The actor on record, or the values of a new one, or None."""
        name = self.cleaned_data.get(field)
        if not name:
            return None
        return self.cleaned_data.get(f"{field}_record") or {"name": name, "kind": ActorKind.UNKNOWN}


class CommunityNames(forms.CharField):
    """Communities by name, one a line: a list of thousands fits no menu.

    Where several share a name a line ends in ``#`` and the number of the one that is meant.
    """

    def __init__(self, **kwargs):
        kwargs.setdefault("required", False)
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": 4, "data-lines": "places"}))
        kwargs.setdefault("help_text", _("One name a line."))
        super().__init__(**kwargs)

    def prepare_value(self, value):
        if value is None or isinstance(value, str):
            return value
        names = [community.sort_name for community in value]
        return "\n".join(
            f"{community.name} #{community.pk}"
            if names.count(community.sort_name) > 1
            else community.name
            for community in value
        )

    def find(self, text: str, mission, user) -> list[Community]:
        """The communities named; raises ValidationError for each line that names none or many."""
        found, problems = [], []
        for line in filter(None, map(str.strip, text.splitlines())):
            name, mark, number = line.rpartition("#")
            candidates = named(
                Community, mission, user, name if mark and number.isdigit() else line
            )
            if mark and number.isdigit():
                candidates = candidates.filter(pk=number)
            matches = list(candidates[:6])
            if len(matches) == 1:
                found.append(matches[0])
            elif matches:
                choices = "; ".join(
                    f"{match.name} #{match.pk} ({match.admin_area})" for match in matches
                )
                problems.append(
                    gettext("Several places are called “%(name)s”; write one of: %(choices)s.")
                    % {"name": line, "choices": choices}
                )
            else:
                near = ", ".join(str(place) for place in similar(Community, mission, user, line, 4))
                problems.append(
                    (gettext("No community is called “%(name)s”. Did you mean %(names)s?")
                     if near else gettext("No community is called “%(name)s”."))
                    % {"name": line, "names": near}
                )  # fmt: skip
        if problems:
            raise forms.ValidationError(problems)
        return found


class WithCommunities(forms.Form):
    communities = CommunityNames(label=_("Communities"))

    def clean_communities(self) -> list[Community]:
        field = self.fields["communities"]
        return field.find(self.cleaned_data["communities"], self.mission, self.user)  # type: ignore[attr-defined]


class IncidentForm(PlaceByName, ActorByName, RecordForm):
    """An incident report."""

    kind = forms.ChoiceField(label=_("What happened"), choices=IncidentKind.choices)
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
    notes = forms.CharField(
        label=_("Account"),
        max_length=20_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("No names of sources here; they have fields of their own."),
    )

    sections = (
        (_("What and when"), ("kind", "time_of_day", "start_date", "end_date", "date_precision")),
        (_("Where"), ("place_name", "place_precision", "latitude", "longitude")),
        (_("Who"), ("perpetrator", "other_actor", "new_actor")),
        (
            _("Harm to people: leave empty what is unknown"),
            ("deaths_best", "civilian_deaths", "injured", "abducted", "displaced"),
        ),
        (_("Account"), ("notes", "classification")),
    )
    wide = ("notes",)

    def clean(self):
        super().clean()
        precision = self.cleaned_data.get("place_precision")
        self.clean_place(required=precision != PlacePrecision.COUNTRY)
        self.clean_actor("perpetrator")
        self.clean_actor("other_actor")
        return self.cleaned_data

    def values(self, *leave_out: str) -> dict:
        values = super().values(
            "perpetrator", "other_actor", "new_actor", "perpetrator_record", "other_actor_record",
            *leave_out,
        )  # fmt: skip
        values["end_date"] = values.get("end_date") or values["start_date"]
        return values

    def parts(self) -> list[tuple]:
        """Actors (on record, or values of new ones) with their parts."""
        against = self.cleaned_data["kind"] in AGAINST_CIVILIANS
        first = ActorPart.PERPETRATOR if against else ActorPart.PARTY
        second = ActorPart.TARGET if against else ActorPart.PARTY
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

    sections = (
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


class ThreatForm(WithCommunities, ActorByName, RecordForm):
    """A threat report, or a correction of a threat."""

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

    sections = (
        (
            _("The threat"),
            ("title", "kind", "admin_area", "perpetrator", "new_actor", "communities"),
        ),
        (_("Phase"), ("phase", "phase_reason", "time_frame")),
        (_("What is known"), ("description", "motive", "modus_operandi", "classification")),
    )
    wide = ("title", "communities", "description", "phase_reason", "new_actor")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["admin_area"].queryset = AdminArea.objects.visible_to(self.user).filter(
            mission=self.mission
        )

    def clean(self):
        super().clean()
        self.clean_actor("perpetrator")
        return self.cleaned_data

    def values(self, *leave_out: str) -> dict:
        return super().values("perpetrator", "new_actor", "perpetrator_record", *leave_out)


class AssessmentForm(RecordForm):
    """A judgement of a threat."""

    likelihood = forms.TypedChoiceField(
        label=_("Likelihood"),
        coerce=int,
        choices=[(value, f"{value} · {label}") for value, label in Likelihood.choices],
    )
    impact = forms.TypedChoiceField(
        label=_("Impact"),
        coerce=int,
        choices=[(value, f"{value} · {label}") for value, label in Impact.choices],
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


class WithdrawForm(forms.Form):
    reason = forms.CharField(label=_("Why is it withdrawn?"), max_length=2_000)
