"""Searches and figures: so many a minute for each account, on pages and over REST together.

Each of them reads through a whole mission. A view that costs as much says ``is_costly``.
"""

from __future__ import annotations

import math
import time
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from rest_framework.throttling import BaseThrottle

from poc_portal.models import RateWindow

WINDOW = 60  # seconds
SHARE = 5  # of the requests an account may make each fifth may be a costly one
SEARCHES = ("q", "search")  # parameters


def counted(caller: str) -> tuple[int, float]:
    """Requests of a caller in this minute, with this one; and how many seconds are left of it."""
    now = time.time()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO poc_portal_ratewindow AS w (caller, minute, count) "
            "VALUES (%s, %s, 1) ON CONFLICT (caller) DO UPDATE SET minute = excluded.minute, "
            "count = CASE WHEN w.minute = excluded.minute THEN w.count + 1 ELSE 1 END "
            "RETURNING count",
            [caller, int(now // WINDOW)],
        )
        count = cursor.fetchone()[0]
    return count, WINDOW - now % WINDOW


def forget_counts() -> None:
    """Drop counts of minutes that have passed."""
    RateWindow.objects.filter(minute__lt=time.time() // WINDOW - 1).delete()


def costly_wait(account: int) -> int:
    """Counts a costly request of an account; seconds to wait where it is one too many, else 0."""
    limit = settings.API_REQUESTS_PER_MINUTE // SHARE
    if not limit:
        return 0
    count, left = counted(f"costly:{account}")
    return math.ceil(left) if count > limit else 0


class CostlyLimit(BaseThrottle):
    """Of the API: figures, and lists that are searched."""

    def allow_request(self, request: Any, view: Any) -> bool:
        searched = any(request.query_params.get(name) for name in SEARCHES)
        if not request.user.is_authenticated or not (searched or getattr(view, "is_costly", False)):
            return True
        self._wait = costly_wait(request.user.pk)
        return not self._wait

    def wait(self) -> float:
        return self._wait


class CostlyPagesMiddleware:
    """Of the pages: figures, the search, and lists that are searched."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any):
        if request.path.startswith("/api/") or not request.user.is_authenticated:
            return None
        searched = any(request.GET.get(name) for name in SEARCHES)
        if not (searched or getattr(getattr(view, "view_class", None), "is_costly", False)):
            return None
        wait = costly_wait(request.user.pk)
        if not wait:
            return None
        message = gettext("Your account asks for a great deal at once. Wait a minute, then go on.")
        context = {"heading": gettext("Too many at once"), "message": message}
        response = render(None, "portal/away.html", context, status=429)
        response["Retry-After"] = str(wait)
        return response
