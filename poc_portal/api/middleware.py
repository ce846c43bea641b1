"""What holds for every answer of the API, made by a view or not."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext

from poc_portal.api.errors import CONTENT_TYPE
from poc_portal.web.pace import WINDOW


class ApiMiddleware:
    """Of every answer under ``/api/``: its size asked for beforehand, its rate told."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith("/api/"):
            return self.get_response(request)
        response = self._refused(request) or self.get_response(request)
        rate = getattr(request, "rate", None)
        if rate is not None:  # draft-ietf-httpapi-ratelimit-headers
            limit, remaining, seconds = rate
            response["RateLimit-Policy"] = f'"requests";q={limit};w={WINDOW}'
            response["RateLimit"] = f'"requests";r={remaining};t={seconds}'
        return self._as_problem(response)

    @staticmethod
    def _refused(request: HttpRequest) -> HttpResponse | None:
        if "%00" in request.META.get("QUERY_STRING", "") or "\x00" in request.path:
            return _problem(400, gettext("The address holds a null character. Remove it."))
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        given = request.headers.get("Content-Length", "")
        if "chunked" in request.headers.get("Transfer-Encoding", "").lower() and not given:
            return _problem(411, gettext("Send the length of the body (Content-Length)."))
        if given.isdigit() and int(given) > most:
            return _problem(
                413,
                gettext("The body is larger than %(most)d MiB; send it in several parts.")
                % {"most": most // 2**20},
            )
        return None

    @staticmethod
    def _as_problem(response: HttpResponse) -> HttpResponse:
        """What the framework says as a page (an unknown address, a body too odd to read)."""
        kind = response.get("Content-Type", "")
        if response.status_code < 400 or not kind.startswith("text/html"):
            return response
        status = response.status_code
        title = (
            gettext("There is nothing at this address.")
            if status == 404
            else response.reason_phrase
        )
        return _problem(status, title)


def _problem(status: int, title: str) -> HttpResponse:
    return JsonResponse(
        {"type": "about:blank", "title": title, "status": status},
        status=status,
        content_type=CONTENT_TYPE,
    )
