from __future__ import annotations

from missions.models import Component
from missions.pages import RecordPage


class ComponentPage(RecordPage):
    queryset = Component.objects.select_related("mission")
    template_name = "strategies/component.html"
    section = "components"

    def get_context_data(self, **kwargs):
        user, today = self.request.user, self.mission.today
        led = self.object.led_activities.visible_to(user).with_overdue(today)
        supported = self.object.supported_activities.visible_to(user).with_overdue(today)
        return super().get_context_data(
            led=led.select_related("mission").order_by("due", "pk"),
            supported=supported.select_related("mission", "lead_component").order_by("due", "pk"),
            **kwargs,
        )
