"""What became less secret: by whom, from what to what, and why."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from missions.choices import Classification
from missions.need_to_know import compartments_field, told


class Declassification(models.Model):
    """A record's classification was lowered, or it left a compartment. Written once, never changed.

    ``kind``: label of the model, in lower case; ``record``: its key.
    """

    mission = models.ForeignKey("missions.Mission", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=100)
    record = models.BigIntegerField()
    at = models.DateTimeField(_("when"), auto_now_add=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    from_level = models.PositiveSmallIntegerField(choices=Classification.choices)
    to_level = models.PositiveSmallIntegerField(choices=Classification.choices)
    from_compartments = compartments_field(_("need to know before"))
    to_compartments = compartments_field(_("need to know since"))
    reason = models.TextField(_("reason"), max_length=2_000)

    class Meta:
        verbose_name = _("declassification")
        verbose_name_plural = _("declassifications")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["kind", "record"], name="records_declassification_of")]

    def __str__(self) -> str:
        return f"{self.get_from_level_display()} → {self.get_to_level_display()}"

    def get_from_compartments_display(self) -> str:
        return told(self.from_compartments)

    def get_to_compartments_display(self) -> str:
        return told(self.to_compartments)
