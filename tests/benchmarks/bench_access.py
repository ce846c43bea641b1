"""What access costs: each list over a million incidents for readers of less, beside an administrator
who reads all, in the same run.
"""

from collections.abc import Callable

from django.db import connection

from exchange.tokens.services import issue_token
from missions.models import Mission, User
from missions.need_to_know import EVERY
from missions.services import add_member
from tests.benchmarks.bench_api import INCIDENTS, Client, generate, medians, web_server

ALL = tuple(sorted(EVERY))
# Role, clearance and compartments of who reads, beside the administrator.
READERS = (("viewer", 0, ()), ("analyst", 1, ()), ("planner", 1, ("crsv",)), ("adviser", 2, ()))
LISTS = {
    "incidents": "incidents/?mission={code}",
    "of one kind": "incidents/?mission={code}&kind=killing",
    "by day": "incidents/?mission={code}&ordering=start_date",
    "searched": "incidents/?mission={code}&search=Place+4711",
    "of a day on": "incidents/?mission={code}&since=2020-01-01&against_civilians=true",
    "followed": "incidents/?mission={code}&modified_since=2020-01-01T00:00:00Z",
    "as a map": "incidents/?mission={code}&format=geojson&page_size=1000&since=2020-10-01",
    "actors": "armed-actors/?mission={code}",
    "areas": "admin-areas/?mission={code}",
}


def run() -> None:
    print(f"\nwhat access costs over {INCIDENTS:,} incidents")
    mission, _user = generate()
    _keep_apart(mission)
    with web_server() as (port, _server):
        whole = _client(port, mission, "admin", 2, ALL)
        readers = {
            f"{role} {clearance} {'+'.join(held)}".strip(): _client(
                port, mission, role, clearance, held
            )
            for role, clearance, held in READERS
        }
        for name, path in LISTS.items():
            address = f"/api/v1/{path.format(code=mission.code)}"
            taken = medians(*map(_getting(address), [whole, *readers.values()]))
            ratios = [f"{reader} {each / taken[0]:4.2f}" for reader, each in
                      zip(readers, taken[1:], strict=True)]  # fmt: skip
            print(
                f"  {name:12} {1000 * taken[0]:7.1f} ms; × {', '.join(ratios)}; asked: at most 1.3"
            )


def _getting(address: str) -> Callable[[Client], Callable[[], bytes]]:
    return lambda client: lambda: client.get(address)


def _keep_apart(mission: Mission) -> None:
    """A tenth is confidential already; a twentieth becomes secret, a fiftieth kept to a need to know."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE threats_incident SET classification = 2 WHERE mission_id = %s AND id %% 20 = 3",
            [mission.pk],
        )
        cursor.execute(
            "UPDATE threats_incident SET compartments = ARRAY['crsv'] "
            "WHERE mission_id = %s AND id %% 50 = 7",
            [mission.pk],
        )
        cursor.execute("VACUUM ANALYZE threats_incident")


def _client(
    port: int, mission: Mission, role: str, clearance: int, held: tuple[str, ...]
) -> Client:
    user, _made = User.objects.get_or_create(username=f"bench-{role}-{clearance}-{len(held)}")
    add_member(member=user, mission=mission, role=role, clearance=clearance, compartments=held)
    _record, token = issue_token(user=user, name="bench", may_write=False, resources=[], days=1)
    return Client(port, token)
