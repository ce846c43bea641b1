"""Which administrative area and field office a point belongs to, and distances.

Areas by smallest covering polygon; a point in none belongs to the nearest within 5 km, flagged.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pycountry
import shapely
from django.conf import settings
from shapely.geometry import mapping, shape

from missions.models import AdminArea, Mission

EARTH_RADIUS = 6371.0088  # km, IUGG mean
NEAREST_WITHIN = 5.0  # km


@dataclass(frozen=True)
class Place:
    """Where a point lies: ids or None, and whether the area is merely the nearest."""

    area_id: int | None
    office_id: int | None
    is_nearest: bool


NOWHERE = Place(None, None, False)


class AreaIndex:
    """Areas of one mission, ready to place many points. Reads the database once, when made."""

    def __init__(self, mission: Mission):
        rows = list(
            AdminArea.objects.current()
            .filter(mission=mission)
            .values_list("pk", "field_office_id", "polygon", "level")
        )
        polygons = [shapely.make_valid(shape(row[2])) for row in rows]
        # Smallest first; of two alike the deeper level.
        order = sorted(range(len(rows)), key=lambda i: (polygons[i].area, -rows[i][3]))
        self._ids = [(rows[i][0], rows[i][1]) for i in order]
        self._polygons = [polygons[i] for i in order]
        self._tree = shapely.STRtree(self._polygons)

    def __len__(self) -> int:
        return len(self._ids)

    def place(self, longitudes, latitudes) -> list[Place]:
        """Place points; two equal sequences of degrees, WGS 84."""
        longitudes = np.asarray(longitudes, dtype=float)
        latitudes = np.asarray(latitudes, dtype=float)
        found = [NOWHERE] * len(longitudes)
        if not self._ids or not len(longitudes):
            return found
        points = shapely.points(longitudes, latitudes)
        which_point, which_area = self._tree.query(points, predicate="intersects")
        smallest: dict[int, int] = {}
        for point, area in zip(which_point.tolist(), which_area.tolist(), strict=True):
            smallest[point] = min(area, smallest.get(point, area))
        for point, area in smallest.items():
            found[point] = Place(*self._ids[area], is_nearest=False)
        outside = np.array([i for i in range(len(found)) if i not in smallest], int)
        for point, area in self._nearest(longitudes, latitudes, outside):
            found[point] = Place(*self._ids[area], is_nearest=True)
        return found

    def _nearest(self, longitudes, latitudes, outside: np.ndarray) -> list[tuple[int, int]]:
        """Points of those ``outside`` with an area near enough, each with that area."""
        if not len(outside):
            return []
        points = shapely.points(longitudes[outside], latitudes[outside])
        # Nearest in degrees among all within reach, then measured on the sphere.
        widest = NEAREST_WITHIN / 111.0 / max(np.cos(np.radians(np.abs(latitudes).max())), 0.05)
        which, areas = self._tree.query_nearest(points, max_distance=widest, all_matches=False)
        polygons = np.array(self._polygons, dtype=object)[areas]
        ends = shapely.get_coordinates(shapely.shortest_line(points[which], polygons))[1::2]
        chosen = outside[which]
        away = distance_km(longitudes[chosen], latitudes[chosen], ends[:, 0], ends[:, 1])
        near = away <= NEAREST_WITHIN
        return list(zip(chosen[near].tolist(), areas[near].tolist(), strict=True))


def distance_km(lon1, lat1, lon2, lat2):
    """Great-circle distance in km (haversine); degrees, scalars or broadcastable arrays."""
    lon1, lat1, lon2, lat2 = (np.radians(value) for value in (lon1, lat1, lon2, lat2))
    chord = (
        np.sin((lat2 - lat1) / 2) ** 2
        + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    )
    return 2 * EARTH_RADIUS * np.arcsin(np.sqrt(np.clip(chord, 0, 1)))


def degrees_around(latitude: float, km: float) -> tuple[float, float]:
    """Half-width in degrees (longitude, latitude) of a box that holds a circle of ``km``."""
    tall = km / 111.0
    wide = tall / max(np.cos(np.radians(min(abs(latitude) + tall, 89.0))), 0.01)
    return float(wide), float(tall)


def country_name(iso3: str) -> str:
    """The usual English name of a country."""
    country: Any = pycountry.countries.get(alpha_3=iso3)
    return getattr(country, "common_name", None) or country.name


@lru_cache(maxsize=1)
def _basemap() -> dict:
    path = settings.BASE_DIR / "static/vendor/world-atlas-2.0.2/countries-50m.json"
    return json.loads(path.read_text())


def country_outline(iso3: str) -> dict:
    """GeoJSON outline of a country from the bundled basemap (Natural Earth, 1:50m).

    Raises KeyError for a code that is no country or has no outline.
    """
    country = pycountry.countries.get(alpha_3=iso3.upper())
    if country is None:
        raise KeyError(iso3)
    topology = _basemap()
    for geometry in topology["objects"]["countries"]["geometries"]:
        if geometry.get("id") == country.numeric:
            return _decode(topology, geometry)
    raise KeyError(iso3)


def _decode(topology: dict, geometry: dict) -> dict:
    """One TopoJSON geometry as GeoJSON (TopoJSON specification 1.0, sections 2.1.4 to 2.2)."""
    scale, shift = topology["transform"]["scale"], topology["transform"]["translate"]

    def arc(index: int) -> np.ndarray:
        steps = np.cumsum(np.array(topology["arcs"][index if index >= 0 else ~index]), axis=0)
        line = steps * scale + shift
        return line if index >= 0 else line[::-1]

    def ring(indexes: list[int]) -> list:
        parts = [arc(i) for i in indexes]
        return np.concatenate([parts[0], *(part[1:] for part in parts[1:])]).tolist()

    groups = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
    polygons = [[ring(indexes) for indexes in group] for group in groups]
    valid = shapely.make_valid(shape({"type": "MultiPolygon", "coordinates": polygons}))
    areas = [p for p in shapely.get_parts(valid) if p.geom_type in ("Polygon", "MultiPolygon")]
    return json.loads(json.dumps(mapping(shapely.union_all(areas))))
