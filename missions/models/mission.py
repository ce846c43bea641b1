from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from missions.access import grants, missions_with
from missions.models.followed import Followed
from missions.roles import Capability
from missions.timezones import validate_time_zone
from poc_portal.declarations.extensions import page_of


class MissionQuerySet(models.QuerySet):
    def visible_to(self, user) -> MissionQuerySet:
        return self.filter(pk__in=list(grants(user)))

    def editable_by(self, user) -> MissionQuerySet:
        return self.filter(pk__in=missions_with(user, Capability.ADMINISTER))


class Mission(Followed):
    """A peace mission. ``reference_date``, when set, is its "today"; its clocks are ``time_zone``'s."""

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
    time_zone = models.CharField(
        _("time zone"),
        max_length=50,
        default="UTC",
        db_default="UTC",
        validators=[validate_time_zone],
        help_text=_("Whose clocks the mission goes by, such as Africa/Bangui."),
    )
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
        return page_of(self)

    @property
    def zone(self) -> ZoneInfo:
        """The zone the mission keeps its time in."""
        return ZoneInfo(self.time_zone)

    @property
    def today(self) -> datetime.date:
        """The reference date, else the day it is by the mission's clocks."""
        return self.reference_date or timezone.localdate(timezone=self.zone)

    @property
    def now(self) -> datetime.datetime:
        """The moment it is in the mission: on a reference date, that day at the present time of day.

        What is said to have happened goes by it; when something was recorded is real time.
        """
        moment = self.local(timezone.now())
        if self.reference_date is None:
            return moment
        return datetime.datetime.combine(self.reference_date, moment.time(), self.zone)

    def local(self, moment: datetime.datetime) -> datetime.datetime:
        """A moment by the mission's clocks."""
        return timezone.localtime(moment, self.zone)

    def day_of(self, moment: datetime.datetime) -> datetime.date:
        """The day a moment lies on by the mission's clocks, today at the latest."""
        return min(self.local(moment).date(), self.today)
