"""Importing 200,000 rows against PostgreSQL's own COPY of the same incidents.

The yardstick copies the finished rows, as text, into a table with the incidents' own indexes
and check constraints. The import parses and checks the CSV, assigns areas, recognises rows
already known, and links actors besides.
"""

import csv
import io
import random
import statistics
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from django.db import connection

from missions.models import Mission
from missions.services import create_mission
from poc_portal.local.state import BASE_DIR
from records.organisation.imports import import_admin_areas
from threats.models import ActorIdentifier, ArmedActor, Incident, IncidentActor, RecomputeRequest
from threats.sources.loader import import_incidents

ROWS = 200_000
ROUNDS = 3
SOURCE = BASE_DIR / "threats" / "demo" / "ucdp_ged_23_1_caf.csv"


def generate(path: Path, rows: int = ROWS) -> None:
    """Rows like the bundled ones: their texts and places, scattered anew over 30 years."""
    dice = random.Random(1)
    with SOURCE.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        originals, columns = list(reader), list(reader.fieldnames or ())
    first = date(1992, 1, 1)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        # One point a named place, and one place for every five events, as real files have it.
        places = [
            (f"Place {n} village", f"{dice.uniform(4, 9):.5f}", f"{dice.uniform(15, 25):.5f}")
            for n in range(rows // 5)
        ]
        for number in range(rows):
            row = dict(dice.choice(originals))
            day = (first + timedelta(days=dice.randrange(11_000))).isoformat()
            name, latitude, longitude = dice.choice(places)
            row |= {
                "id": str(number), "date_start": day, "date_end": day,
                "latitude": latitude, "longitude": longitude, "where_coordinates": name,
            }  # fmt: skip
            writer.writerow(row)


def empty(mission: Mission) -> None:
    with connection.cursor() as cursor:
        for model in (IncidentActor, ActorIdentifier, RecomputeRequest):
            cursor.execute(f'TRUNCATE "{model._meta.db_table}" CASCADE')
        cursor.execute("TRUNCATE threats_incident CASCADE")
    ArmedActor.objects.filter(mission=mission).delete()


def copy_out() -> io.StringIO:
    rows = io.StringIO()
    with connection.cursor() as cursor:
        cursor.copy_expert("COPY threats_incident TO STDOUT", rows)
        cursor.execute("DROP TABLE IF EXISTS yardstick")
        cursor.execute("CREATE TABLE yardstick (LIKE threats_incident INCLUDING ALL)")
    return rows


def copy_in(rows: io.StringIO) -> float:
    rows.seek(0)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE yardstick")
        started = time.perf_counter()
        cursor.copy_expert("COPY yardstick FROM STDIN", rows, size=1 << 18)
        return time.perf_counter() - started


def run() -> None:
    mission = Mission.objects.filter(code="BENCH").first() or create_mission(
        code="BENCH", name="Benchmark", countries=["CAF"]
    )
    import_admin_areas(mission=mission, path=BASE_DIR / "missions/demo/admin1_caf.geojson")
    imports, again, yardstick = [], [], []
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "events.csv"
        generate(path)
        for _round in range(ROUNDS):
            empty(mission)
            for times in (imports, again):
                started = time.perf_counter()
                report = import_incidents(mission=mission, path=path, format_name="ucdp")
                times.append(time.perf_counter() - started)
            assert report.unchanged == ROWS, report
            yardstick.append(copy_in(copy_out()))
    assert Incident.objects.count() == ROWS
    copied = statistics.median(yardstick)
    print(f"import of {ROWS:,} UCDP rows, median of {ROUNDS}")
    for name, times in (("first import", imports), ("unchanged file again", again)):
        taken = statistics.median(times)
        print(f"  {name:22} {taken:6.2f} s  {ROWS / taken:9,.0f} rows/s  "
              f"{copied / taken:.3f} × the speed of COPY")  # fmt: skip
    print(f"  {'COPY, same rows':22} {copied:6.2f} s  {ROWS / copied:9,.0f} rows/s")
