from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from missions.models.base import MissionOwned
from missions.roles import Capability
from threats.choices import Credibility, Reliability, SourceKind
from threats.models.incident import Incident
from threats.models.sealing import SealsSources
from threats.rules.source_kinds import TellsSourceKind


class IncidentSource(TellsSourceKind, SealsSources, MissionOwned):
    """One of the sources that told of an incident, graded. Never holds a name or contact."""

    to_create = Capability.REPORT
    to_change = Capability.ANALYSE
    belongs_to = "incident"
    kind_field = "kind"

    incident = models.ForeignKey(
        Incident, verbose_name=_("incident"), on_delete=models.PROTECT, related_name="sources"
    )
    kind = models.CharField(_("kind of source"), max_length=20, choices=SourceKind.choices)
    reliability = models.CharField(
        _("reliability of the source"),
        max_length=1,
        choices=Reliability.choices,
        default=Reliability.F,
    )
    credibility = models.PositiveSmallIntegerField(
        _("credibility of the information"),
        choices=Credibility.choices,
        default=Credibility.UNKNOWN,
    )
    informant = models.ForeignKey(
        "threats.Informant",
        verbose_name=_("informant"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="sources",
    )

    class Meta:
        verbose_name = _("source of an incident")
        verbose_name_plural = _("sources of incidents")
        ordering = ["incident", "pk"]
        constraints = [
            models.CheckConstraint(
                name="threats_source_reliability", condition=Q(reliability__in=Reliability.values)
            ),
            models.CheckConstraint(
                name="threats_source_credibility", condition=Q(credibility__range=(1, 6))
            ),
        ]

    def told_by(self, values, user):
        return self.incident.told_by(values, user)

    def __str__(self) -> str:
        return f"{self.reliability}{self.credibility}"  # its kind is not everybody's to know
