from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from missions.access import may_create, may_edit, only_visible, require
from records.nothing import Nothing
from records.pages import (
    ActionPage,
    EditPage,
    ListPage,
    MissionPage,
    PostOnly,
    RecordPage,
)
from records.services import EditConflict
from records.versions import version_of, versions_of
from strategies.charts import timeline
from strategies.choices import ActivityStatus
from strategies.filters import ActivityFilterSet, CatalogueFilterSet
from strategies.forms.activities import ActivityForm, BulkForm, StatusForm
from strategies.models import Activity, CatalogueActivity
from strategies.services.activities import (
    change_activities,
    edit_activity,
)
from strategies.tables import ActivityTable, CatalogueTable

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
    hidden_filters = (*ListPage.hidden_filters, "threats", "objectives", "placed", "due_until")
    title = _("Activities")
    lead = _("What the components plan and do against the threats.")
    empty = _("No activity fits. Clear the filters, or plan one from a threat's matrix.")
    nothing = Nothing(
        _("Nothing to judge yet: no activity is on record."),
        _("Next: plan an activity"),
        "activity-add",
    )

    template_name = "strategies/activities.html"
    view = "activity-list"  # of the three ways to look at them

    def annotate(self, queryset):
        return queryset.with_overdue(self.mission)

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
        user, shown = self.request.user, [card for *_column, cards in columns for card in cards]
        mine = Activity.objects.editable_by(user).filter(pk__in=[card.pk for card in shown])
        editable = set(mine.values_list("pk", flat=True))
        return context | {
            "columns": columns,
            "editable": editable,
            "versions": versions_of([card for card in shown if card.pk in editable], user),
            "board_total": sum(totals.values()),
        }


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
        return super().get_queryset().with_overdue(self.mission)

    def get_context_data(self, **kwargs):
        activity, user = self.object, self.request.user
        return super().get_context_data(
            supporting=only_visible(user, activity.supporting_components.all()),
            threats=activity.threats.visible_to(user).select_related("mission"),
            communities=activity.communities.visible_to(user).select_related("mission"),
            alerts=only_visible(user, activity.alerts.select_related("mission", "admin_area")),
            may_edit=may_edit(user, activity),
            history=activity.history.select_related("changed_by"),
            status_form=StatusForm(
                mission=self.mission,
                initial={
                    "status": activity.status,
                    "completed_on": activity.completed_on or self.mission.today,
                    "version": version_of(activity, user),
                },
            ),
            **kwargs,
        )


class ActivityStatusChange(ActionPage):
    """A new status with a note, without opening the whole form."""

    queryset = Activity.objects.all()

    def act(self) -> str:
        form = StatusForm(self.request.POST, mission=self.record.mission)
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
                **form.completion(),
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
        "title", "tier", "phase", "lead_component", "status", "start", "due", "completed_on",
        "place_name", "latitude", "longitude", "description", "outcome", "blockers",
        "due_diligence_on", "due_diligence_note", "classification",
    )  # fmt: skip
    linked = ("supporting_components", "threats", "communities", "alerts", "objectives")
    title = _("Change the activity")
    saved = _("The activity is changed.")
    service = staticmethod(edit_activity)

    def get_initial(self):
        user, activity = self.request.user, self.record
        shown = {name: only_visible(user, getattr(activity, name).all()) for name in self.linked}
        due = activity.due_at and self.mission.local(activity.due_at)
        return super().get_initial() | shown | ({"due_time": due.time()} if due else {})
