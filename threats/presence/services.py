"""Where components stand, as people say it."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from missions.models import Component, Mission, User
from records.given import UNSET, Unset, given
from records.services import create_record
from threats.presence.models import Post


def add_post(
    *,
    user: User,
    mission: Mission,
    name: str,
    kind: str,
    component: Component,
    longitude: float,
    latitude: float,
    since: datetime.date,
    until: datetime.date | Unset | None = UNSET,
    strength: str | Unset = UNSET,
    classification: int | Unset = UNSET,
    compartments: Sequence[str] | Unset = UNSET,
) -> Post:
    """Add a post. Raises PermissionDenied, or ValidationError by field."""
    return create_record(
        Post,
        user=user,
        mission=mission,
        name=name,
        kind=kind,
        component=component,
        longitude=longitude,
        latitude=latitude,
        since=since,
        **given(
            until=until, strength=strength, classification=classification, compartments=compartments
        ),
    )
