"""The brief's map: one SVG without text, styles or scripts, so that a page and a PDF print it alike."""

from __future__ import annotations

import math
from collections.abc import Iterable

import shapely
from shapely.geometry import shape

from missions.geography import country_outline
from missions.models import AdminArea, FieldOffice
from poc_portal.web.palette import palette
from strategies.brief.facts import Facts

WIDTH = 480.0
TALLEST = 360.0
MARGIN = 8.0
DETAIL = 0.6  # pixels a line may be off
LARGE = (3, 4, 5)  # bands


class _Frame:
    """Degrees to pixels: equirectangular, true at the middle latitude."""

    def __init__(self, bounds: tuple[float, float, float, float]):
        west, south, east, north = bounds
        squeeze = math.cos(math.radians((south + north) / 2))
        wide, high = max((east - west) * squeeze, 0.1), max(north - south, 0.1)
        self.scale = min((WIDTH - 2 * MARGIN) / wide, (TALLEST - 2 * MARGIN) / high)
        self.squeeze, self.west, self.north = squeeze, west, north
        self.width = wide * self.scale + 2 * MARGIN
        self.height = high * self.scale + 2 * MARGIN

    def at(self, longitude: float, latitude: float) -> tuple[float, float]:
        return (
            round((longitude - self.west) * self.squeeze * self.scale + MARGIN, 1),
            round((self.north - latitude) * self.scale + MARGIN, 1),
        )


def draw(facts: Facts) -> str:
    """Areas, communities by band, the listed incidents and alerts, field offices."""
    areas = AdminArea.objects.current().filter(mission=facts.mission)
    if facts.office:
        areas = areas.filter(field_office=facts.office)
    polygons = [
        shapely.make_valid(shape(polygon)) for polygon in areas.values_list("polygon", flat=True)
    ] or [shape(country_outline(code)) for code in facts.mission.countries]
    frame = _Frame(shapely.union_all(polygons).bounds)
    colours = palette()
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {frame.width:.0f} {frame.height:.0f}">'
    ]
    for polygon in polygons:
        parts += [
            f'<path d="{_path(frame, ring)}" fill="{colours["map-land"]}" '
            f'stroke="{colours["map-border"]}" stroke-width="0.7"/>'
            for ring in _rings(polygon.simplify(DETAIL / frame.scale))
        ]
    for longitude, latitude, band in facts.at_risk:
        x, y = frame.at(longitude, latitude)
        radius, colour = (3.4, f"band-{band}") if band in LARGE else (1.3, "map-border")
        parts.append(
            f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{colours[colour]}" fill-opacity="0.85"/>'
        )
    for office in FieldOffice.objects.current().filter(mission=facts.mission):
        x, y = frame.at(office.longitude, office.latitude)
        parts.append(
            f'<rect x="{x - 3}" y="{y - 3}" width="6" height="6" '
            f'fill="{colours["map-office"]}" stroke="{colours["paper"]}"/>'
        )
    for incident in facts.incidents.rows:
        if incident.longitude is not None and incident.latitude is not None:
            x, y = frame.at(incident.longitude, incident.latitude)
            parts.append(
                f'<path d="M{x},{y - 6} L{x + 6},{y} L{x},{y + 6} L{x - 6},{y} Z" '
                f'fill="none" stroke="{colours["map-incident"]}" stroke-width="2"/>'
            )
    for alert in facts.alerts.rows:
        if alert.longitude is not None and alert.latitude is not None:
            x, y = frame.at(alert.longitude, alert.latitude)
            parts.append(
                f'<path d="M{x},{y - 7} L{x + 6},{y + 5} L{x - 6},{y + 5} Z" '
                f'fill="none" stroke="{colours["map-alert"]}" stroke-width="2"/>'
            )
    return "".join([*parts, "</svg>"])


def _rings(geometry) -> Iterable[shapely.LinearRing]:
    for part in shapely.get_parts(geometry):
        if isinstance(part, shapely.Polygon):
            yield part.exterior


def _path(frame: _Frame, ring: shapely.LinearRing) -> str:
    points = (frame.at(x, y) for x, y in ring.coords)
    return "M" + " L".join(f"{x},{y}" for x, y in points) + " Z"
