from __future__ import annotations

import datetime
from functools import reduce
from operator import or_

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q, Value
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from missions.access import MissionScopedQuerySet
from missions.models.area import point_check
from missions.models.base import MissionRecord, namesake_field
from missions.models.placed import Placed
from missions.roles import Capability
from records.search import search_indexes
from threats.choices import (
    ActorPart,
    DatePrecision,
    GraveViolation,
    IncidentKind,
    PlacePrecision,
    TimeOfDay,
    VictimGroup,
)
from threats.models.actor import ArmedActor
from threats.models.attributed import Attributed
from threats.models.nearby import box
from threats.models.sealing import SealsSources, informants_of
from threats.rules.grading import COUNTED
from threats.rules.harm import is_against_civilians
from threats.rules.kinds import details_refused, grave_violation_of, kinds_of_grave
from threats.spans import evidence_span, known_span, span_text, spread

PUBLISHED = ("acled", "ucdp")  # datasets shipped with the portal: what is of none is the mission's
CHILDREN = (VictimGroup.GIRLS, VictimGroup.BOYS)


def is_grave(violation: str) -> Q:
    """Condition on incidents: they are such a violation against children; see ``Incident.grave``."""
    surely, of_children = kinds_of_grave(violation)
    children = reduce(or_, (Q(**{f"victims__{group}__gt": 0}) for group in CHILDREN))
    return (
        Q(grave_violations__contains=[violation])
        | Q(kind__in=surely)
        | Q(kind__in=of_children) & children
    )


class IncidentQuerySet(MissionScopedQuerySet):
    def around(self, longitude: float, latitude: float, km: float) -> IncidentQuerySet:
        """Incidents in the box that holds a circle of ``km`` (callers refine by distance)."""
        return self.filter(box(longitude, latitude, km))

    def known_by(self, date: datetime.date) -> IncidentQuerySet:
        """An incident is known from its end date on."""
        return self.filter(end_date__lte=date)

    def against_civilians(self) -> IncidentQuerySet:
        return self.filter(against_civilians=True)

    def counted(self) -> IncidentQuerySet:
        """Those that scores, suggestions and drafts go by; see ``threats.rules.grading``."""
        return self.filter(COUNTED)

    def with_grave_violation(self, violation: str) -> IncidentQuerySet:
        """Incidents that are a grave violation against children; see ``Incident.grave``."""
        return self.filter(is_grave(violation))

    def with_place(self) -> IncidentQuerySet:
        return self.select_related("admin_area", "mission")


class Incident(SealsSources, Placed, MissionRecord):
    """Something that happened, as far as it is known.

    Counts of people are null where unknown. Real sources contradict themselves (a low estimate
    above the best one), so nothing here demands low ≤ best ≤ high.
    """

    free_texts = ("notes", "place_name")

    unseen_fields = ("edited_by_hand",)
    to_create = Capability.REPORT
    to_change = Capability.ANALYSE
    to_change_own = Capability.REPORT
    office_path = "field_office"
    external_fields = identified_by = ("dataset", "external_id")

    kind = models.CharField(_("kind"), max_length=30, choices=IncidentKind.choices)
    # Follows from the fields and what was said: see ``threats.rules.harm``.
    against_civilians = models.BooleanField(_("against civilians"), default=False, editable=False)
    said_against_civilians = models.BooleanField(
        _("against civilians, as the reporter says"), null=True, blank=True
    )
    start_date = models.DateField(_("date"))
    end_date = models.DateField(_("until"))
    time_of_day = models.CharField(
        _("time of day"), max_length=10, choices=TimeOfDay.choices, default=TimeOfDay.UNKNOWN
    )
    date_precision = models.CharField(
        _("precision of the date"),
        max_length=10,
        choices=DatePrecision.choices,
        default=DatePrecision.DAY,
    )
    place_name = models.CharField(_("place"), max_length=250, blank=True)
    place_precision = models.CharField(
        _("precision of the place"),
        max_length=10,
        choices=PlacePrecision.choices,
        default=PlacePrecision.EXACT,
    )
    deaths_low = models.PositiveIntegerField(_("deaths, low estimate"), null=True, blank=True)
    deaths_best = models.PositiveIntegerField(_("deaths, best estimate"), null=True, blank=True)
    deaths_high = models.PositiveIntegerField(_("deaths, high estimate"), null=True, blank=True)
    civilian_deaths = models.PositiveIntegerField(_("civilian deaths"), null=True, blank=True)
    injured = models.PositiveIntegerField(_("injured"), null=True, blank=True)
    abducted = models.PositiveIntegerField(_("abducted"), null=True, blank=True)
    displaced = models.PositiveIntegerField(_("displaced"), null=True, blank=True)
    victims = models.JSONField(
        _("victims by sex and age"),
        default=dict,
        blank=True,
        help_text=_("Numbers of women, men, girls and boys where known."),
    )
    # As the reporter says; see ``grave`` for what the kind and the victims say beside.
    grave_violations = ArrayField(
        models.CharField(max_length=20, choices=GraveViolation.choices),
        verbose_name=_("grave violations against children"),
        default=list,
        db_default=Value([]),
        blank=True,
    )
    notes = models.TextField(_("what happened"), blank=True, max_length=20_000)
    attribution = models.TextField(
        _("sources as the dataset names them"), blank=True, editable=False
    )
    actors = models.ManyToManyField(
        ArmedActor,
        verbose_name=_("armed actors"),
        through="IncidentActor",
        blank=True,
        related_name="incidents",
    )
    dataset = models.CharField(_("dataset"), max_length=30, blank=True, editable=False)
    external_id = models.CharField(
        _("identifier in the dataset"), max_length=100, blank=True, editable=False
    )
    namesake = namesake_field()
    import_digest = models.UUIDField(null=True, editable=False)  # of the row as last imported
    edited_by_hand = models.BooleanField(default=False, editable=False)
    # Follows from its sources' grades and from who verified it: see ``threats.rules.grading``.
    awaits_verification = models.BooleanField(
        _("waits to be verified"), default=False, db_default=False, editable=False
    )
    verified_at = models.DateTimeField(_("verified"), null=True, editable=False)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("verified by"), on_delete=models.PROTECT,
        null=True, editable=False, related_name="+",
    )  # fmt: skip
    submission = models.UUIDField(null=True, blank=True, editable=False)  # one form, one report
    merged_into = models.ForeignKey(
        "self",
        verbose_name=_("merged into"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="merged",
    )

    objects = IncidentQuerySet.as_manager()  # type: ignore[misc]

    class Meta(MissionRecord.Meta):
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        ordering = ["-start_date", "-pk"]
        constraints = [
            *MissionRecord.Meta.constraints,
            models.UniqueConstraint(
                fields=["mission", "dataset", "external_id", "namesake"],
                condition=~Q(external_id=""),
                name="threats_incident_external_unique",
            ),
            models.UniqueConstraint(
                fields=["mission", "submission"],
                condition=Q(submission__isnull=False),
                name="threats_incident_submission_unique",
            ),
            models.CheckConstraint(
                name="threats_incident_dates", condition=Q(end_date__gte=F("start_date"))
            ),
            point_check("threats_incident_point"),
        ]
        indexes = [
            *search_indexes("threats_incident", "place_name", "notes"),
            models.Index(
                fields=["mission", "-start_date", "-id"],
                name="threats_incident_newest",
                include=[
                    "classification",
                    "compartments",
                    "withdrawn_at",
                ],  # so that counts need the index alone
            ),
            models.Index(fields=["mission", "latitude", "longitude"], name="threats_incident_at"),
            models.Index(  # rows of a source stored beside hidden ones
                fields=["mission", "-id"],
                condition=Q(namesake__gt=0),
                name="threats_incident_twice",
            ),
            models.Index(  # until when the mission's own reports speak
                fields=["mission", "classification", "end_date"],
                name="threats_incident_own",
                condition=~Q(dataset__in=PUBLISHED) & Q(withdrawn_at__isnull=True),
                include=["start_date", "compartments"],
            ),
        ]

    def __str__(self) -> str:
        where = self.place_name or (self.admin_area.name if self.admin_area else "")
        parts = str(self.get_kind_display()), where, self.when_short
        return " · ".join(part for part in parts if part)

    @property
    def when(self) -> str:
        """The days it may have happened on, in full."""
        return span_text(self.start_date, self.end_date, self.date_precision, "DATE_FORMAT")

    @property
    def when_short(self) -> str:
        """The days it may have happened on, in figures."""
        return span_text(self.start_date, self.end_date, self.date_precision, "SHORT_DATE_FORMAT")

    @property
    def when_iso(self) -> str:
        """The days it may have happened on as machines write them, “≈” where inexact."""
        first, last = (day.isoformat() for day in self.span)
        text = first if first == last else f"{first} – {last}"
        return text if self.date_precision == DatePrecision.DAY else f"≈ {text}"

    @property
    def when_of_year(self) -> str:
        """The days it may have happened on, without the year."""
        return span_text(self.start_date, self.end_date, self.date_precision, "MONTH_DAY_FORMAT")

    @property
    def span(self) -> tuple[datetime.date, datetime.date]:
        """The first and last day it may have happened on, both included."""
        return known_span(self.start_date, self.end_date, self.date_precision)

    @property
    def evidence_span(self) -> tuple[datetime.date, datetime.date]:
        """The days its evidence may be of: those, or the last where they are known."""
        return evidence_span(self.start_date, self.end_date, self.date_precision)

    @property
    def known_deaths(self) -> int | None:
        """As ``threats.rules.harm.known_deaths``."""
        best = self.deaths_low if self.deaths_best is None else self.deaths_best
        known = [number for number in (best, self.civilian_deaths) if number is not None]
        return max(known, default=None)

    def save(self, *args, **kwargs) -> None:
        if self.start_date == self.end_date and self.date_precision != DatePrecision.DAY:
            day = models.DateField().to_python(self.start_date)
            self.start_date, self.end_date = spread(
                day, day, self.date_precision, self.mission.today
            )
        self.against_civilians = is_against_civilians(
            kind=self.kind,
            civilian_deaths=self.civilian_deaths,
            injured=self.injured,
            said=self.said_against_civilians,
        )
        super().save(*args, **kwargs)

    def told_by(self, values, user):
        return informants_of(incidents=Incident.objects.filter(pk=self.pk))

    @property
    def is_own(self) -> bool:
        """Whether it is the mission's own report, and not of a published dataset."""
        return self.dataset not in PUBLISHED

    @property
    def grave(self) -> list[GraveViolation]:
        """The grave violations against children it is: as said, and as its kind and victims say."""
        found, is_of_children = grave_violation_of(self.kind)
        children = any(self.victims.get(group) for group in CHILDREN)
        said = set(self.grave_violations)
        if found and (children or not is_of_children):
            said.add(found)
        return [each for each in GraveViolation if each in said]

    def get_absolute_url(self) -> str:
        return reverse("incident-detail", args=[self.mission.code, self.pk])

    def clean(self) -> None:
        errors = {}
        today = self.mission.today
        for name in ("start_date", "end_date"):
            value = getattr(self, name)
            if value and value > today:
                errors[name] = gettext(
                    "%(value)s lies after the mission's today, %(today)s. Give the day it happened."
                ) % {"value": value, "today": today}
        if self.start_date and self.end_date and self.end_date < self.start_date:
            errors["end_date"] = gettext("The end (%(end)s) lies before the start (%(start)s).") % {
                "end": self.end_date,
                "start": self.start_date,
            }
        if (self.longitude is None) != (self.latitude is None):
            missing = "longitude" if self.longitude is None else "latitude"
            errors[missing] = gettext("Give both longitude and latitude, or neither.")
        groups = set(VictimGroup.values)
        if not isinstance(self.victims, dict) or not all(
            key in groups and isinstance(number, int) and number >= 0
            for key, number in self.victims.items()
        ):
            errors["victims"] = gettext("Give whole numbers for women, men, girls or boys.")
        errors |= details_refused(self)
        if errors:
            raise ValidationError(errors)


class IncidentActor(Attributed):
    """An actor's part in an incident."""

    belongs_to = "incident"
    is_edited_with_owner = True

    incident = models.ForeignKey(
        Incident,
        verbose_name=_("incident"),
        on_delete=models.CASCADE,
        related_name="parts",
        db_index=False,  # the unique constraint's index begins with it
    )
    actor = models.ForeignKey(
        ArmedActor, verbose_name=_("armed actor"), on_delete=models.PROTECT, related_name="parts"
    )
    part = models.CharField(_("part"), max_length=15, choices=ActorPart.choices)

    objects = MissionScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("part in an incident")
        verbose_name_plural = _("parts in incidents")
        ordering = ["incident", "part", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "actor", "part"], name="threats_incident_actor_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.actor} ({self.get_part_display()})"


class SeparateIncidents(models.Model):
    """Two incidents a person has called two events, however alike they look."""

    first = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="+")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("separate incidents")
        verbose_name_plural = _("separate incidents")
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="threats_separate_unique")
        ]
