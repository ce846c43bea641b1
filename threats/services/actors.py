"""Adding and changing armed actors, and who belongs to a coalition since when."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from missions.access import is_visible
from missions.models import Mission, User
from records.given import UNSET, Unset, given
from records.services import create_record, relinked, update_record
from threats.choices import ActorKind
from threats.models import ArmedActor, CoalitionMember


@dataclass(frozen=True)
class Belonging:
    """That an actor belongs to a coalition; days unknown are None."""

    member: ArmedActor
    since: datetime.date | None = None
    until: datetime.date | None = None


@transaction.atomic
def add_actor(
    *,
    user: User,
    mission: Mission,
    name: str,
    aliases: list[str] | Unset = UNSET,
    kind: str | Unset = UNSET,
    parent: ArmedActor | Unset | None = UNSET,
    members: Iterable[ArmedActor] | Unset = UNSET,
    belongings: Iterable[Belonging] | Unset = UNSET,
    classification: int | Unset = UNSET,
    compartments: Sequence[str] | Unset = UNSET,
    is_demonstration: bool | Unset = UNSET,
) -> ArmedActor:
    """Add an actor. ``members``: without days; ``belongings``: with them. Raises ValidationError."""
    values = given(
        aliases=aliases,
        kind=kind,
        parent=parent,
        members=members,
        classification=classification,
        compartments=compartments,
        is_demonstration=is_demonstration,
    )
    values |= _decision(user, values.get("kind"))
    actor = create_record(ArmedActor, user=user, mission=mission, name=name, **values)
    _keep_belongings(actor, user, belongings)
    return actor


@transaction.atomic
def edit_actor(
    actor: ArmedActor,
    *,
    user: User,
    expected: str | None = None,
    name: str | Unset = UNSET,
    aliases: list[str] | Unset = UNSET,
    kind: str | Unset = UNSET,
    parent: ArmedActor | Unset | None = UNSET,
    members: Iterable[ArmedActor] | Unset = UNSET,
    belongings: Iterable[Belonging] | Unset = UNSET,
    classification: int | Unset = UNSET,
    compartments: Sequence[str] | Unset = UNSET,
) -> ArmedActor:
    """Change an actor. Raises EditConflict when somebody else changed it, or ValidationError.

    Members and a parent hidden from the user stay as they are.
    """
    values = given(
        name=name,
        aliases=aliases,
        kind=kind,
        parent=parent,
        members=members,
        classification=classification,
        compartments=compartments,
    )
    if values.get("kind", actor.kind) != actor.kind or actor.review:
        values |= _decision(user, values.get("kind"))
    actor = update_record(actor, user=user, expected=expected, **values)
    _keep_belongings(actor, user, belongings)
    return actor


def _decision(user: User, kind: str | Unset | None) -> dict:
    """Who gave an actor its kind and when; a review ends with it."""
    if not kind or kind == ActorKind.UNKNOWN:
        return {}
    return {"kind_decided_by": user, "kind_decided_at": timezone.now()}


def _keep_belongings(
    actor: ArmedActor, user: User, belongings: Iterable[Belonging] | Unset
) -> None:
    """The members the user may see become those given."""
    if isinstance(belongings, Unset):
        return
    asked = {row.member.pk: row for row in belongings}
    if actor.pk in asked:
        raise ValidationError({"belongings": gettext("An actor is no member of itself.")})
    for row in asked.values():
        if row.since and row.until and row.until < row.since:
            raise ValidationError(
                {"belongings": gettext("%(name)s: until lies before since.") % {"name": row.member}}
            )
    changed = []
    for link in CoalitionMember.objects.filter(coalition=actor).select_related("member"):
        said = asked.get(link.member_id)
        if said is not None and (said.since, said.until) == (link.since, link.until):
            del asked[link.member_id]
        elif said is None and is_visible(user, link.member):
            changed.append(link.member)
            link.delete()
    for row in asked.values():
        changed.append(row.member)
        CoalitionMember.objects.update_or_create(
            coalition=actor,
            member=row.member,
            defaults={"since": row.since, "until": row.until},
        )
    relinked(actor, changed)
