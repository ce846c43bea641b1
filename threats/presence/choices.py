"""What a component's post can be."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PostKind(models.TextChoices):
    HEADQUARTERS = "headquarters", _("Headquarters")
    FIELD_OFFICE = "field_office", _("Field office")
    BATTALION = "battalion", _("Battalion")
    COMPANY = "company", _("Company")
    TEMPORARY_OPERATING_BASE = "temporary_operating_base", _("Temporary operating base")
    OBSERVERS = "observers", _("Military observers")
    POLICE_STATION = "police_station", _("Police station")


class Strength(models.TextChoices):
    """A base's strength as a band: exact numbers endanger those who serve there."""

    UNKNOWN = "unknown", _("Unknown")
    SECTION = "section", _("up to 15")
    PLATOON = "platoon", _("16 to 50")
    COMPANY = "company", _("51 to 200")
    BATTALION = "battalion", _("over 200")
