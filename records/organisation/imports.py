"""Administrative areas and field offices from files."""

from __future__ import annotations

import json
from pathlib import Path

import shapely
from django.utils.translation import gettext
from shapely.geometry import mapping, shape

from missions.models import AdminArea, FieldOffice, Mission
from poc_portal.tabular import (
    BadValue,
    FileRefused,
    Report,
    RowError,
    number,
    open_table,
    take_rows,
    text,
)
from poc_portal.tabular.confined import DATASET, read_apart
from records.upsert import storing, upsert

FEATURES = "poc_portal.tabular.features:features_of"


def import_admin_areas(
    *, mission: Mission, path: Path, all_or_nothing: bool = False, dry_run: bool = False
) -> Report:
    """Load a GeoJSON FeatureCollection of (Multi)Polygons.

    Properties: code, name; level (default 1), parent (a code), approximate. The mission's
    country outlines give way to areas of level 1 and deeper only by being larger.
    """
    report = Report(file=str(path), kind="admin areas")
    try:
        with (
            Path(path).open("rb") as file,
            read_apart(FEATURES, file, str(path), DATASET) as pieces,
        ):
            features = [feature for piece in pieces for feature in piece]
    except OSError as error:
        raise FileRefused(
            gettext("%(file)s cannot be read: %(error)s.") % {"file": path, "error": error.strerror}
        ) from None
    with storing(report, all_or_nothing=all_or_nothing, dry_run=dry_run):
        for record, feature in enumerate(features, start=1):
            report.read += 1
            try:
                _import_area(mission, feature, report)
            except BadValue as problem:
                report.refuse(RowError(record, 0, problem.column, problem.value, problem.message))
    return report


def _import_area(mission: Mission, feature: dict, report: Report) -> None:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(properties, dict):
        raise BadValue("properties", "", gettext("a feature needs properties with code and name."))
    try:
        polygon = shape(feature["geometry"])
        if polygon.geom_type not in ("Polygon", "MultiPolygon"):
            raise ValueError(polygon.geom_type)
        if polygon.is_empty or not shapely.box(-180, -90, 180, 90).contains(polygon.envelope):
            raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError, shapely.errors.ShapelyError):
        raise BadValue(
            "geometry", "", gettext("is not a Polygon or MultiPolygon in degrees (WGS 84).")
        ) from None
    if not polygon.is_valid:
        polygon = shapely.make_valid(polygon)
    code = text("code", str(properties.get("code") or ""), 30, required=True)
    parent_code = str(properties.get("parent") or "")
    parent = AdminArea.objects.filter(mission=mission, code=parent_code).first()
    if parent_code and parent is None:
        raise BadValue("parent", parent_code, gettext("no area of this mission has this code."))
    level = number("level", str(properties.get("level", 1)), 0, 9)
    upsert(
        report,
        AdminArea,
        {"mission": mission, "code": code},
        {
            "name": text("name", str(properties.get("name") or ""), 200, required=True),
            "level": int(level),
            "parent": parent,
            # Through JSON, so that tuples compare equal to what is stored.
            "polygon": json.loads(json.dumps(mapping(polygon))),
            "is_approximate": bool(properties.get("approximate")),
        },
    )


def import_field_offices(
    *,
    mission: Mission,
    path: Path,
    encoding: str | None = None,
    all_or_nothing: bool = False,
    dry_run: bool = False,
) -> Report:
    """Load a CSV: name, latitude, longitude; admin_areas (codes separated by ``;``)."""
    report = Report(file=str(path), kind="field offices")
    with (
        storing(report, all_or_nothing=all_or_nothing, dry_run=dry_run),
        open_table(path, encoding) as table,
    ):
        table.require("name", "latitude", "longitude")
        take_rows(table, report, lambda values: _import_office(mission, values, report))
    return report


def _import_office(mission: Mission, values: dict[str, str], report: Report) -> None:
    codes = {code.strip() for code in values.get("admin_areas", "").split(";") if code.strip()}
    areas = list(AdminArea.objects.filter(mission=mission, code__in=codes))
    unknown = codes - {area.code for area in areas}
    if unknown:
        raise BadValue(
            "admin_areas", ";".join(sorted(unknown)),
            gettext("no area of this mission has this code; import the areas first."),
        )  # fmt: skip
    office = upsert(
        report,
        FieldOffice,
        {"mission": mission, "name": text("name", values["name"], 200, required=True)},
        {
            "latitude": number("latitude", values["latitude"], -90, 90),
            "longitude": number("longitude", values["longitude"], -180, 180),
        },
    )
    for area in areas:
        if area.field_office_id != office.pk:
            area.field_office = office
            area.save()
