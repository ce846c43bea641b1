"""Adding, changing and withdrawing communities; their scores follow."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext

from missions.access import is_visible, require
from missions.models import Mission, User
from missions.services import place_fields
from records.given import UNSET, Unset, given
from records.services import create_record, lock, update_record, withdraw_record
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
    compartments: Sequence[str] | Unset = UNSET,
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
        compartments=compartments,
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
    compartments: Sequence[str] | Unset = UNSET,
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
        compartments=compartments,
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


# What the record kept takes over from the other where it knows nothing itself.
TAKEN_OVER = ("population", "displaced_population")


@transaction.atomic
def merge_communities(
    keep: Community, *, user: User, other: Community, expected: str | None = None
) -> Community:
    """Join two records of one place. Returns the one kept; the other is withdrawn, and stays stored.

    Whatever named the other (threats, activities, alerts, of whichever floor) names the one kept;
    its names become other names. Raises PermissionDenied, EditConflict, or ValidationError: also
    where the other is the more secret one, as what hangs on it would come to light.
    """
    locked = {pk: lock(Community(pk=pk)) for pk in sorted((keep.pk, other.pk))}
    keep, other = locked[keep.pk], locked[other.pk]
    if keep.pk == other.pk or keep.mission_id != other.mission_id:
        raise ValidationError(
            {"other": gettext("Choose two different communities of one mission.")}
        )
    if keep.withdrawn_at or other.withdrawn_at:
        raise ValidationError(
            {"other": gettext("One of the two has been withdrawn or merged already.")}
        )
    require(is_visible(user, keep) and is_visible(user, other))
    is_narrower = not set(other.compartments) <= set(keep.compartments)
    if other.classification > keep.classification or is_narrower:
        raise ValidationError(
            {
                "other": gettext(
                    "“%(name)s” is classified higher than this record. Merge from its page, so that "
                    "it is the one kept."
                )
                % {"name": other}
            }
        )
    values = {name: getattr(other, name) for name in TAKEN_OVER if getattr(keep, name) is None} | {
        "aliases": list(
            dict.fromkeys(
                name for name in (*keep.aliases, other.name, *other.aliases) if name != keep.name
            )
        ),
        "vulnerable_groups": list(
            dict.fromkeys((*keep.vulnerable_groups, *other.vulnerable_groups))
        ),
    }
    keep = update_record(keep, user=user, expected=expected, **values)
    _repoint(other, keep)
    reason = gettext("Merged into community %(number)s.") % {"number": keep.pk}
    other = withdraw_community(other, user=user, reason=reason)
    Community.objects.filter(pk=other.pk).update(merged_into=keep)
    request_community(keep)
    return keep


def _repoint(other: Community, keep: Community) -> None:
    """Every link of another record to ``other`` becomes one to ``keep``."""
    for relation in Community._meta.related_objects:
        if not relation.many_to_many:
            continue
        links = relation.through._default_manager  # type: ignore[attr-defined]
        ours = relation.field.m2m_reverse_field_name()  # type: ignore[attr-defined]
        theirs = relation.field.m2m_field_name()  # type: ignore[attr-defined]
        known = set(links.filter(**{ours: keep}).values_list(f"{theirs}_id", flat=True))
        for link in links.filter(**{ours: other}):
            if getattr(link, f"{theirs}_id") in known:
                link.delete()
            else:
                setattr(link, ours, keep)
                link.save()
