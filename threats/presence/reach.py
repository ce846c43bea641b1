"""How far help is: from where the mission's troops and police stand to where people live.

No route is known: straight lines at the mission's stated speed; roads, weather and who must first
be asked come on top, and every page with hours says so. Bases of civilian components are drawn on
maps and not counted as help; nor is a base whose strength nobody has said, which may be a handful.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import numpy as np

from missions.choices import Pillar
from missions.geography import distance_km
from missions.models import Mission
from threats.models import Community, ThreatRules
from threats.presence.choices import PostKind, Strength
from threats.presence.models import Post

CRITICAL_BAND = 4  # of 30 days: serious
HELPING = (Pillar.MILITARY, Pillar.POLICE)


@dataclass(frozen=True)
class Reach:
    """The nearest base of known strength: kilometres in a straight line, hours at the mission's
    speed. Without any, the nearest of unknown strength, which is never in time.

    ``nearer``: a base of unknown strength that stands nearer, and is not counted.
    """

    base: Post
    km: float
    hours: float
    in_time: bool
    nearer: Post | None = None


class Help:
    """The bases help comes from on a day, as one reader may see them; read once, one query.

    Observers report and protect nobody: where they alone stand, no help does.
    """

    def __init__(self, mission: Mission, user, day: datetime.date | None = None):
        self.mission = mission
        self.rules = ThreatRules.of(mission)
        self.bases = list(
            Post.objects.for_figures(user)
            .filter(mission=mission, component__pillar__in=HELPING)
            .exclude(kind=PostKind.OBSERVERS)
            .present(day or mission.today)
            .select_related("component", "mission")
            .order_by("pk")
        )
        self._longitudes = np.array([base.longitude for base in self.bases])
        self._latitudes = np.array([base.latitude for base in self.bases])
        self._is_known = np.array([base.strength != Strength.UNKNOWN for base in self.bases])

    @property
    def counted(self) -> int:
        """Bases of known strength."""
        return int(self._is_known.sum())

    @property
    def unknown(self) -> int:
        """Bases of unknown strength: drawn, and not counted as help."""
        return len(self.bases) - self.counted

    def reach(self, longitude: float, latitude: float) -> Reach | None:
        """Of a place, in degrees; None where the mission has no base."""
        if not self.bases:
            return None
        away = distance_km(longitude, latitude, self._longitudes, self._latitudes)
        nearest = first = int(np.argmin(away))
        is_known = bool(self.counted)
        if is_known:
            nearest = int(np.argmin(np.where(self._is_known, away, np.inf)))
        km = float(away[nearest])
        hours = km / self.rules.travel_speed
        return Reach(
            self.bases[nearest],
            km,
            hours,
            is_known and hours <= self.rules.reach_hours,
            None if first == nearest else self.bases[first],
        )

    def unreached(self, user) -> list[tuple[Community, Reach | None]]:
        """Communities at serious or acute watch that nobody reaches in time, the likeliest first."""
        critical = (
            Community.objects.for_figures(user)
            .filter(mission=self.mission)
            .with_risk(user)
            .filter(band__gte=CRITICAL_BAND)
            .select_related("mission", "admin_area", "field_office")
            .order_by("-probability", "pk")
        )
        found = [(place, self.reach(place.longitude, place.latitude)) for place in critical]
        return [(place, reach) for place, reach in found if reach is None or not reach.in_time]
