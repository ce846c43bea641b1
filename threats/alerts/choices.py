"""What alerts can be, and what came of them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class AlertKind(models.TextChoices):
    """What is feared."""

    ATTACK = "attack", _("Attack")
    ABDUCTION = "abduction", _("Abduction")
    SEXUAL_VIOLENCE = "sexual_violence", _("Conflict-related sexual violence")
    LOOTING = "looting", _("Looting or destruction")
    DISPLACEMENT = "displacement", _("Forced displacement")
    CLASH = "clash", _("Clash near civilians")
    MOVEMENT = "movement", _("Armed movement")
    REPRISAL = "reprisal", _("Reprisal")
    OTHER = "other", _("Other")


class Imminence(models.TextChoices):
    """How soon, most urgent first."""

    IMMINENT = "imminent", _("Imminent (hours)")
    DAYS = "days", _("Within days")
    WEEKS = "weeks", _("Within weeks")
    UNKNOWN = "unknown", _("Not known")


class AlertStage(models.TextChoices):
    """Steps of an alert in their usual order; the last one taken is its stage."""

    RECEIVED = "received", _("Received")
    ACKNOWLEDGED = "acknowledged", _("Acknowledged")
    VERIFIED = "verified", _("Verified")
    DECIDED = "decided", _("Decided")
    RESPONDED = "responded", _("Responded")
    REPORTED_BACK = "reported_back", _("Reported back")
    CLOSED = "closed", _("Closed")
    REOPENED = "reopened", _("Reopened")


class Verification(models.TextChoices):
    CONFIRMED = "confirmed", _("Confirmed")
    PARTLY = "partly", _("Partly confirmed")
    UNCONFIRMED = "unconfirmed", _("Not confirmed")
    FALSE = "false", _("Found false")


class AlertDecision(models.TextChoices):
    RESPOND = "respond", _("Respond")
    NO_RESPONSE = "no_response", _("No response")


class AlertOutcome(models.TextChoices):
    """What came of what an alert feared, by when help arrived."""

    ATTACK_BEFORE = "attack_before", _("Attack before help arrived")
    ATTACK_DURING = "attack_during", _("Attack while help was there")
    ATTACK_AFTER = "attack_after", _("Attack after help had left")
    AVERTED = "averted", _("Averted")
    NONE = "none", _("Nothing happened")
    UNKNOWN = "unknown", _("Unknown")
