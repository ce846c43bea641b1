"""Filing, correcting and withdrawing incidents; each write asks for the scores it changes."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext

from missions.access import is_visible
from missions.models import Mission, User
from missions.services import place_fields
from records.given import UNSET, Unset, given
from records.services import create_record, lock, relinked, update_record, withdraw_record
from records.submissions import already_submitted
from threats.choices import ActorPart, PlacePrecision
from threats.models import ArmedActor, Incident, IncidentActor
from threats.rules.accounts import require_sealed
from threats.rules.classifying import raised, require_least, usual_classification
from threats.rules.harm import usual_parts
from threats.rules.kinds import REFERRAL_ONLY, referral, require_only_referred
from threats.scoring.requests import note_evidence
from threats.services.attribution import carry_over, leave_unseen_out
from threats.services.grading import settle, store_source
from threats.services.storing import Stored

Parts = Sequence[tuple[ArmedActor, str]]
Rule = tuple[ActorPart, ActorPart]  # of whom is named first and second


@transaction.atomic
def report_incident(
    *,
    user: User,
    mission: Mission,
    kind: str,
    start_date: datetime.date,
    parts: Parts = (),
    source: dict | None = None,
    informant: dict | None = None,
    submission: uuid.UUID | None = None,
    end_date: datetime.date | Unset = UNSET,
    said_against_civilians: bool | Unset | None = UNSET,
    time_of_day: str | Unset = UNSET,
    date_precision: str | Unset = UNSET,
    place_name: str | Unset = UNSET,
    longitude: float | Unset | None = UNSET,
    latitude: float | Unset | None = UNSET,
    place_precision: str | Unset = UNSET,
    deaths_low: int | Unset | None = UNSET,
    deaths_best: int | Unset | None = UNSET,
    deaths_high: int | Unset | None = UNSET,
    civilian_deaths: int | Unset | None = UNSET,
    injured: int | Unset | None = UNSET,
    abducted: int | Unset | None = UNSET,
    displaced: int | Unset | None = UNSET,
    victims: dict[str, Any] | Unset = UNSET,
    grave_violations: Sequence[str] | Unset = UNSET,
    notes: str | Unset = UNSET,
    classification: int | Unset = UNSET,
    compartments: Sequence[str] | Unset = UNSET,
    dataset: str | Unset = UNSET,
    external_id: str | Unset = UNSET,
    is_demonstration: bool | Unset = UNSET,
) -> Incident:
    """File an incident.

    It ends the day it begins unless said otherwise. Whether it counts as against civilians follows
    from its kind and the harm known, see ``threats.rules.harm``; ``said_against_civilians``: what the
    reporter says of it, None where that says enough.
    ``source`` holds fields of IncidentSource, ``informant`` a name and contact to be sealed; graded
    F6 it counts for nothing until somebody verifies it, see ``threats.rules.grading``.
    Without a ``classification`` it has that of ``threats.rules.classifying``, whoever files it; below
    the least with an informant it is refused, as is an account that tells who told. With a ``submission`` already on record the incident filed then is returned, so that a
    report sent again after a broken connection is stored once. Raises ValidationError.
    """
    values = given(
        kind=kind,
        start_date=start_date,
        end_date=end_date,
        said_against_civilians=said_against_civilians,
        time_of_day=time_of_day,
        date_precision=date_precision,
        place_name=place_name,
        longitude=longitude,
        latitude=latitude,
        place_precision=place_precision,
        deaths_low=deaths_low,
        deaths_best=deaths_best,
        deaths_high=deaths_high,
        civilian_deaths=civilian_deaths,
        injured=injured,
        abducted=abducted,
        displaced=displaced,
        victims=victims,
        grave_violations=grave_violations,
        notes=notes,
        classification=classification,
        compartments=compartments,
        dataset=dataset,
        external_id=external_id,
        is_demonstration=is_demonstration,
    )
    if submission is not None:
        earlier = already_submitted(Incident, mission, user, submission)
        if earlier is not None:
            return earlier
    values.setdefault("end_date", start_date)
    if values.get("longitude") is None and not values.get("place_name"):
        values.setdefault("place_precision", PlacePrecision.COUNTRY)  # no place is claimed
    told = informant or {}
    if any(told.values()):
        require_least(values.get("classification"))
    require_sealed(
        _texts(values),
        names=[told.get("name", "")],
        contacts=[told.get("contact", "")],
        places=values.get("place_name", ""),
    )
    incident = create_record(
        Incident,
        user=user,
        usual=usual_classification(kind),
        mission=mission,
        submission=submission,
        **values,
        **place_fields(mission, values.get("longitude"), values.get("latitude")),
    )
    _set_parts(incident, parts, user)
    if source:
        store_source(user=user, incident=incident, informant=informant, **source)
        settle(incident)
    Stored(mission, few=True).after(created=[incident.pk])
    return incident


@transaction.atomic
def edit_incident(
    incident: Incident,
    *,
    user: User,
    expected: str | None = None,
    parts: Parts | None = None,
    kind: str | Unset = UNSET,
    start_date: datetime.date | Unset = UNSET,
    end_date: datetime.date | Unset = UNSET,
    said_against_civilians: bool | Unset | None = UNSET,
    time_of_day: str | Unset = UNSET,
    date_precision: str | Unset = UNSET,
    place_name: str | Unset = UNSET,
    longitude: float | Unset | None = UNSET,
    latitude: float | Unset | None = UNSET,
    place_precision: str | Unset = UNSET,
    deaths_low: int | Unset | None = UNSET,
    deaths_best: int | Unset | None = UNSET,
    deaths_high: int | Unset | None = UNSET,
    civilian_deaths: int | Unset | None = UNSET,
    injured: int | Unset | None = UNSET,
    abducted: int | Unset | None = UNSET,
    displaced: int | Unset | None = UNSET,
    victims: dict[str, Any] | Unset = UNSET,
    grave_violations: Sequence[str] | Unset = UNSET,
    notes: str | Unset = UNSET,
    classification: int | Unset = UNSET,
    compartments: Sequence[str] | Unset = UNSET,
) -> Incident:
    """Correct an incident; the scores at its old and its new place follow.

    An own report that becomes one of a stricter kind is classified as such, unless said otherwise.
    ``parts``: as they are to stand; without them another kind gives those on record the parts it
    would have given at first, see ``corrected_parts``.
    """
    values = given(
        kind=kind,
        start_date=start_date,
        end_date=end_date,
        said_against_civilians=said_against_civilians,
        time_of_day=time_of_day,
        date_precision=date_precision,
        place_name=place_name,
        longitude=longitude,
        latitude=latitude,
        place_precision=place_precision,
        deaths_low=deaths_low,
        deaths_best=deaths_best,
        deaths_high=deaths_high,
        civilian_deaths=civilian_deaths,
        injured=injured,
        abducted=abducted,
        displaced=displaced,
        victims=victims,
        grave_violations=grave_violations,
        notes=notes,
        classification=classification,
        compartments=compartments,
    )
    before = lock(incident)
    is_sealed = before.sources.exclude(informant=None).exists()
    # Published datasets say themselves how secret a kind is.
    values = raised(before, values, is_sealed=is_sealed, by_kind=before.created_by_id is not None)
    stored = Stored(before.mission, few=True)
    stored.before([before.pk])
    was, old_kind = _rule(before), before.kind
    incident = update_record(
        before,
        user=user,
        expected=expected,
        usual=usual_classification(values.get("kind", before.kind)),
        **values,
        edited_by_hand=True,
        **place_fields(
            before.mission,
            values.get("longitude", before.longitude),
            values.get("latitude", before.latitude),
        ),
    )
    if parts is None and incident.kind != old_kind:
        parts = corrected_parts(_standing(incident, user), was, _rule(incident))
    if parts is not None:
        _set_parts(incident, parts, user)
    leave_unseen_out(incident, user)
    require_only_referred(
        incident.kind, names_actor=incident.parts.exists(), names_informant=is_sealed
    )
    stored.after(changed=[incident.pk])
    return incident


@transaction.atomic
def withdraw_incident(incident: Incident, *, user: User, reason: str) -> Incident:
    """Withdraw an incident; scores follow. Raises ValidationError without a reason."""
    note_evidence(lock(incident), -1)
    return withdraw_record(incident, user=user, reason=reason)


def _texts(values: dict[str, Any]) -> dict[str, Any]:
    """What of an incident a person writes freely."""
    return {name: values[name] for name in ("notes", "place_name") if name in values}


def corrected_parts(parts: Parts, was: Rule, now: Rule) -> Parts:
    """Parts of an incident corrected from one kind to another.

    What stands only because the first kind's rule made it so follows the other's: who did it becomes
    a side of fighting, a lone side of it who did what the other kind says. Of two sides nobody can
    tell who did it, so both stay sides until a person says so.
    """
    if was == now:
        return parts
    if len(parts) > 1 and now[0] == ActorPart.PERPETRATOR:
        return parts
    turned: dict[str, str] = dict(zip(was[::-1], now[::-1], strict=True))
    return [(actor, turned.get(part, part)) for actor, part in parts]


def lacks_perpetrator(incident: Incident, user: User) -> bool:
    """Whether several stand as sides of what by its kind somebody did: nobody is blamed for it yet."""
    parts = [part for _actor, part in _standing(incident, user)]
    is_done_by_one = _rule(incident)[0] == ActorPart.PERPETRATOR
    return (
        is_done_by_one and parts.count(ActorPart.PARTY) > 1 and ActorPart.PERPETRATOR not in parts
    )


def _rule(incident: Incident) -> Rule:
    return usual_parts(kind=incident.kind, is_harm=incident.against_civilians)


def _standing(incident: Incident, user: User) -> Parts:
    """The parts of those the user may see."""
    return [
        (row.actor, row.part)
        for row in incident.parts.select_related("actor")
        if is_visible(user, row.actor)
    ]


def _set_parts(incident: Incident, parts: Parts, user) -> None:
    wanted = dict.fromkeys((actor.pk, part) for actor, part in parts)  # in the order given
    if wanted and incident.kind in REFERRAL_ONLY:
        raise ValidationError({"actors": referral()})
    for actor, _part in parts:
        if actor.mission_id != incident.mission_id:
            raise ValidationError(
                {"actors": gettext("“%(name)s” belongs to another mission.") % {"name": actor}}
            )
    standing = {
        (row.actor_id, row.part): row
        for row in incident.parts.select_related("actor")
        if is_visible(user, row.actor)  # what the user cannot see stays as it is
    }
    changed = [actor for actor, part in parts if (actor.pk, part) not in standing]
    for key, row in standing.items():
        if key not in wanted:
            changed.append(row.actor)
            row.delete()
    for actor_id, part in [key for key in wanted if key not in standing]:
        row = IncidentActor(incident=incident, actor_id=actor_id, part=part)
        before = [one for key, one in standing.items() if key[0] == actor_id and key not in wanted]
        carry_over(row, before)
        row.full_clean()
        row.save()
    relinked(incident, changed)
