from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from missions.choices import Classification, Role
from missions.models.membership import Membership
from missions.need_to_know import compartments_field, told


class MembershipChange(models.Model):
    """What was done to a membership: who, when, from what to what. Written once, never changed.

    ``by``: None for the operator's command line, whose account on the machine is ``operator``.
    Roles empty and clearances None stand for no membership.
    """

    class Act(models.TextChoices):
        GIVEN = "given", _("Given")
        CHANGED = "changed", pgettext_lazy("somebody's access", "Changed")
        ASKED = "asked", _("Asked for, until a second administrator confirms")
        CONFIRMED = "confirmed", pgettext_lazy("somebody's access", "Confirmed")
        REFUSED = "refused", _("Not granted")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="changes")
    act = models.CharField(_("what"), max_length=10, choices=Act.choices)
    at = models.DateTimeField(_("when"), auto_now_add=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    operator = models.CharField(max_length=100, blank=True)
    from_role = models.CharField(max_length=20, choices=Role.choices, blank=True)
    to_role = models.CharField(max_length=20, choices=Role.choices, blank=True)
    from_clearance = models.PositiveSmallIntegerField(choices=Classification.choices, null=True)
    to_clearance = models.PositiveSmallIntegerField(choices=Classification.choices, null=True)
    from_compartments = compartments_field(_("need to know before"))
    to_compartments = compartments_field(_("need to know since"))
    from_limits = models.TextField(blank=True)  # component and field offices, by name
    to_limits = models.TextField(blank=True)
    reason = models.TextField(_("reason"), blank=True, db_default="")  # why an access ended

    class Meta:
        verbose_name = _("change of a membership")
        verbose_name_plural = _("changes of memberships")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.membership} · {self.get_act_display()}"

    def get_from_compartments_display(self) -> str:
        return told(self.from_compartments)

    def get_to_compartments_display(self) -> str:
        return told(self.to_compartments)
