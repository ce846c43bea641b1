"""What lies near a point, as a condition for the database."""

from __future__ import annotations

from django.db.models import Q

from missions.geography import degrees_around


def box(longitude: float, latitude: float, km: float) -> Q:
    """Condition of lying in the box that holds a circle of ``km``."""
    wide, tall = degrees_around(latitude, km)
    return Q(
        latitude__range=(latitude - tall, latitude + tall),
        longitude__range=(longitude - wide, longitude + wide),
    )
