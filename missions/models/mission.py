from __future__ import annotations

import datetime

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from missions.access import grants
from missions.choices import HORIZONS, Phase, default_cut_points, default_required_phases
from missions.models.followed import Followed


class MissionQuerySet(models.QuerySet):
    def visible_to(self, user) -> MissionQuerySet:
        return self.filter(pk__in=list(grants(user)))

    def editable_by(self, user) -> MissionQuerySet:
        ids = [grant.mission_id for grant in grants(user).values() if grant.role == "admin"]
        return self.filter(pk__in=ids)


def validate_required_phases(value) -> None:
    if not isinstance(value, dict) or set(value) != set(Phase.values):
        raise ValidationError(
            gettext("Give a list of phases for each of: %(phases)s.")
            % {"phases": ", ".join(Phase.values)}
        )
    for phase, called in value.items():
        if not isinstance(called, list) or not set(called) <= set(Phase.values):
            raise ValidationError(gettext("“%(phase)s” must list phases.") % {"phase": phase})


def validate_cut_points(value) -> None:
    if not isinstance(value, dict) or set(value) != {str(days) for days in HORIZONS}:
        raise ValidationError(gettext("Give four cut points for each horizon, 30 and 90 days."))
    for horizon, points in value.items():
        numbers = isinstance(points, list) and all(isinstance(p, int | float) for p in points)
        if not numbers or len(points) != 4 or sorted(set(points)) != points:
            raise ValidationError(
                gettext("The cut points for %(horizon)s days must be four rising numbers.")
                % {"horizon": horizon}
            )
        if not 0 < points[0] < points[-1] < 1:
            raise ValidationError(gettext("Cut points are probabilities between 0 and 1."))


class Mission(Followed):
    """A peace mission. ``reference_date``, when set, is its "today"."""

    code = models.CharField(
        _("code"),
        max_length=30,
        unique=True,
        validators=[RegexValidator(r"^[A-Z0-9][A-Z0-9_-]*$", _("Use capital letters and digits."))],
    )
    name = models.CharField(_("name"), max_length=200)
    countries = ArrayField(
        models.CharField(max_length=3),
        verbose_name=_("countries"),
        help_text=_("ISO 3166-1 alpha-3"),
    )
    languages = ArrayField(
        models.CharField(max_length=10), verbose_name=_("languages"), default=list, blank=True
    )
    reference_date = models.DateField(
        _("reference date"),
        null=True,
        blank=True,
        help_text=_("When set, the mission's “today”: evidence, due dates and defaults follow it."),
    )
    required_phases = models.JSONField(
        _("phases called for"),
        default=default_required_phases,
        validators=[validate_required_phases],
    )
    risk_cut_points = models.JSONField(
        _("risk cut points"), default=default_cut_points, validators=[validate_cut_points]
    )
    travel_speed = models.FloatField(
        _("travel speed, km/h"), default=25.0, validators=[MinValueValidator(1)],
        help_text=_("Over straight lines; what help makes on the roads of the mission's area."),
    )  # fmt: skip
    reach_hours = models.FloatField(
        _("reach, hours"), default=6.0, validators=[MinValueValidator(0.1)],
        help_text=_("Help that takes longer comes too late."),
    )  # fmt: skip
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    modified_at = models.DateTimeField(_("modified"), auto_now=True)

    objects = MissionQuerySet.as_manager()

    class Meta:
        verbose_name = _("mission")
        verbose_name_plural = _("missions")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code

    def get_absolute_url(self) -> str:
        return reverse("overview", args=[self.code])

    @property
    def today(self) -> datetime.date:
        return self.reference_date or timezone.localdate()
