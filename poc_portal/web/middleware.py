"""Middleware of the whole portal."""

from __future__ import annotations

import logging

from django.apps import apps
from django.conf import settings
from django.db.utils import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.module_loading import import_string
from django.utils.translation import gettext

log = logging.getLogger(__name__)
FORM = 2**20  # bytes of a form besides its file
RETRY_AFTER = 3  # seconds; the supervisor has a killed database back sooner


# What no page of the portal asks a browser for.
UNUSED = (
    "accelerometer", "bluetooth", "camera", "display-capture", "geolocation", "gyroscope", "hid",
    "magnetometer", "microphone", "midi", "payment", "screen-wake-lock", "serial", "usb",
)  # fmt: skip
POLICIES = {
    "Permissions-Policy": ", ".join(f"{name}=()" for name in UNUSED),
    "Cross-Origin-Resource-Policy": "same-origin",
}


class PolicyMiddleware:
    """What a browser may not do with any answer."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in POLICIES.items():
            response.headers.setdefault(name, value)
        return response


class DeclaredMiddleware:
    """Those apps name in ``AppConfig.middleware``, of the lowest floor the outermost.

    They see whose request it is; of the hooks of middleware there is ``__call__`` alone.
    """

    def __init__(self, get_response):
        named = [path for app in apps.get_app_configs() for path in getattr(app, "middleware", ())]
        for path in reversed(named):
            get_response = import_string(path)(get_response)
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)


class DatabaseAwayMiddleware:
    """While the database is away a reader is told so, and to try again; nothing was stored."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # What a view raises has become a response by now; this catches the middleware below.
        try:
            return self.get_response(request)
        except (OperationalError, InterfaceError):
            return self._away(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        is_away = isinstance(exception, OperationalError | InterfaceError)
        return self._away(request) if is_away else None

    def _away(self, request: HttpRequest) -> HttpResponse:
        log.error("the database did not answer %s %s", request.method, request.path)
        message = gettext(
            "The database does not answer just now. Nothing was stored; send it again."
        )
        if request.path.startswith("/api/"):
            response: HttpResponse = JsonResponse(
                {"type": "about:blank", "title": message, "status": 503},
                status=503,
                content_type="application/problem+json",
            )
        else:
            response = render(None, "portal/away.html", {"message": message}, status=503)
        response["Retry-After"] = str(RETRY_AFTER)
        return response


class LargeFormMiddleware:
    """A form larger than any file may be is refused before it is read."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("Content-Length", "")
        most = settings.LARGEST_FILE
        if given.isdigit() and int(given) > most + FORM and not request.path.startswith("/api/"):
            message = gettext(
                "The file is larger than %(most)d MB. Split it; nothing was stored."
            ) % {"most": most // 2**20}
            context = {"heading": gettext("Too large"), "message": message}
            return render(None, "portal/away.html", context, status=413)
        return self.get_response(request)


class ClockMiddleware:
    """Every request begins and ends in UTC, whatever zone a page of it tells the time in."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        timezone.deactivate()
        try:
            return self.get_response(request)
        finally:
            timezone.deactivate()


class PrivatePagesMiddleware:
    """What a signed-in person saw stays out of caches, also on a shared computer.

    A program that holds a token may keep an answer, and ask whether it still stands.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            program = "Authorization" in request.headers
            patch_cache_control(
                response, private=True, **{"no_cache" if program else "no_store": True}
            )
        return response
