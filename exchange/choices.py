from django.db import models
from django.utils.translation import gettext_lazy as _


class EventKind(models.TextChoices):
    """What the portal tells other systems of itself; the floors above declare the rest."""

    TEST = "test", _("A test")


class NotificationKind(models.TextChoices):
    """What this floor tells members."""

    WEBHOOK_STOPPED = "webhook_stopped", _("A webhook was switched off, for it kept failing")
    PROGRAM_STOPPED = "program_stopped", _("An administrator stopped a program of yours")
    ACCESS_CHANGED = "access_changed", _("Somebody's access to the mission was changed")
    OWN_ACCESS = "own_access", _("Your access to the mission was changed")
    SIGN_IN_TRIED = "sign_in_tried", _("Somebody tried to sign in as you")
    PASSWORD_SET = "password_set", _("Your password was set anew")  # pragma: allowlist secret
    ACCESS_ASKED = "access_asked", _("A clearance waits for a second administrator")
    DECLASSIFIED = "declassified", _("The classification of a record was lowered")
