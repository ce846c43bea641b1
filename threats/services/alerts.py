"""Early warnings: received, and taken step by step to a response or a written reason for none."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable, Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import DateField, F, TextChoices, Value
from django.db.models.functions import Least, TruncDate
from django.utils.translation import gettext

from exchange.notifications.services import notify, on_duty
from exchange.webhooks.services import emit_one
from missions.access import is_visible, require
from missions.models import Component, Membership, Mission, User
from missions.services import place_fields
from records.given import UNSET, Unset, given
from records.services import create_record, lock, update_record, withdraw_record
from records.submissions import already_submitted
from threats.alerts.choices import (
    AlertDecision,
    AlertKind,
    AlertOutcome,
    AlertStage,
    Imminence,
    Verification,
)
from threats.choices import EventKind, NotificationKind
from threats.models import Alert, Community, Incident, Informant, Threat
from threats.rules.classifying import raised, require_least, usual_classification
from threats.rules.grading import CONFIRMS, told_own_alert
from threats.rules.source_kinds import kept_kind, sees_exactly
from threats.scoring.requests import note_evidence, request_recompute
from threats.services.alert_steps import (
    check_moment,
    check_reception,
    correct_reception,
    may_take,
    set_moments,
    sign_step,
)

S = AlertStage
OPEN = frozenset(S) - {S.CLOSED}
# From which stages a step may be taken.
POSSIBLE: dict[AlertStage, frozenset[AlertStage]] = {
    S.ACKNOWLEDGED: frozenset({S.RECEIVED, S.REOPENED}),
    S.VERIFIED: OPEN,
    S.DECIDED: OPEN,
    S.RESPONDED: OPEN,
    S.REPORTED_BACK: OPEN - {S.RECEIVED},
    S.CLOSED: OPEN,
    S.REOPENED: frozenset({S.CLOSED}),
}


@transaction.atomic
def report_alert(
    *,
    user: User,
    mission: Mission,
    details: str,
    informant: dict | None = None,
    submission: uuid.UUID | None = None,
    kind: str | Unset = UNSET,
    imminence: str | Unset = UNSET,
    received_at: datetime.datetime | Unset = UNSET,
    place_name: str | Unset = UNSET,
    longitude: float | Unset | None = UNSET,
    latitude: float | Unset | None = UNSET,
    place_precision: str | Unset = UNSET,
    source_kind: str | Unset = UNSET,
    reliability: str | Unset = UNSET,
    credibility: int | Unset = UNSET,
    communities: Iterable[Community] | Unset = UNSET,
    threats: Iterable[Threat] | Unset = UNSET,
    incidents: Iterable[Incident] | Unset = UNSET,
    classification: int | Unset = UNSET,
    compartments: Sequence[str] | Unset = UNSET,
    is_demonstration: bool | Unset = UNSET,
) -> Alert:
    """File an alert; the scores around an imminent one follow.

    ``informant``: a name and contact to be sealed; details that tell them are refused. Without a
    ``classification`` it has that of ``threats.rules.classifying``, whoever files it; below the least
    with an informant it is refused. With a ``submission`` already on record the alert filed then is
    returned. Raises ValidationError.
    """
    values = given(
        details=details,
        kind=kind,
        imminence=imminence,
        received_at=received_at,
        place_name=place_name,
        longitude=longitude,
        latitude=latitude,
        place_precision=place_precision,
        source_kind=source_kind,
        reliability=reliability,
        credibility=credibility,
        communities=communities,
        threats=threats,
        incidents=incidents,
        classification=classification,
        compartments=compartments,
        is_demonstration=is_demonstration,
    )
    if submission is not None:
        earlier = already_submitted(Alert, mission, user, submission)
        if earlier is not None:
            return earlier
    sealed = None
    values.setdefault("kind", AlertKind.OTHER)  # what nobody said is not claimed
    values.setdefault("imminence", Imminence.UNKNOWN)
    if informant and any(informant.values()):
        require_least(values.get("classification"))
        sealed = Informant.objects.create(mission=mission, created_by=user, **informant)
    values.setdefault("received_at", mission.now)
    alert = create_record(
        Alert,
        user=user,
        usual=usual_classification(values.get("kind", "")),
        mission=mission,
        mission_day=mission.day_of(values["received_at"]),
        informant=sealed,
        submission=submission,
        **values,
        **place_fields(mission, values.get("longitude"), values.get("latitude")),
    )
    sign_step(alert, S.RECEIVED, user=user, moment=alert.received_at)
    note_evidence(alert, +1)
    is_imminent = alert.imminence == Imminence.IMMINENT
    kind = NotificationKind.ALERT_IMMINENT if is_imminent else NotificationKind.ALERT
    notify(alert, kind, on_duty(alert, alert.field_office), by=user)
    emit_one(alert, EventKind.ALERT_RECEIVED)
    return alert


@transaction.atomic
def edit_alert(
    alert: Alert,
    *,
    user: User,
    expected: str | None = None,
    kind: str | Unset = UNSET,
    imminence: str | Unset = UNSET,
    details: str | Unset = UNSET,
    received_at: datetime.datetime | Unset = UNSET,
    place_name: str | Unset = UNSET,
    longitude: float | Unset | None = UNSET,
    latitude: float | Unset | None = UNSET,
    place_precision: str | Unset = UNSET,
    source_kind: str | Unset = UNSET,
    reliability: str | Unset = UNSET,
    credibility: int | Unset = UNSET,
    communities: Iterable[Community] | Unset = UNSET,
    threats: Iterable[Threat] | Unset = UNSET,
    incidents: Iterable[Incident] | Unset = UNSET,
    classification: int | Unset = UNSET,
    compartments: Sequence[str] | Unset = UNSET,
) -> Alert:
    """Correct what an alert says; received another day, it counts on that one.

    Raises EditConflict when somebody else changed it meanwhile, ValidationError also for a time of
    reception later than a step that stands.
    """
    values = given(
        kind=kind,
        imminence=imminence,
        details=details,
        received_at=received_at,
        place_name=place_name,
        longitude=longitude,
        latitude=latitude,
        place_precision=place_precision,
        source_kind=source_kind,
        reliability=reliability,
        credibility=credibility,
        communities=communities,
        threats=threats,
        incidents=incidents,
        classification=classification,
        compartments=compartments,
    )
    before = lock(alert)
    if _is_minute_of(values.get("received_at"), before.received_at):
        del values["received_at"]  # a form knows no seconds
    if values.get("received_at"):
        check_reception(before, values["received_at"])
        values["mission_day"] = before.mission.day_of(values["received_at"])
    values = raised(before, values, is_sealed=before.informant_id is not None)
    if "source_kind" in values:
        is_exact = sees_exactly(user, before.mission)
        values["source_kind"] = kept_kind(
            before.source_kind, values["source_kind"], is_exact=is_exact
        )
    note_evidence(before, -1)
    places = place_fields(
        before.mission,
        values.get("longitude", before.longitude),
        values.get("latitude", before.latitude),
    )
    usual = usual_classification(values.get("kind", before.kind))
    alert = update_record(before, user=user, expected=expected, usual=usual, **values, **places)
    if alert.received_at != before.received_at:
        correct_reception(alert, user=user)
    note_evidence(alert, +1)
    order = Imminence.values
    if order.index(alert.imminence) < order.index(before.imminence):
        emit_one(alert, EventKind.ALERT_ESCALATED)
    return alert


@transaction.atomic
def withdraw_alert(alert: Alert, *, user: User, reason: str) -> Alert:
    """Withdraw an alert; the scores around it follow. Raises ValidationError without a reason."""
    note_evidence(lock(alert), -1)
    return withdraw_record(alert, user=user, reason=reason)


@transaction.atomic
def take_step(
    alert: Alert,
    *,
    user,
    step: str,
    note: str = "",
    taken_at: datetime.datetime | None = None,
    verification: str = "",
    decision: str = "",
    responding_component: Component | None = None,
    outcome: str = "",
) -> Alert:
    """Take one step, signed by the user.

    ``taken_at``: when it happened, by default now by the mission's clocks; neither before the alert
    was received nor in the future. Verifying takes a ``verification``; deciding, a ``decision`` with
    the responding component, or with the reason for no response as ``note``; closing, the
    ``outcome``, by default unknown; reopening, a reason. An alert closes only after a response, or a
    decision not to respond. Raises PermissionDenied or ValidationError.
    """
    alert = lock(alert)
    if step not in POSSIBLE:
        raise ValidationError(
            {"step": gettext("“%(step)s” is not one of %(steps)s.")
             % {"step": step, "steps": ", ".join(POSSIBLE)}}
        )  # fmt: skip
    taken = AlertStage(step)
    require(is_visible(user, alert) and may_take(user, alert, taken))
    if alert.stage not in POSSIBLE[taken]:
        raise ValidationError(
            {"step": gettext("An alert that is “%(stage)s” cannot become “%(step)s”.")
             % {"stage": alert.get_stage_display(), "step": taken.label}}
        )  # fmt: skip
    note = note.strip()
    moment = alert.mission.now if taken_at is None else taken_at
    check_moment(alert, moment)
    alert.check_texts({"note": note}, user)
    if taken == S.VERIFIED:
        _check_choice("verification", verification, Verification)
        is_own = alert.created_by_id == user.pk
        if is_own and alert.awaits_verification and verification in CONFIRMS:
            raise ValidationError({"verification": told_own_alert()})
        note_evidence(alert, -1)
        alert.verification = verification
    elif taken == S.DECIDED:
        _decide(alert, decision, responding_component, note)
    elif taken == S.RESPONDED and alert.decision != AlertDecision.RESPOND:
        raise ValidationError({"step": gettext("Decide first who responds.")})
    elif taken == S.CLOSED:
        if not _is_answered(alert):
            raise ValidationError(
                {"step": gettext("Record the response first, or decide on none and say why.")}
            )
        _check_choice("outcome", outcome or AlertOutcome.UNKNOWN, AlertOutcome)
        alert.outcome = outcome or AlertOutcome.UNKNOWN
    elif taken == S.REOPENED:
        if not note:
            raise ValidationError({"note": gettext("Say why the alert is reopened.")})
        alert.outcome = ""
    sign_step(alert, taken, user=user, note=note, moment=moment)
    alert.stage = taken
    set_moments(alert)
    alert.save()
    if taken == S.VERIFIED:
        note_evidence(alert, +1)
    if taken == S.DECIDED and alert.responding_component is not None:
        responders = Membership.objects.filter(component=alert.responding_component)
        notify(alert, NotificationKind.RESPONSE_ASKED, responders, by=user)
    return alert


def possible_steps(user, alert: Alert) -> list[AlertStage]:
    """Steps the user may take on the alert now, in their usual order."""
    return [
        step
        for step, stages in POSSIBLE.items()
        if alert.stage in stages
        and may_take(user, alert, step)
        and (step != S.RESPONDED or alert.decision == AlertDecision.RESPOND)
        and (step != S.CLOSED or _is_answered(alert))
    ]


def _is_minute_of(said: datetime.datetime | None, moment: datetime.datetime) -> bool:
    return said is not None and said == moment.replace(second=0, microsecond=0)


def _is_answered(alert: Alert) -> bool:
    return alert.decision == AlertDecision.NO_RESPONSE or alert.responded_at is not None


def _decide(alert: Alert, decision: str, component: Component | None, note: str) -> None:
    _check_choice("decision", decision, AlertDecision)
    if decision == AlertDecision.RESPOND:
        if component is None:
            raise ValidationError(
                {"responding_component": gettext("Say which component responds.")}
            )
        if component.mission_id != alert.mission_id:
            raise ValidationError(
                {"responding_component": gettext("“%(name)s” belongs to another mission.")
                 % {"name": component}}
            )  # fmt: skip
    elif not note:
        raise ValidationError({"note": gettext("Say why there is no response.")})
    alert.decision = decision
    alert.responding_component = component if decision == AlertDecision.RESPOND else None


def _check_choice(field: str, value: str, choices: type[TextChoices]) -> None:
    if value not in choices.values:
        names = ", ".join(str(label) for label in choices.labels)
        raise ValidationError(
            {field: gettext("Choose one: %(names)s.") % {"names": names}
             if not value
             else gettext("“%(value)s” is not one of %(choices)s.")
             % {"value": value, "choices": ", ".join(choices.values)}}
        )  # fmt: skip


@transaction.atomic
def date_by_clocks(mission: Mission) -> int:
    """Set anew the day each alert was received, by clocks of the mission that changed.

    Scores are asked for as a whole. Returns how many alerts lie on another day than before.
    """
    local = TruncDate("received_at", tzinfo=mission.zone)
    day = Least(local, Value(mission.today, DateField()))
    changed = (
        Alert.objects.filter(mission=mission)
        .annotate(day=day)
        .exclude(mission_day=F("day"))
        .update(mission_day=day)
    )
    request_recompute(mission)
    return changed
