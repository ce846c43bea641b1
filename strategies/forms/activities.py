from __future__ import annotations

import datetime

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from missions.models import Component
from records.forms import RecordForm, date_input, numbered
from strategies.choices import ActivityStatus, StrategyStatus, Tier
from strategies.models import Objective
from threats.choices import Phase
from threats.forms.named import PlaceByName, WithCommunities
from threats.models import Alert, Threat

IN_MENU = 200  # threats: thousands fit no menu


def completion_day() -> forms.DateField:
    return forms.DateField(
        label=_("Completed on"),
        required=False,
        widget=date_input(),
        help_text=_("Only with the status “Done”: the day it was; left empty, today."),
    )


class ThreatMenu(forms.Form):
    """Threats to choose: those chosen already, then the active ones, the gravest first."""

    threats = forms.ModelMultipleChoiceField(
        Threat.objects.none(),
        label=_("Threats"),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 6}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        seen = Threat.objects.visible_to(self.user).filter(mission=self.mission)  # type: ignore
        field = self.fields["threats"]
        field.queryset = seen  # type: ignore[attr-defined]
        offered = seen.active().with_current_assessment(self.user).gravest_first()[:IN_MENU]  # type: ignore
        given = self["threats"].value() or []
        keys = {str(getattr(one, "pk", one)) for one in given}
        chosen = seen.filter(pk__in=[key for key in keys if key.isdigit()])
        found = {threat.pk: str(threat) for threat in [*chosen, *offered]}
        field.choices = list(found.items())  # type: ignore[attr-defined]
        if len(offered) == IN_MENU:
            field.help_text = _("The gravest only. For others, plan from the threat's own page.")


class ActivityForm(ThreatMenu, WithCommunities, PlaceByName, RecordForm):
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
    objectives = forms.ModelMultipleChoiceField(
        Objective.objects.none(),
        label=_("Objectives of the strategy"),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 4}),
    )
    alerts = forms.ModelMultipleChoiceField(
        Alert.objects.none(),
        label=_("Alerts it responds to"),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 4}),
    )
    status = forms.ChoiceField(label=_("Status"), choices=ActivityStatus.choices)
    start = forms.DateField(label=_("Start"), widget=date_input())
    due = forms.DateField(label=_("Due"), widget=date_input())
    due_time = forms.TimeField(
        label=_("Due by"),
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        help_text=_("Where hours count: the time of that day, by the mission's clocks."),
    )
    completed_on = completion_day()
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

    due_diligence_on = forms.DateField(
        label=_("Due diligence of"),
        required=False,
        widget=date_input(),
        help_text=_("When the mission judged that it may support this force."),
    )
    due_diligence_note = forms.CharField(
        label=_("Due diligence"),
        required=False,
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Which force, what was found, what was asked of it."),
    )

    sections = (
        (_("What"), ("title", "tier", "phase", "description")),
        (_("Who"), ("lead_component", "supporting_components")),
        (_("When"), ("start", "due", "due_time", "status", "completed_on")),
        (_("For whom"), ("threats", "communities", "alerts", "objectives")),
        (_("Where"), ("place_name", "latitude", "longitude")),
        (_("Support to a force"), ("due_diligence_on", "due_diligence_note")),
        (_("Result"), ("outcome", "blockers", "classification")),
    )
    once_finished = ("outcome",)
    wide = (
        "title", "description", "outcome", "blockers", "due_diligence_note", "threats",
        "communities", "alerts", "objectives",
    )  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        components = Component.objects.visible_to(self.user).filter(mission=self.mission)
        self.choosable("lead_component").queryset = components
        self.choosable("supporting_components").queryset = components
        self.choosable("objectives").queryset = (
            Objective.objects.visible_to(self.user)
            .filter(mission=self.mission)
            .exclude(strategy__status=StrategyStatus.REPLACED)
        )
        self.choosable("alerts").queryset = self._answerable()
        self.fields["place_name"].help_text = _("Where it is done, if that is one place.")

    def _answerable(self):
        """Alerts that are open, and those chosen already."""
        given = self["alerts"].value() or []
        keys = [str(getattr(one, "pk", one)) for one in given]
        chosen = [key for key in keys if key.isdigit()]
        seen = Alert.objects.visible_to(self.user).filter(mission=self.mission)
        is_open = Q(pk__in=seen.open().order_by("-received_at").values("pk")[:IN_MENU])
        return seen.filter(is_open | Q(pk__in=chosen)).select_related("mission", "admin_area")

    def clean(self):
        super().clean()
        self.clean_place(required=False)
        return self.cleaned_data

    def values(self, *leave_out: str) -> dict:
        """With ``due_at``, the moment that day and time of the mission's make."""
        undone = () if self.cleaned_data.get("status") == ActivityStatus.DONE else ("completed_on",)
        values = super().values("due_time", *undone, *leave_out)
        time = self.cleaned_data.get("due_time")
        values["due_at"] = (
            datetime.datetime.combine(values["due"], time, self.mission.zone) if time else None
        )
        return values


class StatusForm(forms.Form):
    """A new status, and why."""

    status = forms.ChoiceField(label=_("Status"), choices=ActivityStatus.choices)
    completed_on = completion_day()
    note = forms.CharField(label=_("Note"), max_length=500, required=False)
    version = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, mission, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["completed_on"].widget.attrs["max"] = mission.today.isoformat()

    def completion(self) -> dict:
        """The day of completion for the service, where the status is “done” and it was said."""
        data = self.cleaned_data
        said = data["status"] == ActivityStatus.DONE and data["completed_on"]
        return {"completed_on": said} if said else {}


class BulkForm(forms.Form):
    """What to change in the activities chosen in the list."""

    status = forms.ChoiceField(
        label=_("Status"), required=False, choices=[("", _("unchanged")), *ActivityStatus.choices]
    )
    completed_on = completion_day()
    later_by = forms.IntegerField(
        label=_("Due later by, days"), required=False, min_value=-730, max_value=730
    )
    lead_component = forms.ModelChoiceField(
        Component.objects.none(), label=_("Lead component"), required=False,
        empty_label=_("unchanged"),
    )  # fmt: skip
    note = forms.CharField(label=_("Note"), max_length=500, required=False)

    def __init__(self, *args, mission, user, **kwargs):
        super().__init__(*args, **kwargs)
        lead: forms.ModelChoiceField = self.fields["lead_component"]  # type: ignore[assignment]
        lead.queryset = Component.objects.visible_to(user).filter(mission=mission)
