from __future__ import annotations

import datetime

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import View

from missions.access import may_edit
from missions.choices import Phase
from missions.models import Component
from missions.pages import FormPage, ListPage, MissionPage, OfRecord, RecordPage
from strategies.choices import StrategyStatus
from strategies.filters import MeetingFilterSet
from strategies.forms.meetings import DecisionForm, MeetingForm
from strategies.models import Brief, Decision, Meeting, Strategy
from strategies.services.meetings import call_meeting, carry_out, decide, edit_meeting
from strategies.tables import MeetingTable
from threats.choices import AlertDecision
from threats.models import Threat

HANDED = 200  # activities on the handover page
LISTED = 20
USUAL_TIME = datetime.timedelta(days=14)  # for a decision


class MeetingList(ListPage):
    queryset = Meeting.objects.select_related("mission")
    filterset_class = MeetingFilterSet
    table_class = MeetingTable
    template_name = "strategies/meetings.html"
    section = "activities"
    title = _("Meetings of the working group")
    lead = _("The agenda is made from what stands open; decisions become activities.")
    empty = _("No meeting yet.")


class MeetingPage(RecordPage):
    queryset = Meeting.objects.select_related("mission", "created_by")
    template_name = "strategies/meeting.html"
    section = "activities"

    def get_context_data(self, **kwargs):
        decisions = self.visible(self.object.decisions.all()).select_related(
            "owner", "activity", "mission", "activity__mission"
        )
        return super().get_context_data(
            decisions=decisions,
            agenda={key: _dated(rows) for key, rows in self.object.agenda.items()},
            phases=dict(Phase.choices),
            may_edit=may_edit(self.request.user, self.object),
            **kwargs,
        )


def _dated(rows: list[dict]) -> list[dict]:
    """Rows of an agenda with their days as days, to be shown in the reader's language."""
    return [
        row | {"due": datetime.date.fromisoformat(row["due"])} if "due" in row else row
        for row in rows
    ]


class MeetingAdd(FormPage):
    form_class = MeetingForm
    model = Meeting
    section = "activities"
    title = _("Call a meeting")
    lead = _("Its agenda is made from what stands open now.")
    submit = _("Call it")
    saved = _("The meeting is called; its agenda is below.")

    def get_initial(self):
        title = gettext("POC working group")
        return super().get_initial() | {"day": self.mission.today, "title": title}

    def save(self, form):
        return call_meeting(user=self.request.user, mission=self.mission, **form.values())


class MeetingEdit(OfRecord):
    section = "activities"
    form_class = MeetingForm
    model = Meeting
    attributes = ("title", "day", "notes", "classification")
    title = _("Notes of the meeting")

    def save(self, form):
        expected = form.cleaned_data["version"]
        return edit_meeting(self.record, user=self.request.user, expected=expected, **form.values())


class DecisionAdd(OfRecord):
    section = "activities"
    form_class = DecisionForm
    model = Meeting
    title = _("Record a decision")
    saved = _("The decision is recorded; its owner is told.")

    def get_initial(self):
        return super().get_initial() | {"due": self.mission.today + USUAL_TIME}

    def save(self, form):
        return decide(user=self.request.user, meeting=self.record, **form.values())


class DecisionDone(MissionPage, View):
    http_method_names = ["post"]

    def post(self, request, *args, **kwargs) -> HttpResponseRedirect:
        decision = get_object_or_404(self.visible(Decision.objects.all()), pk=kwargs["pk"])
        try:
            carry_out(decision, user=request.user)
            messages.success(request, gettext("The decision is carried out."))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(decision.get_absolute_url())


class Handover(RecordPage):
    """All that who rotates in must know of a component's work, on one page to print."""

    queryset = Component.objects.select_related("mission")
    template_name = "strategies/handover.html"
    section = "components"

    def get_context_data(self, **kwargs):
        component, user, today = self.object, self.request.user, self.mission.today
        activities = component.led_activities.visible_to(user).live().with_overdue(today)
        threats = self.visible(Threat.objects.active()).with_current_assessment(user)
        alerts = component.alerts.visible_to(user).open()
        decisions = component.decisions.visible_to(user).filter(done_on__isnull=True)
        strategies = self.visible(Strategy.objects.filter(status=StrategyStatus.ENDORSED))
        return super().get_context_data(
            activities=activities.select_related("mission").prefetch_related("history")[:HANDED],
            activities_total=activities.count(),
            threats=threats.filter(activities__lead_component=component)
            .select_related("mission", "admin_area").gravest_first().distinct()[:LISTED],
            alerts=alerts.filter(decision=AlertDecision.RESPOND)
            .select_related("mission", "admin_area")[:LISTED],
            decisions=decisions.select_related("meeting__mission", "mission")[:LISTED],
            bases=component.bases.visible_to(user).present(today).select_related("mission"),
            strategies=strategies.select_related("mission")[:LISTED],
            briefs=self.visible(Brief.objects.issued()).defer("documents")
            .select_related("mission", "field_office")[:4],
            **kwargs,
        )  # fmt: skip
