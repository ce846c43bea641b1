"""Whole files and a map's layers: so many at once for each account, whatever its tokens.

A place is a lock of the database connection that answers; a request that ends, however it ends,
gives it back.
"""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from rest_framework.throttling import BaseThrottle

from poc_portal.postgres.locks import KEYS, Lock

AT_ONCE = 3  # files of one account
# A page with a map asks for several layers together, a browser for six things at most.
LAYERS_AT_ONCE = 12
RETRY_AFTER = 5  # seconds
FILES = ("csv", "xlsx", "ndjson")
LAYERS = ("geojson",)
OF_MANY = ("bulk", "submissions", "preview")  # actions that write or read thousands of rows


def take_place(request: HttpRequest, account: int, asked: str = "") -> bool:
    """Whether one was free for what is ``asked`` (a format); given back by ``give_back_with``."""
    if "place_at_once" in vars(request):
        return True  # a lock held twice would be given back once
    lock, places = Lock.AT_ONCE, AT_ONCE
    if asked in LAYERS:
        lock, places = Lock.LAYERS_AT_ONCE, LAYERS_AT_ONCE
    with connection.cursor() as cursor:
        for place in range(places):
            key = (account * places + place) % KEYS
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [lock, key])
            if cursor.fetchone()[0]:
                vars(request)["place_at_once"] = lock, key
                return True
    return False


def give_back_with(request: HttpRequest, response: HttpResponse) -> None:
    """Now, or once a response that is still being made has been sent."""
    place = vars(request).pop("place_at_once", None)
    if place is None:
        return
    if response.streaming:
        response._resource_closers.append(lambda: _give_back(*place))  # type: ignore[attr-defined]
    else:
        _give_back(*place)


def _give_back(lock: Lock, key: int) -> None:
    if connection.connection is not None and not connection.connection.closed:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [lock, key])


class FilesAtOnce(BaseThrottle):
    """Of the API: lists as files, what stands after them, and writes of many rows."""

    def allow_request(self, request: Any, view: Any) -> bool:
        asked = getattr(getattr(request, "accepted_renderer", None), "format", "")
        if getattr(view, "is_layer", False):
            asked = LAYERS[0]
        elif getattr(view, "action", "") in OF_MANY:
            asked = FILES[0]
        if asked not in (*FILES, *LAYERS) or not request.user.is_authenticated:
            return True
        return take_place(request._request, request.user.pk, asked)

    def wait(self) -> float:
        return RETRY_AFTER


class AtOnceMiddleware:
    """Of the pages: files brought, and lists taken as files. Gives back what the API took too."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if (
            self._is_costly(request)
            and request.user.is_authenticated
            and not take_place(request, request.user.pk or 0)
        ):
            message = gettext(
                "Several files of your account are on their way already. Wait until one is there."
            )
            context = {"heading": gettext("Too many at once"), "message": message}
            response = render(None, "portal/away.html", context, status=429)
            response["Retry-After"] = str(RETRY_AFTER)
            return response
        response = self.get_response(request)
        give_back_with(request, response)
        return response

    @staticmethod
    def _is_costly(request: HttpRequest) -> bool:
        if request.path.startswith("/api/"):
            return False  # asked there, where tokens are known
        is_brought = (request.content_type or "") == "multipart/form-data"
        return (request.method == "POST" and is_brought) or request.GET.get("format") in FILES
