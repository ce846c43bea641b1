"""The schema tried deeply: many generated requests an operation, as each role, on the demonstration.

The database of the benchmarks is emptied first. FUZZ_EXAMPLES: requests an operation and role.
"""

import os
import time

from django.db import connection

from exchange.tokens.services import issue_token
from missions.choices import Role
from missions.models import Mission, User
from missions.services import add_member
from strategies.demo import load_demo
from tests.benchmarks.bench_api import web_server
from tests.poc_portal.test_schema_fuzz import failures

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "25"))


def run() -> None:
    print(f"\nthe schema, {EXAMPLES} requests an operation and role")
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE missions_mission, missions_user CASCADE")
    load_demo(password="demonstration")
    mission = Mission.objects.get(code="MINUSCA")
    tokens = []
    for role in Role.values:
        user = User.objects.create(username=f"fuzz-{role}")
        add_member(member=user, mission=mission, role=role, clearance=2)
        tokens.append(issue_token(user=user, name="fuzz", may_write=True, resources=[], days=1)[1])
    began = time.perf_counter()
    with web_server() as (port, _process):
        tried, found = failures(f"http://127.0.0.1:{port}", tokens, EXAMPLES)
    requests = tried * EXAMPLES * len(tokens)
    print(f"  {tried} operations, {requests:,} requests in {time.perf_counter() - began:,.0f} s: "
          f"{len(found)} operations failed")  # fmt: skip
    for text in found:
        print(f"  {text}")
