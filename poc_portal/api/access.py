"""Who calls the API, with which token, and how often."""

from __future__ import annotations

import base64
import datetime
import math

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from knox.auth import TokenAuthentication as KnoxAuthentication
from knox.crypto import hash_token
from knox.models import get_token_model
from rest_framework import exceptions
from rest_framework.authentication import get_authorization_header
from rest_framework.permissions import BasePermission
from rest_framework.throttling import BaseThrottle

from poc_portal.web.address import network_of
from poc_portal.web.pace import SHARE, counted

TOKENS_TOGETHER = 3  # times what one token may ask, all of an account's together


class TokenAuthentication(KnoxAuthentication):
    """``Authorization: Token …``, found by its digest; its last use is kept to the minute.

    Maps and spreadsheets that only know a name and a password send the token as the password.
    """

    def authenticate(self, request):
        kind, _space, given = get_authorization_header(request).partition(b" ")
        if kind.lower() != b"basic":
            return super().authenticate(request)
        try:
            password = base64.b64decode(given, validate=True).partition(b":")[2]
        except ValueError:
            raise exceptions.AuthenticationFailed(gettext("Invalid token.")) from None
        return self.authenticate_credentials(password)

    def authenticate_credentials(self, token: bytes):
        try:
            digest = hash_token(token.decode("ascii"))
        except UnicodeDecodeError:
            raise exceptions.AuthenticationFailed(gettext("Invalid token.")) from None
        found = get_token_model().objects.select_related("user").filter(digest=digest).first()
        now = timezone.now()
        if found is None or (found.expiry is not None and found.expiry < now):
            raise exceptions.AuthenticationFailed(gettext("Invalid token, revoked or expired."))
        if found.last_used_at is None or now - found.last_used_at > datetime.timedelta(minutes=1):
            type(found).objects.filter(pk=found.pk).update(last_used_at=now)
        return self.validate_user(found)


class WithinToken(BasePermission):
    """A token may be for reading only, or for some resources only."""

    message = _("This token does not allow it. Make one that does on the page of your tokens.")

    def has_permission(self, request, view) -> bool:
        if not isinstance(request.auth, get_token_model()):
            return True
        if getattr(view, "is_for_any_token", False):
            return True
        resource = getattr(view, "basename", None) or getattr(view, "resource", None)
        return request.auth.allows(request.method, resource)


class RateLimit(BaseThrottle):
    """So many requests a minute for each token or person, and for all tokens of one together."""

    def allow_request(self, request, view) -> bool:
        limit = settings.API_REQUESTS_PER_MINUTE
        if not limit or not request.user.is_authenticated:
            return True
        if isinstance(request.auth, get_token_model()):
            callers = {
                f"token:{request.auth.pk}": limit,
                f"tokens:{request.user.pk}": limit * TOKENS_TOGETHER,
            }
        else:
            callers = {f"user:{request.user.pk}": limit}
        left = limit
        for caller, most in callers.items():
            count, self._left = counted(caller)
            left = min(left, most - count)
            if left < 0:  # what one token was refused uses up nothing of the others'
                break
        request._request.rate = (limit, max(0, left), math.ceil(self._left))
        return left >= 0

    def wait(self) -> float:
        return self._left


class AddressLimit(BaseThrottle):
    """Of doors that stand open to everybody: so many requests a minute from one address."""

    def allow_request(self, request, view) -> bool:
        limit = settings.API_REQUESTS_PER_MINUTE // SHARE
        if not limit or getattr(request.user, "is_authenticated", False):
            return True
        door = type(view).__name__
        count, self._left = counted(f"address:{door}:{network_of(request)}")
        return count <= limit

    def wait(self) -> float:
        return self._left
