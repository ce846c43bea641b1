"""The API over a million incidents, through the web server on loopback with a token.

Each figure stands beside what PostgreSQL needs for the same by itself, in the same run.
"""

import contextlib
import http.client
import io
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import psutil
from django.db import connection

from exchange.tokens.services import issue_token
from missions.models import Mission, User
from missions.services import add_member, create_mission
from poc_portal.local.state import BASE_DIR
from records.organisation.imports import import_admin_areas
from tests import saying
from threats.models import ArmedActor, Incident

CODE = "BENCHAPI"
INCIDENTS, ROWS, PAGE = 1_000_000, 10_000, 100
ROUNDS = 15
# What the API's page holds, said in SQL by hand.
FIELDS = """
    i.id, m.code AS mission, i.classification, i.is_demonstration, i.created_by_id AS created_by,
    to_char(i.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS created_at,
    to_char(i.modified_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS modified_at,
    i.kind, i.against_civilians, i.start_date, i.end_date, i.time_of_day, i.date_precision,
    i.place_name, i.longitude, i.latitude, i.place_precision,
    CASE WHEN a.mission_id = i.mission_id AND a.withdrawn_at IS NULL THEN i.admin_area_id END
        AS admin_area, i.admin_area_is_nearest,
    CASE WHEN f.mission_id = i.mission_id AND f.withdrawn_at IS NULL THEN i.field_office_id END
        AS field_office, i.deaths_low, i.deaths_best, i.deaths_high, i.civilian_deaths, i.injured,
    i.abducted, i.displaced, i.victims, i.notes, i.attribution,
    (SELECT coalesce(json_agg(json_build_object('actor', p.actor_id, 'part', p.part)), '[]')
     FROM threats_incidentactor p JOIN threats_armedactor r ON r.id = p.actor_id
     WHERE p.incident_id = i.id AND r.withdrawn_at IS NULL AND r.classification <= 2) AS parts,
    i.dataset, i.external_id
"""
SOURCE = """
    FROM threats_incident i JOIN missions_mission m ON m.id = i.mission_id
    LEFT JOIN missions_adminarea a ON a.id = i.admin_area_id
    LEFT JOIN missions_fieldoffice f ON f.id = i.field_office_id
    WHERE i.mission_id = %s AND i.classification <= 2 AND i.withdrawn_at IS NULL
"""


def run() -> None:
    print(f"\nthe API over {INCIDENTS:,} incidents")
    mission, user = generate()
    _record, token = issue_token(user=user, name="bench", may_write=True, resources=[], days=1)
    with web_server() as (port, server):
        client = Client(port, token)
        pages(client, mission)
        export(client, mission, server)
        bulk(client, mission)


class Client:
    def __init__(self, port: int, token: str):
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
        self._headers = {"Authorization": f"Token {token}", "Accept-Encoding": "identity"}

    def open(self, path: str, body: bytes | None = None) -> http.client.HTTPResponse:
        kind = {"Content-Type": "application/json"} if body else {}
        method = "POST" if body else "GET"
        try:
            self._connection.request(method, path, body, self._headers | kind)
            return self._connection.getresponse()
        except OSError:  # it had been idle for too long
            self._connection.close()
            self._connection.request(method, path, body, self._headers | kind)
            return self._connection.getresponse()

    def get(self, path: str, body: bytes | None = None) -> bytes:
        answer = self.open(path, body)
        found = answer.read()
        assert answer.status == 200, found[:500]
        return found


def pages(client: Client, mission: Mission) -> None:
    first = f"/api/v1/incidents/?mission={mission.code}&page_size={PAGE}"
    keys = Incident.objects.order_by("-pk").values_list("pk", flat=True)
    deep_key = keys[5_000 * PAGE - 1]
    address = json.loads(client.get(first))["next"]
    # The 5,000th page by its cursor, as one who walked there would have it.
    from poc_portal.api.pagination import CursorPagination

    mark = CursorPagination()._encode(["pk", True, deep_key, deep_key])
    deep = f"{first}&cursor={mark}"
    assert address is not None
    query = f"SELECT json_agg(t) FROM (SELECT {FIELDS} {SOURCE} ORDER BY i.id DESC LIMIT 100) t"

    def bare() -> None:
        with connection.cursor() as cursor:
            cursor.execute(query, [mission.pk])
            cursor.fetchall()

    page, last, alone = medians(lambda: client.get(first), lambda: client.get(deep), bare)
    print(f"  page of {PAGE}            {1000 * page:7.1f} ms = {page / alone:4.2f} × json_agg by "
          f"PostgreSQL alone ({1000 * alone:.1f} ms); asked: at most 4")  # fmt: skip
    print(f"  page 5,000             {1000 * last:7.1f} ms = {last / page:4.2f} × page 1; "
          "asked: at most 1.2")  # fmt: skip


def export(client: Client, mission: Mission, server: psutil.Process) -> None:
    path = f"/api/v1/incidents/?mission={mission.code}&format=csv"
    grown = []

    def whole() -> None:
        before, size = memory(server), 0
        answer = client.open(path)
        while block := answer.read(1 << 20):
            size += len(block)
        grown.append(memory(server) - before)
        assert size > 100 * INCIDENTS

    def bare() -> None:
        with connection.cursor() as cursor:
            text = cursor.mogrify(f"SELECT {FIELDS} {SOURCE} ORDER BY i.id DESC", [mission.pk])
            cursor.copy_expert(f"COPY ({text.decode()}) TO STDOUT (FORMAT csv)", Nowhere())

    taken, alone = medians(whole, bare, rounds=3)
    print(f"  whole list as CSV      {taken:7.1f} s  = {alone / taken:4.2f} of the speed of COPY "
          f"({alone:.1f} s); asked: at least 0.5")  # fmt: skip
    print(f"  memory of the server grew by {max(grown) / 2**20:.0f} MiB; asked: less than 100")


def bulk(client: Client, mission: Mission) -> None:
    dice = random.Random(3)
    actors = list(ArmedActor.objects.filter(mission=mission).values_list("pk", flat=True))
    path = f"/api/v1/incidents/bulk?mission={mission.code}&source=bench"
    calls = [json.dumps([made(n, round_, dice, actors) for n in range(ROWS)]).encode()
             for round_ in range(5)]  # fmt: skip
    waiting = iter(calls)

    def ingest() -> None:
        assert json.loads(client.get(path, next(waiting)))["created"] == ROWS

    columns = ", ".join(f.column for f in Incident._meta.concrete_fields if f.name != "id")
    rows = io.StringIO()
    client_side = []
    for body in calls:  # the same rows as PostgreSQL would have them ready made
        client.get(path, body.replace(b'"external_id": "', b'"external_id": "y'))
    with connection.cursor() as cursor:
        cursor.copy_expert(
            f"COPY (SELECT {columns} FROM threats_incident WHERE external_id LIKE 'y0-%') "
            "TO STDOUT", rows,
        )  # fmt: skip
        cursor.execute("DELETE FROM threats_incidentactor WHERE incident_id IN "
                       "(SELECT id FROM threats_incident WHERE external_id LIKE 'y%')")  # fmt: skip
        cursor.execute("DELETE FROM threats_incident WHERE external_id LIKE 'y%'")
        cursor.execute("DELETE FROM threats_recomputerequest")
    text = rows.getvalue()
    ready = iter([io.StringIO(text.replace("\ty0-", f"\tz{round_}-")) for round_ in range(5)])

    def bare() -> None:
        started = time.perf_counter()
        with connection.cursor() as cursor:
            cursor.copy_expert(
                f"COPY threats_incident ({columns}) FROM STDIN", next(ready), 1 << 18
            )
        client_side.append(time.perf_counter() - started)

    taken, alone = medians(ingest, bare, rounds=4, warm=1)
    print(f"  bulk of {ROWS:,}         {1000 * taken:7.0f} ms = {alone / taken:4.2f} of the speed of "
          f"COPY ({1000 * alone:.0f} ms); asked: at least 0.33")  # fmt: skip


def made(number: int, round_: int, dice: random.Random, actors: list[int]) -> dict:
    return {
        "external_id": f"{round_}-{number}", "kind": dice.choice(["killing", "looting", "attack"]),
        **saying.INCIDENT,
        "start_date": f"20{dice.randrange(10, 22)}-0{dice.randrange(1, 9)}-{dice.randrange(10, 28)}",
        "place_name": f"Place {dice.randrange(3000)}", "longitude": 14.5 + dice.random() * 12,
        "latitude": 3 + dice.random() * 7, "deaths_best": dice.randrange(9),
        "notes": "Armed men came at night and left before dawn. " * dice.randrange(6),
        "parts": [{"actor": dice.choice(actors), "part": "perpetrator"}],
    }  # fmt: skip


def medians(*actions: Callable[[], object], rounds: int = ROUNDS, warm: int = 1) -> list[float]:
    """Median seconds of each, taken in turns so that all meet the same machine."""
    taken: list[list[float]] = [[] for _action in actions]
    for number in range(rounds + warm):
        for times, action in zip(taken, actions, strict=True):
            started = time.perf_counter()
            action()
            if number >= warm:
                times.append(time.perf_counter() - started)
    return [statistics.median(times) for times in taken]


class Nowhere(io.RawIOBase):
    def write(self, data) -> int:
        return len(data)


def memory(process: psutil.Process) -> int:
    """Resident bytes of a process and its children."""
    family = [process, *process.children(recursive=True)]
    return sum(each.memory_info().rss for each in family)


@contextlib.contextmanager
def web_server() -> Iterator[tuple[int, psutil.Process]]:
    """The portal's web server as it always runs, on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable, "-m", "gunicorn", "poc_portal.wsgi", "--bind", f"127.0.0.1:{port}",
        "--workers", "2", "--threads", "4", "--no-control-socket",
    ]  # fmt: skip
    environment = os.environ | {"API_REQUESTS_PER_MINUTE": "1000000"}
    process = subprocess.Popen(command, cwd=BASE_DIR, env=environment, stderr=subprocess.DEVNULL)
    try:
        for _try in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.1)
        yield port, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()


def generate() -> tuple[Mission, User]:
    """A mission alone in its database."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE missions_mission CASCADE")
    mission = create_mission(code=CODE, name="Benchmark", countries=["CAF"])
    import_admin_areas(mission=mission, path=BASE_DIR / "missions/demo/admin1_caf.geojson")
    user, _created = User.objects.get_or_create(username="bench-api")
    add_member(member=user, mission=mission, role="analyst", clearance=2)
    ArmedActor.objects.bulk_create(
        ArmedActor(mission=mission, name=f"Group {n}", sort_name=f"group {n}") for n in range(50)
    )
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        cursor.execute(
            """
            INSERT INTO threats_incident (mission_id, created_at, modified_at, withdrawn_reason,
                classification, is_demonstration, kind, against_civilians, start_date, end_date,
                time_of_day, date_precision, place_name, longitude, latitude, place_precision,
                admin_area_id, admin_area_is_nearest, deaths_low, deaths_best, deaths_high,
                civilian_deaths, victims, notes, attribution, dataset, external_id, edited_by_hand)
            SELECT %s, now(), now(), '', (n %% 10 = 0)::int, false,
                (ARRAY['killing', 'attack', 'clash', 'looting'])[1 + n %% 4], n %% 2 = 0,
                DATE '2010-01-01' + n %% 4000, DATE '2010-01-01' + n %% 4000, 'unknown', 'day',
                'Place ' || n %% 5000, 14.5 + (n::bigint * 7919 %% 120000) / 10000.0,
                3 + (n::bigint * 104729 %% 70000) / 10000.0, 'exact', areas[1 + n %% 17], false,
                n %% 5, n %% 7, n %% 9, n %% 3, '{}',
                repeat('Armed men came at night and left before dawn. ', n %% 6), 'Radio Ndeke',
                'bench', n::text, false
            FROM generate_series(1, %s) n,
                (SELECT array_agg(id) AS areas FROM missions_adminarea WHERE mission_id = %s) a
            """,
            [mission.pk, INCIDENTS, mission.pk],
        )
        cursor.execute(
            """
            INSERT INTO threats_incidentactor (incident_id, actor_id, part)
            SELECT i.id, actors[1 + i.id %% 50], 'perpetrator'
            FROM threats_incident i,
                (SELECT array_agg(id) AS actors FROM threats_armedactor WHERE mission_id = %s) a
            """,
            [mission.pk],
        )
        cursor.execute("VACUUM ANALYZE")
    return mission, user
