from __future__ import annotations

import datetime

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from missions.access import clearance_in, may_edit
from missions.models import Component
from records.nothing import Nothing
from records.pages import ActionPage, EditPage, FormPage, ListPage, OfRecord, RecordPage
from records.services import usual_level
from strategies.choices import STANDING, Lack
from strategies.filters import MeetingFilterSet
from strategies.forms.meetings import DecisionForm, MeetingForm
from strategies.models import Brief, Decision, Meeting, Strategy
from strategies.reading.agenda import demanded_level, told
from strategies.services.meetings import call_meeting, carry_out, decide, edit_meeting, usual_title
from strategies.tables import MeetingTable
from strategies.views.components import ever
from threats.alerts.choices import AlertDecision
from threats.choices import Phase
from threats.models import Threat

HANDED = 200  # activities on the handover page
LISTED = 20
USUAL_TIME = datetime.timedelta(days=14)  # for a decision
DAYS = ("due", "no_record_since", "as_of")  # of rows of an agenda


class MeetingList(ListPage):
    queryset = Meeting.objects.select_related("mission")
    filterset_class = MeetingFilterSet
    table_class = MeetingTable
    template_name = "strategies/meetings.html"
    section = "activities"
    title = _("Meetings of the working group")
    lead = _("The agenda is made from what stands open; decisions become activities.")
    empty = _("No meeting fits. Clear the filters, or call one.")
    nothing = Nothing(
        _("Nothing to judge yet: no meeting is on record."),
        _("Next: call a meeting"),
        "meeting-add",
    )


class MeetingPage(RecordPage):
    queryset = Meeting.objects.select_related("mission", "created_by")
    template_name = "strategies/meeting.html"
    section = "activities"

    def get_context_data(self, **kwargs):
        decisions = self.visible_here(self.object.decisions.all()).select_related(
            "owner", "activity", "mission", "activity__mission"
        )
        return super().get_context_data(
            decisions=decisions,
            agenda={key: _dated(rows) for key, rows in told(self.object.agenda).items()},
            phases=dict(Phase.choices),
            lacks=dict(Lack.choices),
            may_edit=may_edit(self.request.user, self.object),
            **kwargs,
        )


def _dated(rows: list[dict]) -> list[dict]:
    """Rows of an agenda with their days as days, to be shown in the reader's language."""
    return [
        {
            name: datetime.date.fromisoformat(value) if name in DAYS else value
            for name, value in row.items()
        }
        for row in rows
    ]


class MeetingAdd(FormPage):
    form_class = MeetingForm
    model = Meeting
    section = "activities"
    title = _("Call a meeting")
    lead = _("Its agenda is made from what stands open now, or stood open on a past day.")
    submit = _("Call it")
    saved = _("The meeting is called; its agenda is below.")
    service = staticmethod(call_meeting)

    def get_initial(self):
        title = Meeting(**usual_title()).shown_title
        clearance = clearance_in(self.request.user, self.mission) or 0
        return super().get_initial() | {
            "day": self.mission.today, "title": title,
            "classification": usual_level(clearance, demanded_level(self.mission, clearance)),
        }  # fmt: skip


class MeetingEdit(EditPage):
    section = "activities"
    form_class = MeetingForm
    model = Meeting
    attributes = ("title", "day", "notes", "classification")
    title = _("Notes of the meeting")
    service = staticmethod(edit_meeting)


class DecisionAdd(OfRecord):
    section = "activities"
    form_class = DecisionForm
    model = Meeting
    title = _("Record a decision")
    saved = _("The decision is recorded; its owner is told.")
    owner = "meeting"
    service = staticmethod(decide)

    def get_initial(self):
        return super().get_initial() | {"due": self.mission.today + USUAL_TIME}


class DecisionDone(ActionPage):
    queryset = Decision.objects.all()

    def act(self) -> str:
        carry_out(self.record, user=self.request.user)
        return gettext("The decision is carried out.")


class Handover(RecordPage):
    """All that who rotates in must know of a component's work, on one page to print."""

    queryset = Component.objects.select_related("mission")
    template_name = "strategies/handover.html"
    section = "components"

    def get_context_data(self, **kwargs):
        component, user, today = self.object, self.request.user, self.mission.today
        activities = component.led_activities.visible_to(user).live().with_overdue(self.mission)
        threats = self.visible_here(Threat.objects.active()).with_current_assessment(user)
        alerts = component.alerts.visible_to(user).feared()
        decisions = component.decisions.visible_to(user).filter(done_on__isnull=True)
        strategies = self.visible_here(Strategy.objects.filter(status__in=STANDING))
        return super().get_context_data(
            activities=activities.select_related("mission").prefetch_related("history")[:HANDED],
            activities_total=activities.count(),
            **ever(component, user),
            threats=threats.filter(activities__lead_component=component)
            .select_related("mission", "admin_area").gravest_first().distinct()[:LISTED],
            alerts=alerts.filter(decision=AlertDecision.RESPOND)
            .select_related("mission", "admin_area")[:LISTED],
            decisions=decisions.select_related("meeting__mission", "mission")[:LISTED],
            bases=component.bases.visible_to(user).present(today).select_related("mission"),
            strategies=strategies.select_related("mission")[:LISTED],
            briefs=self.visible_here(Brief.objects.issued()).defer("documents")
            .select_related("mission", "field_office")[:4],
            **kwargs,
        )  # fmt: skip
