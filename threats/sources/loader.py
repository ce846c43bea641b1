"""Storing a file of incidents: one transaction, PostgreSQL's COPY, and an upsert.

A row is known again by its dataset and identifier. What it said at the last import is kept as
a digest, so a file read twice changes nothing, and a row corrected upstream updates its
incident, unless a person has edited or withdrawn that incident here: then it is held back and
reported, for nothing a person stored is overwritten by a file.
"""

from __future__ import annotations

import datetime
from pathlib import Path

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from missions.choices import Classification
from missions.geography import Place
from missions.models import Mission
from missions.services import areas_of
from poc_portal.postgres.copy_text import copy_lines, copy_rows
from poc_portal.postgres.locks import Lock, lock_until_commit
from poc_portal.tabular import Report, Table, open_table
from poc_portal.tabular.names import sort_key
from records.upsert import storing
from threats.models import Community, Incident
from threats.scoring.record import note_span
from threats.scoring.requests import request_recompute
from threats.services.storing import HELD_SQL, PLACE_COLUMNS, are_listened_to, places_of, tell
from threats.sources.actors import Actors
from threats.sources.blocks import COLUMNS, Block, Reader, read_ahead
from threats.sources.formats import FORMATS
from threats.sources.formats.record import Format
from threats.sources.reviewing import review_actors

# Columns an import fills, and updates when the row changed.
CARRIED = (
    "kind", "against_civilians", "said_against_civilians", "start_date", "end_date",
    "date_precision", "place_name", "place_precision", "deaths_low", "deaths_best", "deaths_high", "civilian_deaths", "notes",
    "attribution",
)  # fmt: skip
CURRENT = 31  # days before today up to which a file is as new as files are
LIES = ("longitude", "latitude", *PLACE_COLUMNS)


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
    only_here: bool = False,
    until: datetime.date | None = None,
) -> Report:
    """Load a file. Raises FileRefused when it cannot be read at all.

    Bad rows are refused and reported; with ``all_or_nothing`` one of them keeps the whole file
    out. With ``complete`` the file is all its dataset has for the period it spans: incidents
    of that period it lacks are reported as vanished, and stay. With ``only_here`` rows that lie
    outside the mission's areas are left out, for a file of the whole world. ``until``: the last day
    the file tells of, where that is known; else it is that of its last event (of UCDP's files, which
    are of whole months, the end of that month).
    """
    chosen = FORMATS[format_name]
    report = Report(file=str(path), kind=format_name)
    with storing(report, all_or_nothing=all_or_nothing, dry_run=dry_run):
        only = records_here(mission, path, encoding) if only_here else None
        with open_table(path, encoding) as table:
            _Load(mission, chosen, classification, report).run(table, complete, only, until)
        if report.created or report.changed:
            request_recompute(mission)
    return report


def records_here(mission: Mission, path: str | Path, encoding: str | None) -> frozenset[int]:
    """Numbers of the records whose point lies in one of the mission's areas, or just outside."""
    numbers, longitudes, latitudes = [], [], []
    with open_table(path, encoding) as table:
        table.require("longitude", "latitude")
        x, y = table.columns.index("longitude"), table.columns.index("latitude")
        for row in table.rows(Report()):
            try:
                point = float(row.values[x]), float(row.values[y])
            except ValueError:
                continue
            numbers.append(row.record)
            longitudes.append(point[0])
            latitudes.append(point[1])
    places = areas_of(mission).place(longitudes, latitudes)
    return frozenset(
        number for number, place in zip(numbers, places, strict=True) if place.area_id is not None
    )


class _Load:
    """One file on its way into the tables; lives inside one transaction."""

    def __init__(self, mission: Mission, chosen: Format, classification: int, report: Report):
        self.mission, self.format, self.classification = mission, chosen, classification
        self.report = report
        self.areas = areas_of(mission)
        self.has_listeners = are_listened_to(mission)
        self.is_new = False  # the mission has no incident of this dataset yet
        self.actors = Actors(mission, chosen, classification)
        self.points: list[tuple[float, float]] = []
        self.places: list[Place] = []  # by point number
        self.settlements: dict[str, tuple[str, str, int]] = {}

    def run(
        self, table: Table, complete: bool, only: frozenset[int] | None = None,
        until: datetime.date | None = None,
    ) -> None:  # fmt: skip
        reader = Reader(self.format, self.report, self.mission.today, only)
        with connection.cursor() as cursor:
            # Two imports of one dataset at once: the second waits, and finds the first's rows.
            lock_until_commit(Lock.IMPORT, self.mission.pk)
            self.is_new = not Incident.objects.filter(
                mission=self.mission, dataset=self.format.dataset
            ).exists()
            self._make_tables(cursor)
            for block in read_ahead(reader.blocks(table)):
                self._store(cursor, block)
            if complete and reader.period:
                self._report_vanished(reader)
            cursor.execute("DROP TABLE import_rows, import_points, import_held, import_written")
        good = self.report.read - self.report.refused
        written = self.report.created + self.report.changed
        self.report.unchanged = good - written - self.report.held
        self.report.held_back.sort()
        review_actors(
            self.mission, self.format, organised=reader.organised, non_state=reader.non_state
        )
        self._store_communities()
        self._note_days(reader, until)

    def _note_days(self, reader: Reader, until: datetime.date | None) -> None:
        """Keep of which days the file tells, and say where that ends."""
        if reader.told is None:
            return
        since, last = self.format.tells_of(*reader.told)
        last = min(max(until or last, reader.told[1]), self.mission.today)
        note_span(self.mission, self.format.dataset, since, last, self.classification)
        if (self.mission.today - last).days > CURRENT:
            self.report.notes.append(
                gettext(
                    "It tells of nothing after %(day)s: what happened since is not known, and is not "
                    "taken for peace."
                )
                % {"day": last}
            )

    def _store(self, cursor, block: Block) -> None:
        is_first = not self.report.created
        copy_lines(cursor, "import_rows", COLUMNS, iter(block.lines))
        self._store_points(cursor, block)
        self.actors.know(block.actors)
        self._hold_back(cursor)
        if self._store_incidents(cursor):
            if is_first:
                # Without fresh statistics the foreign keys to a table filled from empty are
                # checked by whatever index comes first: minutes instead of seconds.
                cursor.execute("ANALYZE threats_incident")
            self._store_parts(cursor, block)
        self.settlements |= block.settlements
        cursor.execute("TRUNCATE import_rows, import_held, import_written")

    # -- storing ------------------------------------------------------------------------

    def _make_tables(self, cursor) -> None:
        # Foreign keys are checked block by block, while the next block is read.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            """
            CREATE TEMP TABLE import_rows (
                n integer, external_id text, digest uuid, kind text, against_civilians boolean,
                said_against_civilians boolean, start_date date, end_date date, date_precision text, place_name text,
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

    def _store_points(self, cursor, block: Block) -> None:
        first = len(self.points)
        places = places_of(self.areas, block.points)
        self.points += block.points
        self.places += places
        copy_rows(
            cursor,
            "import_points",
            ("point", *LIES),
            (
                (point, *where, place.area_id, place.office_id, place.is_nearest)
                for point, (where, place) in enumerate(
                    zip(block.points, places, strict=True), start=first
                )
            ),
        )

    def _hold_back(self, cursor) -> None:
        cursor.execute(
            f"""
            INSERT INTO import_held
            SELECT r.external_id FROM import_rows r
            JOIN threats_incident i ON i.mission_id = %s AND i.dataset = %s
                AND i.external_id = r.external_id AND i.external_id <> ''
            WHERE i.import_digest IS DISTINCT FROM r.digest
                AND {HELD_SQL.format("i")}
            RETURNING external_id
            """,
            [self.mission.pk, self.format.dataset],
        )
        self.report.hold_back([row[0] for row in cursor.fetchall()])

    def _store_incidents(self, cursor) -> int:
        """Insert the block's new rows and update its changed ones; returns how many."""
        carried = ", ".join(CARRIED)
        placed = ", ".join(LIES)
        updates = ", ".join(f"{name} = excluded.{name}" for name in (*CARRIED, *LIES))
        # Left out of a dataset's first import, which it would slow down for nothing.
        on_conflict = f"""
            ON CONFLICT (mission_id, dataset, external_id, namesake) WHERE NOT external_id = ''
            DO UPDATE SET {updates}, import_digest = excluded.import_digest,
                modified_at = excluded.modified_at,
                classification = greatest(i.classification, excluded.classification)
            WHERE i.import_digest IS DISTINCT FROM excluded.import_digest
        """
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
                    {", ".join("p." + name for name in LIES[:4])},
                    coalesce(p.admin_area_is_nearest, false), 'unknown', '{{}}', false, false, ''
                FROM import_rows r LEFT JOIN import_points p USING (point)
                WHERE NOT EXISTS (
                    SELECT FROM import_held h WHERE h.external_id = r.external_id
                )
                {"" if self.is_new else on_conflict}
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
        created, changed = cursor.fetchone()
        self.report.created += created
        self.report.changed += changed
        if self.has_listeners:
            cursor.execute("SELECT id, is_new FROM import_written")
            written = cursor.fetchall()
            tell(
                self.mission,
                created=[key for key, is_new in written if is_new],
                changed=[key for key, is_new in written if not is_new],
            )
        return created + changed

    def _store_parts(self, cursor, block: Block) -> None:
        ids = self.actors.ids
        cursor.execute(
            "CREATE TEMP TABLE import_parts (n integer, actor bigint, part text) ON COMMIT DROP"
        )
        copy_lines(
            cursor,
            "import_parts",
            ("n", "actor", "part"),
            (f"{n}\t{ids[number]}\t{part}\n" for n, number, part in block.parts),
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
        Community.objects.bulk_create(
            [
                Community(
                    mission=self.mission, name=name, sort_name=sort_key(name), kind=kind,
                    longitude=self.points[point][0], latitude=self.points[point][1],
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
                ngettext(
                    "%(number)d community was made from the places the file names.",
                    "%(number)d communities were made from the places the file names.",
                    len(new),
                )
                % {"number": len(new)}
            )

    def _report_vanished(self, reader: Reader) -> None:
        stored = (
            Incident.objects.current()
            .filter(
                mission=self.mission,
                dataset=self.format.dataset,
                start_date__range=reader.period,
            )
            .values_list("external_id", flat=True)
        )
        self.report.vanished = sorted(set(stored) - set(reader.seen) - reader.refused)
