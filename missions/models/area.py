from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from missions.models.base import MissionOwned

LONGITUDE = [MinValueValidator(-180), MaxValueValidator(180)]
LATITUDE = [MinValueValidator(-90), MaxValueValidator(90)]


def point_check(name: str) -> models.CheckConstraint:
    """Longitude and latitude, WGS 84, both or neither, within their ranges."""
    return models.CheckConstraint(
        name=name,
        condition=Q(longitude__isnull=True, latitude__isnull=True)
        | Q(longitude__range=(-180, 180), latitude__range=(-90, 90)),
    )


class FieldOffice(MissionOwned):
    name = models.CharField(_("name"), max_length=200)
    longitude = models.FloatField(_("longitude"), validators=LONGITUDE)
    latitude = models.FloatField(_("latitude"), validators=LATITUDE)

    class Meta:
        verbose_name = _("field office")
        verbose_name_plural = _("field offices")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["mission", "name"], name="missions_office_unique"),
            point_check("missions_office_point"),
        ]

    def __str__(self) -> str:
        return self.name


class AdminArea(MissionOwned):
    """An administrative area: its polygon decides where a record belongs."""

    code = models.CharField(_("code"), max_length=30, help_text=_("P-code or ISO 3166-2"))
    name = models.CharField(_("name"), max_length=200)
    level = models.PositiveSmallIntegerField(_("level"), help_text=_("0 is the country"))
    parent = models.ForeignKey(
        "self",
        verbose_name=_("parent"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
    )
    field_office = models.ForeignKey(
        FieldOffice,
        verbose_name=_("field office"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="admin_areas",
    )
    polygon = models.JSONField(_("polygon"), help_text=_("GeoJSON Polygon or MultiPolygon, WGS 84"))
    is_approximate = models.BooleanField(_("approximate outline"), default=False)

    class Meta:
        verbose_name = _("administrative area")
        verbose_name_plural = _("administrative areas")
        ordering = ["level", "name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["mission", "code"], name="missions_area_unique")
        ]

    def __str__(self) -> str:
        return self.name
