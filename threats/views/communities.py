from __future__ import annotations

import datetime

from django.db.models import Q
from django.http import Http404, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from missions.access import is_visible, may_edit, only_visible
from missions.geography import distance_km
from poc_portal.web.charts import Chart
from records.nothing import Nothing
from records.pages import ActionPage, EditPage, FormPage, ListPage, RecordPage
from threats.charts import history
from threats.filters import CommunityFilterSet
from threats.forms.communities import CommunityForm, MergeForm
from threats.forms.incidents import WithdrawForm
from threats.models import Alert, Community, Incident, RiskHistory, RiskScore
from threats.models.days import newest_first
from threats.models.nearby import box
from threats.presence.reach import Help
from threats.scoring.explanations import explain
from threats.services.communities import (
    add_community,
    edit_community,
    merge_communities,
    withdraw_community,
)
from threats.tables import CommunityTable

NEAR = 25.0  # km, the reach the scores speak of
NEAR_DAYS = 365
NEAR_LISTED = 20


class CommunityList(ListPage):
    queryset = Community.objects.select_related("admin_area", "field_office", "mission")
    filterset_class = CommunityFilterSet
    table_class = CommunityTable
    template_name = "threats/scored_list.html"
    section = "communities"
    resource = "communities"
    title = _("Communities")
    lead = _("Probability of recorded deadly violence against civilians within 25 km in 30 days.")
    empty = _("No community fits. Clear the filters, or import places.")
    nothing = Nothing(
        _("Nothing to judge yet: no community is on record."),
        _("Next: bring in a sheet of communities"),
        "intake-add",
        "resource=communities",
    )

    def annotate(self, queryset):
        return queryset.with_risk(self.request.user)

    def get_table_kwargs(self):
        return super().get_table_kwargs() | {"help_": Help(self.mission, self.request.user)}


class CommunityPage(RecordPage):
    queryset = Community.objects.select_related("mission", "admin_area", "field_office")
    template_name = "threats/community.html"
    section = "communities"

    def get_context_data(self, **kwargs):
        community, user = self.object, self.request.user
        scores = (
            RiskScore.objects.visible_to(user).filter(community=community).select_related("model")
        )
        by_horizon = {score.horizon: score for score in scores}
        score = by_horizon.get(30)
        return super().get_context_data(
            score=score,
            score_90=by_horizon.get(90),
            change=None
            if score is None or score.week_before is None
            else score.probability - score.week_before,
            explanation=explain(score, community, user) if score else None,
            history=self._history(score),
            near=self._near(),
            alerts=self._alerts(),
            may_edit=may_edit(user, community),
            withdraw_form=WithdrawForm(),
            reach=Help(self.mission, user).reach(community.longitude, community.latitude),
            threats=community.threats.visible_to(user)
            .with_current_assessment(user)
            .select_related("mission"),
            **kwargs,
        )

    def get(self, request, *args, **kwargs):
        """Whoever follows a link to a record merged into another comes to that one."""
        try:
            return super().get(request, *args, **kwargs)
        except Http404:
            kept = Community.objects.filter(mission=self.mission, merged__pk=kwargs["pk"]).first()
            if kept is None or not is_visible(request.user, kept):
                raise
            return HttpResponseRedirect(kept.get_absolute_url())

    def _history(self, score: RiskScore | None) -> Chart | None:
        """The probability over time, its last point today's."""
        if score is None:
            return None
        earlier = (
            RiskHistory.objects.visible_to(self.request.user)
            .filter(community=self.object, horizon=score.horizon, date__lt=score.date)
            .order_by("date")
        )
        points = [(row.date, row.probability) for row in [*earlier, score]]
        return history(points, _("Probability in 30 days"))

    def _alerts(self) -> list[Alert]:
        """Open alerts within 25 km, and those said to concern the community, newest first."""
        community = self.object
        where = community.longitude, community.latitude
        named = set(community.alerts.values_list("pk", flat=True))
        found = (
            self.visible_here(Alert.objects.all())
            .open()
            .filter(box(*where, NEAR) | Q(pk__in=named))
            .select_related("mission", "admin_area")
            .order_by("-received_at", "-pk")
        )
        near = [
            alert
            for alert in found
            if alert.pk in named or distance_km(*where, alert.longitude, alert.latitude) <= NEAR
        ]
        return near[:NEAR_LISTED]

    def _near(self) -> list[tuple[Incident, float]]:
        community = self.object
        since = self.mission.today - datetime.timedelta(days=NEAR_DAYS)
        found = (
            self.visible_here(Incident.objects.all())
            .around(community.longitude, community.latitude, NEAR)
            .filter(start_date__gte=since)
            .select_related("mission", "admin_area")
            .prefetch_related("actors")
            .order_by(*newest_first(self.mission.today))
        )
        rows = []
        for incident in found:
            away = float(
                distance_km(
                    community.longitude, community.latitude, incident.longitude, incident.latitude
                )
            )
            if away <= NEAR:
                incident.visible_actors = only_visible(self.request.user, incident.actors.all())
                rows.append((incident, away))
        return rows[:NEAR_LISTED]


class CommunityAdd(FormPage):
    form_class = CommunityForm
    model = Community
    template_name = "threats/report.html"
    section = "communities"
    title = _("Add a community")
    saved = _("The community is added; its score follows within seconds.")
    service = staticmethod(add_community)


class CommunityEdit(EditPage):
    form_class = CommunityForm
    model = Community
    template_name = "threats/report.html"
    section = "communities"
    attributes = (
        "name", "aliases", "kind", "latitude", "longitude", "population", "displaced_population",
        "vulnerable_groups", "access", "classification",
    )  # fmt: skip
    title = _("Change the community")
    saved = _("The community is changed.")
    service = staticmethod(edit_community)


class CommunityMerge(EditPage):
    form_class = MergeForm
    model = Community
    section = "communities"
    title = _("Merge with another record")
    lead = _(
        "Two records of one place become one: this one stays, under all the names; threats, "
        "activities and alerts of the other come here."
    )
    submit = _("Merge")
    saved = _("The two are merged.")
    service = staticmethod(merge_communities)


class CommunityWithdraw(ActionPage):
    queryset = Community.objects.all()

    def act(self) -> str:
        reason = self.request.POST.get("reason", "")
        self.record = withdraw_community(self.record, user=self.request.user, reason=reason)
        return gettext("The community is withdrawn; it stays stored with your reason.")

    def back(self) -> str:
        if self.record.withdrawn_at:
            return reverse("community-list", args=[self.mission.code])
        return super().back()
