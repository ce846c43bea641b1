from __future__ import annotations

import datetime

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from missions.access import MissionScopedQuerySet
from missions.models.area import LATITUDE, LONGITUDE, point_check
from missions.models.base import MissionRecord
from missions.models.component import Component
from missions.roles import Capability
from threats.models.sealing import SealsSources
from threats.presence.choices import PostKind, Strength


class PostQuerySet(MissionScopedQuerySet):
    def present(self, day: datetime.date) -> PostQuerySet:
        """Those that stood on a day."""
        return self.filter(since__lte=day).filter(Q(until__isnull=True) | Q(until__gte=day))


class Post(SealsSources, MissionRecord):
    """Where a component stands: from a headquarters to a temporary operating base."""

    free_texts = ("name",)

    to_create = to_change = Capability.PLAN
    component_path = "component"

    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=30, choices=PostKind.choices)
    component = models.ForeignKey(
        Component, verbose_name=_("component"), on_delete=models.PROTECT, related_name="bases"
    )
    longitude = models.FloatField(_("longitude"), validators=LONGITUDE)
    latitude = models.FloatField(_("latitude"), validators=LATITUDE)
    strength = models.CharField(
        _("strength"), max_length=10, choices=Strength.choices, default=Strength.UNKNOWN,
        help_text=_("A band, never a number of people."),
    )  # fmt: skip
    since = models.DateField(_("since"))
    until = models.DateField(_("until"), null=True, blank=True)

    objects = PostQuerySet.as_manager()  # type: ignore[misc]

    class Meta(MissionRecord.Meta):
        verbose_name = _("base")
        verbose_name_plural = _("bases")
        ordering = ["name", "pk"]
        constraints = [
            *MissionRecord.Meta.constraints,
            point_check("threats_post_point"),
            models.CheckConstraint(
                name="threats_post_dates",
                condition=Q(until__isnull=True) | Q(until__gte=F("since")),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("base-edit", args=[self.mission.code, self.pk])

    def clean(self) -> None:
        if self.since and self.until and self.until < self.since:
            raise ValidationError(
                {"until": gettext("Until (%(until)s) lies before since (%(since)s).")
                 % {"until": self.until, "since": self.since}}
            )  # fmt: skip
