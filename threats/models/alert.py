from __future__ import annotations

import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Case, Q, SmallIntegerField, Value, When
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from missions.access import MissionScopedQuerySet
from missions.models import Component
from missions.models.area import point_check
from missions.models.base import MissionOwned, MissionRecord
from missions.models.placed import Placed
from missions.roles import Capability
from poc_portal.web.clock import as_clock
from records.search import search_indexes
from threats.alerts.choices import (
    AlertDecision,
    AlertKind,
    AlertOutcome,
    AlertStage,
    Imminence,
    Verification,
)
from threats.choices import Credibility, PlacePrecision, Reliability, SourceKind
from threats.models.community import Community
from threats.models.incident import Incident
from threats.models.sealing import SealsSources
from threats.models.threat import Threat
from threats.rules.grading import ALERT_AWAITS, ALERT_COUNTS, SETTLES, awaits
from threats.rules.source_kinds import TellsSourceKind

OPEN = ~Q(stage=AlertStage.CLOSED)
# Of what is feared within hours; what is found false is feared no more.
OPEN_IMMINENT = OPEN & Q(imminence=Imminence.IMMINENT) & ~Q(verification=Verification.FALSE)
# Nobody has decided what to do about them; what is found false asks for no decision.
UNDECIDED = OPEN & Q(decided_at=None) & ~Q(verification=Verification.FALSE)
FUTURE = datetime.timedelta(minutes=10)  # by which a reporter's clock may be ahead


class AlertQuerySet(MissionScopedQuerySet):
    def open(self) -> AlertQuerySet:
        return self.filter(OPEN)

    def feared(self) -> AlertQuerySet:
        """Open ones, not found false."""
        return self.open().exclude(verification=Verification.FALSE)

    def imminent(self) -> AlertQuerySet:
        """Open ones of an imminent danger, not found false."""
        return self.filter(OPEN_IMMINENT)

    def undecided(self, moment: datetime.datetime | None = None) -> AlertQuerySet:
        """Open ones without a decision, not found false; with a past ``moment``, as of then."""
        if moment is None:
            return self.filter(UNDECIDED)
        return (
            self.filter(Q(decided_at=None) | Q(decided_at__gt=moment), received_at__lte=moment)
            .filter(Q(closed_at=None) | Q(closed_at__gt=moment))
            .exclude(verification=Verification.FALSE, verified_at__lte=moment)
        )

    def counted(self) -> AlertQuerySet:
        """Those that scores and suggestions go by: not graded F6 unless confirmed, not found false."""
        return self.filter(ALERT_COUNTS)

    def awaiting(self) -> AlertQuerySet:
        """Those graded F6 that no step has confirmed."""
        return self.filter(ALERT_AWAITS)

    def triage(self, *, as_open: bool = False) -> AlertQuerySet:
        """What waits longest for what matters most comes first; what is found false, last of all open.

        ``as_open``: as on a day on which all of them were open and none was found false.
        """
        settled = (
            When(stage=AlertStage.CLOSED, then=Value(9)),
            When(verification=Verification.FALSE, then=Value(8)),
        )
        return self.annotate(
            urgency=Case(
                *(() if as_open else settled),
                *(When(imminence=value, then=Value(n)) for n, value in enumerate(Imminence.values)),
                default=Value(7),
                output_field=SmallIntegerField(),
            )
        ).order_by("urgency", "received_at", "pk")


class Alert(TellsSourceKind, SealsSources, Placed, MissionRecord):
    """An early warning: somebody says that civilians are, or will be, in danger somewhere.

    Its moments are those at which things happened, by the mission's clocks, also where it replays a
    past day; when each was recorded stands in its steps. ``mission_day`` is the day it was received,
    by those clocks; figures and scores go by it. ``stage`` is the last step taken; the steps
    themselves, each timed and signed, are ``AlertStep``.
    """

    free_texts = ("details", "place_name")
    kind_field = "source_kind"

    to_create = to_change_own = Capability.ALERT
    to_change = Capability.WORK_ON_ALERTS
    office_path = "field_office"

    kind = models.CharField(
        _("kind"), max_length=20, choices=AlertKind.choices, default=AlertKind.ATTACK
    )
    imminence = models.CharField(
        _("imminence"), max_length=10, choices=Imminence.choices, default=Imminence.DAYS
    )
    details = models.TextField(_("what is feared"), max_length=20_000)
    received_at = models.DateTimeField(_("received"), default=timezone.now)
    mission_day = models.DateField(_("day it was received"), editable=False)
    place_name = models.CharField(_("place"), max_length=250, blank=True)
    place_precision = models.CharField(
        _("precision of the place"), max_length=10, choices=PlacePrecision.choices,
        default=PlacePrecision.EXACT,
    )  # fmt: skip
    source_kind = models.CharField(
        _("source"), max_length=20, choices=SourceKind.choices, default=SourceKind.COMMUNITY
    )
    reliability = models.CharField(
        _("reliability of the source"), max_length=1, choices=Reliability.choices,
        default=Reliability.F,
    )  # fmt: skip
    credibility = models.PositiveSmallIntegerField(
        _("credibility of the information"), choices=Credibility.choices,
        default=Credibility.UNKNOWN,
    )  # fmt: skip
    informant = models.ForeignKey(
        "threats.Informant", verbose_name=_("informant"), on_delete=models.PROTECT, null=True,
        blank=True, editable=False, related_name="alerts",
    )  # fmt: skip
    communities = models.ManyToManyField(
        Community, verbose_name=_("communities"), blank=True, related_name="alerts"
    )
    threats = models.ManyToManyField(
        Threat, verbose_name=_("threats"), blank=True, related_name="alerts"
    )
    incidents = models.ManyToManyField(
        Incident, verbose_name=_("incidents"), blank=True, related_name="alerts"
    )
    stage = models.CharField(
        _("stage"), max_length=15, choices=AlertStage.choices, default=AlertStage.RECEIVED,
        editable=False,
    )  # fmt: skip
    acknowledged_at = models.DateTimeField(_("acknowledged"), null=True, editable=False)
    verified_at = models.DateTimeField(_("verified"), null=True, editable=False)
    verification = models.CharField(
        _("verification"), max_length=15, choices=Verification.choices, blank=True, editable=False
    )
    decided_at = models.DateTimeField(_("decided"), null=True, editable=False)
    decision = models.CharField(
        _("decision"), max_length=15, choices=AlertDecision.choices, blank=True, editable=False
    )
    responding_component = models.ForeignKey(
        Component, verbose_name=_("responding component"), on_delete=models.PROTECT, null=True,
        blank=True, editable=False, related_name="alerts",
    )  # fmt: skip
    responded_at = models.DateTimeField(_("responded"), null=True, editable=False)
    reported_back_at = models.DateTimeField(_("reported back"), null=True, editable=False)
    closed_at = models.DateTimeField(_("closed"), null=True, editable=False)
    outcome = models.CharField(
        _("what came of it"),
        max_length=15,
        choices=AlertOutcome.choices,
        blank=True,
        editable=False,
    )
    submission = models.UUIDField(null=True, blank=True, editable=False)

    objects = AlertQuerySet.as_manager()  # type: ignore[misc]

    class Meta(MissionRecord.Meta):
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        ordering = ["-received_at", "-pk"]
        constraints = [
            *MissionRecord.Meta.constraints,
            models.UniqueConstraint(
                fields=["mission", "submission"],
                condition=Q(submission__isnull=False),
                name="threats_alert_submission_unique",
            ),
            models.CheckConstraint(
                name="threats_alert_stage", condition=Q(stage__in=AlertStage.values)
            ),
            point_check("threats_alert_point"),
        ]
        indexes = [
            *search_indexes("threats_alert", "place_name", "details"),
            models.Index(fields=["mission", "-received_at", "-id"], name="threats_alert_newest"),
            models.Index(fields=["mission", "stage"], name="threats_alert_stage_index"),
        ]

    def __str__(self) -> str:
        where = self.place_name or (self.admin_area.name if self.admin_area else "")
        return " · ".join(part for part in (str(self.get_kind_display()), where) if part)

    def get_absolute_url(self) -> str:
        return reverse("alert-detail", args=[self.mission.code, self.pk])

    def told_by(self, values, user):
        informant = values.get("informant") or self.informant
        return [informant] if informant is not None else []

    @property
    def awaits_verification(self) -> bool:
        """Whether it is graded F6 and no step has confirmed it; see ``threats.rules.grading``."""
        grade = (self.reliability, self.credibility)
        return awaits([grade], is_verified=self.verification in SETTLES)

    @property
    def is_found_false(self) -> bool:
        return self.verification == Verification.FALSE

    @property
    def imminence_told(self) -> str:
        """How soon it is feared, in the reader's language; what is found false is feared no more."""
        told = self.get_verification_display if self.is_found_false else self.get_imminence_display
        return str(told())

    @property
    def imminence_shown(self) -> str:
        """Where on the scale of imminence it is shown: a code, or nothing."""
        return "" if self.is_found_false else self.imminence

    @property
    def clock(self) -> tuple[str, datetime.datetime, datetime.datetime | None]:
        """What the clock runs to, from when, and when it stopped (None: it runs)."""
        if self.decided_at is None:
            waits = gettext("to its end, undecided") if self.closed_at else gettext("undecided")
            return waits, self.received_at, self.closed_at
        if self.decision == AlertDecision.RESPOND:
            answered = gettext("to a response") if self.responded_at else gettext("unanswered")
            return answered, self.received_at, self.responded_at
        return gettext("to a decision"), self.received_at, self.decided_at

    def clean(self) -> None:
        errors = {}
        if self.received_at and self.received_at > self.mission.now + FUTURE:
            errors["received_at"] = gettext(
                "%(value)s lies in the future; in the mission it is %(now)s. Give the time the alert"
                " was received."
            ) % {
                "value": as_clock(self.received_at, self.mission.zone),
                "now": as_clock(self.mission.now, self.mission.zone),
            }
        if (self.longitude is None) != (self.latitude is None):
            missing = "longitude" if self.longitude is None else "latitude"
            errors[missing] = gettext("Give both longitude and latitude, or neither.")
        if errors:
            raise ValidationError(errors)


class AlertStep(MissionOwned):
    """A step taken on an alert, timed and signed. Steps are only ever added.

    ``taken_at``: when it happened, as whoever took it says; ``recorded_at``: when it was recorded,
    by the portal's own clock; ``recorded_after``: how much later that was, by the mission's. A wrong
    step stays: another ``corrects`` it, with the right time, or says that it ``never_happened``.
    """

    belongs_to = "alert"

    alert = models.ForeignKey(
        Alert, verbose_name=_("alert"), on_delete=models.PROTECT, related_name="steps"
    )
    step = models.CharField(_("step"), max_length=15, choices=AlertStage.choices)
    taken_at = models.DateTimeField(_("taken"), default=timezone.now)
    recorded_at = models.DateTimeField(
        _("recorded"), default=timezone.now, db_default=Now(), editable=False
    )
    recorded_after = models.DurationField(
        _("recorded after"), default=datetime.timedelta(0), db_default=datetime.timedelta(0),
        editable=False,
    )  # fmt: skip
    corrects = models.OneToOneField(
        "self", verbose_name=_("corrects"), on_delete=models.PROTECT, null=True, editable=False,
        related_name="corrected_by",
    )  # fmt: skip
    never_happened = models.BooleanField(
        _("never happened"), default=False, db_default=False, editable=False
    )
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.PROTECT, null=True,
        editable=False, related_name="+",
    )  # fmt: skip
    note = models.TextField(_("note"), blank=True, max_length=5_000)

    class Meta:
        verbose_name = _("step of an alert")
        verbose_name_plural = _("steps of alerts")
        ordering = ["alert", "taken_at", "pk"]

    def __str__(self) -> str:
        return f"{self.get_step_display()} {self.taken_at:%Y-%m-%d %H:%M}"
