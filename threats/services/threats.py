"""What people decide about threats: accept, assess, endorse, change phase, close."""

from __future__ import annotations

import uuid

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from missions.access import WRITING_ROLES, can_see, grants, may_edit, require
from missions.choices import Phase, Role
from missions.models import Mission
from missions.services import create_record, lock, update_record
from threats.choices import ThreatStatus
from threats.models import Assessment, Threat
from threats.services.incidents import already_submitted


@transaction.atomic
def report_threat(
    *, user, mission: Mission, submission: uuid.UUID | None = None, **values
) -> Threat:
    """File a threat report: a proposed threat for an analyst to accept."""
    if submission is not None:
        earlier = already_submitted(Threat, mission, user, submission)
        if earlier is not None:
            return earlier
    values.setdefault("phase", Phase.PREVENTION)
    return create_record(
        Threat,
        user=user,
        mission=mission,
        submission=submission,
        phase_since=mission.today,
        **values,
    )


@transaction.atomic
def edit_threat(threat: Threat, *, user, expected: str | None = None, **values) -> Threat:
    """Change a threat; a new phase starts the phase anew, at the mission's today."""
    before = lock(threat)
    if values.get("phase", before.phase) != before.phase:
        values["phase_since"] = before.mission.today
    return update_record(before, user=user, expected=expected, **values)


@transaction.atomic
def assess_threat(*, user, threat: Threat, incidents=(), **values) -> Assessment:
    """Record a new assessment; earlier ones stay.

    ``values``: likelihood, impact (1–5) and rationale; intent, capability, opportunity (1–5),
    confidence and classification (by default the threat's). Raises ValidationError.
    """
    require(can_see(user, threat))
    values.setdefault("classification", threat.classification)
    if values["classification"] < threat.classification:
        raise ValidationError(
            {"classification": _("An assessment is at least as secret as its threat.")}
        )
    values.setdefault("mission", threat.mission)
    return create_record(Assessment, user=user, threat=threat, incidents=list(incidents), **values)


@transaction.atomic
def accept_threat(*, user, threat: Threat, **assessment) -> Threat:
    """Accept a proposed threat with a first assessment; it becomes active."""
    threat = lock(threat)
    require(_analyses(user, threat) and may_edit(user, threat))
    if threat.status != ThreatStatus.PROPOSED:
        raise ValidationError(_("This threat was already decided upon."))
    threat.status = ThreatStatus.ACTIVE
    threat.save()
    assess_threat(user=user, threat=threat, **assessment)
    return threat


@transaction.atomic
def set_status(*, user, threat: Threat, status: str) -> Threat:
    """Reject a proposal, close an active threat, or reopen a closed one."""
    threat = lock(threat)
    require(_analyses(user, threat) and may_edit(user, threat))
    allowed = {
        ThreatStatus.PROPOSED: {ThreatStatus.REJECTED},
        ThreatStatus.ACTIVE: {ThreatStatus.CLOSED},
        ThreatStatus.CLOSED: {ThreatStatus.ACTIVE},
        ThreatStatus.REJECTED: {ThreatStatus.PROPOSED},
    }[ThreatStatus(threat.status)]
    if status not in allowed:
        raise ValidationError(
            _("A threat that is “%(from)s” cannot become “%(to)s”.")
            % {"from": threat.get_status_display(), "to": ThreatStatus(status).label}
        )
    threat.status = status
    threat.save()
    return threat


@transaction.atomic
def endorse_assessment(*, user, assessment: Assessment) -> Assessment:
    """An adviser puts their name to an assessment. Raises ValidationError the second time."""
    grant = grants(user).get(assessment.mission_id)
    require(
        grant is not None and grant.role in {Role.ADVISER, Role.ADMIN} and can_see(user, assessment)
    )
    done = Assessment.objects.filter(pk=assessment.pk, endorsed_at__isnull=True).update(
        endorsed_by=user, endorsed_at=timezone.now(), modified_at=timezone.now()
    )
    if not done:
        raise ValidationError(_("This assessment was already endorsed."))
    assessment.refresh_from_db()
    return assessment


def _analyses(user, threat: Threat) -> bool:
    grant = grants(user).get(threat.mission_id)
    return grant is not None and grant.role in WRITING_ROLES
