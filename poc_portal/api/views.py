from __future__ import annotations

import datetime
from typing import ClassVar

from django.contrib.auth import authenticate
from django.utils.translation import gettext
from drf_spectacular.utils import OpenApiResponse, extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from knox.models import get_token_model
from rest_framework import serializers, status
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import APIRootView

from poc_portal.api.access import TokenAuthentication
from poc_portal.api.strict import Strict, StrictView, inspecting

BY_PASSWORD = datetime.timedelta(hours=12)  # a working day, as a session


class SignIn(Strict):
    example: ClassVar[dict] = {"username": "analyst", "password": "demonstration"}

    username = serializers.CharField()
    password = serializers.CharField(write_only=True, style={"input_type": "password"})


class Token(serializers.Serializer):
    token = serializers.CharField(help_text="Send it as “Authorization: Token …”. Shown once.")
    expiry = serializers.DateTimeField(allow_null=True)


class SignInView(StrictView):
    """Get a token for an account, for 12 hours. It is stored hashed, so it is shown this once.

    Narrower ones, and for longer, are made on the page of one's tokens.
    """

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = ()  # every try is counted, see web.guessing
    is_once = False

    @extend_schema(request=SignIn, responses={201: Token})
    def post(self, request: Request) -> Response:
        given = SignIn(data=request.data)
        given.is_valid(raise_exception=True)
        user = authenticate(request, **given.validated_data)
        if user is None:
            wait = getattr(request._request, "sign_in_wait", None)
            raise AuthenticationFailed if wait is None else Throttled(wait)
        record, token = get_token_model().objects.create(
            user, expiry=BY_PASSWORD, name=gettext("By password"), may_write=True
        )
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
    """What can be asked, as OpenAPI."""

    def _get_schema_response(self, request: Request) -> Response:
        with inspecting:
            return super()._get_schema_response(request)


class ExplorerView(SpectacularSwaggerSplitView):
    """The schema as a page to try requests on, served from this machine alone."""

    template_name = "portal/explorer.html"
