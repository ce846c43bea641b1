"""Access tokens: made by a person for a program, and revoked by that person."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from exchange.models import AccessToken
from missions.models import User
from poc_portal.api.router import resource_names

LONGEST = 365  # days a token is good for, at most


def issue_token(
    *, user: User, name: str, may_write: bool, resources: Iterable[str], days: int
) -> tuple[AccessToken, str]:
    """Make a token; returns what is kept and the token itself, which is shown once.

    ``resources``: names of API resources, none for all. Raises ValidationError by field.
    """
    resources = sorted(set(resources))
    unknown = [name for name in resources if name not in resource_names()]
    if unknown:
        raise ValidationError(
            {"resources": gettext("Unknown: %(names)s.") % {"names": ", ".join(unknown)}}
        )
    if not 1 <= days <= LONGEST:
        raise ValidationError({"days": gettext("From 1 to %(most)d days.") % {"most": LONGEST}})
    return AccessToken.objects.create(
        user,
        expiry=datetime.timedelta(days=days),
        name=name.strip(),
        may_write=may_write,
        resources=resources,
    )
