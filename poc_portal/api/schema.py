"""What every operation of the schema says without being told to."""

from __future__ import annotations

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

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

    def get_override_parameters(self) -> list[OpenApiParameter]:
        given = super().get_override_parameters()
        if self.method == "POST" and not hasattr(self.view, "throttle_scope"):
            given = [*given, KEY]
        if self.method in ("PUT", "PATCH", "DELETE") and hasattr(self.view, "update_service"):
            given = [*given, MATCH]
        return given
