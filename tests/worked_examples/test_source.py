"""A source of one's own: a format of files and a scheduled pull of them."""

from tests.serving import database_copy
from tests.worked_examples import Outsider

FORMAT = '''
"""Gazette's weekly list: one event a line, day, kind, point."""

from dataclasses import replace

from threats.sources.formats import acled

FORMAT = replace(acled.FORMAT, dataset="gazette")
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
print(Incident.objects.filter(mission=mission, dataset="gazette").count(), "stored")
"""
HEADER = (
    "event_id_cnty,event_date,time_precision,event_type,sub_event_type,actor1,inter1,actor2,inter2,"
    "civilian_targeting,location,latitude,longitude,geo_precision,source,notes,fatalities"
)
EVENT = "G1,01 December 2022,1,Battles,Armed clash,Group A,2,Group B,3,,Bria,6.54,21.99,1,Gazette,Shots,0"


def test_a_format_with_a_scheduled_pull_in_three_files(
    django_db_setup, django_db_blocker, tmp_path
):
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
    assert len(outsider.touched) <= 3, outsider.touched
    file = tmp_path / "list.csv"
    file.write_text(f"{HEADER}\n{EVENT}\n")
    with database_copy(django_db_blocker, "gazette") as database:
        assert "1 stored" in outsider.run(RUN, database, GAZETTE_URL=str(file))
