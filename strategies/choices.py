from django.db import models
from django.utils.translation import gettext_lazy as _


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


class StrategyStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    ENDORSED = "endorsed", _("Endorsed")
    REPLACED = "replaced", _("Replaced")
