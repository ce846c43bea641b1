from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from missions.access import MissionScopedQuerySet
from missions.choices import Classification
from missions.models.base import namesake_field
from poc_portal.fields import EncryptedTextField
from poc_portal.tabular.report import STATUSES, Report
from records.queue import Work

if TYPE_CHECKING:
    from threats.sources.pulls import Source


def source_choices() -> list[tuple[str, Any]]:
    """Codes and labels of the datasets there are."""
    from threats.sources.pulls import SOURCES  # which know the models

    return [(source.code, source.label) for source in SOURCES.values()]


class Pull(Work):
    """A dataset of events that is fetched again and again.

    ``place``: where the next run takes up the work, in the source's own terms; it is stored with
    what was imported, so that a run that dies loses nothing and repeats little.
    """

    identified_by = ("source",)

    mission = models.ForeignKey("missions.Mission", on_delete=models.CASCADE, related_name="+")
    source = models.CharField(_("source"), max_length=20, choices=source_choices)
    namesake = namesake_field()
    since = models.DateField(_("events since"))
    every = models.PositiveSmallIntegerField(
        _("hours between runs"), default=24,
        validators=[MinValueValidator(1), MaxValueValidator(24 * 31)],
    )  # fmt: skip
    classification = models.PositiveSmallIntegerField(
        _("classification"), choices=Classification.choices, default=Classification.UNCLASSIFIED,
        help_text=_("Of incidents new to the portal."),
    )  # fmt: skip
    account = models.CharField(_("account"), max_length=200, blank=True)
    password = EncryptedTextField(_("password"), blank=True, default=b"")
    is_on = models.BooleanField(default=True)
    language = models.CharField(max_length=10, blank=True)  # of what runs say
    place = models.JSONField(default=dict, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    objects = MissionScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("scheduled pull")
        verbose_name_plural = _("scheduled pulls")
        ordering = ["source", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["mission", "source", "namesake"], name="threats_pull_source"
            )
        ]

    def __str__(self) -> str:
        return self.get_source_display()

    def get_absolute_url(self) -> str:
        return reverse("pull", args=[self.mission.code, self.pk])

    @property
    def declared(self) -> Source:
        """The dataset's declaration."""
        from threats.sources.pulls import SOURCES

        return SOURCES[self.source]

    @property
    def is_running(self) -> bool:
        return self.leased_until is not None and self.leased_until > timezone.now()

    @property
    def is_failing(self) -> bool:
        """Whether an earlier run, since it last went well, did not."""
        return self.tries > int(self.is_running)

    @property
    def is_due(self) -> bool:
        return self.is_on and self.due_at is not None and self.due_at <= timezone.now()

    def clean(self) -> None:
        if self.since and self.since > self.mission.today:
            raise ValidationError(
                {"since": gettext("%(value)s lies after the mission's today, %(today)s.")
                 % {"value": self.since, "today": self.mission.today}}
            )  # fmt: skip
        if self.declared.asks_for_account and not (self.account and self.password):
            raise ValidationError(
                {"account": gettext("%(source)s asks for an account and password.")
                 % {"source": self.declared.label}}
            )  # fmt: skip


class PullRun(models.Model):
    """One run of a pull. ``errors``: the first refused rows, as texts."""

    class Status(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    pull = models.ForeignKey(Pull, on_delete=models.CASCADE, related_name="runs")
    started_at = models.DateTimeField(_("started"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    outcome = models.CharField(
        _("outcome"), max_length=10, choices=Status.choices, default=Status.RUNNING
    )
    steps = models.JSONField(default=list)  # files or pages that were read
    created = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0)
    vanished = models.JSONField(default=list)  # identifiers the source has no more
    errors = models.JSONField(default=list)
    problem = models.TextField(blank=True)  # empty of a failed one: its worker died

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        ordering = ["-pk"]

    @property
    def reason(self) -> str:
        """Why it failed, in the reader's language where nobody was left to say; else empty."""
        interrupted = self.outcome == self.Status.FAILED and not self.problem
        return gettext("It was interrupted.") if interrupted else self.problem

    @property
    def report(self) -> Report:
        """What came in so far, as numbers."""
        return Report(**{name: getattr(self, name) for name in STATUSES})

    @report.setter
    def report(self, report: Report) -> None:
        for name in STATUSES:
            setattr(self, name, report.counts[name])
