"""Enumerations used on several floors. Codes are those other systems see."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Tier(models.IntegerChoices):
    TIER_1 = 1, _("Protection through dialogue and engagement")
    TIER_2 = 2, _("Provision of physical protection")
    TIER_3 = 3, _("Establishment of a protective environment")


class Phase(models.TextChoices):
    PREVENTION = "prevention", _("Prevention")
    PREEMPTION = "preemption", _("Pre-emption")
    RESPONSE = "response", _("Response")
    CONSOLIDATION = "consolidation", _("Consolidation")


class Classification(models.IntegerChoices):
    """How secret a record is; as a clearance, the most secret record a person may read."""

    UNCLASSIFIED = 0, _("Unclassified")
    CONFIDENTIAL = 1, _("Confidential")
    STRICTLY_CONFIDENTIAL = 2, _("Strictly confidential")


class Role(models.TextChoices):
    VIEWER = "viewer", _("Viewer")
    REPORTER = "reporter", _("Reporter")
    ANALYST = "analyst", _("Analyst")
    PLANNER = "planner", _("Planner")
    ADVISER = "adviser", _("POC adviser")
    ADMIN = "admin", _("Administrator")


class Pillar(models.TextChoices):
    MILITARY = "military", _("Military")
    POLICE = "police", _("Police")
    CIVILIAN = "civilian", _("Civilian")


class ComponentKind(models.TextChoices):
    MILITARY = "military", _("Military")
    UN_POLICE = "un_police", _("UN police")
    HUMAN_RIGHTS = "human_rights", _("Human rights")
    CIVIL_AFFAIRS = "civil_affairs", _("Civil affairs")
    POLITICAL_AFFAIRS = "political_affairs", _("Political affairs")
    DDR = "ddr", _("Disarmament, demobilisation and reintegration")
    CHILD_PROTECTION = "child_protection", _("Child protection")
    WOMENS_PROTECTION = "womens_protection", _("Women's protection")
    JUSTICE = "justice", _("Justice and corrections")
    MINE_ACTION = "mine_action", _("Mine action")
    JMAC = "jmac", _("Joint mission analysis centre")
    JOC = "joc", _("Joint operations centre")
    PUBLIC_INFORMATION = "public_information", _("Public information")
    POC_ADVISER = "poc_adviser", _("POC adviser")
    MISSION_SUPPORT = "mission_support", _("Mission support")
    OTHER = "other", _("Other")

    @property
    def pillar(self) -> Pillar:
        if self == ComponentKind.MILITARY:
            return Pillar.MILITARY
        if self == ComponentKind.UN_POLICE:
            return Pillar.POLICE
        return Pillar.CIVILIAN


# Which phases of the matrix a threat in a given phase calls for; a mission may edit its copy.
DEFAULT_REQUIRED_PHASES: dict[str, list[str]] = {
    Phase.PREVENTION.value: [Phase.PREVENTION.value],
    Phase.PREEMPTION.value: [Phase.PREVENTION.value, Phase.PREEMPTION.value],
    Phase.RESPONSE.value: [
        Phase.PREEMPTION.value,
        Phase.RESPONSE.value,
        Phase.CONSOLIDATION.value,
    ],
    Phase.CONSOLIDATION.value: [Phase.CONSOLIDATION.value, Phase.PREVENTION.value],
}


# Probability at which likelihood 2, 3, 4 and 5 begin, by horizon in days. A steady rate that
# crosses p in 30 days crosses 1-(1-p)^3 in 90.
DEFAULT_CUT_POINTS: dict[str, list[float]] = {
    "30": [0.02, 0.05, 0.15, 0.40],
    "90": [0.06, 0.14, 0.39, 0.78],
}


HORIZONS = (30, 90)  # days


def default_required_phases() -> dict[str, list[str]]:
    return {phase: list(called) for phase, called in DEFAULT_REQUIRED_PHASES.items()}


def default_cut_points() -> dict[str, list[float]]:
    return {horizon: list(points) for horizon, points in DEFAULT_CUT_POINTS.items()}


class EventKind(models.TextChoices):
    """What other systems can be told of as it happens."""

    INCIDENT_CREATED = "incident.created", _("An incident was filed")
    INCIDENT_CHANGED = "incident.changed", _("An incident was changed")
    ALERT_RECEIVED = "alert.received", _("An alert was received")
    ALERT_ESCALATED = "alert.escalated", _("An alert became more imminent")
    BAND_CHANGED = "risk.band_changed", _("The risk band of a community changed")
    PHASE_CHANGED = "threat.phase_changed", _("The phase of a threat changed")
    BRIEF_ISSUED = "brief.issued", _("A weekly brief was issued")
    TEST = "test", _("A test")


class NotificationKind(models.TextChoices):
    ALERT_IMMINENT = "alert_imminent", _("An imminent alert was filed")
    ALERT = "alert", _("An alert was filed")
    RESPONSE_ASKED = "response_asked", _("Your component is to respond to an alert")
    ACTIVITY_ASSIGNED = "activity_assigned", _("An activity was planned for your component")
    DECISION_ASSIGNED = "decision_assigned", _("A meeting's decision is your component's")
    BRIEF_ISSUED = "brief_issued", _("A weekly brief was issued")
    WEBHOOK_STOPPED = "webhook_stopped", _("A webhook was switched off, for it kept failing")
    PULL_FAILED = "pull_failed", _("A scheduled pull failed")
