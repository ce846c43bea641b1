"""Filing, correcting and withdrawing incidents; each write asks for the scores it changes."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from exchange.webhooks.services import emit_one
from missions.access import can_see
from missions.models import Mission
from missions.services import areas_of
from records.services import create_record, lock, update_record, withdraw_record
from threats.choices import AGAINST_CIVILIANS, EventKind
from threats.models import ArmedActor, Community, Incident, IncidentActor, IncidentSource, Informant
from threats.scoring.requests import note_evidence, request_community

Parts = Sequence[tuple[ArmedActor, str]]


@transaction.atomic
def report_incident(
    *,
    user,
    mission: Mission,
    parts: Parts = (),
    source: dict | None = None,
    informant: dict | None = None,
    submission: uuid.UUID | None = None,
    **values,
) -> Incident:
    """File an incident.

    ``source`` holds fields of IncidentSource, ``informant`` a name and contact to be sealed.
    With a ``submission`` already on record the incident filed then is returned, so that a
    report sent again after a broken connection is stored once. Raises ValidationError.
    """
    if submission is not None:
        earlier = already_submitted(Incident, mission, user, submission)
        if earlier is not None:
            return earlier
    values.setdefault("end_date", values.get("start_date"))
    values.setdefault("against_civilians", values.get("kind") in AGAINST_CIVILIANS)
    incident = create_record(
        Incident,
        user=user,
        mission=mission,
        submission=submission,
        **values,
        **place_fields(mission, values.get("longitude"), values.get("latitude")),
    )
    _set_parts(incident, parts, user)
    if source:
        add_source(user=user, incident=incident, informant=informant, **source)
    note_evidence(incident, +1)
    emit_one(incident, EventKind.INCIDENT_CREATED)
    return incident


@transaction.atomic
def edit_incident(
    incident: Incident, *, user, expected: str | None = None, parts: Parts | None = None, **values
) -> Incident:
    """Correct an incident; the scores at its old and its new place follow."""
    before = lock(incident)
    note_evidence(before, -1)
    longitude = values.get("longitude", before.longitude)
    latitude = values.get("latitude", before.latitude)
    incident = update_record(
        before,
        user=user,
        expected=expected,
        **values,
        edited_by_hand=True,
        **place_fields(before.mission, longitude, latitude),
    )
    if parts is not None:
        _set_parts(incident, parts, user)
    note_evidence(incident, +1)
    emit_one(incident, EventKind.INCIDENT_CHANGED)
    return incident


@transaction.atomic
def withdraw_incident(incident: Incident, *, user, reason: str) -> Incident:
    note_evidence(lock(incident), -1)
    return withdraw_record(incident, user=user, reason=reason)


def add_source(*, user, incident: Incident, informant: dict | None = None, **values):
    """Add a graded source; a name or contact goes sealed into a table of its own."""
    sealed = None
    if informant and any(informant.values()):
        sealed = Informant.objects.create(mission=incident.mission, created_by=user, **informant)
    return create_record(
        IncidentSource, user=user, mission=incident.mission, incident=incident,
        informant=sealed, **values,
    )  # fmt: skip


@transaction.atomic
def save_community(*, user, community: Community | None = None, expected=None, **values):
    """Add or change a community; its area and field office follow from its point."""
    mission = community.mission if community else values["mission"]
    longitude = values.get("longitude", getattr(community, "longitude", None))
    latitude = values.get("latitude", getattr(community, "latitude", None))
    values |= place_fields(mission, longitude, latitude)
    if community is None:
        community = create_record(Community, user=user, **values)
    else:
        community = update_record(community, user=user, expected=expected, **values)
    request_community(community)
    return community


@transaction.atomic
def withdraw_community(community: Community, *, user, reason: str) -> Community:
    """Withdraw a community; its scores go with it."""
    community = withdraw_record(community, user=user, reason=reason)
    community.scores.all().delete()
    community.sums.all().delete()
    return community


def place_fields(mission: Mission, longitude: float | None, latitude: float | None) -> dict:
    """Area and field office of a point, as field values."""
    area = office = None
    nearest = False
    if _in_range(longitude, 180) and _in_range(latitude, 90):
        (place,) = areas_of(mission).place([longitude], [latitude])
        area, office, nearest = place.area_id, place.office_id, place.is_nearest
    return {"admin_area_id": area, "field_office_id": office, "admin_area_is_nearest": nearest}


def already_submitted(model, mission: Mission, user, submission: uuid.UUID):
    """The record this very form made before, if it did.

    Of two requests at the same moment the second waits here for the first. Raises
    ValidationError when the submission is somebody else's.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [submission.int % 2**63])
    earlier = model.objects.filter(mission=mission, submission=submission).first()
    if earlier is not None and earlier.created_by_id != user.pk:
        raise ValidationError(
            _("This form was already sent under another account. Open a new one.")
        )
    return earlier


def _in_range(value, limit: float) -> bool:
    return isinstance(value, int | float) and -limit <= value <= limit


def _set_parts(incident: Incident, parts: Parts, user) -> None:
    wanted = {(actor.pk, part) for actor, part in parts}
    for actor, _part in parts:
        if actor.mission_id != incident.mission_id:
            raise ValidationError(
                {"actors": _("“%(name)s” belongs to another mission.") % {"name": actor}}
            )
    standing = {
        (row.actor_id, row.part): row
        for row in incident.parts.select_related("actor")
        if can_see(user, row.actor)  # what the user cannot see stays as it is
    }
    for key, row in standing.items():
        if key not in wanted:
            row.delete()
    for actor_id, part in wanted - set(standing):
        row = IncidentActor(incident=incident, actor_id=actor_id, part=part)
        row.full_clean()
        row.save()
