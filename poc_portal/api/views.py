from __future__ import annotations

import hashlib
from typing import Any, ClassVar, NamedTuple

from django.conf import settings
from django.contrib.auth import authenticate
from django.http import HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language, override
from drf_spectacular.utils import OpenApiResponse, extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework import serializers, status
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import APIRootView
from rest_framework.settings import api_settings

from poc_portal.api.access import AddressLimit, TokenAuthentication
from poc_portal.api.by_password import issue_by_password
from poc_portal.api.parsers import SmallParser
from poc_portal.api.strict import Strict, StrictView, inspecting
from poc_portal.web.guessing import LONGEST_NAME

OPEN_LIMITS: Any = (AddressLimit, *api_settings.DEFAULT_THROTTLE_CLASSES)  # of who need not sign in


class SignIn(Strict):
    example: ClassVar[dict] = {"username": "analyst", "password": "demonstration"}

    username = serializers.CharField(max_length=LONGEST_NAME)
    password = serializers.CharField(
        max_length=1000, write_only=True, style={"input_type": "password"}
    )


class Token(serializers.Serializer):
    token = serializers.CharField(help_text="Send it as “Authorization: Token …”. Shown once.")
    expiry = serializers.DateTimeField(allow_null=True)


class SignInView(StrictView):
    """Get a token for an account, for 12 hours. It is stored hashed, so it is shown this once.

    Narrower ones, and for longer, are made on the page of one's tokens.
    """

    authentication_classes = ()
    permission_classes = (AllowAny,)
    parser_classes = (SmallParser,)
    throttle_classes = (AddressLimit,)  # what fails is counted besides, see web.guessing
    is_once = False

    @extend_schema(request=SignIn, responses={201: Token})
    def post(self, request: Request) -> Response:
        given = SignIn(data=request.data)
        given.is_valid(raise_exception=True)
        user = authenticate(request, **given.validated_data)
        if user is None:
            wait = getattr(request._request, "sign_in_wait", None)
            raise AuthenticationFailed if wait is None else Throttled(wait)
        record, token = issue_by_password(user)
        return Response({"token": token, "expiry": record.expiry}, status=status.HTTP_201_CREATED)


class SignOutView(StrictView):
    """Revoke the token this request was made with, whatever else it may do."""

    is_for_any_token = True
    authentication_classes = (TokenAuthentication,)

    @extend_schema(request=None, responses={204: OpenApiResponse(description="Revoked.")})
    def delete(self, request: Request) -> Response:
        request.auth.delete()
        return Response(status=status.HTTP_204_NO_CONTENT)


class RootView(StrictView, APIRootView):
    """The addresses of all resources."""


class SchemaView(StrictView, SpectacularAPIView):
    """What can be asked, as OpenAPI; made once for each language and form, for it takes seconds.

    It is the same for everybody who may read it.
    """

    throttle_classes = OPEN_LIMITS

    def _get_schema_response(self, request: Request) -> HttpResponse:
        given = get_language() or ""
        language = given if given in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with override(language):
            schema = _schema(self, language, request)
        response: HttpResponse = HttpResponse(schema.body, content_type=schema.content_type)
        response["Content-Disposition"] = schema.disposition
        response["ETag"] = schema.etag
        asked = request._request
        return get_conditional_response(asked, schema.etag, response=response) or response


class _Schema(NamedTuple):
    body: bytes
    content_type: str
    disposition: str
    etag: str


_schemas: dict[tuple[str, str], _Schema] = {}


def _schema(view: SchemaView, language: str, request: Request) -> _Schema:
    renderer: Any = request.accepted_renderer  # type: ignore[attr-defined]
    key = language, renderer.media_type
    if key not in _schemas:
        with inspecting:
            if key not in _schemas:
                made = super(SchemaView, view)._get_schema_response(request)
                body = renderer.render(made.data, renderer.media_type, {})
                digest = hashlib.blake2b(body, digest_size=12).hexdigest()
                _schemas[key] = _Schema(
                    body,
                    f"{renderer.media_type}; charset=utf-8",
                    made["Content-Disposition"],
                    f'"{digest}"',
                )
    return _schemas[key]


class ExplorerView(SpectacularSwaggerSplitView):
    """The schema as a page to try requests on, served from this machine alone."""

    throttle_classes = OPEN_LIMITS
    template_name = "portal/explorer.html"
