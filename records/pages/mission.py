"""A page within a mission: whose it is, whose zone it tells the time in, what it may ask."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.generic import DetailView, TemplateView

from missions.models import Mission
from records.asked import Parameters, not_understood


class MissionPage(LoginRequiredMixin):
    """A page under ``/<mission code>/``. A mission that is not the user's answers 404."""

    request: Any  # of somebody signed in, who is a member
    mission: Mission
    section = ""  # entry of the navigation to mark
    parameters: Parameters = {}  # of the address, and the values known of each

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            self.mission = get_object_or_404(
                Mission.objects.visible_to(request.user), code=kwargs["code"]
            )
            request.mission = self.mission  # type: ignore[attr-defined]
            timezone.activate(self.mission.zone)  # ClockMiddleware ends it
            self.check_access()
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]

    def check_access(self) -> None:
        """What a page asks for beyond the mission. Raises PermissionDenied or Http404."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(section=self.section, **kwargs)  # type: ignore[misc]
        return context | {"not_understood": self.not_understood(context)}

    def not_understood(self, context: dict[str, Any]) -> list[str]:
        """What the page says of parameters and values it does not know; they do nothing."""
        return not_understood(self.request.GET, self.parameters)

    def visible_here(self, queryset):
        """Those of the mission's records the user may see."""
        return queryset.visible_to(self.request.user).filter(mission=self.mission)


class ContentPage(MissionPage, TemplateView):
    """A page of its own kind."""


class RecordPage(MissionPage, DetailView):
    """One record; what the user may not see answers 404."""

    queryset: Any

    def get_queryset(self):
        return self.visible_here(self.queryset.all())
