"""What every operation of the schema says without being told to."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.hooks import postprocess_schema_enums
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.settings import spectacular_settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from poc_portal.api.strict import FREE_TEXT, Strict
from poc_portal.declarations import enumerations, modules
from poc_portal.tabular.exports import XLSX

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
REFUSED: dict[str, Any] = {
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


# Of the frame's own parameters; those with an enumeration need none. Apps give theirs as
# ``examples`` of the module they name in ``AppConfig.api_module``.
NAMED: dict[str, Any] = {
    "page_size": 50, "limit": 50, "fields": "id", "omit": "id", "modified_since": "start",
    "reason": "Reported twice.", "bbox": "20,5,24,8", "datetime": "2022-10-01/2022-12-31",
    "hxl": True, "Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324",
}  # fmt: skip
BY_TYPE: dict[str, Any] = {"integer": 1, "boolean": True, "array": [1]}
# A place in a list or a version of a record is taken from an earlier answer, never made up.
INHERITED = 2  # components with the same description, at most
TAKEN = frozenset({"cursor", "If-Match", "format", "ordering"})


@cache
def _named() -> dict[str, Any]:
    found = dict(NAMED)
    for module in modules("api"):
        found |= getattr(module, "examples", {})
    return found


FORM = "Instead of the Accept header. All but JSON give the whole list."


class Schema(AutoSchema):
    """The API's own headers, answers and examples.

    A serializer that writes declares an ``example`` of a new record, and in ``once`` the fields
    that are given only then.
    """

    view: Any

    def get_operation(self, *args, **kwargs) -> dict | None:
        operation = super().get_operation(*args, **kwargs)
        if operation is not None:
            operation["responses"].setdefault("default", REFUSED)
            for status, answer in operation["responses"].items():
                if status >= "400":
                    answer["content"] = {**REFUSED["content"], **answer.get("content", {})}
                for kind, content in answer.get("content", {}).items():
                    if kind in OTHER_FORMS:
                        content["schema"] = OTHER_FORMS[kind]
            self._leave_out(operation)
            self._add_examples(operation)
        return operation

    def _map_serializer(self, serializer, direction, bypass_extensions=False) -> dict:
        found = super()._map_serializer(serializer, direction, bypass_extensions)
        if direction == "response" and hasattr(serializer, "hxl"):
            found.pop("required", None)  # any field can be left out with “fields” and “omit”
        if direction == "request" and isinstance(serializer, Strict) and "properties" in found:
            found["additionalProperties"] = False
        return found

    def _is_list_view(self, serializer=None) -> bool:
        return not getattr(self.view, "is_one_object", False) and super()._is_list_view(serializer)

    def _leave_out(self, operation: dict) -> None:
        names: frozenset[str] = getattr(self.view, "left_out_of_schema", frozenset)()
        if names & {parameter["name"] for parameter in operation.get("parameters", [])}:
            operation["parameters"] = [p for p in operation["parameters"] if p["name"] not in names]

    def _add_examples(self, operation: dict) -> None:
        for parameter in operation.get("parameters", []):
            schema, name = parameter["schema"], parameter["name"]
            if parameter["in"] == "query" and not parameter.get("description"):
                words = name.replace("_", " ")
                parameter["description"] = FORM if name == "format" else f"Only with this {words}."
            if parameter["in"] == "query" and name not in FREE_TEXT:
                self._never_empty(schema)
            if name in TAKEN or "enum" in str(schema):
                continue
            example = _named().get(name, BY_TYPE.get(schema.get("type", "")))
            if example is not None:
                parameter["example"] = example
        bodies = operation.get("requestBody", {}).get("content", {})
        example = self._example() if bodies else None
        for kind, content in bodies.items():
            if example is not None and "examples" not in content:
                is_lines = kind == "application/x-ndjson"
                content["example"] = "\n".join(map(json.dumps, example)) if is_lines else example

    @staticmethod
    def _never_empty(schema: dict) -> None:
        """A parameter given empty is refused."""
        if schema.get("type") == "string" and not schema.keys() & {"enum", "format", "pattern"}:
            schema.setdefault("minLength", 1)

    def _example(self) -> Any:
        """A body for the operation, from the example of a new record."""
        action = getattr(self.view, "action", "")
        serializer = self.get_request_serializer()
        if action == "bulk":
            serializer = self.view.serializer_class
        example = getattr(serializer, "example", None)
        if example is None or action in ("create", ""):
            return example
        rest = {name: value for name, value in example.items() if name != "mission"}
        if action == "bulk":
            naming = self.view.queryset.model.external_fields or ()
            rest = {name: value for name, value in rest.items() if name not in naming}
            return [{"external_id": "B-112", **rest}]
        if action == "partial_update":
            last = list(rest)[-1]
            return {last: rest[last]}
        if action == "update":
            once = getattr(serializer, "once", ())
            return {name: value for name, value in rest.items() if name not in once}
        return example

    def get_override_parameters(self) -> list[Any]:
        given: list[Any] = super().get_override_parameters()
        if self.method == "POST" and getattr(self.view, "is_once", True):
            given = [*given, KEY]
        if self.method in ("PUT", "PATCH", "DELETE") and hasattr(self.view, "update_service"):
            given = [*given, MATCH]
        return given


def with_enumerations(result: dict, generator, **kwargs) -> dict:
    """Names the enumerations as the apps declare."""
    settings: Any = spectacular_settings
    settings.ENUM_NAME_OVERRIDES = enumerations()
    return postprocess_schema_enums(result, generator, **kwargs)


def with_problem(result: dict, generator, request, public) -> dict:
    """Adds the shape of what every operation answers when it refuses."""
    schemas = result["components"]["schemas"]
    said = Counter(schema.get("description") for schema in schemas.values())
    for schema in schemas.values():
        if said[schema.get("description")] > INHERITED:
            schema.pop("description", None)  # of a base, which says nothing to a caller
    schemas["Problem"] = PROBLEM
    return result
