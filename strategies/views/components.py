from __future__ import annotations

import datetime

from django.db.models import Count, Q
from django.urls import reverse

from missions.models import Component
from records.pages import RecordPage
from strategies.models.activity import late
from threats.alerts.choices import AlertDecision

LISTED = 25
SOON = 14  # days


def ever(component: Component, user) -> dict[str, int]:
    """What a component was ever given, as the user may see it: where that is nothing, a zero of what
    is left says nothing."""
    return {
        "led_ever": component.led_activities.visible_to(user).count(),
        "alerts_ever": component.alerts.visible_to(user).count(),
        "decisions_ever": component.decisions.visible_to(user).count(),
    }


class Workspace(RecordPage):
    """A component's own: what it leads, what is late, and what others ask of it."""

    queryset = Component.objects.select_related("mission")
    template_name = "strategies/component.html"
    section = "components"

    def get_context_data(self, **kwargs):
        component, user, today = self.object, self.request.user, self.mission.today
        led = component.led_activities.visible_to(user)
        supported = component.supported_activities.visible_to(user).live()
        alerts = (
            component.alerts.visible_to(user)
            .feared()
            .filter(decision=AlertDecision.RESPOND, responded_at__isnull=True)
        )
        decisions = component.decisions.visible_to(user).filter(done_on__isnull=True)
        soon = today + datetime.timedelta(days=SOON)
        listed = reverse("activity-list", args=[self.mission.code])
        live_url = f"{listed}?lead_component={component.pk}&live=true"
        return super().get_context_data(
            figures=led.live().aggregate(
                live=Count("pk"),
                overdue=Count("pk", filter=late(self.mission)),
                soon=Count("pk", filter=~late(self.mission) & Q(due__lte=soon)),
                blocked=Count("pk", filter=~Q(blockers="")),
            ),
            led=self._listed(led.live().with_overdue(self.mission)),
            supported=self._listed(supported.with_overdue(self.mission)),
            supported_total=supported.count(),
            alerts=alerts.select_related("mission", "admin_area").triage()[:LISTED],
            alerts_total=alerts.count(),
            **ever(component, user),
            decisions=decisions.select_related("meeting__mission", "mission")[:LISTED],
            decisions_total=decisions.count(),
            bases=component.bases.visible_to(user)
            .present(today)
            .select_related("mission")[:LISTED],
            soon_url=f"{live_url}&overdue=false&due_until={soon}",
            overdue_url=f"{live_url}&overdue=true",
            live_url=live_url,
            **kwargs,
        )

    @staticmethod
    def _listed(activities):
        return activities.select_related("mission", "lead_component").order_by("due", "pk")[:LISTED]
