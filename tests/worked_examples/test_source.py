"""A source of one's own: a format of files and a scheduled pull of them."""

from tests.serving import database_copy
from tests.worked_examples import Outsider

FORMAT = '''
"""Gazette's weekly list: one event a line. Rule for violence against civilians: its kind is "raid"."""

from poc_portal.tabular import number, text
from threats.choices import DatePrecision, IncidentKind, PlacePrecision
from threats.sources.formats.record import Format, IncidentRow, code, date_of

KINDS = {"raid": IncidentKind.ATTACK, "fight": IncidentKind.CLASH}


def record(cells):
    entry, day, kind, place, latitude, longitude = cells
    return IncidentRow(
        external_id=text("entry", entry, 100, required=True),
        kind=code("kind", kind, KINDS), against_civilians=kind == "raid",
        start_date=date_of("day", day), end_date=date_of("day", day),
        date_precision=DatePrecision.DAY, place_name=text("place", place, 250),
        longitude=number("longitude", longitude, -180, 180),
        latitude=number("latitude", latitude, -90, 90), place_precision=PlacePrecision.NEAR,
        deaths=(None, None, None, None), notes="", attribution="Gazette", actors=(),
        is_settlement=False,
    )


FORMAT = Format(
    "gazette", "Gazette", "entry", ("day", "day"),
    ("entry", "day", "kind", "place", "latitude", "longitude"), record,
)
'''
PULL = '''
"""The gazette, fetched as one file."""

from threats.sources.pulls.source import Source
from threats.sources.pulls.step import Step


def steps(pull, folder):
    if not pull.place:
        path = folder / "gazette.csv"
        path.write_text(open(SOURCE.address).read())
        yield Step("gazette.csv", {"read": True}, "gazette", path)


SOURCE = Source("gazette", "The gazette", "A weekly list.", steps, "GAZETTE_URL", "/nowhere")
'''
RUN = """
import datetime
from missions.models import Mission, User
from threats.models import Incident, Pull
from threats.sources.pulls.runs import run_due, save_pull
mission = Mission.objects.get(code="MINUSCA")
user = User.objects.get(username="admin")
pull = save_pull(user=user, mission=mission, source="gazette", since=datetime.date(2022, 1, 1),
                 every=24, classification=0)
assert str(pull) == "The gazette"
assert run_due() == 1, pull.runs.first().problem
found = Incident.objects.get(mission=mission, dataset="gazette")
assert (found.external_id, found.kind, found.against_civilians) == ("1", "attack", True)
assert found.admin_area is not None
(problem,) = pull.runs.get().errors
print(problem)
"""
LIST = """entry,day,kind,place,latitude,longitude
1,2022-12-01,raid,Bria,6.54,21.99
2,yesterday,raid,Bria,6.54,21.99
"""


def test_a_format_with_a_scheduled_pull_in_two_files(django_db_setup, django_db_blocker, tmp_path):
    outsider = Outsider(tmp_path)
    outsider.add("threats/sources/formats/gazette.py", FORMAT)
    outsider.add("threats/sources/pulls/gazette.py", PULL)
    outsider.change(
        "threats/sources/formats/__init__.py",
        'FORMATS: dict[str, Format] = {"ucdp": ucdp.FORMAT, "acled": acled.FORMAT}',
        "from threats.sources.formats import gazette\n\n"
        'FORMATS: dict[str, Format] = {"ucdp": ucdp.FORMAT, "acled": acled.FORMAT,\n'
        '                              "gazette": gazette.FORMAT}',
    )
    outsider.change(
        "threats/sources/pulls/__init__.py",
        "from threats.sources.pulls import acled, ucdp\n",
        "from threats.sources.pulls import acled, gazette, ucdp\n",
    )
    outsider.change(
        "threats/sources/pulls/__init__.py",
        "(ucdp.SOURCE, acled.SOURCE)",
        "(ucdp.SOURCE, acled.SOURCE, gazette.SOURCE)",
    )
    assert len(outsider.touched) == 2, outsider.touched
    file = tmp_path / "list.csv"
    file.write_text(LIST)
    with database_copy(django_db_blocker, "gazette") as database:
        said = outsider.run(RUN, database, GAZETTE_URL=str(file))
    assert "gazette.csv: record 2, line 3, column “day”: “yesterday” is not a date" in said
