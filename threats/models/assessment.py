from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from missions.models.base import MissionRecord
from missions.roles import Capability
from threats.choices import Confidence, Impact, Likelihood, RiskLevel
from threats.models.incident import Incident
from threats.models.sealing import SealsSources
from threats.models.threat import Threat

SCALE = [MinValueValidator(1), MaxValueValidator(5)]
RATED = ("likelihood", "impact", "intent", "capability", "opportunity")


class AppendOnlyError(RuntimeError):
    """An assessment was to be changed."""


class Assessment(SealsSources, MissionRecord):
    """What an analyst judged at one moment. Append-only: a new judgement is a new row."""

    free_texts = ("rationale",)

    to_create = Capability.ASSESS
    to_change = None
    belongs_to = "threat"

    threat = models.ForeignKey(
        Threat, verbose_name=_("threat"), on_delete=models.PROTECT, related_name="assessments"
    )
    likelihood = models.PositiveSmallIntegerField(
        _("likelihood"), choices=Likelihood.choices, validators=SCALE
    )
    impact = models.PositiveSmallIntegerField(_("impact"), choices=Impact.choices, validators=SCALE)
    intent = models.PositiveSmallIntegerField(_("intent"), null=True, blank=True, validators=SCALE)
    capability = models.PositiveSmallIntegerField(
        _("capability"), null=True, blank=True, validators=SCALE
    )
    opportunity = models.PositiveSmallIntegerField(
        _("opportunity"), null=True, blank=True, validators=SCALE
    )
    confidence = models.CharField(
        _("confidence"), max_length=10, choices=Confidence.choices, default=Confidence.MODERATE
    )
    rationale = models.TextField(_("rationale"), max_length=20_000)
    incidents = models.ManyToManyField(
        Incident, verbose_name=_("supporting incidents"), blank=True, related_name="assessments"
    )
    endorsed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("endorsed by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    endorsed_at = models.DateTimeField(_("endorsed"), null=True, blank=True, editable=False)

    class Meta(MissionRecord.Meta):
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")
        ordering = ["-created_at", "-pk"]
        constraints = [
            *MissionRecord.Meta.constraints,
            *(
                models.CheckConstraint(
                    name=f"threats_assessment_{name}",
                    condition=Q(**{f"{name}__isnull": True}) | Q(**{f"{name}__range": (1, 5)}),
                )
                for name in RATED
            ),
        ]
        indexes = [
            models.Index(fields=["threat", "-created_at", "-id"], name="threats_assessment_newest")
        ]

    def __str__(self) -> str:
        return f"{self.threat}: {self.likelihood} × {self.impact}"

    def get_absolute_url(self) -> str:
        return self.threat.get_absolute_url()

    def told_by(self, values, user):
        return self.threat.told_by(values, user)

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise AppendOnlyError("An assessment cannot be changed; add a new one.")
        super().save(*args, **kwargs)

    @property
    def level(self) -> RiskLevel:
        return RiskLevel.of(self.likelihood, self.impact)
