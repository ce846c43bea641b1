"""What every page shows of what waits for its reader."""

from __future__ import annotations

from django.db.models import Count, Q
from django.http import HttpRequest
from django.utils import timezone

from exchange.models import Notification
from missions.access import own_missions


def unread(request: HttpRequest) -> dict:
    """How many notifications the reader has not read, in the mission of the page.

    Whoever opens the page a notification points to has read it, whichever way they came; looked
    for in the same query.
    """
    mission = getattr(request, "mission", None)
    if mission is None or mission.pk not in own_missions(request.user):
        return {"unread": 0} if mission is not None else {}
    waiting = Notification.objects.of(request.user, mission).unread()
    here = Count("pk", filter=Q(path=request.path))
    found = waiting.aggregate(all=Count("pk"), here=here)
    if request.method != "GET" or not found["here"]:
        return {"unread": found["all"]}
    waiting.filter(path=request.path).update(read_at=timezone.now())
    return {"unread": found["all"] - found["here"]}
