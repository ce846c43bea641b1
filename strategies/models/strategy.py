from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Prefetch, Q
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from missions.access import MissionScopedQuerySet
from missions.models.base import MissionOwned, MissionRecord
from missions.roles import Capability
from records.search import search_indexes
from strategies.choices import StrategyStatus
from threats.models import Threat
from threats.models.sealing import SealsSources


class Strategy(SealsSources, MissionRecord):
    """A mission's POC strategy for a period, in versions.

    A version is written, then cleared by the POC adviser (``endorsed_at``) and frozen, then approved
    by the head of mission (``approved_at``), both by the mission's clocks. What is to change becomes
    the next version, which takes its place when approved in turn.
    """

    free_texts = ("title", "summary")

    to_create = to_change = Capability.PLAN

    title = models.CharField(_("title"), max_length=250)
    start = models.DateField(_("start"))
    end = models.DateField(_("end"))
    summary = models.TextField(
        _("summary"), blank=True, max_length=20_000,
        help_text=_("What is to be achieved, for whom, and by which means."),
    )  # fmt: skip
    threats = models.ManyToManyField(
        Threat, verbose_name=_("threats"), blank=True, related_name="strategies"
    )
    status = models.CharField(
        _("status"), max_length=10, choices=StrategyStatus.choices, default=StrategyStatus.DRAFT,
        editable=False,
    )  # fmt: skip
    version = models.PositiveSmallIntegerField(_("version"), default=1, editable=False)
    previous = models.OneToOneField(
        "self", verbose_name=_("previous version"), on_delete=models.PROTECT, null=True,
        blank=True, editable=False, related_name="next",
    )  # fmt: skip
    endorsed_at = models.DateTimeField(_("cleared"), null=True, editable=False)
    endorsed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("cleared by"), on_delete=models.PROTECT,
        null=True, blank=True, editable=False, related_name="+",
    )  # fmt: skip
    approved_at = models.DateTimeField(_("approved"), null=True, editable=False)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("approved by"), on_delete=models.PROTECT,
        null=True, blank=True, editable=False, related_name="+",
    )  # fmt: skip

    class Meta(MissionRecord.Meta):
        verbose_name = _("strategy")
        verbose_name_plural = _("strategies")
        ordering = ["-start", "title", "-version"]
        indexes = search_indexes("strategies_strategy", "title", "summary")
        constraints = [
            *MissionRecord.Meta.constraints,
            models.CheckConstraint(
                name="strategies_strategy_dates", condition=Q(end__gt=F("start"))
            ),
        ]

    def __str__(self) -> str:
        title = self.as_told(self.title)
        if self.version == 1:
            return title
        return gettext("%(title)s (version %(n)d)") % {"title": title, "n": self.version}

    def get_absolute_url(self) -> str:
        return reverse("strategy-detail", args=[self.mission.code, self.pk])

    @property
    def is_open(self) -> bool:
        """Whether its text may still change."""
        return self.status == StrategyStatus.DRAFT

    def clean(self) -> None:
        if self.start and self.end and self.end <= self.start:
            raise ValidationError(
                {"end": gettext("The end (%(end)s) does not lie after the start (%(start)s).")
                 % {"end": self.end, "start": self.start}}
            )  # fmt: skip


class ObjectiveQuerySet(MissionScopedQuerySet):
    def with_figures(self) -> ObjectiveQuerySet:
        """Indicators with their measurements prefetched: two queries."""
        indicators = Indicator.objects.current().prefetch_related("measurements").order_by("pk")
        indicators = indicators.select_related("first__mission", "mission").prefetch_related(
            "first__measurements"
        )
        return self.prefetch_related(Prefetch("indicators", indicators))


class Objective(SealsSources, MissionOwned):
    """What a strategy wants to have achieved by its end."""

    free_texts = ("title", "description")

    to_create = to_change = Capability.PLAN
    belongs_to = "strategy"

    strategy = models.ForeignKey(
        Strategy, verbose_name=_("strategy"), on_delete=models.PROTECT, related_name="objectives"
    )
    title = models.CharField(_("title"), max_length=250)
    description = models.TextField(_("description"), blank=True, max_length=5_000)

    objects = ObjectiveQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("objective")
        verbose_name_plural = _("objectives")
        ordering = ["strategy", "pk"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"{self.strategy.get_absolute_url()}#objective-{self.pk}"


class Indicator(SealsSources, MissionOwned):
    """A number that tells whether an objective comes nearer, from a baseline to a target.

    ``first``: the indicator of an earlier version that it continues, which holds the measurements.
    """

    free_texts = ("title", "unit")

    to_create = to_change = Capability.PLAN
    belongs_to = "objective__strategy"

    objective = models.ForeignKey(
        Objective, verbose_name=_("objective"), on_delete=models.PROTECT, related_name="indicators"
    )
    title = models.CharField(_("title"), max_length=250)
    unit = models.CharField(_("unit"), max_length=60, blank=True)
    baseline = models.FloatField(_("baseline"))
    target = models.FloatField(_("target"))
    first = models.ForeignKey(
        "self", verbose_name=_("continues"), on_delete=models.PROTECT, null=True, blank=True,
        editable=False, related_name="later",
    )  # fmt: skip

    class Meta:
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")
        ordering = ["objective", "pk"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"{self.objective.strategy.get_absolute_url()}#indicator-{self.pk}"

    def clean(self) -> None:
        if self.baseline is not None and self.baseline == self.target:
            raise ValidationError(
                {"target": gettext("The target (%(target)s) is the baseline: nothing would change.")
                 % {"target": self.target}}
            )  # fmt: skip

    @property
    def series(self) -> list[Measurement]:
        """What was measured, through all versions, oldest first."""
        rows = (self.first or self).measurements.all()
        return sorted((row for row in rows if not row.withdrawn_at), key=lambda m: (m.day, m.pk))

    @property
    def latest(self) -> Measurement | None:
        return self.series[-1] if self.series else None

    @property
    def progress(self) -> float | None:
        """Share of the way from baseline to target that is done: 0 none, 1 all; may lie outside.

        None before the first measurement.
        """
        latest = self.latest
        if latest is None:
            return None
        return (latest.value - self.baseline) / (self.target - self.baseline)


class Measurement(SealsSources, MissionOwned):
    """An indicator's value on a day. Only ever added; a mistake is withdrawn."""

    free_texts = ("note",)

    to_create = Capability.MEASURE
    to_change = Capability.PLAN
    belongs_to = "indicator__objective__strategy"

    indicator = models.ForeignKey(
        Indicator, verbose_name=_("indicator"), on_delete=models.PROTECT,
        related_name="measurements",
    )  # fmt: skip
    day = models.DateField(_("day"))
    value = models.FloatField(_("value"))
    note = models.CharField(_("note"), max_length=500, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("author"), on_delete=models.PROTECT, null=True,
        blank=True, editable=False, related_name="+",
    )  # fmt: skip

    class Meta:
        verbose_name = _("measurement")
        verbose_name_plural = _("measurements")
        ordering = ["indicator", "day", "pk"]

    def __str__(self) -> str:
        return f"{self.value:g} ({self.day})"

    def get_absolute_url(self) -> str:
        return self.indicator.get_absolute_url()

    def clean(self) -> None:
        if self.day and self.day > self.mission.today:
            raise ValidationError(
                {"day": gettext("%(day)s lies after the mission's today (%(today)s).")
                 % {"day": self.day, "today": self.mission.today}}
            )  # fmt: skip
