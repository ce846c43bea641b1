"""What every page shows of what waits for its reader."""

from __future__ import annotations

from django.http import HttpRequest

from exchange.models import Notification
from missions.access import grants


def unread(request: HttpRequest) -> dict:
    """How many notifications the reader has not read, in the mission of the page."""
    mission = getattr(request, "mission", None)
    if mission is None or mission.pk not in grants(request.user):
        return {"unread": 0} if mission is not None else {}
    return {"unread": Notification.objects.of(request.user, mission).unread().count()}
