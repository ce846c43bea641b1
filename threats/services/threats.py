"""What people decide about threats: accept, assess, endorse, change phase, close."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from exchange.webhooks.services import emit_one
from missions.access import Reader, can, grants, is_visible, may_edit, require
from missions.choices import Classification
from missions.models import AdminArea, Mission, User
from missions.roles import Capability
from records.given import UNSET, Unset, given
from records.services import create_record, lock, update_record
from records.submissions import already_submitted
from records.titles import keep_made
from records.versions import version_of
from threats.choices import EventKind, Phase, ThreatStatus
from threats.models import ArmedActor, Assessment, Community, Incident, Threat, ThreatDecision
from threats.rules.classifying import raised, usual_classification


@transaction.atomic
def report_threat(
    *,
    user: User,
    mission: Mission,
    title: str,
    title_made_of: dict[str, Any] | Unset = UNSET,
    submission: uuid.UUID | None = None,
    kind: str | Unset = UNSET,
    phase: str | Unset = UNSET,
    phase_reason: str | Unset = UNSET,
    trend: str | Unset = UNSET,
    perpetrators: Iterable[ArmedActor] | Unset = UNSET,
    parties: Iterable[ArmedActor] | Unset = UNSET,
    communities: Iterable[Community] | Unset = UNSET,
    incidents: Iterable[Incident] | Unset = UNSET,
    admin_area: AdminArea | Unset | None = UNSET,
    description: str | Unset = UNSET,
    motive: str | Unset = UNSET,
    modus_operandi: str | Unset = UNSET,
    time_frame: str | Unset = UNSET,
    classification: int | Unset = UNSET,
    compartments: Sequence[str] | Unset = UNSET,
    is_demonstration: bool | Unset = UNSET,
) -> Threat:
    """File a threat report: a proposed threat for an analyst to accept.

    Without a ``classification`` it has that of ``threats.rules.classifying``, whoever files it.
    ``title_made_of``: of a title the portal made, see ``records.titles``.
    """
    values = given(
        title=title,
        title_made_of=title_made_of,
        kind=kind,
        phase=phase,
        phase_reason=phase_reason,
        trend=trend,
        perpetrators=perpetrators,
        parties=parties,
        communities=communities,
        incidents=incidents,
        admin_area=admin_area,
        description=description,
        motive=motive,
        modus_operandi=modus_operandi,
        time_frame=time_frame,
        classification=classification,
        compartments=compartments,
        is_demonstration=is_demonstration,
    )
    if submission is not None:
        earlier = already_submitted(Threat, mission, user, submission)
        if earlier is not None:
            return earlier
    values.setdefault("phase", Phase.PREVENTION)
    threat = create_record(
        Threat,
        user=user,
        usual=usual_classification(values.get("kind", "")),
        mission=mission,
        submission=submission,
        phase_since=mission.today,
        **values,
    )
    note_decision(threat, user=user)
    return threat


@transaction.atomic
def edit_threat(
    threat: Threat,
    *,
    user: User,
    expected: str | None = None,
    title: str | Unset = UNSET,
    kind: str | Unset = UNSET,
    phase: str | Unset = UNSET,
    phase_reason: str | Unset = UNSET,
    trend: str | Unset = UNSET,
    perpetrators: Iterable[ArmedActor] | Unset = UNSET,
    parties: Iterable[ArmedActor] | Unset = UNSET,
    communities: Iterable[Community] | Unset = UNSET,
    incidents: Iterable[Incident] | Unset = UNSET,
    admin_area: AdminArea | Unset | None = UNSET,
    description: str | Unset = UNSET,
    motive: str | Unset = UNSET,
    modus_operandi: str | Unset = UNSET,
    time_frame: str | Unset = UNSET,
    classification: int | Unset = UNSET,
    compartments: Sequence[str] | Unset = UNSET,
) -> Threat:
    """Change a threat; a new phase starts the phase anew, at the mission's today.

    One that becomes of a stricter kind is classified as such, unless said otherwise.
    """
    values = given(
        title=title,
        kind=kind,
        phase=phase,
        phase_reason=phase_reason,
        trend=trend,
        perpetrators=perpetrators,
        parties=parties,
        communities=communities,
        incidents=incidents,
        admin_area=admin_area,
        description=description,
        motive=motive,
        modus_operandi=modus_operandi,
        time_frame=time_frame,
        classification=classification,
        compartments=compartments,
    )
    before = lock(threat)
    values = raised(before, values)
    keep_made(before, values)
    new_phase = values.get("phase", before.phase) != before.phase
    if new_phase:
        values["phase_since"] = before.mission.today
    its_readers = Reader.cleared(before.mission, before.classification)
    was = version_of(before, its_readers)
    usual = usual_classification(values.get("kind", before.kind))
    threat = update_record(before, user=user, expected=expected, usual=usual, **values)
    if before.created_by_id is None and version_of(threat, its_readers) != was:
        threat.edited_by_hand = True  # no draft of the portal's any more that it may change
        Threat.objects.filter(pk=threat.pk).update(edited_by_hand=True)
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
    require(can(user, threat.mission_id, Capability.ANALYSE) and may_edit(user, threat))
    threat.check_texts({"reason": reason}, user)
    if not follow and not reason.strip():
        raise ValidationError({"reason": gettext("Say why the suggestion is not followed.")})
    if follow:
        if status and status != threat.status:
            _move(threat, status)
        if phase and phase != threat.phase:
            threat.phase, threat.phase_since = phase, threat.mission.today
            threat.phase_reason = reason.strip()
    threat.edited_by_hand = True
    threat.full_clean()
    threat.save()
    note_decision(
        threat,
        user=user,
        reason=reason,
        suggested_phase=phase,
        suggested_status=status,
        suggested_from=grants(user)[threat.mission_id].layer,
    )
    return threat


@transaction.atomic
def assess_threat(
    *,
    user: User,
    threat: Threat,
    likelihood: int,
    impact: int,
    rationale: str,
    incidents: Iterable[Incident] = (),
    intent: int | Unset | None = UNSET,
    capability: int | Unset | None = UNSET,
    opportunity: int | Unset | None = UNSET,
    confidence: str | Unset = UNSET,
    classification: int | Unset = UNSET,
    compartments: Sequence[str] | Unset = UNSET,
    is_demonstration: bool | Unset = UNSET,
) -> Assessment:
    """Record a new assessment; earlier ones stay.

    ``likelihood``, ``impact``, ``intent``, ``capability``, ``opportunity``: 1–5. ``incidents``: that
    support it. ``classification``: by default the threat's. Raises ValidationError.
    """
    values = given(
        likelihood=likelihood,
        impact=impact,
        rationale=rationale,
        intent=intent,
        capability=capability,
        opportunity=opportunity,
        confidence=confidence,
        classification=classification,
        compartments=compartments,
        is_demonstration=is_demonstration,
    )
    require(is_visible(user, threat))
    values.setdefault("classification", threat.classification)
    if values["classification"] < threat.classification:
        raise ValidationError(
            {"classification": gettext("An assessment is at least as secret as its threat.")}
        )
    return create_record(
        Assessment,
        user=user,
        mission=threat.mission,
        threat=threat,
        incidents=list(incidents),
        **values,
    )


@transaction.atomic
def accept_threat(
    *,
    user: User,
    threat: Threat,
    likelihood: int,
    impact: int,
    rationale: str,
    intent: int | Unset | None = UNSET,
    capability: int | Unset | None = UNSET,
    opportunity: int | Unset | None = UNSET,
    confidence: str | Unset = UNSET,
    classification: int | Unset = UNSET,
    compartments: Sequence[str] | Unset = UNSET,
) -> Threat:
    """Accept a proposed threat with a first assessment; it becomes active."""
    assessment = given(
        likelihood=likelihood,
        impact=impact,
        rationale=rationale,
        intent=intent,
        capability=capability,
        opportunity=opportunity,
        confidence=confidence,
        classification=classification,
        compartments=compartments,
    )
    threat = lock(threat)
    require(can(user, threat.mission_id, Capability.ANALYSE) and may_edit(user, threat))
    if threat.status != ThreatStatus.PROPOSED:
        raise ValidationError(gettext("This threat was already decided upon."))
    threat.status = ThreatStatus.ACTIVE
    threat.save()
    note_decision(threat, user=user)
    assess_threat(user=user, threat=threat, **assessment)
    return threat


@transaction.atomic
def set_status(*, user: User, threat: Threat, status: str) -> Threat:
    """Reject a proposal, close an active threat, or reopen a closed one."""
    threat = lock(threat)
    require(can(user, threat.mission_id, Capability.ANALYSE) and may_edit(user, threat))
    _move(threat, status)
    threat.save()
    note_decision(threat, user=user)
    return threat


@transaction.atomic
def endorse_assessment(*, user: User, assessment: Assessment) -> Assessment:
    """An adviser puts their name to an assessment. Raises ValidationError the second time."""
    endorses = can(user, assessment.mission_id, Capability.ENDORSE)
    require(endorses and is_visible(user, assessment))
    done = Assessment.objects.filter(pk=assessment.pk, endorsed_at__isnull=True).update(
        endorsed_by=user, endorsed_at=assessment.mission.now, modified_at=timezone.now()
    )
    if not done:
        raise ValidationError(gettext("This assessment was already endorsed."))
    assessment.refresh_from_db()
    return assessment


def note_decision(
    threat: Threat,
    *,
    user: User | None,
    reason: str = "",
    suggested_phase: str = "",
    suggested_status: str = "",
    suggested_from: int = Classification.UNCLASSIFIED,
) -> None:
    """Keep what was just decided of the threat's status and phase.

    ``user``: None for the portal. ``suggested_from``: the layer of figures of whom it was suggested to.
    """
    row = ThreatDecision(
        mission=threat.mission,
        threat=threat,
        status=threat.status,
        phase=threat.phase,
        reason=reason.strip(),
        day=threat.mission.today,
        decided_by=user,
        suggested_phase=suggested_phase,
        suggested_status=suggested_status,
        suggested_from=suggested_from,
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
            gettext("A threat that is “%(from)s” cannot become “%(to)s”.")
            % {"from": threat.get_status_display(), "to": ThreatStatus(status).label}
        )
    threat.status = status
