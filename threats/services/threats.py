"""What people decide about threats: accept, assess, endorse, change phase, close."""

from __future__ import annotations

import uuid

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from exchange.webhooks.services import emit_one
from missions.access import WRITING_ROLES, can_see, grants, may_edit, require
from missions.choices import Role
from missions.models import Mission
from records.services import create_record, lock, update_record
from threats.choices import EventKind, Phase, ThreatStatus
from threats.models import Assessment, Threat, ThreatDecision
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
    threat = create_record(
        Threat,
        user=user,
        mission=mission,
        submission=submission,
        phase_since=mission.today,
        **values,
    )
    note_decision(threat, user=user)
    return threat


@transaction.atomic
def edit_threat(threat: Threat, *, user, expected: str | None = None, **values) -> Threat:
    """Change a threat; a new phase starts the phase anew, at the mission's today."""
    before = lock(threat)
    new_phase = values.get("phase", before.phase) != before.phase
    if new_phase:
        values["phase_since"] = before.mission.today
    threat = update_record(before, user=user, expected=expected, **values)
    if new_phase:
        note_decision(threat, user=user, reason=threat.phase_reason)
    return threat


@transaction.atomic
def decide_on_suggestion(
    *, user, threat: Threat, follow: bool, phase: str = "", status: str = "", reason: str = ""
) -> Threat:
    """Follow the phase and status the evidence suggests, or keep what stands and say why.

    ``phase``, ``status``: what was suggested, empty where nothing was. Either way the suggestion is
    kept beside the decision. Raises ValidationError for a refusal without a reason, or where the
    status cannot be reached from the present one.
    """
    threat = lock(threat)
    require(_analyses(user, threat) and may_edit(user, threat))
    if not follow and not reason.strip():
        raise ValidationError({"reason": _("Say why the suggestion is not followed.")})
    if follow:
        if status and status != threat.status:
            _move(threat, status)
        if phase and phase != threat.phase:
            threat.phase, threat.phase_since = phase, threat.mission.today
            threat.phase_reason = reason.strip()
        threat.full_clean()
        threat.save()
    note_decision(
        threat,
        user=user,
        reason=reason,
        suggested_phase=phase,
        suggested_status=status,
        suggested_from=grants(user)[threat.mission_id].clearance,
    )
    return threat


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
    note_decision(threat, user=user)
    assess_threat(user=user, threat=threat, **assessment)
    return threat


@transaction.atomic
def set_status(*, user, threat: Threat, status: str) -> Threat:
    """Reject a proposal, close an active threat, or reopen a closed one."""
    threat = lock(threat)
    require(_analyses(user, threat) and may_edit(user, threat))
    _move(threat, status)
    threat.save()
    note_decision(threat, user=user)
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


def note_decision(threat: Threat, *, user, reason: str = "", **suggested) -> None:
    """Keep what was just decided of the threat's status and phase. ``user``: None for the portal."""
    row = ThreatDecision(
        mission=threat.mission,
        threat=threat,
        status=threat.status,
        phase=threat.phase,
        reason=reason.strip(),
        day=threat.mission.today,
        decided_by=user,
        **suggested,
    )
    row.full_clean()
    earlier = threat.decisions.last()
    row.save()
    if earlier is not None and earlier.phase != threat.phase:
        emit_one(threat, EventKind.PHASE_CHANGED)


def _move(threat: Threat, status: str) -> None:
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


def _analyses(user, threat: Threat) -> bool:
    grant = grants(user).get(threat.mission_id)
    return grant is not None and grant.role in WRITING_ROLES
