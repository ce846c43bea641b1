from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from missions.choices import Classification
from missions.models import Mission
from missions.need_to_know import LAYER_CHOICES


class RecordSpan(models.Model):
    """Days a dataset tells of in a mission: what lies in no span is not known, and not quiet.

    ``classification``: the lowest of what was brought, whose readers may know that it speaks.
    The mission's own reports have no rows here: they tell of their days themselves.
    """

    mission = models.ForeignKey(Mission, on_delete=models.CASCADE, related_name="record_spans")
    dataset = models.CharField(_("dataset"), max_length=30)
    since = models.DateField(_("since"))
    until = models.DateField(_("until"))
    classification = models.PositiveSmallIntegerField(
        _("classification"), choices=LAYER_CHOICES, default=Classification.UNCLASSIFIED
    )

    class Meta:
        verbose_name = _("days a dataset tells of")
        verbose_name_plural = _("days datasets tell of")
        ordering = ["mission", "dataset", "since"]
        constraints = [
            models.UniqueConstraint(
                fields=["mission", "dataset", "since"], name="threats_recordspan_unique"
            ),
            models.CheckConstraint(
                name="threats_recordspan_days", condition=Q(until__gte=F("since"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dataset}: {self.since} – {self.until}"
