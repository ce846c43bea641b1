from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from missions.models.area import LATITUDE, LONGITUDE
from missions.models.base import MissionRecord
from missions.roles import Capability
from records.search import search_indexes


class HazardKind(models.TextChoices):
    MINE = "mine", _("Mine")
    REMNANT = "remnant", _("Explosive remnant of war")
    DEVICE = "device", _("Improvised explosive device")


class Hazard(MissionRecord):
    """A place where something may explode, until it is cleared."""

    to_create = to_change = Capability.ANALYSE

    name = models.CharField(_("place"), max_length=200)
    kind = models.CharField(_("kind"), max_length=10, choices=HazardKind.choices)
    community = models.ForeignKey(
        "threats.Community", verbose_name=_("community"), on_delete=models.PROTECT,
        null=True, blank=True, related_name="hazards",
    )  # fmt: skip
    longitude = models.FloatField(_("longitude"), validators=LONGITUDE)
    latitude = models.FloatField(_("latitude"), validators=LATITUDE)
    found_on = models.DateField(_("found on"))
    cleared_on = models.DateField(_("cleared on"), null=True, blank=True)

    class Meta(MissionRecord.Meta):
        verbose_name = _("explosive hazard")
        verbose_name_plural = _("explosive hazards")
        ordering = ["-found_on", "-pk"]
        indexes = search_indexes("hazards_hazard", "name")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("hazard-detail", args=[self.mission.code, self.pk])
