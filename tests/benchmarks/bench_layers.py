"""Features of a layer over a million incidents, beside pygeoapi over the same records.

Each of pygeoapi's providers that can be had here is tried with one page; the fastest is the peer.
Its SQLite provider needs a Python that loads extensions and SpatiaLite, its PostgreSQL provider
PostGIS: both come from Debian's packages where this is root on Debian, and are left out elsewhere.
"""

import contextlib
import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from exchange.tokens.services import issue_token
from missions.models import Mission
from tests.benchmarks.bench_api import INCIDENTS, Client, generate, medians, web_server

PACKAGES = ("pygeoapi==0.21.0", "gunicorn", "pandas", "geopandas", "pyarrow", "s3fs",
            "psycopg2-binary", "GeoAlchemy2")  # fmt: skip
DEBIAN = ("gdal-bin", "libsqlite3-mod-spatialite", "postgresql-postgis", "python3-venv")
LIMITS = (1_000, 10_000)  # what GDAL asks for by default, and the most both servers give
FEATURES = 20_000  # of a walk
NEXT = re.compile(r'"rel":"next","href":"[^"/]*//[^"/]*(/[^"]*)"')
CONFIG = """
server:
    bind: {{host: 127.0.0.1, port: {port}}}
    url: http://127.0.0.1:{port}
    mimetype: application/json; charset=UTF-8
    encoding: utf-8
    languages: [en-US]
    limits: {{default_items: 1000, max_items: 10000}}
    map: {{url: "http://127.0.0.1/{{z}}/{{x}}/{{y}}.png", attribution: none}}
logging: {{level: ERROR}}
metadata:
    identification: {{title: b, description: b, keywords: [b], keywords_type: theme,
        terms_of_service: none, url: "http://127.0.0.1"}}
    license: {{name: none}}
    provider: {{name: b, url: "http://127.0.0.1"}}
    contact: {{name: b}}
resources:
    incidents:
        type: collection
        title: incidents
        description: incidents
        keywords: [b]
        extents: {{spatial: {{bbox: [-180, -90, 180, 90]}}}}
        providers:
            - {provider}
"""


@dataclass
class Peer:
    """One of pygeoapi's providers. ``make`` readies its data from GeoJSON, or raises OSError or
    CalledProcessError where it cannot be had; it returns the provider's part of the settings."""

    name: str
    make: Callable[[Path], dict]


def run() -> None:
    print(f"\nfeatures of a layer of {INCIDENTS:,} incidents")
    mission, user = generate()
    _record, token = issue_token(user=user, name="bench", may_write=False, resources=[], days=1)
    with tempfile.TemporaryDirectory() as directory, contextlib.ExitStack() as stack:
        place = Path(directory)
        place.chmod(0o755)
        install_packages()
        port, _server = stack.enter_context(web_server())
        client = Client(port, token)
        path = place / "incidents.geojson"
        save(client, f"/api/v1/incidents/?mission={mission.code}&format=geojson", path)
        python = python_with_pygeoapi(place)
        settings, pages = {}, {}
        for peer in (*FILES, Peer("PostgreSQL", lambda path: postgis(path, stack))):
            try:
                settings[peer.name] = peer.make(path)
                with pygeoapi(python, place, settings[peer.name]) as theirs:
                    (pages[peer.name],) = medians(lambda port=theirs: walk(port, 1), rounds=1)
            except (OSError, subprocess.CalledProcessError, AssertionError, ValueError) as error:
                print(f"  {peer.name}: left out ({type(error).__name__})")
                continue
            print(f"  pygeoapi, {peer.name:<12} {pages[peer.name] * 1000:9,.0f} ms a page")
        fastest = min(pages, key=lambda name: pages[name])
        for limit in LIMITS:
            with pygeoapi(python, place, settings[fastest]) as port:
                ours, theirs = medians(
                    lambda limit=limit: walk_here(client, mission, limit),
                    lambda limit=limit, port=port: walk(port, FEATURES // limit, limit),
                    rounds=5,
                )
            print(f"  {limit:6,} a page {FEATURES / ours:9,.0f} features a second = "
                  f"{theirs / ours:4.2f} × pygeoapi's {FEATURES / theirs:,.0f} ({fastest}); "
                  "asked: at least 3")  # fmt: skip


def walk_here(client: Client, mission: Mission, limit: int) -> None:
    address = f"/api/v1/ogc/collections/incidents/items?mission={mission.code}&limit={limit}"
    for _page in range(FEATURES // limit):
        body = client.get(address)
        assert f'"numberReturned":{limit}'.encode() in body[:2000]
        address = NEXT.search(body[:2000].decode())[1]  # type: ignore[index]


def walk(port: int, pages: int, limit: int = LIMITS[0]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    for page in range(pages):
        connection.request(
            "GET", f"/collections/incidents/items?f=json&limit={limit}&offset={limit * page}"
        )
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 200, body[:500]
        assert len(re.findall(rb'"type": ?"Feature"', body)) == limit
    connection.close()


def save(client: Client, address: str, path: Path) -> None:
    answer = client.open(address)
    with path.open("wb") as file:
        while block := answer.read(1 << 20):
            file.write(block)


# -- pygeoapi's providers -----------------------------------------------------------------------


def geojson(path: Path) -> dict:
    return {"name": "GeoJSON", "data": str(path), "id_field": "id"}


def csv(path: Path) -> dict:
    made = path.with_suffix(".csv")
    ogr2ogr("-f", "CSV", "-lco", "GEOMETRY=AS_XY", made, path)
    return {"name": "CSV", "data": str(made), "id_field": "id",
            "geometry": {"x_field": "X", "y_field": "Y"}}  # fmt: skip


def geopackage(path: Path) -> dict:
    made = path.with_suffix(".gpkg")
    ogr2ogr("-f", "GPKG", "-nln", "incidents", "-lco", "FID=key", made, path)
    return {"name": "SQLiteGPKG", "data": str(made), "id_field": "key", "table": "incidents"}


def parquet(path: Path) -> dict:
    made = path.with_suffix(".parquet")
    python = path.parent / "venv" / "bin" / "python"
    script = (
        "import sys, geopandas; found = geopandas.read_file(sys.argv[1]); "
        "found['id'], found['victims'], found['parts'] = (found[name].astype(str) for name in "
        "('id', 'victims', 'parts')); found['x'], found['y'] = found.geometry.x, "
        "found.geometry.y; found.to_parquet(sys.argv[2])"
    )
    subprocess.run([python, "-c", script, path, made], check=True, capture_output=True)
    return {"name": "Parquet", "data": {"source": str(made)}, "id_field": "id", "x_field": "x",
            "y_field": "y"}  # fmt: skip


FILES = (
    Peer("GeoJSON", geojson), Peer("CSV", csv), Peer("SQLiteGPKG", geopackage),
    Peer("Parquet", parquet),
)  # fmt: skip


def postgis(path: Path, stack: contextlib.ExitStack) -> dict:
    """The records in a server of Debian's with PostGIS, which ends with the stack."""
    (programs,) = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1:] or [Path("/nowhere")]
    data = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    shutil.chown(data, "postgres")

    def as_postgres(*command: object) -> None:
        told = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command]
        subprocess.run(list(map(str, told)), check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, cwd=data)  # fmt: skip

    port = free_port()
    options = f"-p {port} -k {data} -c listen_addresses=127.0.0.1 -c fsync=off"
    as_postgres(programs / "initdb", "-D", data / "db", "-A", "trust", "-U", "postgres")
    as_postgres(programs / "pg_ctl", "-D", data / "db", "-o", options, "-w", "start")
    stack.callback(as_postgres, programs / "pg_ctl", "-D", data / "db", "-m", "fast", "stop")
    psql = (programs / "psql", "-h", "127.0.0.1", "-p", port, "-U", "postgres", "-c")
    as_postgres(*psql, "CREATE EXTENSION postgis")
    ogr2ogr(
        "-f", "PostgreSQL", f"PG:host=127.0.0.1 port={port} user=postgres dbname=postgres", path,
        "-nln", "incidents", "-lco", "FID=key", "-lco", "GEOMETRY_NAME=geom",
        "--config", "PG_USE_COPY", "YES",
    )  # fmt: skip
    as_postgres(*psql, "VACUUM ANALYZE incidents")
    return {
        "name": "PostgreSQL", "id_field": "key", "table": "incidents", "geom_field": "geom",
        "data": {"host": "127.0.0.1", "port": port, "dbname": "postgres", "user": "postgres",
                 "password": "none", "search_path": ["public"]},  # pragma: allowlist secret
    }  # fmt: skip


def ogr2ogr(*arguments: object) -> None:
    command = ["ogr2ogr", *map(str, arguments)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


# -- pygeoapi itself ------------------------------------------------------------------------------


def install_packages() -> None:
    if os.geteuid() == 0 and shutil.which("apt-get"):
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update", "-qq"], ["install", "-y", "-qq", *DEBIAN]):
            subprocess.run(["apt-get", *command], check=False, env=environment,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip


def python_with_pygeoapi(place: Path) -> Path:
    """A Python with pygeoapi in an environment of its own; the system's, which loads SpatiaLite,
    where it is recent enough."""
    system = Path("/usr/bin/python3")
    test = "import sys, sqlite3; sqlite3.connect(':memory:').enable_load_extension(True); " \
           "sys.exit(sys.version_info < (3, 10))"  # fmt: skip
    fits = system.exists() and not subprocess.run([system, "-c", test], check=False).returncode
    subprocess.run([system if fits else sys.executable, "-m", "venv", place / "venv"], check=True)
    python = place / "venv" / "bin" / "python"
    command = [python, "-m", "pip", "install", "--quiet", *PACKAGES]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    return python


@contextlib.contextmanager
def pygeoapi(python: Path, place: Path, provider: dict) -> Iterator[int]:
    port = free_port()
    config, schema = place / "config.yml", place / "openapi.yml"
    config.write_text(CONFIG.format(port=port, provider=json.dumps({"type": "feature"} | provider)))
    schema.write_text("{}")
    environment = os.environ | {
        "PYGEOAPI_CONFIG": str(config), "PYGEOAPI_OPENAPI": str(schema),
        "SPATIALITE_LIBRARY_PATH": "mod_spatialite.so",
    }  # fmt: skip
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    process = subprocess.Popen(
        [python, "-m", "gunicorn", "pygeoapi.flask_app:APP", "--bind", f"127.0.0.1:{port}",
         "--workers", "2", "--threads", "4", "--timeout", "600"],
        cwd=place, env=environment, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        for _try in range(300):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]
