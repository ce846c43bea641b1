from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from missions.access import grant_in
from missions.models.base import MissionOwned
from missions.need_to_know import LAYER_CHOICES
from threats.choices import Phase, ThreatStatus
from threats.models.threat import Threat


class ThreatDecision(MissionOwned):
    """Status and phase of a threat as somebody decided them; what was suggested stands beside it.

    Only ever added. ``day`` is the mission's today when it was decided, so that the register can
    be read as of any day. A suggestion that was not followed is a decision too: to keep.
    """

    belongs_to = "threat"

    threat = models.ForeignKey(
        Threat, verbose_name=_("threat"), on_delete=models.PROTECT, related_name="decisions"
    )
    status = models.CharField(_("status"), max_length=10, choices=ThreatStatus.choices)
    phase = models.CharField(_("phase"), max_length=15, choices=Phase.choices)
    suggested_status = models.CharField(
        _("suggested status"), max_length=10, choices=ThreatStatus.choices, blank=True
    )
    suggested_phase = models.CharField(
        _("suggested phase"), max_length=15, choices=Phase.choices, blank=True
    )
    suggested_from = models.PositiveSmallIntegerField(
        _("classification of the suggestion"), choices=LAYER_CHOICES, default=0,
        help_text=_("The evidence it was drawn from may be as secret as this."),
    )  # fmt: skip
    reason = models.TextField(_("reason"), blank=True, max_length=5_000)
    day = models.DateField(_("day in the mission"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.PROTECT, null=True,
        blank=True, related_name="+",
    )  # fmt: skip

    class Meta:
        verbose_name = _("decision about a threat")
        verbose_name_plural = _("decisions about threats")
        ordering = ["threat", "day", "pk"]
        indexes = [models.Index(fields=["mission", "day"], name="threats_decision_day")]

    def __str__(self) -> str:
        return f"{self.get_status_display()} · {self.get_phase_display()}"

    def as_read_by(self, user) -> ThreatDecision:
        """What was decided; without the suggestion and the reason, which speak of the evidence,
        where the user is not cleared for it.
        """
        grant = grant_in(user, self.mission_id)
        if grant is None or grant.layer < self.suggested_from:
            self.suggested_status = self.suggested_phase = self.reason = ""
        return self

    @property
    def followed(self) -> bool:
        """Whether the decision is what the evidence suggested; also where nothing was."""
        return (self.suggested_phase or self.phase) == self.phase and (
            self.suggested_status or self.status
        ) == self.status
