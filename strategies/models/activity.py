from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import BooleanField, Case, F, Q, Value, When
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from missions.access import MissionScopedQuerySet
from missions.models import Component, Mission
from missions.models.area import LATITUDE, LONGITUDE, point_check
from missions.models.base import MissionRecord
from missions.roles import Capability
from records.search import search_indexes
from records.titles import MadeTitle, shown
from strategies.choices import ActivityStatus, Tier
from strategies.models.strategy import Objective
from strategies.models.titles import ACTIVITY_FORMS
from threats.choices import Phase
from threats.models import Alert, Community, Incident, Threat
from threats.models.sealing import SealsSources, informants_of, seen_of

LIVE = (ActivityStatus.PLANNED, ActivityStatus.UNDER_WAY)


LAPSES = 30  # days after which a plan that is due and was not begun is no cover any more


def judged_at(
    mission: Mission, day: datetime.date | None = None
) -> tuple[datetime.date, datetime.datetime]:
    """The day and the moment by which lateness is judged: now, or the end of a past day."""
    if day is None or day >= mission.today:
        return mission.today, mission.now
    midnight = datetime.datetime.combine(day + datetime.timedelta(days=1), datetime.time())
    return day, midnight.replace(tzinfo=mission.zone)


def late(mission: Mission, day: datetime.date | None = None) -> Q:
    """Due by now: on a day before the mission's today, or, where hours count, at a moment past.

    With a ``day``, by its end.
    """
    today, now = judged_at(mission, day)
    return Q(due__lt=today) | Q(due_at__lt=now)


def late_in(missions: Iterable[Mission]) -> Q:
    """The same of activities of several missions, each by its own clocks."""
    found = Q(pk__in=[])
    for mission in missions:
        found |= Q(mission=mission) & late(mission)
    return found


def lapsed(mission: Mission, day: datetime.date | None = None) -> Q:
    """Planned, not begun, and due more than 30 days ago: nobody is going to be protected by it."""
    today, _now = judged_at(mission, day)
    return Q(status=ActivityStatus.PLANNED, due__lt=today - datetime.timedelta(days=LAPSES))


class ActivityQuerySet(MissionScopedQuerySet):
    def live(self) -> ActivityQuerySet:
        return self.filter(status__in=LIVE)

    def covering(self, missions: Iterable[Mission]) -> ActivityQuerySet:
        """Live ones that are cover for a place: neither done with nor lapsed."""
        gone = Q(pk__in=[])
        for mission in missions:
            gone |= Q(mission=mission) & lapsed(mission)
        return self.live().exclude(gone)

    def overdue(self, mission: Mission) -> ActivityQuerySet:
        return self.live().filter(late(mission))

    def with_overdue(self, mission: Mission) -> ActivityQuerySet:
        """Annotate ``is_overdue``: still live although it was due in the mission by now."""
        return self.annotate(
            is_overdue=Case(
                When(late(mission), status__in=LIVE, then=Value(True)),
                default=Value(False),
                output_field=BooleanField(),
            )
        )


class Activity(SealsSources, MadeTitle, MissionRecord):
    """Something a component does against threats, in one tier and phase."""

    free_texts = ("title", "description", "outcome", "blockers", "due_diligence_note", "place_name")

    to_create = to_change = Capability.PLAN
    component_path = "lead_component"
    title_forms = ACTIVITY_FORMS
    shown_as: ClassVar[dict] = {"title": shown(ACTIVITY_FORMS)}

    tier = models.PositiveSmallIntegerField(_("tier"), choices=Tier.choices)
    phase = models.CharField(_("phase"), max_length=15, choices=Phase.choices)
    lead_component = models.ForeignKey(
        Component,
        verbose_name=_("lead component"),
        on_delete=models.PROTECT,
        related_name="led_activities",
    )
    supporting_components = models.ManyToManyField(
        Component,
        verbose_name=_("supporting components"),
        blank=True,
        related_name="supported_activities",
    )
    threats = models.ManyToManyField(
        Threat, verbose_name=_("threats"), blank=True, related_name="activities"
    )
    communities = models.ManyToManyField(
        Community, verbose_name=_("communities"), blank=True, related_name="activities"
    )
    alerts = models.ManyToManyField(
        Alert, verbose_name=_("alerts"), blank=True, related_name="activities"
    )
    status = models.CharField(
        _("status"),
        max_length=10,
        choices=ActivityStatus.choices,
        default=ActivityStatus.PLANNED,
    )
    start = models.DateField(_("start"))
    due = models.DateField(_("due"))
    due_at = models.DateTimeField(
        _("due at"), null=True, blank=True,
        help_text=_("Where hours count; “due” is then the day of it."),
    )  # fmt: skip
    completed_on = models.DateField(_("completed on"), null=True, blank=True)
    description = models.TextField(_("description"), blank=True, max_length=20_000)
    outcome = models.TextField(_("outcome"), blank=True, max_length=20_000)
    blockers = models.TextField(
        _("blockers"), blank=True, max_length=5_000,
        help_text=_("What stands in the way, and who could move it."),
    )  # fmt: skip
    due_diligence_on = models.DateField(
        _("due diligence of"), null=True, blank=True,
        help_text=_("When the mission judged that it may support this force."),
    )  # fmt: skip
    due_diligence_note = models.TextField(
        _("due diligence"), blank=True, max_length=5_000,
        help_text=_("Which force, what was found, what was asked of it."),
    )  # fmt: skip
    place_name = models.CharField(_("place"), max_length=250, blank=True)
    longitude = models.FloatField(_("longitude"), null=True, blank=True, validators=LONGITUDE)
    latitude = models.FloatField(_("latitude"), null=True, blank=True, validators=LATITUDE)
    objectives = models.ManyToManyField(
        Objective, verbose_name=_("objectives"), blank=True, related_name="activities"
    )
    submission = models.UUIDField(null=True, blank=True, editable=False)

    objects = ActivityQuerySet.as_manager()  # type: ignore[misc]

    class Meta(MissionRecord.Meta):
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        ordering = ["due", "pk"]
        constraints = [
            *MissionRecord.Meta.constraints,
            models.CheckConstraint(
                name="strategies_activity_dates", condition=Q(due__gte=F("start"))
            ),
            point_check("strategies_activity_point"),
            models.CheckConstraint(
                name="strategies_activity_tier", condition=Q(tier__in=Tier.values)
            ),
            models.CheckConstraint(
                name="strategies_activity_phase", condition=Q(phase__in=Phase.values)
            ),
            models.UniqueConstraint(
                fields=["mission", "submission"],
                condition=Q(submission__isnull=False),
                name="strategies_activity_submission_unique",
            ),
        ]
        indexes = [
            *search_indexes("strategies_activity", "title", "description"),
            models.Index(fields=["mission", "status", "due"], name="strategies_activity_due"),
        ]

    def get_absolute_url(self) -> str:
        return reverse("activity-detail", args=[self.mission.code, self.pk])

    def told_by(self, values, user):
        stored = self.pk is not None
        threats = seen_of(Threat, user, self.threats.all() if stored else (), values.get("threats"))
        alerts = seen_of(Alert, user, self.alerts.all() if stored else (), values.get("alerts"))
        return informants_of(
            incidents=Incident.objects.visible_to(user).filter(threats__in=threats.order_by()),
            alerts=Alert.objects.visible_to(user).filter(
                Q(pk__in=alerts.order_by().values("pk")) | Q(threats__in=threats.order_by())
            ),
        )

    def clean(self) -> None:
        if self.due_at:
            self.due = self.mission.local(self.due_at).date()
        if self.start and self.due and self.due < self.start:
            raise ValidationError(
                {
                    "due": gettext("Due (%(due)s) lies before the start (%(start)s).")
                    % {"due": self.due, "start": self.start}
                }
            )
        self._clean_due_diligence()
        self._clean_completion()

    def _clean_completion(self) -> None:
        """Done on a day: the mission's today unless said otherwise, never a day that did not come."""
        if self.status != ActivityStatus.DONE:
            self.completed_on = None
            return
        if self.completed_on is None:
            self.completed_on = self.mission.today
        if self.completed_on > self.mission.today:
            raise ValidationError(
                {"completed_on": gettext("%(day)s lies in the future.")
                 % {"day": self.completed_on}}
            )  # fmt: skip
        if self.start and self.completed_on < self.start:
            raise ValidationError(
                {"completed_on": gettext("Completed (%(day)s) lies before the start (%(start)s).")
                 % {"day": self.completed_on, "start": self.start}}
            )  # fmt: skip

    def _clean_due_diligence(self) -> None:
        day, note = self.due_diligence_on, self.due_diligence_note.strip()
        if day and not note:
            raise ValidationError(
                {"due_diligence_note": gettext("Say what the due diligence of that day found.")}
            )
        if note and not day:
            raise ValidationError({"due_diligence_on": gettext("Say of what day this is.")})
        if day and day > self.mission.today:
            raise ValidationError(
                {"due_diligence_on": gettext("%(day)s lies in the future.") % {"day": day}}
            )


class StatusChange(models.Model):
    """A change of an activity's status, timed and signed. Only ever added.

    ``day``: when it happened: the day an activity was completed, else the mission's today when it was
    recorded; so the matrix can be read as of any day. The later one recorded holds; one that says
    “done” right after another corrects its day.
    """

    belongs_to = "activity"

    activity = models.ForeignKey(
        Activity, verbose_name=_("activity"), on_delete=models.CASCADE, related_name="history"
    )
    status = models.CharField(_("status"), max_length=10, choices=ActivityStatus.choices)
    day = models.DateField(_("day in the mission"))
    changed_at = models.DateTimeField(_("changed"), auto_now_add=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.PROTECT, related_name="+"
    )
    note = models.CharField(_("note"), max_length=500, blank=True)

    objects = MissionScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of status")
        verbose_name_plural = _("changes of status")
        ordering = ["activity", "changed_at", "pk"]

    def __str__(self) -> str:
        return f"{self.get_status_display()} {self.changed_at:%Y-%m-%d}"
