"""Making a mission, its areas, its rules and its members."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext

from missions import timezones
from missions.choices import ComponentKind
from missions.geography import AreaIndex, country_name, country_outline
from missions.members import found_membership
from missions.models import AdminArea, Component, Membership, Mission
from missions.models.component import usual_name
from missions.signals import clocks_changed
from poc_portal.postgres.memo import cached


@transaction.atomic
def create_mission(
    *,
    code: str,
    name: str,
    countries: list[str],
    languages: list[str] | None = None,
    reference_date: datetime.date | None = None,
    time_zone: str = "",
) -> Mission:
    """Make a mission with one component of each usual kind.

    ``countries`` are ISO 3166-1 alpha-3 codes. ``time_zone``: by default the first country's.
    Raises ValidationError, also for a code of no country or of one the basemap lacks.
    """
    mission = Mission(
        code=code,
        name=name,
        countries=countries,
        languages=languages or [],
        reference_date=reference_date,
        time_zone=time_zone or timezones.usual(countries),
    )
    mission.full_clean()
    mission.save()
    for iso3 in countries:
        try:
            country_outline(iso3)
        except KeyError:
            raise ValidationError(
                {
                    "countries": gettext(
                        "“%(code)s” is not the ISO 3166-1 alpha-3 code of a country on the "
                        "basemap; for example CAF."
                    )
                    % {"code": iso3}
                }
            ) from None
    for kind in ComponentKind:
        if kind is not ComponentKind.OTHER:
            Component.objects.create(mission=mission, kind=kind, name=usual_name(kind))
    return mission


@transaction.atomic
def change_mission(mission: Mission) -> Mission:
    """Store a mission as it was edited; what is dated by its clocks follows in one transaction."""
    was = Mission.objects.select_for_update().get(pk=mission.pk)
    mission.save()
    if (was.time_zone, was.reference_date) != (mission.time_zone, mission.reference_date):
        clocks_changed.send(Mission, mission=mission)
    return mission


def areas_of(mission: Mission) -> AreaIndex:
    """The mission's areas; where it has none, its countries' outlines become them."""
    return cached(("areas", mission.pk), lambda: _areas_of(mission))


def _areas_of(mission: Mission) -> AreaIndex:
    if not AdminArea.objects.current().filter(mission=mission).exists():
        for iso3 in mission.countries:
            AdminArea.objects.get_or_create(
                mission=mission,
                code=iso3,
                defaults={
                    "name": country_name(iso3),
                    "level": 0,
                    "polygon": country_outline(iso3),
                    "is_approximate": True,
                },
            )
    return AreaIndex(mission)


def place_fields(
    mission: Mission, longitude: float | None, latitude: float | None
) -> dict[str, Any]:
    """Area and field office of a point, in degrees, as field values; none for what is no point."""
    area = office = None
    nearest = False
    if _is_within(longitude, 180) and _is_within(latitude, 90):
        (place,) = areas_of(mission).place([longitude], [latitude])
        area, office, nearest = place.area_id, place.office_id, place.is_nearest
    return {"admin_area_id": area, "field_office_id": office, "admin_area_is_nearest": nearest}


def _is_within(value: Any, limit: float) -> bool:
    return isinstance(value, int | float) and -limit <= value <= limit


def add_member(
    *,
    member,
    mission: Mission,
    role: str,
    clearance: int,
    compartments: Collection[str] | None = None,
) -> Membership:
    """Give an account the access it begins with, or change what it has, as who sets a mission up.

    No second administrator is asked; for whoever acts in the portal ``missions.members`` is.
    ``compartments``: by default the first administrator cleared for all holds all, so that somebody
    can grant them; others hold what they held.
    """
    return found_membership(
        member=member, mission=mission, role=role, clearance=clearance, compartments=compartments
    )
