from django.db import models
from django.utils.translation import gettext_lazy as _


class Tier(models.IntegerChoices):
    TIER_1 = 1, _("Protection through dialogue and engagement")
    TIER_2 = 2, _("Provision of physical protection")
    TIER_3 = 3, _("Establishment of a protective environment")


class ActivityStatus(models.TextChoices):
    PLANNED = "planned", _("Planned")
    UNDER_WAY = "under_way", _("Under way")
    DONE = "done", _("Done")
    CANCELLED = "cancelled", _("Cancelled")


class CellState(models.TextChoices):
    """State of a cell of the matrix, worst first."""

    GAP = "gap", _("Gap")
    OVERDUE = "overdue", _("Overdue")
    UNDER_WAY = "under_way", _("Under way")
    PLANNED = "planned", _("Planned")
    DONE = "done", _("Done")
    NOT_REQUIRED = "not_required", _("Not required")


class Lack(models.TextChoices):
    """What an endangered place is without."""

    THREAT = "threat", _("No active threat names it")
    ACTIVITY = "activity", _("Nothing is planned or under way")


class Caution(models.TextChoices):
    """What a typical activity can do wrong where a state force is among the perpetrators."""

    WARNS = "warns", _("Tells the authorities what the mission knows")
    PLACES = "places", _("Places state forces beside the people")
    SUPPORTS = "supports", _("Supports a state force")


# With them an activity is not suggested against a state force.
WITHHELD = (Caution.WARNS, Caution.PLACES)


class StrategyStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    ENDORSED = "endorsed", _("Cleared by the POC adviser")
    APPROVED = "approved", _("Approved by the head of mission")
    REPLACED = "replaced", _("Replaced")


# A version whose text no longer changes, until the next one is approved.
STANDING = (StrategyStatus.ENDORSED, StrategyStatus.APPROVED)


class EventKind(models.TextChoices):
    """What this floor tells other systems as it happens."""

    BRIEF_ISSUED = "brief.issued", _("A weekly brief was issued")


class NotificationKind(models.TextChoices):
    """What this floor tells members."""

    ACTIVITY_ASSIGNED = "activity_assigned", _("An activity was planned for your component")
    DECISION_ASSIGNED = "decision_assigned", _("A meeting's decision is your component's")
    BRIEF_ISSUED = "brief_issued", _("A weekly brief was issued")
