"""Adding, changing and withdrawing communities; their scores follow."""

from __future__ import annotations

from django.db import transaction

from missions.models import Mission, User
from missions.services import place_fields
from records.given import UNSET, Unset, given
from records.services import create_record, update_record, withdraw_record
from threats.models import Community
from threats.scoring.requests import request_community


@transaction.atomic
def add_community(
    *,
    user: User,
    mission: Mission,
    name: str,
    longitude: float,
    latitude: float,
    aliases: list[str] | Unset = UNSET,
    kind: str | Unset = UNSET,
    population: int | Unset | None = UNSET,
    displaced_population: int | Unset | None = UNSET,
    vulnerable_groups: list[str] | Unset = UNSET,
    access: str | Unset = UNSET,
    source: str | Unset = UNSET,
    source_id: str | Unset = UNSET,
    classification: int | Unset = UNSET,
    is_demonstration: bool | Unset = UNSET,
) -> Community:
    """Add a community; its area and field office follow from its point. Raises ValidationError."""
    values = given(
        aliases=aliases,
        kind=kind,
        population=population,
        displaced_population=displaced_population,
        vulnerable_groups=vulnerable_groups,
        access=access,
        source=source,
        source_id=source_id,
        classification=classification,
        is_demonstration=is_demonstration,
    )
    community = create_record(
        Community,
        user=user,
        mission=mission,
        name=name,
        longitude=longitude,
        latitude=latitude,
        **values,
        **place_fields(mission, longitude, latitude),
    )
    request_community(community)
    return community


@transaction.atomic
def edit_community(
    community: Community,
    *,
    user: User,
    expected: str | None = None,
    name: str | Unset = UNSET,
    longitude: float | Unset = UNSET,
    latitude: float | Unset = UNSET,
    aliases: list[str] | Unset = UNSET,
    kind: str | Unset = UNSET,
    population: int | Unset | None = UNSET,
    displaced_population: int | Unset | None = UNSET,
    vulnerable_groups: list[str] | Unset = UNSET,
    access: str | Unset = UNSET,
    source: str | Unset = UNSET,
    source_id: str | Unset = UNSET,
    classification: int | Unset = UNSET,
) -> Community:
    """Change a community; its area and field office follow from its point.

    Raises EditConflict when somebody else changed it meanwhile, or ValidationError.
    """
    values = given(
        name=name,
        longitude=longitude,
        latitude=latitude,
        aliases=aliases,
        kind=kind,
        population=population,
        displaced_population=displaced_population,
        vulnerable_groups=vulnerable_groups,
        access=access,
        source=source,
        source_id=source_id,
        classification=classification,
    )
    place = place_fields(
        community.mission,
        values.get("longitude", community.longitude),
        values.get("latitude", community.latitude),
    )
    community = update_record(community, user=user, expected=expected, **values, **place)
    request_community(community)
    return community


@transaction.atomic
def withdraw_community(community: Community, *, user: User, reason: str) -> Community:
    """Withdraw a community; its scores go with it."""
    community = withdraw_record(community, user=user, reason=reason)
    community.scores.all().delete()
    community.sums.all().delete()
    return community
