"""Communities from a file, and where records lie once areas or offices have changed."""

from __future__ import annotations

from pathlib import Path

from django.db import connection, transaction
from django.utils.translation import gettext

from missions.models import Mission
from missions.services import areas_of
from poc_portal.postgres.copy_text import copy_rows
from poc_portal.tabular import BadValue, Report, count, number, open_table, take_rows, text
from records.upsert import storing, upsert
from threats.choices import CommunityKind
from threats.models import Community
from threats.scoring.requests import request_recompute
from threats.sources.formats.record import settlement


def import_places(
    *,
    mission: Mission,
    path: Path,
    encoding: str | None = None,
    all_or_nothing: bool = False,
    dry_run: bool = False,
) -> Report:
    """Load a CSV of communities.

    Columns: name, latitude, longitude; aliases (separated by ``;``), population, kind, source,
    source_id. A place is known again by source and source_id; one without them by its name and
    point. Raises FileRefused.
    """
    report = Report(file=str(path), kind="places")
    with (
        storing(report, all_or_nothing=all_or_nothing, dry_run=dry_run),
        open_table(path, encoding) as table,
    ):
        table.require("name", "latitude", "longitude")
        take_rows(table, report, lambda values: _import_place(mission, values, report))
        if not dry_run and (report.created or report.changed):
            place_records(mission)
            request_recompute(mission)
    return report


def _import_place(mission: Mission, values: dict[str, str], report: Report) -> None:
    name = text("name", values["name"], 200, required=True)
    latitude = number("latitude", values["latitude"], -90, 90)
    longitude = number("longitude", values["longitude"], -180, 180)
    source = text("source", values.get("source", ""), 50) or "file"
    source_id = text("source_id", values.get("source_id", ""), 250)
    kind = values.get("kind", "").strip()
    if kind and kind not in CommunityKind.values:
        raise BadValue(
            "kind", kind,
            gettext("“%(value)s” is not one of %(codes)s.")
            % {"value": kind, "codes": ", ".join(CommunityKind.values)},
        )  # fmt: skip
    aliases = [part.strip() for part in values.get("aliases", "").split(";") if part.strip()]
    upsert(
        report,
        Community,
        {
            "mission": mission,
            "source": source,
            "source_id": source_id or f"{name} @ {latitude},{longitude}",
        },
        {
            "name": name,
            "aliases": aliases,
            "kind": kind or settlement(source_id)[1],
            "latitude": latitude,
            "longitude": longitude,
            "population": count("population", values.get("population", "")),
        },
    )


@transaction.atomic
def place_records(mission: Mission) -> int:
    """Assign area and field office anew to every community and incident; returns how many changed.

    Called whenever polygons, offices or communities came from a file.
    """
    areas = areas_of(mission)
    changed = 0
    with connection.cursor() as cursor:
        for table in ("threats_community", "threats_incident"):
            cursor.execute(
                f"SELECT DISTINCT longitude, latitude FROM {table} "
                "WHERE mission_id = %s AND longitude IS NOT NULL",
                [mission.pk],
            )
            points = cursor.fetchall()
            places = areas.place([point[0] for point in points], [point[1] for point in points])
            cursor.execute(
                "CREATE TEMP TABLE placed (longitude double precision, latitude double precision,"
                " area bigint, office bigint, nearest boolean) ON COMMIT DROP"
            )
            copy_rows(
                cursor,
                "placed",
                ("longitude", "latitude", "area", "office", "nearest"),
                (
                    (*point, place.area_id, place.office_id, place.is_nearest)
                    for point, place in zip(points, places, strict=True)
                ),
            )
            cursor.execute(
                f"""
                UPDATE {table} t SET admin_area_id = p.area, field_office_id = p.office,
                    admin_area_is_nearest = p.nearest, modified_at = now()
                FROM placed p
                WHERE t.mission_id = %s AND t.longitude = p.longitude AND t.latitude = p.latitude
                    AND (t.admin_area_id, t.field_office_id, t.admin_area_is_nearest)
                        IS DISTINCT FROM (p.area, p.office, p.nearest)
                """,
                [mission.pk],
            )
            changed += cursor.rowcount
            cursor.execute("DROP TABLE placed")
    return changed
