"""Storing a file of incidents: one transaction, PostgreSQL's COPY, and an upsert.

A row is known again by its dataset and identifier. What it said at the last import is kept as
a digest, so a file read twice changes nothing, and a row corrected upstream updates its
incident, unless a person has edited or withdrawn that incident here: then it is held back and
reported, for nothing a person stored is overwritten by a file.
"""

from __future__ import annotations

import contextlib
import datetime
import gc
from array import array
from collections.abc import Iterator
from pathlib import Path

from django.db import DataError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from missions.choices import Classification
from missions.geography import Place
from missions.models import Mission
from missions.names import sort_key
from missions.services import areas_of
from poc_portal.bulk import NULL, copy_lines, copy_rows, encode_text
from poc_portal.tabular import BadValue, Report, Table, open_table
from poc_portal.upsert import Undo
from threats.imports import FORMATS
from threats.imports.record import ActorName, Format, IncidentRow, settlement
from threats.models import ActorIdentifier, ArmedActor, Community
from threats.services.requests import request_recompute

STAGED = (
    "n", "external_id", "digest", "kind", "against_civilians", "start_date", "end_date",
    "date_precision", "place_name", "place_precision", "point", "deaths_low", "deaths_best",
    "deaths_high", "civilian_deaths", "notes", "attribution",
)  # fmt: skip
# Columns an import fills, and updates when the row changed.
CARRIED = (
    "kind", "against_civilians", "start_date", "end_date", "date_precision", "place_name",
    "place_precision", "deaths_low", "deaths_best", "deaths_high", "civilian_deaths", "notes",
    "attribution",
)  # fmt: skip
PLACED = ("longitude", "latitude", "admin_area_id", "field_office_id", "admin_area_is_nearest")


def import_incidents(
    *,
    mission: Mission,
    path: str | Path,
    format_name: str,
    encoding: str | None = None,
    classification: int = Classification.UNCLASSIFIED,
    all_or_nothing: bool = False,
    complete: bool = False,
    dry_run: bool = False,
) -> Report:
    """Load a file. Raises FileRefused when it cannot be read at all.

    Bad rows are refused and reported; with ``all_or_nothing`` one of them keeps the whole file
    out. With ``complete`` the file is all its dataset has for the period it spans: incidents
    of that period it lacks are reported as vanished, and stay.
    """
    chosen = FORMATS[format_name]
    report = Report(file=str(path), kind=format_name)
    try:
        with transaction.atomic(), open_table(path, encoding) as table:
            _Load(mission, chosen, classification, report).run(table, complete)
            if dry_run or (all_or_nothing and report.refused):
                raise Undo
            if report.created or report.changed:
                request_recompute(mission)
    except Undo:
        report.stored = False
    return report


@contextlib.contextmanager
def _without_cycle_search() -> Iterator[None]:
    """Reading makes many small objects and no cycles; looking for them costs a fifth of it."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _Load:
    """One file on its way into the tables; lives inside one transaction."""

    def __init__(self, mission: Mission, chosen: Format, classification: int, report: Report):
        self.mission, self.format, self.classification = mission, chosen, classification
        self.report = report
        self.seen: dict[str, int] = {}
        self.actors: dict[ActorName, int] = {}
        self.points: dict[tuple[float, float], int] = {}
        self.settlements: dict[str, tuple[str, str, int]] = {}
        self.places: list[Place] = []  # by point
        # row, actor number, part
        self.parts: tuple[array, array, list[str]] = (array("i"), array("i"), [])
        self.first: datetime.date | None = None
        self.last: datetime.date | None = None

    def run(self, table: Table, complete: bool) -> None:
        parse = self.format.reader(table)
        with connection.cursor() as cursor:
            self._make_tables(cursor)
            with _without_cycle_search():
                copy_lines(cursor, "import_rows", STAGED, self._lines(table, parse))
            self._store_points(cursor)
            self._hold_back(cursor)
            self._store_incidents(cursor)
            self._store_parts(cursor)
            if complete and self.first is not None:
                self._report_vanished(cursor)
            cursor.execute("DROP TABLE import_rows, import_points, import_held, import_written")
        self._store_communities()

    # -- reading ------------------------------------------------------------------------

    def _lines(self, table: Table, parse) -> Iterator[str]:
        """COPY lines of the good rows; the bad ones go into the report."""
        today = self.mission.today
        seen, report = self.seen, self.report
        for row in table.rows(report):
            try:
                record: IncidentRow = parse(row.values)
                if record.end_date > today:
                    raise BadValue(
                        "date_end", record.end_date,
                        _("%(date)s lies after the mission's today, %(today)s.")
                        % {"date": record.end_date, "today": today},
                    )  # fmt: skip
                if record.external_id in seen:
                    raise BadValue(
                        "id", record.external_id,
                        _("“%(id)s” stands already in record %(record)d of this file.")
                        % {"id": record.external_id, "record": seen[record.external_id]},
                    )  # fmt: skip
            except BadValue as problem:
                report.refuse(row.error(problem))
                continue
            seen[record.external_id] = row.record
            yield self._line(row.record, record)

    def _line(self, n: int, record: IncidentRow) -> str:
        if self.first is None or record.start_date < self.first:
            self.first = record.start_date
        if self.last is None or record.start_date > self.last:
            self.last = record.start_date
        point = None
        if record.longitude is not None and record.latitude is not None:
            where = (record.longitude, record.latitude)
            point = self.points.setdefault(where, len(self.points))
            if record.is_settlement:
                # One name at two places is two settlements; 0.01° tells them apart.
                key = f"{record.place_name} @ {where[1]:.2f},{where[0]:.2f}"
                if key not in self.settlements:
                    self.settlements[key] = (*settlement(record.place_name), point)
        rows, numbers, parts = self.parts
        for actor, part in record.actors:
            rows.append(n)
            numbers.append(self.actors.setdefault(actor, len(self.actors)))
            parts.append(part)
        start, end = record.start_date, record.end_date
        deaths = "\t".join([NULL if count is None else str(count) for count in record.deaths])
        return (
            f"{n}\t{encode_text(record.external_id)}\t{record.digest}\t{record.kind}\t"
            f"{'t' if record.against_civilians else 'f'}\t{start}\t{end}\t"
            f"{record.date_precision}\t{encode_text(record.place_name)}\t"
            f"{record.place_precision}\t{NULL if point is None else point}\t{deaths}\t"
            f"{encode_text(record.notes)}\t{encode_text(record.attribution)}\n"
        )

    # -- storing ------------------------------------------------------------------------

    def _make_tables(self, cursor) -> None:
        # Room for the staged rows; counts only before a session's first temporary table.
        with contextlib.suppress(DataError), transaction.atomic():
            cursor.execute("SET LOCAL temp_buffers = '256MB'")
        cursor.execute(
            """
            CREATE TEMP TABLE import_rows (
                n integer, external_id text, digest uuid, kind text, against_civilians boolean,
                start_date date, end_date date, date_precision text, place_name text,
                place_precision text, point integer, deaths_low integer, deaths_best integer,
                deaths_high integer, civilian_deaths integer, notes text, attribution text
            ) ON COMMIT DROP;
            CREATE TEMP TABLE import_points (
                point integer, longitude double precision, latitude double precision,
                admin_area_id bigint, field_office_id bigint, admin_area_is_nearest boolean
            ) ON COMMIT DROP;
            CREATE TEMP TABLE import_held (external_id text) ON COMMIT DROP;
            CREATE TEMP TABLE import_written (id bigint, external_id text, is_new boolean)
            ON COMMIT DROP
            """
        )

    def _store_points(self, cursor) -> None:
        longitudes = [longitude for longitude, _latitude in self.points]
        latitudes = [latitude for _longitude, latitude in self.points]
        places = self.places = areas_of(self.mission).place(longitudes, latitudes)
        copy_rows(
            cursor,
            "import_points",
            ("point", *PLACED),
            (
                (point, longitude, latitude, place.area_id, place.office_id, place.is_nearest)
                for point, (longitude, latitude, place) in enumerate(
                    zip(longitudes, latitudes, places, strict=True)
                )
            ),
        )

    def _hold_back(self, cursor) -> None:
        cursor.execute(
            """
            INSERT INTO import_held
            SELECT r.external_id FROM import_rows r
            JOIN threats_incident i ON i.mission_id = %s AND i.dataset = %s
                AND i.external_id = r.external_id AND i.external_id <> ''
            WHERE i.import_digest IS DISTINCT FROM r.digest
                AND (i.edited_by_hand OR i.withdrawn_at IS NOT NULL)
            RETURNING external_id
            """,
            [self.mission.pk, self.format.dataset],
        )
        self.report.held_back = sorted(row[0] for row in cursor.fetchall())

    def _store_incidents(self, cursor) -> None:
        carried = ", ".join(CARRIED)
        placed = ", ".join(PLACED)
        updates = ", ".join(f"{name} = excluded.{name}" for name in (*CARRIED, *PLACED))
        now = timezone.now()
        cursor.execute(
            f"""
            WITH written AS (
                INSERT INTO threats_incident AS i (
                    mission_id, dataset, external_id, import_digest, classification, created_at,
                    modified_at, {carried}, {placed}, time_of_day, victims, edited_by_hand,
                    is_demonstration, withdrawn_reason
                )
                SELECT %(mission)s, %(dataset)s, r.external_id, r.digest, %(classification)s,
                    %(now)s, %(now)s, {", ".join("r." + name for name in CARRIED)},
                    {", ".join("p." + name for name in PLACED[:4])},
                    coalesce(p.admin_area_is_nearest, false), 'unknown', '{{}}', false, false, ''
                FROM import_rows r LEFT JOIN import_points p USING (point)
                WHERE NOT EXISTS (
                    SELECT FROM import_held h WHERE h.external_id = r.external_id
                )
                ON CONFLICT (mission_id, dataset, external_id) WHERE NOT external_id = ''
                DO UPDATE SET {updates}, import_digest = excluded.import_digest,
                    modified_at = excluded.modified_at
                WHERE i.import_digest IS DISTINCT FROM excluded.import_digest
                RETURNING i.id, i.external_id, i.xmax = 0 AS is_new
            )
            INSERT INTO import_written SELECT id, external_id, is_new FROM written
            """,
            {
                "mission": self.mission.pk,
                "dataset": self.format.dataset,
                "classification": self.classification,
                "now": now,
            },
        )
        cursor.execute(
            "SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) "
            "FROM import_written"
        )
        self.report.created, self.report.changed = cursor.fetchone()
        if self.report.created:
            # Without fresh statistics the foreign keys to a table filled from empty are checked
            # by whatever index comes first: minutes instead of seconds.
            cursor.execute("ANALYZE threats_incident")
        good = self.report.read - self.report.refused
        written = self.report.created + self.report.changed
        self.report.unchanged = good - written - len(self.report.held_back)

    def _store_parts(self, cursor) -> None:
        if not self.report.created and not self.report.changed:
            return
        ids = self._actor_ids()
        cursor.execute(
            "CREATE TEMP TABLE import_parts (n integer, actor bigint, part text) ON COMMIT DROP"
        )
        rows, numbers, parts = self.parts
        copy_lines(
            cursor,
            "import_parts",
            ("n", "actor", "part"),
            (
                f"{n}\t{ids[number]}\t{part}\n"
                for n, number, part in zip(rows, numbers, parts, strict=True)
            ),
        )
        cursor.execute(
            """
            DELETE FROM threats_incidentactor a USING import_written w
            WHERE a.incident_id = w.id AND NOT w.is_new;
            INSERT INTO threats_incidentactor (incident_id, actor_id, part)
            SELECT w.id, p.actor, p.part
            FROM import_parts p JOIN import_rows r USING (n)
            JOIN import_written w USING (external_id);
            DROP TABLE import_parts
            """
        )

    def _actor_ids(self) -> list[int]:
        """Database ids by actor number; actors not yet known are made."""
        dataset = self.format.dataset
        known = dict(
            ActorIdentifier.objects.filter(mission=self.mission, dataset=dataset).values_list(
                "value", "actor_id"
            )
        )
        # Known by name, from another dataset, by hand, or as a member of a coalition.
        named = {
            sort_key(name): pk
            for pk, name in ArmedActor.objects.current()
            .filter(mission=self.mission)
            .exclude(identifiers__dataset=dataset)
            .values_list("pk", "name")
        }
        ids, coalitions = [], []
        for actor in self.actors:
            pk = known.get(actor.identifier)
            if pk is None:
                pk = named.get(sort_key(actor.name))
                if pk is None:
                    pk = self._new_actor(actor.name, actor.kind).pk
                ActorIdentifier.objects.create(
                    mission=self.mission, actor_id=pk, dataset=dataset, value=actor.identifier
                )
                known[actor.identifier] = pk
                if self.format.names_coalitions_with_commas and ", " in actor.name:
                    coalitions.append((pk, actor))
            ids.append(pk)
        for pk, actor in coalitions:
            self._join_members(pk, actor)
        return ids

    def _join_members(self, coalition: int, actor: ActorName) -> None:
        members = []
        for name in actor.name.split(", "):
            key = sort_key(name)
            found = ArmedActor.objects.current().filter(mission=self.mission, sort_name=key).first()
            members.append(found or self._new_actor(name, actor.kind))
        ArmedActor.objects.get(pk=coalition).members.set(members)

    def _new_actor(self, name: str, kind: str) -> ArmedActor:
        return ArmedActor.objects.create(mission=self.mission, name=name, kind=kind)

    def _store_communities(self) -> None:
        """Communities from the places an event file names, where no gazetteer gave any."""
        source = f"{self.format.dataset}_place"
        communities = Community.objects.filter(mission=self.mission)
        if communities.exclude(source__in=[f"{name}_place" for name in FORMATS]).exists():
            return
        if communities.exclude(source_id__contains=" @ ").exists():
            return
        known = set(communities.values_list("source_id", flat=True))
        new = {key: place for key, place in self.settlements.items() if key not in known}
        points = list(self.points)
        Community.objects.bulk_create(
            [
                Community(
                    mission=self.mission, name=name, sort_name=sort_key(name), kind=kind,
                    longitude=points[point][0], latitude=points[point][1],
                    source=source, source_id=key,
                    admin_area_id=self.places[point].area_id,
                    field_office_id=self.places[point].office_id,
                    admin_area_is_nearest=self.places[point].is_nearest,
                )
                for key, (name, kind, point) in new.items()
            ],
            batch_size=5_000,
        )  # fmt: skip
        if new:
            self.report.notes.append(
                _("%(number)d communities were made from the places the file names.")
                % {"number": len(new)}
            )

    def _report_vanished(self, cursor) -> None:
        cursor.execute(
            """
            SELECT external_id FROM threats_incident i
            WHERE mission_id = %s AND dataset = %s AND withdrawn_at IS NULL
                AND start_date BETWEEN %s AND %s
                AND NOT EXISTS (SELECT FROM import_rows r WHERE r.external_id = i.external_id)
            ORDER BY external_id
            """,
            [self.mission.pk, self.format.dataset, self.first, self.last],
        )
        refused = {error.value for error in self.report.errors}
        self.report.vanished = [row[0] for row in cursor.fetchall() if row[0] not in refused]
