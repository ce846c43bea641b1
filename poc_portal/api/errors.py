"""Errors as ``application/problem+json`` (RFC 9457), naming the field, the value and the cure."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError as ModelError
from django.db import DataError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

CONTENT_TYPE = "application/problem+json"


class Conflict(exceptions.APIException):
    """Somebody else changed the record; the answer carries its current version."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_code = "changed_meanwhile"

    def __init__(self, current: Any, etag: str):
        super().__init__(gettext("This record was changed by somebody else in the meantime."))
        self.current, self.etag = current, etag


class Gone(exceptions.APIException):
    """What a cursor pointed to is no longer kept, or the caller's access has changed."""

    status_code = status.HTTP_410_GONE
    default_detail = _(
        "This place in the changes is no longer kept, or what you may see has changed. Begin "
        "again with modified_since=start, and drop what you hold."
    )
    default_code = "begin_again"


def problem(error: Exception, context: dict) -> Response | None:
    """DRF's exception handler: turns what a service raised into a problem document."""
    if isinstance(error, ModelError):
        error = exceptions.ValidationError(by_field(error))
    elif isinstance(error, DataError):
        set_rollback()
        error = exceptions.ValidationError(
            {"non_field_errors": gettext("A value is outside what can be stored.")}
        )
    response = exception_handler(error, context)
    if response is None:
        return None
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": str(getattr(error, "default_detail", "")) or response.status_text,
        "status": response.status_code,
    }
    if isinstance(error, exceptions.ValidationError):
        body["title"] = gettext("Some values are not right.")
        body["errors"] = flat(response.data)
    else:
        data = response.data
        body["detail"] = data.get("detail") if isinstance(data, dict) else str(data)
    if isinstance(error, Conflict):
        body["current"] = error.current
        response["ETag"] = error.etag
    response.data = body
    response.content_type = CONTENT_TYPE
    return response


def by_field(error: ModelError) -> dict[str, list[str]]:
    """Messages of a service's error by the field they belong to."""
    detail = error.message_dict if hasattr(error, "error_dict") else {"__all__": error.messages}
    return {
        name if name != "__all__" else "non_field_errors": texts for name, texts in detail.items()
    }


def flat(detail: Any, path: str = "") -> list[dict[str, str]]:
    """Messages as rows of field and message, nested fields by their path."""
    if isinstance(detail, dict):
        return [
            row
            for name, value in detail.items()
            for row in flat(value, f"{path}.{name}" if path else str(name))
        ]
    if isinstance(detail, list):
        rows = []
        for place, value in enumerate(detail):
            nested = isinstance(value, dict | list)
            rows += flat(value, f"{path}[{place}]" if nested else path)
        return rows
    return [{"field": path or "non_field_errors", "message": str(detail)}]
