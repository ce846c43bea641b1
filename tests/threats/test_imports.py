"""Files as they come: right, wrong, corrected, doubled, damaged."""

import csv
import gzip
import io
import json
import zipfile
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from missions.choices import Role
from tests.factories import ArmedActorFactory, MissionFactory
from threats.choices import ActorKind
from threats.models import (
    ActorIdentifier,
    ArmedActor,
    Community,
    Incident,
    RecomputeRequest,
    Threat,
)
from threats.services.incidents import edit_incident, withdraw_incident
from threats.services.proposals import propose_threats
from threats.sources.loader import import_incidents

DEMO = settings.BASE_DIR / "threats" / "demo"
UCDP = DEMO / "ucdp_ged_23_1_caf.csv"
GOOD = {
    "id": "1", "type_of_violence": "3", "side_a": "Group A", "side_a_new_id": "11",
    "side_b": "Civilians", "side_b_new_id": "1", "where_prec": "1", "where_coordinates": "Kaga town",
    "where_description": "at the market", "latitude": "6.98", "longitude": "19.18",
    "date_prec": "1", "date_start": "2022-12-01", "date_end": "2022-12-01",
    "deaths_civilians": "2", "deaths_unknown": "0", "best": "2", "high": "3", "low": "2",
    "source_article": "A paper",
}  # fmt: skip
ACLED = {
    "event_id_cnty": "CAR1", "event_date": "31 May 2022", "year": "2022", "time_precision": "1",
    "disorder_type": "Political violence", "event_type": "Violence against civilians",
    "sub_event_type": "Attack", "actor1": "3R", "assoc_actor_1": "", "inter1": "Rebel group",
    "actor2": "Civilians (Central African Republic)", "assoc_actor_2": "", "inter2": "Civilians",
    "interaction": "Rebel group-Civilians", "civilian_targeting": "Civilian targeting",
    "iso": "140", "region": "Middle Africa", "country": "Central African Republic",
    "admin1": "Ouham", "admin2": "", "admin3": "", "location": "Bocaranga", "latitude": "6.98",
    "longitude": "15.64", "geo_precision": "1", "source": "RFI", "source_scale": "International",
    "notes": "On 31 May, …", "fatalities": "3", "tags": "", "timestamp": "1654000000",
}  # fmt: skip


def write(path: Path, rows, encoding="utf-8") -> Path:
    columns = list(rows[0])
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def rows(*changes: dict) -> list[dict]:
    return [GOOD | {"id": str(n)} | change for n, change in enumerate(changes, start=1)]


@pytest.fixture
def load(mission, tmp_path):
    def run(what, format_name="ucdp", **options):
        path = what if isinstance(what, Path) else write(tmp_path / "file.csv", what)
        return import_incidents(mission=mission, path=path, format_name=format_name, **options)

    return run


def counts(report):
    return report.read, report.created, report.changed, report.unchanged, report.refused


# -- the bundled file -----------------------------------------------------------------------


def test_the_bundled_file_twice(demo):
    found = Incident.objects.filter(mission=demo)
    assert found.count() == 1848
    again = import_incidents(mission=demo, path=UCDP, format_name="ucdp")
    assert counts(again) == (1848, 0, 0, 1848, 0)
    assert not RecomputeRequest.objects.exists()


def test_the_measured_traps(demo):
    found = Incident.objects.filter(mission=demo)
    assert sum(i.deaths_best == 0 for i in found) == 101
    assert found.filter(place_precision="country").count() == 29
    assert not ArmedActor.objects.filter(mission=demo, name__icontains="civilian").exists()
    # a death of unknown side says nothing of civilians
    source = {r["id"]: r for r in csv.DictReader(UCDP.open(newline="", encoding="utf-8"))}
    for incident in found:
        row = source[incident.external_id]
        if row["deaths_civilians"] == "0" and row["deaths_unknown"] != "0":
            assert incident.civilian_deaths is None
        expected = row["type_of_violence"] == "3" or int(row["deaths_civilians"]) >= 1
        assert incident.against_civilians == expected
    am_dafok = Community.objects.get(mission=demo, name="Am Dafok")
    assert am_dafok.admin_area_is_nearest
    assert Community.objects.get(mission=demo, name="Begoua").admin_area.code == "CF-BGF"


def test_coalitions_have_members_and_faiths_go_to_review_without_a_draft(demo):
    coalition = ArmedActor.objects.get(mission=demo, name="FPRC, MPC")
    assert {member.name for member in coalition.members.all()} == {"FPRC", "MPC"}
    groups = ArmedActor.objects.filter(mission=demo, review="listed")
    assert {group.name for group in groups} == {"Christians (CAR)", "Muslims (CAR)"}
    assert {group.kind for group in groups} == {ActorKind.UNKNOWN}
    assert not Threat.objects.filter(perpetrators__in=groups).exists()


def test_drafts_are_proposed_once_and_people_decide(demo):
    before = set(Threat.objects.filter(mission=demo).values_list("pk", flat=True))
    proposed = propose_threats(demo)
    assert {threat.status for threat in proposed} == {"proposed"}
    assert {threat.pk for threat in propose_threats(demo)} == {threat.pk for threat in proposed}
    of_risk = [threat for threat in proposed if "communities" in threat.suggestion]
    # Only the risk of places may propose more than stood there; and it accuses nobody.
    assert before | {threat.pk for threat in of_risk} == set(
        Threat.objects.filter(mission=demo).values_list("pk", flat=True)
    )
    for threat in of_risk:
        assert threat.communities.exists()
        assert not threat.incidents.exists()
        assert not threat.perpetrators.exists()
    of_evidence = Threat.objects.filter(mission=demo).exclude(pk__in=[it.pk for it in of_risk])
    assert of_evidence.count() > 20
    for threat in of_evidence:
        assert threat.suggested_likelihood in range(1, 6)
        assert threat.incidents.exists()
        assert {i.against_civilians for i in threat.incidents.all()} == {True}


# -- layouts ---------------------------------------------------------------------------------


def test_older_and_newer_column_sets_and_dates(load):
    old = [
        {key: value for key, value in row.items() if not key.endswith("_new_id")}
        | {"date_start": "2011-05-01 00:00:00.000", "date_end": "2011-05-02"}
        for row in rows({})
    ]
    assert counts(load(old)) == (1, 1, 0, 0, 0)
    incident = Incident.objects.get(external_id="1", mission__code__startswith="M", dataset="ucdp",
                                    deaths_best=2, start_date="2011-05-01")  # fmt: skip
    assert str(incident.end_date) == "2011-05-02"


def test_acled_in_both_date_styles(load, mission):
    found = load(
        [
            ACLED,
            ACLED | {"event_id_cnty": "CAR2", "event_date": "2022-05-30", "event_type": "Battles",
                     "sub_event_type": "Armed clash", "civilian_targeting": "", "inter1": "2",
                     "actor2": "Military Forces of CAR", "inter2": "1", "fatalities": "0"},
        ],
        "acled",
    )  # fmt: skip
    assert counts(found) == (2, 2, 0, 0, 0)
    attack, battle = Incident.objects.filter(mission=mission).order_by("external_id")
    assert (attack.kind, attack.against_civilians, attack.civilian_deaths) == (
        "killing",
        True,
        None,
    )
    assert str(attack.start_date) == "2022-05-31"
    assert (battle.kind, battle.against_civilians) == ("clash", False)
    assert {part.actor.name for part in attack.parts.all()} == {"3R"}
    state = ArmedActor.objects.get(mission=mission, name="Military Forces of CAR")
    assert state.kind == ActorKind.STATE_FORCES
    assert ActorIdentifier.objects.get(actor=state).dataset == "acled"


@pytest.mark.parametrize("wrap", ["gz", "zip", "bom"])
def test_wrapped_files(load, mission, tmp_path, wrap):
    plain = write(tmp_path / "plain.csv", rows({}))
    path = tmp_path / "file.csv"  # told by content, not by name
    if wrap == "gz":
        path.write_bytes(gzip.compress(plain.read_bytes()))
    elif wrap == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("ged.csv", plain.read_bytes())
    else:
        path.write_bytes(b"\xef\xbb\xbf" + plain.read_bytes())
    assert counts(load(path)) == (1, 1, 0, 0, 0)


def test_an_event_file_alone_is_enough(load, mission):
    report = load(rows({}, {"where_coordinates": "Bria town", "latitude": "6.54", "longitude": "21.98"},
                       {"where_prec": "4", "where_coordinates": "Ouham province"}))  # fmt: skip
    assert report.created == 3
    communities = Community.objects.filter(mission=mission).order_by("name")
    assert [c.name for c in communities] == ["Bria", "Kaga"]
    assert {c.admin_area.code for c in communities} == {"CAF"}
    load(rows({}, {}))
    assert Community.objects.filter(mission=mission).count() == 2


def test_a_gazetteer_is_not_added_to(load, mission, tmp_path):
    places = tmp_path / "places.csv"
    places.write_text("name,latitude,longitude,source,source_id\nKaga,6.98,19.18,geonames,1\n")
    call_command("import_places", places, mission=mission.code, stdout=io.StringIO())
    load(rows({"where_coordinates": "Bria town"}))
    assert Community.objects.filter(mission=mission).count() == 1


# -- corrections ------------------------------------------------------------------------------


def test_a_corrected_row_updates_its_incident(load, mission):
    load(rows({}, {}))
    report = load(rows({}, {"best": "9", "side_a": "Group B", "side_a_new_id": "12"}))
    assert counts(report) == (2, 0, 1, 1, 0)
    incident = Incident.objects.get(mission=mission, external_id="2")
    assert incident.deaths_best == 9
    assert [part.actor.name for part in incident.parts.all()] == ["Group B"]


def test_what_people_edited_or_withdrew_is_held_back(load, mission, member):
    load(rows({}, {}, {}))
    analyst = member(Role.ANALYST)
    first, second, _third = Incident.objects.filter(mission=mission).order_by("external_id")
    edit_incident(first, user=analyst, deaths_best=5)
    withdraw_incident(second, user=analyst, reason="a rumour")
    report = load(rows({"best": "7"}, {"best": "7"}, {"best": "7"}))
    assert counts(report) == (3, 0, 1, 0, 0)
    assert report.held_back == ["1", "2"]
    first.refresh_from_db()
    assert first.deaths_best == 5
    assert load(rows({}, {}, {})).changed == 1  # and back again; those two stay untouched


def test_vanished_rows_are_reported_never_deleted(load, mission):
    load(rows({}, {"date_start": "2022-12-05", "date_end": "2022-12-05"},
              {"date_start": "2022-12-09", "date_end": "2022-12-09"}))  # fmt: skip
    fewer = [row for row in rows({}, {}, {"date_start": "2022-12-09", "date_end": "2022-12-09"})
             if row["id"] != "2"]  # fmt: skip
    assert load(fewer, complete=True).vanished == ["2"]
    assert load(fewer).vanished == []
    spoilt = rows({}, {"latitude": "95"}, {"date_start": "2022-12-09", "date_end": "2022-12-09"})
    assert load(spoilt, complete=True).vanished == []  # refused is not vanished
    assert Incident.objects.current().filter(mission=mission).count() == 3


def test_files_longer_than_a_block(load, mission, monkeypatch):
    monkeypatch.setattr("threats.sources.blocks.ROWS", 2)
    side_b = {"side_a": "Group B", "side_a_new_id": "12"}
    first = rows({}, {}, {}, side_b, {"latitude": "95"}, side_b, {})
    assert counts(load(first)) == (7, 6, 0, 0, 1)
    # The first blocks unchanged, an actor new in a later one
    second = rows({}, {}, {}, side_b, {}, {"side_a": "Group C", "side_a_new_id": "13"}, {})
    assert counts(load(second)) == (7, 1, 1, 5, 0)
    actors = {
        incident.external_id: incident.actors.get().name
        for incident in Incident.objects.filter(mission=mission)
    }
    expected = dict.fromkeys("12357", "Group A") | {"4": "Group B", "6": "Group C"}
    assert actors == expected


def test_a_known_actor_is_met_again_by_name(load, mission):
    known = ArmedActorFactory(mission=mission, name="GROUP A")
    load(rows({}))
    assert [part.actor for part in Incident.objects.get(mission=mission).parts.all()] == [known]


# -- bad rows ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "column", "says"),
    [
        ({"latitude": "95"}, "latitude", "outside -90 to 90"),
        ({"latitude": "north"}, "latitude", "not a number"),
        ({"latitude": "nan"}, "latitude", "outside"),
        ({"latitude": ""}, "latitude", "not a number"),
        ({"date_start": "2023-02-30"}, "date_start", "not a date that exists"),
        ({"date_end": "2022-11-01"}, "date_end", "before the start"),
        ({"date_start": "2023-01-05", "date_end": "2023-01-05"}, "date_end", "today"),
        ({"best": "-3"}, "best", "negative"),
        ({"deaths_civilians": "two"}, "deaths_civilians", "not a whole number"),
        ({"best": "99999999999"}, "best", "too large"),
        ({"where_prec": "9"}, "where_prec", "not one of"),
        ({"type_of_violence": "4"}, "type_of_violence", "not one of"),
        ({"id": ""}, "id", "must be given"),
        ({"side_a": "x" * 300}, "side_a", "at most 200"),
        ({"where_description": "x" * 150_000}, "where_description", "at most 100000"),
        ({"where_description": "a\x00b"}, "where_description", "null character"),
    ],
)
def test_a_bad_row_is_named_and_the_good_ones_kept(load, mission, change, column, says):
    report = load(rows({}, change, {}))
    assert counts(report)[1:] == (2, 0, 0, 1)
    (error,) = report.errors
    assert (error.record, error.line, error.column) == (2, 3, column)
    assert says in error.message
    assert Incident.objects.filter(mission=mission).count() == 2


def test_or_nothing_is_kept_as_chosen(load, mission):
    report = load(rows({}, {"latitude": "95"}), all_or_nothing=True)
    assert (report.refused, report.stored) == (1, False)
    assert not Incident.objects.filter(mission=mission).exists()
    assert not ArmedActor.objects.filter(mission=mission).exists()


def test_a_dry_run_stores_nothing(load, mission):
    report = load(rows({}, {}), dry_run=True)
    assert (report.created, report.stored) == (2, False)
    assert not Incident.objects.filter(mission=mission).exists()


def test_the_same_identifier_twice_in_a_file(load):
    report = load(rows({}, {"id": "1"}))
    assert (report.created, report.refused) == (1, 1)
    assert "record 1" in report.errors[0].message


def test_lines_are_counted_through_quoted_line_breaks(load):
    report = load(rows({"where_description": "one\ntwo\nthree"}, {"latitude": "95"}))
    assert (report.errors[0].record, report.errors[0].line) == (2, 5)


def test_windows_text_is_refused_by_row_or_read_as_named(load, mission, tmp_path):
    path = write(tmp_path / "w.csv", rows({}, {"where_coordinates": "Berbérati"}), "cp1252")
    report = load(path)
    assert (report.created, report.refused) == (1, 1)
    assert report.errors[0].column == "where_coordinates"
    assert "Berbérati" in report.errors[0].message
    assert load(path, encoding="cp1252").created == 1
    assert Incident.objects.filter(mission=mission, place_name="Berbérati").exists()


def test_a_row_with_too_few_fields(load, tmp_path):
    path = write(tmp_path / "f.csv", rows({}, {}))
    path.write_text(path.read_text() + "3,only,three\n")
    report = load(path)
    assert (report.created, report.refused) == (2, 1)
    assert "3 fields" in report.errors[0].message


def test_an_unclosed_quotation_mark_harms_no_row_before_it(load, tmp_path):
    path = write(tmp_path / "f.csv", rows({}, {}))
    path.write_text(path.read_text() + '3,"never closed\n' + "x\n" * 50)
    report = load(path)
    assert (report.created, report.refused) == (2, 1)


# -- files that cannot be read at all -------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"%PDF-1.7 ...", "is a PDF"),
        (b"\xff\xfei\x00d\x00", "UTF-16"),
        (b"\x1f\x8bdamaged", "damaged"),
        (b"PK\x03\x04damaged", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "damaged"),
        (b"id,year,best\n1,2022,3\n", "missing column(s) type_of_violence"),
    ],
)
def test_a_file_of_another_kind(mission, tmp_path, content, says):
    path = tmp_path / "events.csv"
    path.write_bytes(content)
    report = tmp_path / "report.json"
    with pytest.raises(CommandError, match=says.replace("(", r"\(").replace(")", r"\)")):
        call_command("import_incidents", path, mission=mission.code, format="ucdp", json=report)
    assert says in json.loads(report.read_text())["notes"][0]
    assert not Incident.objects.filter(mission=mission).exists()


def test_a_missing_file_and_a_missing_mission(mission, tmp_path):
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_incidents", tmp_path / "no.csv", mission=mission.code, format="ucdp")
    with pytest.raises(CommandError, match="There is no mission"):
        call_command("import_incidents", UCDP, mission="NOWHERE", format="ucdp")


def test_exit_code_and_report(mission, tmp_path):
    path = write(tmp_path / "f.csv", rows({}, {"latitude": "95"}))
    report = tmp_path / "report.json"
    with pytest.raises(SystemExit) as stop:
        call_command(
            "import_incidents", path, mission=mission.code, format="ucdp", json=report,
            stdout=io.StringIO(), stderr=io.StringIO(),
        )  # fmt: skip
    assert stop.value.code == 1
    told = json.loads(report.read_text())
    assert (told["created"], told["refused"]) == (1, 1)
    assert told["errors"][0]["column"] == "latitude"


# -- places, areas, offices ----------------------------------------------------------------------


def test_places_twice_and_badly(mission, tmp_path):
    path = tmp_path / "places.csv"
    path.write_text("name,latitude,longitude,population\nKaga,6.98,19.18,\nBria,99,21.9,5\n")
    for created in (1, 0):
        report = tmp_path / "r.json"
        with pytest.raises(SystemExit):
            call_command(
                "import_places", path, mission=mission.code, json=report,
                stdout=io.StringIO(), stderr=io.StringIO(),
            )  # fmt: skip
        told = json.loads(report.read_text())
        assert (told["created"], told["refused"]) == (created, 1)
    assert Community.objects.get(mission=mission).population is None


@pytest.mark.parametrize(
    ("text", "says"),
    [("{", "GeoJSON"), ('{"features": []}', "GeoJSON"), ("[1]", "GeoJSON")],
)
def test_areas_that_are_none(mission, tmp_path, text, says):
    path = tmp_path / "areas.geojson"
    path.write_text(text)
    with pytest.raises(CommandError, match=says):
        call_command("import_admin_areas", path, mission=mission.code)


def test_an_area_with_a_bad_polygon_is_named(mission, tmp_path):
    path = tmp_path / "areas.geojson"
    feature = {"type": "Feature", "properties": {"code": "A", "name": "A"}, "geometry": None}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    report = tmp_path / "r.json"
    with pytest.raises(SystemExit):
        call_command(
            "import_admin_areas", path, mission=mission.code, json=report,
            stdout=io.StringIO(), stderr=io.StringIO(),
        )  # fmt: skip
    assert json.loads(report.read_text())["errors"][0]["column"] == "geometry"


def test_an_office_of_an_unknown_area(mission, tmp_path):
    path = tmp_path / "o.csv"
    path.write_text("name,latitude,longitude,admin_areas\nBria,6.5,21.9,XX-1\n")
    with pytest.raises(SystemExit):
        call_command(
            "import_field_offices", path, mission=mission.code,
            stdout=io.StringIO(), stderr=io.StringIO(),
        )  # fmt: skip


def test_create_mission(db):
    call_command("create_mission", code="MONUSCO", name="M", country=["COD"], stdout=io.StringIO())
    for wrong in ({"code": "MONUSCO"}, {"code": "lower"}, {"code": "X", "country": ["ZZZ"]}):
        with pytest.raises(CommandError):
            call_command("create_mission", **({"name": "M", "country": ["COD"]} | wrong))


def test_two_missions_import_the_same_file(tmp_path, db):
    path = write(tmp_path / "f.csv", rows({}))
    for _n in range(2):
        report = import_incidents(mission=MissionFactory(), path=path, format_name="ucdp")
        assert report.created == 1
