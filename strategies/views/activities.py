from __future__ import annotations

import datetime

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from missions.access import may_create, may_edit, only_visible, require
from records.pages import (
    ActionPage,
    EditPage,
    FormPage,
    ListPage,
    MissionPage,
    PostOnly,
    RecordPage,
)
from records.services import EditConflict, version_of
from strategies.charts import timeline
from strategies.choices import ActivityStatus, Tier
from strategies.filters import ActivityFilterSet, CatalogueFilterSet
from strategies.forms.activities import ActivityForm, BulkForm, StatusForm
from strategies.models import Activity, CatalogueActivity, Decision
from strategies.services.activities import (
    USUAL_LENGTH,
    change_activities,
    edit_activity,
    plan_activity,
    plan_from_catalogue,
    usual_lead,
)
from strategies.tables import ActivityTable, CatalogueTable
from threats.choices import Phase
from threats.models import Community, Threat

BOARD_ROWS = 30  # a column; the rest is counted
BULK_AT_ONCE = 200
NEXT = {
    ActivityStatus.PLANNED: ActivityStatus.UNDER_WAY,
    ActivityStatus.UNDER_WAY: ActivityStatus.DONE,
}


class ActivityList(ListPage):
    queryset = Activity.objects.select_related("lead_component", "mission")
    filterset_class = ActivityFilterSet
    table_class = ActivityTable
    section = "activities"
    resource = "activities"
    hidden_filters = (*ListPage.hidden_filters, "threats", "objectives", "placed")
    title = _("Activities")
    lead = _("What the components plan and do against the threats.")
    empty = _("No activity fits. Clear the filters, or plan one from a threat's matrix.")

    template_name = "strategies/activities.html"
    view = "activity-list"  # of the three ways to look at them

    def annotate(self, queryset):
        return queryset.with_overdue(self.mission.today)

    def get_table_kwargs(self):
        may = may_create(self.request.user, Activity, self.mission)
        return super().get_table_kwargs() | {"exclude": () if may else ("chosen",)}

    def get_context_data(self, **kwargs):
        user = self.request.user
        return super().get_context_data(
            view_name=self.view, bulk=BulkForm(mission=self.mission, user=user), **kwargs
        )


class ActivityBoard(ActivityList):
    """The same list by status: what is where, and what to move on."""

    body_template = "strategies/board.html"
    view = "activity-board"

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        totals = dict(
            self.object_list.order_by().values_list("status").annotate(n=Count("pk", distinct=True))
        )
        columns = []
        for status in ActivityStatus:
            rows = self.object_list.filter(status=status)
            newest = "-completed_on" if status == ActivityStatus.DONE else "due"
            cards = rows.order_by(newest, "pk")[:BOARD_ROWS]
            columns.append((status, NEXT.get(status), totals.get(status, 0), cards))
        editable = set(
            Activity.objects.editable_by(self.request.user)
            .filter(pk__in=[activity.pk for *_column, cards in columns for activity in cards])
            .values_list("pk", flat=True)
        )
        return context | {
            "columns": columns, "editable": editable, "board_total": sum(totals.values()),
        }  # fmt: skip


class ActivityTimeline(ActivityList):
    """The same list over time: a page of activities as bars from start to due."""

    body_template = "strategies/timeline.html"
    view = "activity-timeline"

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        rows = [row.record for row in context["table"].paginated_rows]
        return context | {"timeline": timeline(rows, self.mission.today)}


class ActivityBulk(MissionPage, PostOnly):
    def belongs_to(self) -> str:
        return reverse("activity-list", args=[self.mission.code])

    def post(self, request, *args, **kwargs) -> HttpResponseRedirect:
        require(may_create(request.user, Activity, self.mission))
        form = BulkForm(request.POST, mission=self.mission, user=request.user)
        ids = [pk for pk in request.POST.getlist("chosen") if pk.isdigit()][:BULK_AT_ONCE]
        chosen = self.visible_here(Activity.objects.select_related("mission")).filter(pk__in=ids)
        if not form.is_valid():
            problems = [
                f"{form[name].label}: {' '.join(map(str, found))}"
                for name, found in form.errors.items()
            ]
            messages.error(request, " ".join(problems))
        elif not ids:
            messages.error(request, gettext("Choose activities first: tick them in the list."))
        else:
            self._change(
                chosen, form.cleaned_data | {"later_by": form.cleaned_data["later_by"] or 0}
            )
        back = reverse("activity-list", args=[self.mission.code])
        query = request.POST.get("query", "")
        return HttpResponseRedirect(f"{back}?{query}" if query else back)

    def _change(self, chosen, values: dict) -> None:
        try:
            report = change_activities(chosen, user=self.request.user, **values)
        except ValidationError as error:
            messages.error(self.request, " ".join(error.messages))
            return
        if report.changed:
            said = ngettext("%(n)d activity changed.", "%(n)d activities changed.", report.changed)
            messages.success(self.request, said % {"n": report.changed})
        for activity, outcome in zip(chosen, report.outcomes, strict=True):
            if outcome.errors:
                why = " ".join(error["message"] for error in outcome.errors)
                messages.error(self.request, f"{activity}: {why}")


class ActivityPage(RecordPage):
    queryset = Activity.objects.select_related("mission", "lead_component", "created_by")
    template_name = "strategies/activity.html"
    section = "activities"

    def get_queryset(self):
        return super().get_queryset().with_overdue(self.mission.today)

    def get_context_data(self, **kwargs):
        activity, user = self.object, self.request.user
        return super().get_context_data(
            supporting=only_visible(user, activity.supporting_components.all()),
            threats=activity.threats.visible_to(user).select_related("mission"),
            communities=activity.communities.visible_to(user).select_related("mission"),
            may_edit=may_edit(user, activity),
            history=activity.history.select_related("changed_by"),
            status_form=StatusForm(
                initial={"status": activity.status, "version": version_of(activity)}
            ),
            **kwargs,
        )


class ActivityAdd(FormPage):
    """Plan an activity; from a cell of the matrix, tier, phase and threat are filled in."""

    form_class = ActivityForm
    model = Activity
    section = "activities"
    title = _("Plan an activity")
    submit = _("Plan it")
    saved = _("The activity is planned.")

    def get_initial(self):
        query = self.request.GET
        today = self.mission.today
        initial = super().get_initial() | {
            "start": today,
            "due": today + datetime.timedelta(days=USUAL_LENGTH),
        }
        if query.get("tier") in {str(tier) for tier in Tier.values}:
            initial["tier"] = int(query["tier"])
        if query.get("phase") in Phase.values:
            initial["phase"] = query["phase"]
        if query.get("threat", "").isdigit():
            threat = self.visible_here(Threat.objects.all()).filter(pk=query["threat"]).first()
            if threat is not None:
                initial["threats"] = [threat]
                initial["communities"] = only_visible(self.request.user, threat.communities.all())
                initial["classification"] = threat.classification
        if query.get("community", "").isdigit():
            initial |= self._for_place(query["community"], initial)
        typical = self._typical()
        if typical is not None:
            initial |= {"title": typical.title, "tier": typical.tier, "phase": typical.phase}
            lead = usual_lead(typical, self.request.user, self.mission)
            return initial | ({"lead_component": lead} if lead else {})
        decision = self._decision()
        if decision is not None:
            initial |= {
                "title": decision.text[:250], "lead_component": decision.owner,
                "due": max(decision.due, today), "classification": decision.classification,
            }  # fmt: skip
            return initial
        grant_component = self.request.user.memberships.get(mission=self.mission).component
        return initial | ({"lead_component": grant_component} if grant_component else {})

    def _for_place(self, key: str, initial: dict) -> dict:
        """For a community: it, its place, its active threats and the phase they are in."""
        user = self.request.user
        community = self.visible_here(Community.objects.all()).filter(pk=key).first()
        if community is None:
            return {}
        threats = list(
            self.visible_here(community.threats.active())
            .with_current_assessment(user)
            .gravest_first()
        )
        filled = {
            "communities": [community],
            "place_name": community.name,
            "latitude": community.latitude,
            "longitude": community.longitude,
            "tier": initial.get("tier", Tier.TIER_2),
            "phase": initial.get("phase", threats[0].phase if threats else Phase.PREEMPTION),
            "threats": initial.get("threats", threats),
        }
        level = max([community.classification, *(threat.classification for threat in threats)])
        return filled | ({"classification": level} if level and "threats" not in initial else {})

    def _decision(self) -> Decision | None:
        """The meeting's decision this is to carry out, where the address names one."""
        key = self.request.GET.get("decision", "")
        found = self.visible_here(Decision.objects.filter(done_on__isnull=True))
        return found.filter(pk=key).first() if key.isdigit() else None

    def _typical(self) -> CatalogueActivity | None:
        """The entry of the catalogue it is planned from, where the address names one."""
        return CatalogueActivity.objects.filter(code=self.request.GET.get("typical", "")).first()

    def save(self, form):
        return plan_activity(
            user=self.request.user,
            mission=self.mission,
            submission=form.cleaned_data.get("submission"),
            decision=self._decision(),
            typical=self._typical(),
            **form.values(),
        )


class ActivityStatusChange(ActionPage):
    """A new status with a note, without opening the whole form."""

    queryset = Activity.objects.all()

    def act(self) -> str:
        form = StatusForm(self.request.POST)
        if not form.is_valid():
            raise ValidationError([error for errors in form.errors.values() for error in errors])
        values = form.cleaned_data
        try:
            edit_activity(
                self.record,
                user=self.request.user,
                expected=values["version"] or None,
                status=values["status"],
                note=values["note"],
            )
        except EditConflict as conflict:
            raise ValidationError(
                gettext("%(conflict)s It is “%(status)s” now; nothing was changed.")
                % {"conflict": conflict, "status": conflict.current.get_status_display()}  # type: ignore[attr-defined]
            ) from conflict
        return gettext("The status is changed.")

    def back(self) -> str:
        address = self.request.POST.get("next", "")
        is_ours = url_has_allowed_host_and_scheme(address, allowed_hosts=None)
        return address if is_ours else super().back()


class PlanTypical(ActionPage):
    """One click from a suggestion in the matrix to a planned activity."""

    queryset = Threat.objects.all()

    def act(self) -> str:
        entry = get_object_or_404(CatalogueActivity, code=self.kwargs["entry"])
        self.record = plan_from_catalogue(user=self.request.user, threat=self.record, entry=entry)
        return gettext("The activity is planned. Change what differs here.")


class CatalogueList(ListPage):
    queryset = CatalogueActivity.objects.all()
    filterset_class = CatalogueFilterSet
    table_class = CatalogueTable
    section = "activities"
    title = _("Catalogue of typical activities")
    lead = _("What components usually do in each tier and phase; suggested in every matrix.")

    def visible_here(self, queryset):
        return queryset.visible_to(self.request.user)


class ActivityEdit(EditPage):
    form_class = ActivityForm
    model = Activity
    section = "activities"
    attributes = (
        "title", "tier", "phase", "lead_component", "status", "start", "due", "place_name",
        "latitude", "longitude", "description", "outcome", "blockers", "due_diligence_on",
        "due_diligence_note", "classification",
    )  # fmt: skip
    linked = ("supporting_components", "threats", "communities", "objectives")
    title = _("Change the activity")
    saved = _("The activity is changed.")
    service = staticmethod(edit_activity)

    def get_initial(self):
        user, activity = self.request.user, self.record
        shown = {name: only_visible(user, getattr(activity, name).all()) for name in self.linked}
        return super().get_initial() | shown
