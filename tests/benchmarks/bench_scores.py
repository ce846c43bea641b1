"""Scores of a large mission against what PostgreSQL takes merely to move the same data.

The yardstick hands over the very columns the engine reads and takes in the very rows it writes, by
binary COPY, into tables with the same columns, checks and indexes. The engine reads, sums, scores and
writes, foreign keys included.
"""

import io
import math
import resource
import statistics
import time
from datetime import date, timedelta

import numpy as np
from django.db import connection

from missions.models import Membership, Mission, User
from missions.services import add_member, create_mission
from poc_portal.postgres.copy_columns import write_columns
from threats.models import (
    Community,
    EvidenceSums,
    Incident,
    RecomputeRequest,
    RiskHistory,
    RiskScore,
    RiskState,
)
from threats.scoring.evidence import KINDS
from threats.scoring.families import as_evidence
from threats.scoring.recompute import recompute_mission
from threats.services.incidents import report_incident

COMMUNITIES = 20_000
SIZES = (100_000, 1_000_000)
POINTS = 50_000  # at most; real files have one for every 3 to 8 events
ROUNDS = 5
REPORTS = 25
TODAY = date(2022, 12, 31)
YEARS = 30
# A country of 2.3 million km², in degrees: west, south, side.
WEST, SOUTH, SIDE = 12.0, -7.0, 13.7


def generate(mission: Mission, incidents: int) -> None:
    """Communities and incidents, clustered in space and in bursts of time."""
    dice = np.random.default_rng(incidents)
    centres = dice.uniform(0, SIDE, (400, 2))
    size = dice.pareto(1.2, 400) + 0.1
    size /= size.sum()
    points = min(POINTS, incidents // 5)
    chosen = dice.choice(400, points, p=size)
    at = np.clip(centres[chosen] + dice.normal(0, 0.4, (points, 2)), 0, SIDE)
    where = np.clip(
        centres[dice.choice(400, COMMUNITIES, p=0.5 * size + 0.5 / 400)]
        + dice.normal(0, 0.6, (COMMUNITIES, 2)), 0, SIDE,
    )  # fmt: skip
    point = dice.integers(0, points, incidents)
    # Each place has its bad years: events fall around a few bursts.
    bursts = dice.uniform(0, 365 * YEARS, (points, 3))
    days = bursts[point, dice.integers(0, 3, incidents)] + dice.exponential(200, incidents)
    days = (days % (365 * YEARS)).astype(int)
    start = np.array(
        [(TODAY - timedelta(days=int(d)) - date(2000, 1, 1)).days for d in range(365 * YEARS)]
    )
    day = start[days]
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE threats_incident, threats_community CASCADE")
        cursor.execute(
            "TRUNCATE threats_riskstate, threats_evidencechange, threats_recomputerequest"
        )
        cursor.execute(
            "CREATE TEMP TABLE made (longitude float8, latitude float8, day int, killing bool, "
            "against bool, precision int, classification int2, deaths int)"
        )
        write_columns(cursor, "made", {
            "longitude": ("float8", WEST + at[point, 0]),
            "latitude": ("float8", SOUTH + at[point, 1]),
            "day": ("int4", day),
            "killing": ("bool", dice.random(incidents) < 0.5),
            "against": ("bool", dice.random(incidents) < 0.55),
            "precision": ("int4", np.array([0, 0, 0, 1, 2, 3])[point % 6]),
            "classification": ("int2", dice.choice(3, incidents, p=[0.85, 0.1, 0.05])),
            "deaths": ("int4", dice.geometric(0.3, incidents) - 1),
        })  # fmt: skip
        cursor.execute(
            """
            INSERT INTO threats_incident (mission_id, kind, against_civilians, start_date, end_date,
                time_of_day, date_precision, place_name, longitude, latitude, place_precision,
                admin_area_is_nearest, deaths_best, victims, notes, attribution, dataset,
                external_id, edited_by_hand, created_at, modified_at, withdrawn_reason,
                classification, is_demonstration)
            SELECT %s, CASE WHEN killing THEN 'killing' ELSE 'clash' END, against,
                DATE '2000-01-01' + day, DATE '2000-01-01' + day, 'unknown', 'day', '', longitude,
                latitude, (ARRAY['exact', 'near', 'district', 'province'])[precision + 1], false,
                deaths, '{}', '', '', '', '', false, now(), now(), '', classification, false
            FROM made
            """,
            [mission.pk],
        )
        cursor.execute("DROP TABLE made")
    Community.objects.bulk_create(
        [
            Community(mission=mission, name=f"Community {n}", sort_name=f"community {n}",
                      longitude=WEST + x, latitude=SOUTH + y)
            for n, (x, y) in enumerate(where.tolist())
        ],
        batch_size=5_000,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE threats_incident, threats_community")


def full(mission: Mission) -> float:
    RecomputeRequest.objects.create(mission=mission, scope=RecomputeRequest.Scope.WHOLE)
    started = time.perf_counter()
    recompute_mission(mission.pk)
    return time.perf_counter() - started


def moved_by_postgres(mission: Mission) -> float:
    """The same input columns out, the same output rows in."""
    tables = (EvidenceSums, RiskScore)
    outputs = []
    with connection.cursor() as cursor:
        for model in tables:
            table = model._meta.db_table
            rows = io.BytesIO()
            cursor.copy_expert(f"COPY {table} TO STDOUT (FORMAT binary)", rows, size=1 << 20)
            outputs.append(rows)
            cursor.execute(f"DROP TABLE IF EXISTS {table}_yardstick")
            cursor.execute(f"CREATE TABLE {table}_yardstick (LIKE {table} INCLUDING ALL)")
        query, parameters = (
            as_evidence(Incident.objects.filter(mission=mission, end_date__lte=TODAY)).order_by()
            .values_list(*KINDS, "pk").query.sql_with_params()
        )  # fmt: skip
        inner = cursor.mogrify(query, parameters).decode()
        started = time.perf_counter()
        cursor.copy_expert(f"COPY ({inner}) TO STDOUT (FORMAT binary)", io.BytesIO(), size=1 << 20)
        for model, rows in zip(tables, outputs, strict=True):
            rows.seek(0)
            cursor.copy_expert(
                f"COPY {model._meta.db_table}_yardstick FROM STDIN (FORMAT binary)",
                rows,
                size=1 << 20,
            )
        taken = time.perf_counter() - started
        for model in tables:
            cursor.execute(f"DROP TABLE {model._meta.db_table}_yardstick")
    return taken


def one_report(mission: Mission, analyst: User, dice) -> tuple[float, float, int]:
    """Seconds of wall clock and of this process for one new incident, and scores written."""
    longitude, latitude = dice.choice(
        np.array(list(Community.objects.values_list("longitude", "latitude")[:2_000]))
    )
    report_incident(
        user=analyst, mission=mission, kind="killing", longitude=float(longitude),
        latitude=float(latitude), start_date=TODAY,
    )  # fmt: skip
    started, worked = time.perf_counter(), time.process_time()
    written = recompute_mission(mission.pk)
    return time.perf_counter() - started, time.process_time() - worked, written


def run() -> None:
    mission = Mission.objects.filter(code="LARGE").first() or create_mission(
        code="LARGE", name="Benchmark of scores", countries=["COD"], reference_date=TODAY
    )
    analyst, _made = User.objects.get_or_create(username="bench-analyst")
    if not Membership.objects.filter(member=analyst, mission=mission).exists():
        add_member(member=analyst, mission=mission, role="analyst", clearance=2)
    medians = []
    for size in SIZES:
        RiskHistory.objects.filter(mission=mission).delete()
        RiskState.objects.filter(mission=mission).delete()
        generate(mission, size)
        full(mission)
        runs, yardstick = [], []
        for _round in range(ROUNDS):
            runs.append(full(mission))
            yardstick.append(moved_by_postgres(mission))
        taken, moved = statistics.median(runs), statistics.median(yardstick)
        ratio = statistics.median(r / y for r, y in zip(runs, yardstick, strict=True))
        medians.append(taken)
        print(f"scores of {COMMUNITIES:,} communities from {size:,} incidents, median of {ROUNDS}")
        print(f"  full recompute       {taken:6.2f} s")
        print(f"  COPY of the same     {moved:6.2f} s   ratio {ratio:.2f}")
        print(f"  peak memory so far   {peak_memory():6.0f} MB")
    growth = math.log(medians[1] / medians[0]) / math.log(SIZES[1] / SIZES[0])
    print(f"  growth: time ~ incidents ^ {growth:.2f}")
    dice = np.random.default_rng(1)
    singles = [one_report(mission, analyst, dice) for _report in range(REPORTS)]
    wall, work, written = (statistics.median(column) for column in zip(*singles, strict=True))
    print(f"one new incident at that size, median of {REPORTS}, {written:,.0f} scores written each")
    print(
        f"  start to commit {1000 * wall:5.1f} ms, of it work in this process {1000 * work:.1f} ms"
    )


def peak_memory() -> float:
    """MB of this process, the highest so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
