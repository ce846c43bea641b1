"""Looking at the portal as a reader of a lower clearance sees it, to know what others are told."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext

from missions.access import grants, read_as_cleared
from missions.choices import Classification
from missions.roles import Capability

KEY = "reads_as"  # of the session: a Classification
READING = ("GET", "HEAD", "OPTIONS")


class ReadingAsMiddleware:
    """Lowers what a session's requests are granted; writes are refused until its owner goes back.

    ``request.reads_as``: the level, where one is set. Programs with a token of their own are not
    concerned.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        level = _level(request)
        if level is None:
            return self.get_response(request)
        ways_out = [reverse(name) for name in ("read-as-end", "logout", "set_language")]
        if request.method not in READING and request.path not in ways_out:
            return _refused(request, level)
        user: Any = request.user
        if not any(grant.can(Capability.READ_AS) for grant in grants(user).values()):
            del request.session[KEY]
            return self.get_response(request)
        read_as_cleared(user, level)
        vars(request)["reads_as"] = level
        return self.get_response(request)


def _is_program(request: HttpRequest) -> bool:
    """Whether a token is the only way in: pages never ask for one, and of a header that is none of
    a token's the API goes by the session."""
    scheme = request.headers.get("Authorization", "").partition(" ")[0].lower()
    return request.path.startswith("/api/") and scheme in ("token", "basic")


def _level(request: HttpRequest) -> Classification | None:
    if settings.SESSION_COOKIE_NAME not in request.COOKIES or _is_program(request):
        return None
    level = request.session.get(KEY)
    if level not in Classification.values or not request.user.is_authenticated:
        return None
    return Classification(level)


def _refused(request: HttpRequest, level: Classification) -> HttpResponse:
    message = gettext(
        "You are reading as somebody cleared for “%(level)s”: nothing can be changed. Go back to "
        "your own clearance first."
    ) % {"level": level.label}
    if request.path.startswith("/api/"):
        return JsonResponse(
            {"type": "about:blank", "title": message, "status": 403}, status=403,
            content_type="application/problem+json",
        )  # fmt: skip
    context = {"heading": gettext("Nothing was changed"), "message": message}
    return render(None, "portal/away.html", context, status=403)
