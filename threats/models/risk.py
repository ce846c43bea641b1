from __future__ import annotations

from collections import defaultdict

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from missions.access import NOTHING, MissionScopedQuerySet, grants, visible_q
from missions.choices import HORIZONS, Classification
from missions.models import Mission
from threats.models.community import Community


class RiskModelQuerySet(models.QuerySet):
    def visible_to(self, user) -> RiskModelQuerySet:
        """The shipped prior model is everybody's; a mission's own, its members'."""
        return self.filter(Q(mission__isnull=True) | Q(mission__in=list(grants(user))))


class RiskModel(models.Model):
    """Coefficients of the intensity model, with where they come from."""

    mission = models.ForeignKey(
        Mission,
        verbose_name=_("mission"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="risk_models",
        help_text=_("Empty for the prior model shipped with the portal."),
    )
    version = models.CharField(_("version"), max_length=50)
    coefficients = models.JSONField(_("coefficients"))
    trained_from = models.DateField(_("trained from"), null=True, blank=True)
    trained_until = models.DateField(_("trained until"), null=True, blank=True)
    validation = models.JSONField(_("validation figures"), default=dict, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    modified_at = models.DateTimeField(_("modified"), auto_now=True)

    objects = RiskModelQuerySet.as_manager()

    class Meta:
        verbose_name = _("risk model")
        verbose_name_plural = _("risk models")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["mission", "version"],
                nulls_distinct=False,
                name="threats_riskmodel_version_unique",
            )
        ]

    def __str__(self) -> str:
        return self.version


class RiskScoreQuerySet(MissionScopedQuerySet):
    def visible_to(self, user) -> RiskScoreQuerySet:
        """Each reader's score is the one computed from what the reader's clearance may see."""
        by_clearance: dict[int, list[int]] = defaultdict(list)
        for grant in grants(user).values():
            by_clearance[grant.clearance].append(grant.mission_id)
        if not by_clearance:
            return self.filter(NOTHING)
        own = Q()
        for clearance, missions in by_clearance.items():
            own |= Q(mission__in=missions, clearance=clearance)
        return self.filter(own & visible_q(self.model, user, "community"))


class RiskScore(models.Model):
    """Probability of at least one incident against civilians within 25 km in the horizon."""

    mission = models.ForeignKey(
        Mission, verbose_name=_("mission"), on_delete=models.PROTECT, related_name="+"
    )
    community = models.ForeignKey(
        Community, verbose_name=_("community"), on_delete=models.CASCADE, related_name="scores"
    )
    date = models.DateField(_("date"), help_text=_("The day whose evidence the score knows."))
    horizon = models.PositiveSmallIntegerField(
        _("horizon"), choices=[(days, str(days)) for days in HORIZONS], help_text=_("days")
    )
    clearance = models.PositiveSmallIntegerField(
        _("clearance"), choices=Classification.choices, editable=False
    )
    expected = models.FloatField(_("expected incidents"))
    probability = models.FloatField(_("probability"))
    band = models.PositiveSmallIntegerField(_("band"), help_text=_("Likelihood, 1 to 5"))
    week_before = models.FloatField(
        _("probability a week before"), null=True, help_text=_("Null where it was not computed.")
    )
    is_current = models.BooleanField(_("newest of its community"), default=False)
    contributions = models.JSONField(
        _("contributions"), help_text=_("Expected incidents by named term; they sum to expected.")
    )
    model = models.ForeignKey(
        RiskModel, verbose_name=_("risk model"), on_delete=models.PROTECT, related_name="scores"
    )
    computed_at = models.DateTimeField(_("computed"))

    objects = RiskScoreQuerySet.as_manager()

    class Meta:
        verbose_name = _("risk score")
        verbose_name_plural = _("risk scores")
        ordering = ["-date", "community", "horizon"]
        constraints = [
            models.UniqueConstraint(
                fields=["community", "horizon", "clearance", "date"],
                name="threats_score_unique",
            ),
            models.CheckConstraint(
                name="threats_score_ranges",
                condition=Q(expected__gte=0) & Q(probability__range=(0, 1)) & Q(band__range=(1, 5)),
            ),
        ]
        indexes = [
            models.Index(
                fields=["community", "horizon", "clearance"],
                include=["probability", "week_before"],
                condition=Q(is_current=True),
                name="threats_score_current",
            ),
            models.Index(fields=["mission", "date"], name="threats_score_date"),
        ]

    def __str__(self) -> str:
        return f"{self.community} {self.date}: {self.probability:.1%}"


class RecomputeRequest(models.Model):
    """Work for the scoring task, written in the transaction that made it necessary.

    Without a point it asks for the whole mission. A message only wakes the worker; the row is
    what makes sure the work is done, and it goes in the transaction that stores the scores.
    """

    mission = models.ForeignKey(Mission, on_delete=models.CASCADE, related_name="+")
    longitude = models.FloatField(null=True)
    latitude = models.FloatField(null=True)
    since = models.DateField(null=True)  # scores before this date do not change
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("recompute request")
        verbose_name_plural = _("recompute requests")
