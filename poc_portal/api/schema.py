"""What every operation of the schema says without being told to."""

from __future__ import annotations

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from poc_portal.exports import XLSX

KEY = OpenApiParameter(
    "Idempotency-Key", OpenApiTypes.STR, OpenApiParameter.HEADER,
    description=(
        "A name of your own for this request, such as a UUID. Sent again with the same body, it "
        "is answered as the first time and not done again (for a day); with another body: 422."
    ),
)  # fmt: skip
MATCH = OpenApiParameter(
    "If-Match", OpenApiTypes.STR, OpenApiParameter.HEADER,
    description="The ETag you read: 412, with the record as it is now, if it changed since.",
)  # fmt: skip


PROBLEM = {
    "type": "object",
    "description": "What was wrong, after RFC 9457, naming each field and what would be right.",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": ["string", "null"]},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
        "current": {"type": "object", "description": "With 412: the record as it stands now."},
    },
}
REFUSED = {
    "description": (
        "Refused: 400 values that are not right, 401 no token or one that expired, 403 not "
        "allowed, 404 not there or not for you to see, 409 and 422 as things stand not possible, "
        "410 begin again, 412 changed meanwhile, 413 too large, 415 not JSON, 429 too often."
    ),
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


# What the forms other than JSON hold, whatever the resource.
OTHER_FORMS = {
    "application/geo+json": {"type": "object", "description": "GeoJSON; of a list, the whole."},
    "application/x-ndjson": {"type": "string", "description": "A record of JSON a line."},
    "text/csv": {"type": "string", "description": "A header, then a record a line."},
    XLSX: {"type": "string", "format": "binary"},
}


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "poc_portal.api.access.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema) -> dict:
        return {
            "type": "apiKey", "in": "header", "name": "Authorization",
            "description": "“Token ” and the token, made on the page of your tokens.",
        }  # fmt: skip


class Schema(AutoSchema):
    """The API's own headers and answers."""

    def get_operation(self, *args, **kwargs) -> dict | None:
        operation = super().get_operation(*args, **kwargs)
        if operation is not None:
            operation["responses"].setdefault("default", REFUSED)
            for answer in operation["responses"].values():
                for kind, content in answer.get("content", {}).items():
                    if kind in OTHER_FORMS:
                        content["schema"] = OTHER_FORMS[kind]
        return operation

    def get_override_parameters(self) -> list[OpenApiParameter]:
        given = super().get_override_parameters()
        if self.method == "POST" and not hasattr(self.view, "throttle_scope"):
            given = [*given, KEY]
        if self.method in ("PUT", "PATCH", "DELETE") and hasattr(self.view, "update_service"):
            given = [*given, MATCH]
        return given


def with_problem(result: dict, generator, request, public) -> dict:
    """Adds the shape of what every operation answers when it refuses."""
    result["components"]["schemas"]["Problem"] = PROBLEM
    return result
