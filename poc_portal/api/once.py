"""Requests that may be sent again without being done again (``Idempotency-Key``).

The answer is stored in the transaction of what was written, so the two stand or fall together; a
request that was refused wrote nothing, is not remembered, and may be put right under its key.
After draft-ietf-httpapi-idempotency-key-header.
"""

from __future__ import annotations

import datetime
import functools
import hashlib
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions, status
from rest_framework.request import Request

from poc_portal.api.strict import StrictView
from poc_portal.models import SentOnce

RETENTION = datetime.timedelta(days=1)
HEADERS = ("ETag", "Location")


class AnotherRequest(exceptions.APIException):
    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_detail = _(
        "This Idempotency-Key came with another request before. Give each request its own."
    )
    default_code = "another_request"


class Once(StrictView):
    """Base of views whose POST honours ``Idempotency-Key``."""

    def initial(self, request: Request, *args, **kwargs) -> None:
        body = request._request.body if "Idempotency-Key" in request.headers else b""
        super().initial(request, *args, **kwargs)
        if request.method == "POST" and "Idempotency-Key" in request.headers:
            # What dispatch calls next, once access was checked.
            handler = getattr(self, "post")  # noqa: B009
            self.post = functools.partial(self._once, handler, body)

    def _once(self, handler: Callable, body: bytes, request: Request, *args, **kwargs):
        key = request.headers["Idempotency-Key"].strip()
        if not 0 < len(key) <= 255 or not key.isprintable():
            raise exceptions.ValidationError(
                {"Idempotency-Key": gettext("Give 1 to 255 printable characters, such as a UUID.")}
            )
        target = (request.method, request.get_full_path(), request.content_type)
        digest = hashlib.sha256(repr(target).encode() + body).hexdigest()
        user: Any = request.user
        with transaction.atomic():
            # A second request with the same key waits here until the first is done.
            sent, is_first = SentOnce.objects.get_or_create(
                user=user, key=key, defaults={"request": digest}
            )
            if not is_first:
                return self._again(sent, digest)
            response = handler(request, *args, **kwargs)
            response = self.finalize_response(request, response, *args, **kwargs).render()
            if response.status_code >= 400:
                transaction.set_rollback(True)
                return response
            sent.status, sent.body = response.status_code, response.content
            sent.content_type = response.get("Content-Type", "")
            sent.headers = {name: response[name] for name in HEADERS if name in response}
            sent.save()
        return response

    @staticmethod
    def _again(sent: SentOnce, digest: str) -> HttpResponse:
        if sent.request != digest:
            raise AnotherRequest
        response = HttpResponse(bytes(sent.body), status=sent.status, headers=sent.headers)
        response["Content-Type"] = sent.content_type
        response["Idempotency-Replayed"] = "true"
        return response


def forget_sent() -> None:
    """Drop answers older than a day; run by beat."""
    SentOnce.objects.filter(created_at__lt=timezone.now() - RETENTION).delete()
