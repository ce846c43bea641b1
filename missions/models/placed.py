from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from missions.models.area import LATITUDE, LONGITUDE, AdminArea, FieldOffice


class Placed(models.Model):
    """What lies at a point: its area and field office are found when the point is written.

    Longitude and latitude are degrees of WGS 84, both or neither.
    """

    longitude = models.FloatField(_("longitude"), null=True, blank=True, validators=LONGITUDE)
    latitude = models.FloatField(_("latitude"), null=True, blank=True, validators=LATITUDE)
    admin_area = models.ForeignKey(
        AdminArea, verbose_name=_("administrative area"), on_delete=models.PROTECT, null=True,
        blank=True, editable=False, related_name="+",
    )  # fmt: skip
    admin_area_is_nearest = models.BooleanField(
        _("area is only the nearest"), default=False, editable=False
    )
    field_office = models.ForeignKey(
        FieldOffice, verbose_name=_("field office"), on_delete=models.PROTECT, null=True,
        blank=True, editable=False, related_name="+",
    )  # fmt: skip

    class Meta:
        abstract = True
