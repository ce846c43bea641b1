"""The sources of an incident and what they are worth: graded, corrected, verified.

Whether a report counts follows from its grades (``threats.rules.grading``), kept with it so that
every reader of evidence goes by the same; each change here takes the report's evidence away and adds
what it is then.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from missions.access import can, may_edit, require
from missions.models import User
from missions.roles import Capability
from records.given import UNSET, Unset, given
from records.services import create_record, lock, update_record, withdraw_record
from threats.models import Incident, IncidentSource, Informant
from threats.rules.accounts import require_sealed
from threats.rules.classifying import OTHERWISE
from threats.rules.grading import Grade, awaits, told_own
from threats.rules.kinds import REFERRAL_ONLY, referral
from threats.rules.source_kinds import kept_kind, sees_exactly
from threats.scoring.requests import note_evidence


@transaction.atomic
def add_source(
    *,
    user: User,
    incident: Incident,
    kind: str,
    informant: dict | None = None,
    reliability: str | Unset = UNSET,
    credibility: int | Unset = UNSET,
) -> IncidentSource:
    """Add a graded source; a name or contact goes sealed into a table of its own.

    For who may change the incident: nobody grades another's unasked. Its incident is from then on
    at least confidential, whoever filed it. Raises PermissionDenied.
    """
    require(may_edit(user, incident))
    with _regraded(incident) as locked:
        return store_source(
            user=user,
            incident=locked,
            informant=informant,
            **given(kind=kind, reliability=reliability, credibility=credibility),
        )


@transaction.atomic
def edit_source(
    source: IncidentSource,
    *,
    user: User,
    expected: str | None = None,
    incident: Incident | Unset = UNSET,
    kind: str | Unset = UNSET,
    reliability: str | Unset = UNSET,
    credibility: int | Unset = UNSET,
) -> IncidentSource:
    """Correct a source or its grade; what its incident counts for follows.

    A source stays with its incident. Raises EditConflict, PermissionDenied or ValidationError.
    """
    if not isinstance(incident, Unset) and incident.pk != source.incident_id:
        raise ValidationError(
            {"incident": gettext("A source stays with its incident. Withdraw it and add it there.")}
        )
    require(may_edit(user, source.incident))
    values = given(kind=kind, reliability=reliability, credibility=credibility)
    if "kind" in values:
        is_exact = sees_exactly(user, source.mission)
        values["kind"] = kept_kind(source.kind, values["kind"], is_exact=is_exact)
    with _regraded(source.incident):
        return update_record(source, user=user, expected=expected, **values)


@transaction.atomic
def withdraw_source(source: IncidentSource, *, user: User, reason: str) -> IncidentSource:
    """Withdraw a source; what its incident counts for follows. Raises ValidationError."""
    require(may_edit(user, source.incident))
    with _regraded(source.incident):
        return withdraw_record(source, user=user, reason=reason)


def may_verify(user: User, incident: Incident) -> bool:
    """Whether the user is an analyst who may edit it and did not file it: it takes another's eyes."""
    return _may_judge(user, incident) and incident.created_by_id != user.pk


def _may_judge(user: User, incident: Incident) -> bool:
    return can(user, incident.mission_id, Capability.ANALYSE) and may_edit(user, incident)


@transaction.atomic
def verify_incident(incident: Incident, *, user: User) -> Incident:
    """Verify a report graded F6, so that it counts; who did so and when is kept with it.

    For analysts who may edit it. Raises PermissionDenied, or ValidationError where it waits for
    nothing or is the user's own.
    """
    incident = lock(incident)
    require(_may_judge(user, incident))
    if incident.created_by_id == user.pk:
        raise ValidationError(told_own())
    if not incident.awaits_verification:
        raise ValidationError(
            gettext("Nothing to verify: only a report graded F6 waits for it, and only once.")
        )
    incident.verified_at, incident.verified_by = timezone.now(), user
    incident.awaits_verification = False
    incident.save()
    note_evidence(incident, +1)
    return incident


def store_source(
    *, user: User, incident: Incident, informant: dict[str, Any] | None = None, **values: Any
) -> IncidentSource:
    """Store a source and seal who told; what the incident counts for is the caller's to settle."""
    told = informant or {}
    names_somebody = any(told.values())
    if names_somebody and incident.kind in REFERRAL_ONLY:
        raise ValidationError(referral())
    require_sealed(
        {"notes": incident.notes},
        names=[told.get("name", "")],
        contacts=[told.get("contact", "")],
        places=incident.place_name,
    )
    sealed = None
    if names_somebody:
        sealed = Informant.objects.create(mission=incident.mission, created_by=user, **told)
        if incident.classification < OTHERWISE:
            incident.classification = OTHERWISE
            incident.save()
    return create_record(
        IncidentSource, user=user, mission=incident.mission, incident=incident, informant=sealed,
        **values,
    )  # fmt: skip


def settle(incident: Incident) -> None:
    """Keep whether an incident counts, as its sources are graded now; its evidence is not noted.

    What was merged into it and counted lets it count, unless that is more secret than itself.
    """
    grades: dict[bool, list[Grade]] = {True: [], False: []}
    for source in incident.sources.all():
        grades[source.withdrawn_at is None].append((source.reliability, source.credibility))
    is_told_elsewhere = incident.merged.filter(
        awaits_verification=False,
        classification__lte=incident.classification,
        compartments__contained_by=incident.compartments,
    )
    waits = (
        incident.is_own
        and awaits(
            grades[True], withdrawn=grades[False], is_verified=incident.verified_at is not None
        )
        and not is_told_elsewhere.exists()
    )
    if waits != incident.awaits_verification:
        incident.awaits_verification = waits
        incident.save()  # whoever follows the record sees the change


@contextmanager
def _regraded(incident: Incident) -> Iterator[Incident]:
    """Brackets a change of an incident's sources; gives the incident as it stands."""
    locked = lock(incident)
    note_evidence(locked, -1)
    yield locked
    settle(locked)
    note_evidence(locked, +1)
