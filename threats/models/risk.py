from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from missions.access import NOTHING, MissionScopedQuerySet, full_visibility, grants
from missions.models import Followed, Mission
from missions.need_to_know import LAYER_CHOICES
from records.queue import Work
from threats.choices import HORIZONS
from threats.models.community import Community


class RiskModelQuerySet(models.QuerySet):
    def visible_to(self, user) -> RiskModelQuerySet:
        """The shipped prior model is everybody's; a mission's own, its members'."""
        return self.filter(Q(mission__isnull=True) | Q(mission__in=list(grants(user))))


class RiskModel(Followed):
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
        """Each reader's score is the one computed from what the reader's figures may count."""
        by_layer: dict[int, list[int]] = defaultdict(list)
        for grant in grants(user).values():
            by_layer[grant.layer].append(grant.mission_id)
        if not by_layer:
            return self.filter(NOTHING)
        own = Q()
        for layer, missions in by_layer.items():
            own |= Q(mission__in=missions, clearance=layer)
        return self.filter(own & full_visibility(self.model, user, "community"))


class ScoreBase(models.Model):
    """Probability of at least one incident against civilians within 25 km in the horizon.

    Computed from the records it refers to, and made anew with every whole run: the database need not
    check its references row by row.
    """

    mission = models.ForeignKey(
        Mission, verbose_name=_("mission"), on_delete=models.PROTECT, related_name="+",
        db_constraint=False, db_index=False,
    )  # fmt: skip
    date = models.DateField(_("date"), help_text=_("The day whose evidence the score knows."))
    horizon = models.PositiveSmallIntegerField(
        _("horizon"), choices=[(days, str(days)) for days in HORIZONS], help_text=_("days")
    )
    clearance = models.PositiveSmallIntegerField(
        _("clearance"),
        choices=LAYER_CHOICES,
        editable=False,
        help_text=_("Whose score it is: the layer of figures a reader has."),
    )
    expected = models.FloatField(_("expected incidents"))
    probability = models.FloatField(_("probability"))
    band = models.PositiveSmallIntegerField(_("band"), help_text=_("Likelihood, 1 to 5"))
    model = models.ForeignKey(
        RiskModel, verbose_name=_("risk model"), on_delete=models.PROTECT, related_name="+",
        db_constraint=False, db_index=False,
    )  # fmt: skip

    objects = RiskScoreQuerySet.as_manager()
    community: Any  # each kind of score has a link of its own

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.community} {self.date}: {self.probability:.1%}"


class RiskScore(Followed, ScoreBase):
    """A community's score of today: one for each horizon and clearance.

    The identifier follows from the three, so it stays the same however often scores are
    written anew.
    """

    belongs_to = "community"
    is_shown_with_owner = False  # a whole run tells of its communities at once

    id = models.BigIntegerField(primary_key=True, editable=False)
    community = models.ForeignKey(
        Community, verbose_name=_("community"), on_delete=models.CASCADE, related_name="scores",
        db_constraint=False, db_index=False,
    )  # fmt: skip
    week_before = models.FloatField(
        _("probability a week before"), null=True, help_text=_("Null where it was not computed.")
    )
    is_silent = models.BooleanField(
        _("silent"),
        default=False,
        help_text=_("Nothing was heard from here for about eight weeks while the area is active."),
    )
    computed_at = models.DateTimeField(_("computed"))

    class Meta:
        verbose_name = _("risk score")
        verbose_name_plural = _("risk scores")
        ordering = ["-probability", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["community", "horizon", "clearance"], name="threats_score_unique"
            ),
            models.CheckConstraint(
                name="threats_score_ranges",
                condition=Q(expected__gte=0) & Q(probability__range=(0, 1)) & Q(band__range=(1, 5)),
            ),
        ]


class RiskHistory(ScoreBase):
    """What a community's score was on an earlier day.

    As it was said on that day; or, for days before the portal kept scores, as the evidence now
    on record would have had it said (``is_reconstructed``).
    """

    community = models.ForeignKey(
        Community, verbose_name=_("community"), on_delete=models.CASCADE, related_name="history",
        db_index=False,
    )  # fmt: skip
    is_reconstructed = models.BooleanField(_("reconstructed later"), default=False)

    class Meta:
        verbose_name = _("earlier risk score")
        verbose_name_plural = _("earlier risk scores")
        ordering = ["-date", "community", "horizon"]
        constraints = [
            models.UniqueConstraint(
                fields=["community", "horizon", "clearance", "date"],
                name="threats_history_unique",
            )
        ]
        indexes = [models.Index(fields=["mission", "date"], name="threats_history_date")]


class RiskState(models.Model):
    """Where a mission's stored sums stand.

    ``landmark``: the day they are kept relative to. ``until``: they hold every countable incident
    known by that day. ``ends``: by clearance, the days its scores are of: the last that any source
    its readers see speaks of, see ``scoring.record``. ``terms``: what they are sums of, in their order; where that is not what is
    summed today, a release has added or dropped a family, and the next run makes them anew.
    ``model``: the model of the stored scores.
    """

    mission = models.OneToOneField(Mission, on_delete=models.CASCADE, related_name="risk_state")
    landmark = models.DateField()
    until = models.DateField()
    ends = ArrayField(models.DateField(), default=list)
    terms = ArrayField(models.CharField(max_length=60), default=list)
    model = models.ForeignKey(RiskModel, on_delete=models.PROTECT, related_name="+")


class EvidenceSums(models.Model):
    """Decayed sums around a community of the evidence of one classification, or of what is in
    compartments, of any (``missions.need_to_know.layer_of``).

    ``values``: in the order of ``RiskState.terms``, relative to the mission's landmark. No row
    means that nothing of that classification ever counted here.
    """

    id = models.BigIntegerField(primary_key=True, editable=False)
    mission = models.ForeignKey(
        Mission, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    community = models.ForeignKey(
        Community,
        on_delete=models.CASCADE,
        related_name="sums",
        db_constraint=False,
        db_index=False,
    )
    classification = models.PositiveSmallIntegerField(choices=LAYER_CHOICES)
    values = ArrayField(models.FloatField())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["community", "classification"], name="threats_sums_unique"
            )
        ]


class EvidenceChange(models.Model):
    """A difference the stored sums do not hold yet: an incident's evidence, added or taken away.

    Written in the transaction that changed the incident, deleted in the one that stores the sums,
    so each counts exactly once however often a worker dies.
    """

    mission = models.ForeignKey(Mission, on_delete=models.CASCADE, related_name="+")
    sign = models.SmallIntegerField()  # +1 or −1
    longitude = models.FloatField()
    latitude = models.FloatField()
    day = models.IntegerField()  # ordinal of the end date
    first = models.IntegerField()  # ordinal of the first day it may have happened on
    family = models.CharField(max_length=40)
    precision = models.SmallIntegerField()
    deaths = models.IntegerField()
    layer = models.SmallIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)


class RecomputeRequest(models.Model):
    """Work for the scoring task, written in the transaction that made it necessary.

    A message only wakes the worker; the row is what makes sure the work is done, and it goes in
    the transaction that stores the result.
    """

    class Scope(models.TextChoices):
        WHOLE = "whole"  # all sums and scores from the evidence
        COMMUNITY = "community"  # one community's
        DAY = "day"  # bring the scores to the mission's today
        HISTORY = "history"  # reconstruct the scores of earlier days

    mission = models.ForeignKey(Mission, on_delete=models.CASCADE, related_name="+")
    scope = models.CharField(max_length=10, choices=Scope.choices)
    community = models.ForeignKey(Community, on_delete=models.CASCADE, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)


class RecomputeLane(Work):
    """A mission's recomputes of one kind, short or whole: whose turn it is, and after what failures.

    Requests stay rows of their own, which nobody waits to write while a recompute runs. ``due_at``:
    with nothing asked for, of no meaning; else no recompute before.
    """

    mission = models.ForeignKey(Mission, on_delete=models.CASCADE, related_name="+")
    is_whole = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["mission", "is_whole"], name="threats_recomputelane_unique"
            )
        ]


class RiskBacktest(Followed):
    """How good a mission's forecasts would have been over past months: see ``risk.backtest``."""

    mission = models.ForeignKey(
        Mission, verbose_name=_("mission"), on_delete=models.PROTECT, related_name="backtests"
    )
    first_day = models.DateField(_("first day forecast"))
    last_day = models.DateField(_("last day forecast"))
    figures = models.JSONField(_("figures"))
    created_at = models.DateTimeField(_("computed"), auto_now_add=True)
    modified_at = models.DateTimeField(_("modified"), auto_now=True)

    objects = MissionScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("backtest of risk scores")
        verbose_name_plural = _("backtests of risk scores")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.first_day} – {self.last_day}"
