"""Sheets people keep: read, mapped by a guess, previewed, brought in by the worker, mended."""

import datetime
import io
import zipfile
from dataclasses import replace

import openpyxl
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.urls import reverse
from django.utils import timezone

from exchange.intake import reading
from exchange.intake.files import (
    RETENTION,
    ask,
    bring_file,
    forget_files,
    problems_of,
    set_mapping,
    take_files,
)
from exchange.intake.mapping import Taker
from exchange.models import Intake, IntakeFile
from missions.choices import Classification, ComponentKind, Role
from strategies.models import Activity
from tests import saying
from tests.factories import (
    ArmedActorFactory,
    CommunityFactory,
    ComponentFactory,
    IncidentFactory,
    IntakeFactory,
    PostFactory,
)
from threats.models import Alert, Community, Incident, Post

HEADER = ["N°", "Date", "Type d'incident", "Localité", "Auteurs présumés", "Femmes", "Récit"]
ROWS = [
    [1, "03/12/2022", "Attaque", "Bria", "UPC", 2, "Le marché"],
    [2, "5 décembre 2022", "Pillage", "Nulle part", "Inconnus", None, "Deux maisons"],
    [3, "31/02/2022", "Attaque", "Bria", "", "", ""],
]


def sheet(rows=ROWS, header=HEADER, above=(), name="incidents.xlsx"):
    book = openpyxl.Workbook()
    for row in (*above, header, *rows):
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return SimpleUploadedFile(name, stream.getvalue())


def text(body, name="sheet.csv", encoding="utf-8"):
    return SimpleUploadedFile(name, body.encode(encoding))


@pytest.fixture
def analyst(member):
    return member(Role.ANALYST)


@pytest.fixture
def places(mission):
    CommunityFactory(mission=mission, name="Bria", longitude=21.99, latitude=6.54)
    return ArmedActorFactory(mission=mission, name="UPC")


@pytest.fixture
def bring(mission, analyst):
    def make(upload=None, resource="incidents", source="bureau", **extra):
        return bring_file(
            user=analyst, mission=mission, upload=upload or sheet(), resource=resource,
            source=source, **extra,
        )  # fmt: skip

    return make


def taken(file, user, keep_good=True):
    """Brought in, with what every row must say answered on the page."""
    if file.state == IntakeFile.State.DRAFT:
        set_mapping(file, saying.for_every_row(file.resource) | file.mapping)
    ask(file, user=user, keep_good=keep_good)
    take_files()
    file.refresh_from_db()
    return file


def mend(file, **rules):
    set_mapping(file, file.mapping | rules)
    return file


def test_a_sheet_in_french_is_understood(mission, analyst, bring, places):
    file = bring(sheet(above=[["MINUSCA, bureau de Bria"], []]))
    columns = {name: rule["from"] for name, rule in file.mapping.items()}
    assert columns == {
        "external_id": "N°", "start_date": "Date", "kind": "Type d'incident",
        "place_name": "Localité", "parts.perpetrator": "Auteurs présumés",
        "victims.women": "Femmes", "notes": "Récit",
    }  # fmt: skip
    assert file.mapping["start_date"]["first"] == "day"
    kinds = file.mapping["kind"] | {"values": {"pillage": "looting"}}
    actors = file.mapping["parts.perpetrator"] | {"values": {"Inconnus": ""}}
    file = taken(mend(file, kind=kinds, **{"parts.perpetrator": actors}), analyst)
    assert file.state == "done"
    assert file.counts | {"held": 0} == {
        "created": 2, "changed": 0, "unchanged": 0, "held": 0, "refused": 1, "unplaced": 1,
    }  # fmt: skip
    attack, looting = Incident.objects.filter(mission=mission).order_by("external_id")
    assert (attack.kind, str(attack.start_date), attack.victims) == (
        "attack", "2022-12-03", {"women": 2},
    )  # fmt: skip
    assert (attack.longitude, attack.latitude) == (21.99, 6.54)
    assert [(part.actor, part.part) for part in attack.parts.all()] == [(places, "perpetrator")]
    assert (looting.kind, looting.longitude, looting.notes) == ("looting", None, "Deux maisons")
    assert not looting.parts.exists()
    assert attack.dataset == "bureau"


def test_the_next_file_needs_no_mapping_and_changes_what_changed(mission, analyst, bring, places):
    first = mend(bring(sheet(ROWS[:1])), **{"parts.perpetrator": {"from": "Auteurs présumés"}})
    taken(first, analyst)
    intake = Intake.objects.get(mission=mission)
    assert (intake.name, intake.mapping) == ("bureau", first.mapping)
    rows = [[1, "03/12/2022", "Attaque", "Bria", "UPC", 3, "Le marché"]]
    second = taken(bring(sheet(rows), intake=intake), analyst)
    assert second.counts["changed"] == 1
    assert taken(bring(sheet(rows), intake=intake), analyst).counts["unchanged"] == 1
    assert Incident.objects.get(mission=mission).victims == {"women": 3}


def test_a_column_the_next_file_lacks_is_said(mission, analyst, signed_in, bring):
    intake = IntakeFactory(
        mission=mission,
        mapping={"kind": {"always": "attack"}, "start_date": {"from": "Date"},
                 "notes": {"from": "Remarks"}},
    )  # fmt: skip
    file = bring(intake=intake)
    page = signed_in(analyst).get(file.get_absolute_url())
    assert "no column “Remarks”" in page.content.decode()


def test_all_or_nothing(mission, analyst, bring, places):
    file = bring()
    file = taken(file, analyst, keep_good=False)
    assert file.state == "refused"
    assert not Incident.objects.filter(mission=mission).exists()


def test_rows_without_a_name_of_their_own_do_no_harm_twice(mission, analyst, bring):
    body = "date;kind;notes\n2022-12-01;attack;one\n2022-12-01;attack;two\n"
    assert taken(bring(text(body)), analyst).counts["created"] == 2
    again = taken(bring(text(body), source="other"), analyst)
    assert again.counts["created"] == 2  # of another source
    intake = Intake.objects.get(mission=mission, name="bureau")
    assert taken(bring(text(body), intake=intake), analyst).counts["unchanged"] == 2


def test_a_file_of_windows_is_read_and_said(bring):
    file = bring(text("date;kind;récit\n2022-12-01;attack;Enlèvement à Bria\n", encoding="cp1252"))
    assert "Windows-1252" in file.notes[0]
    assert "Enlèvement à Bria" in file.contents


def test_an_opendocument_sheet(bring):
    cells = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'
        for value in ("Date", "Kind")
    )
    row = (
        '<table:table-cell office:value-type="date" office:date-value="2022-12-01">'
        "<text:p>1 Dec</text:p></table:table-cell>"
        '<table:table-cell office:value-type="string"><text:p>attack</text:p></table:table-cell>'
    )
    names = "urn:oasis:names:tc:opendocument:xmlns"
    body = (
        f'<office:document-content xmlns:office="{names}:office:1.0" '
        f'xmlns:table="{names}:table:1.0" xmlns:text="{names}:text:1.0" office:version="1.2">'
        '<office:body><office:spreadsheet><table:table table:name="A">'
        f"<table:table-row>{cells}</table:table-row><table:table-row>{row}</table:table-row>"
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", body)
        archive.writestr(
            "META-INF/manifest.xml",
            f'<manifest:manifest xmlns:manifest="{names}:manifest:1.0"/>',
        )
    file = bring(SimpleUploadedFile("a.ods", stream.getvalue()))
    assert '["2022-12-01", "attack"]' in file.contents


def test_an_export_with_hxl_comes_back(mission, analyst, api, bring):
    IncidentFactory(mission=mission, kind="clash", start_date="2022-12-02", notes="-x")
    address = f"/api/v1/incidents/?mission={mission.code}&format=csv&hxl=true"
    body = b"".join(api(analyst).get(address).streaming_content)
    file = bring(SimpleUploadedFile("export.csv", body))
    assert file.rows == 1
    assert taken(file, analyst).counts["created"] == 1
    copy = Incident.objects.get(mission=mission, dataset="bureau")
    assert (copy.kind, str(copy.start_date), copy.notes) == ("clash", "2022-12-02", "-x")


def test_submissions_of_a_form_as_a_file(mission, analyst, bring):
    body = '{"results": [{"_uuid": "a", "event": {"kind": "attack", "date": "2022-12-01"}}]}'
    file = bring(text(body, "kobo.json"))
    assert file.mapping["kind"] == {"from": "event/kind"}
    taken(file, analyst)
    assert Incident.objects.get(mission=mission).external_id == "a"


# -- other records ------------------------------------------------------------------------------


def test_alerts_of_a_sheet_are_graded_as_it_says(mission, analyst, bring):
    header = "ID,Kind,Message,Date received,Source,Reliability A–F,Credibility 1–6"
    day = f"{(mission.today - datetime.timedelta(days=1)).isoformat()} 08:00"
    rows = [
        f"1,Attack,Heard shots,{day},Patrol,B,2",
        f"2,Attack,Heard shots,{day},Patrol,F,6",
        f"3,Attack,Heard shots,{day},Patrol,,",
    ]
    file = taken(bring(text("\n".join([header, *rows])), "alerts"), analyst)
    assert (file.counts["created"], file.counts["refused"]) == (3, 0), file.problems
    codes = "ID,Kind,Message,Date received,Admiralty code"
    rows = [
        f"4,Attack,Heard shots,{day},C-3",
        f"5,Attack,Heard shots,{day},f6",
        f"6,Attack,Heard shots,{day},Z9",
    ]
    file = taken(bring(text("\n".join([codes, *rows])), "alerts", "coded"), analyst)
    assert (file.counts["created"], file.counts["refused"]) == (2, 1), file.problems
    assert "reliability" in str(file.problems)
    alerts = Alert.objects.filter(mission=mission).order_by("received_at", "pk")
    graded = [(a.reliability, a.credibility, a.awaits_verification) for a in alerts]
    assert graded == [
        ("B", 2, False), ("F", 6, True), ("F", 6, True), ("C", 3, False), ("F", 6, True),
    ]  # fmt: skip
    assert {alert.source_kind for alert in alerts[:3]} == {"patrol"}


def test_communities_of_a_sheet(mission, analyst, bring):
    body = (
        "Name\tLatitude\tLongitude\tPopulation\tOther names\nZemio\t5,03\t25,13\t12 000\tZémio;Z\n"
    )
    file = taken(bring(text(body), "communities"), analyst)
    assert file.counts["created"] == 1, file.problems
    place = Community.objects.get(mission=mission)
    assert (place.name, place.latitude, place.population) == ("Zemio", 5.03, 12_000)
    assert place.aliases == ["Zémio", "Z"]


def test_activities_name_their_component_and_communities(mission, member, bring):
    planner = member(Role.ADVISER)
    component = ComponentFactory(mission=mission, kind=ComponentKind.HUMAN_RIGHTS, name="HRD")
    CommunityFactory(mission=mission, name="Bria")
    CommunityFactory(mission=mission, name="Birao")
    body = (
        "Title,Tier,Phase,Lead component,Start,Due,Communities\n"
        "Visit,1,Prévention,Droits de l'homme,2022-12-01,2023-01-10,Bria; birao\n"
        "Visit 2,2,response,hrd,2022-12-01,2023-01-10,Nowhere\n"
    )
    file = bring(text(body), "activities")
    file.owner = planner
    file.save()
    file = taken(file, planner)
    assert (file.counts["created"], file.counts["refused"]) == (1, 1)
    assert "Nowhere" in file.problems
    activity = Activity.objects.get(mission=mission)
    assert (activity.lead_component, activity.phase) == (component, "prevention")
    assert activity.communities.count() == 2


def test_bases_of_a_sheet(mission, member, bring):
    planner = member(Role.PLANNER)
    ComponentFactory(mission=mission, kind=ComponentKind.MILITARY, name="Force")
    body = (
        "name,kind,component,latitude,longitude,since\nBria COB,Company,Force,6.5,22,2022-01-01\n"
    )
    file = bring_file(
        user=planner, mission=mission, upload=text(body), resource="bases", source="laydown"
    )
    assert taken(file, planner).counts["created"] == 1, file.problems
    assert Post.objects.get(mission=mission).name == "Bria COB"


def test_what_only_the_database_refuses_is_said_of_its_row(mission, analyst, bring):
    """Constraints are left to the database where many are written; the message is the same."""
    taken(bring(text("name,latitude,longitude,source id\nA,5,20,1\n"), "communities"), analyst)
    body = "id,name,latitude,longitude\n1,Zemio,5,25\n2,Obo,95,26\n3,Rafai,5,24\n"
    file = taken(bring(text(body), "communities", source="other"), analyst)
    assert (file.counts["created"], file.counts["refused"]) == (2, 1)
    assert "latitude" in file.problems


def test_what_a_file_is_kept_to_holds_for_each_row_and_for_the_next_file(
    mission, member, signed_in
):
    analyst = member(Role.ANALYST, compartments=["crsv"])
    client = signed_in(analyst)
    address = reverse("intake-add", args=[mission.code])
    assert [*client.get(address).context["form"].fields["compartments"].choices] == [
        ("crsv", "Conflict-related sexual violence")
    ]
    body = "name,latitude,longitude\nA,5,20\n"
    sent = {"file": text(body), "resource": "communities", "source": "visits", "classification": 1}
    assert client.post(address, sent | {"compartments": ["crsv"]}).status_code == 302
    file = taken(IntakeFile.objects.get(mission=mission), analyst)
    assert file.counts["created"] == 1, file.problems
    made = Community.objects.get(mission=mission)
    assert (made.compartments, made.classification) == (["crsv"], 1)
    assert Intake.objects.get(mission=mission).compartments == ["crsv"]
    with pytest.raises(ValidationError, match="need-to-know that you do not hold"):
        bring_file(
            user=member(Role.ANALYST), mission=mission, upload=text(body), resource="communities",
            source="visits", compartments=["crsv"],
        )  # fmt: skip


# -- pages --------------------------------------------------------------------------------------


def test_from_the_page_to_the_outcome(mission, analyst, signed_in, places):
    client = signed_in(analyst)
    page = client.get(reverse("intake-add", args=[mission.code]))
    assert b"multipart/form-data" in page.content
    sent = {"file": sheet(), "resource": "incidents", "source": "bureau", "classification": 0}
    answer = client.post(reverse("intake-add", args=[mission.code]), sent)
    file = IntakeFile.objects.get()
    assert answer.url == file.get_absolute_url()
    shown = client.get(answer.url).content.decode()
    assert 'aria-label="Inconnus"' in shown  # no actor of this name: a counterpart is asked for
    assert '<option value="" selected' not in shown
    choices = {
        "from:start_date": "Date", "first:start_date": "day", "from:kind": "Type d'incident",
        "asked:kind": "Type d'incident", "answer:kind": ["Attaque", "Pillage"],
        "code:kind": ["attack", "-"], "always:notes": "from the sheet", "do": "preview",
        "always:date_precision": "day",
    }  # fmt: skip
    shown = client.post(answer.url, choices).content.decode()
    assert "1 of 3 can be stored" in shown  # a kind left empty, and a day that is none
    choices["code:kind"] = ["attack", "looting"]
    assert client.post(answer.url, choices | {"do": "bring"}).status_code == 302
    assert "Being brought in" in client.get(answer.url).content.decode()
    take_files()
    shown = client.get(answer.url).content.decode()
    assert "31/02/2022" in shown
    body = b"".join(client.get(f"{answer.url}refused.csv").streaming_content).decode()
    assert body.count("\n") == 2
    assert "31/02/2022" in body
    assert client.post(f"{answer.url}reopen/").status_code == 302
    assert client.post(answer.url, choices | {"do": "bring"}).status_code == 302
    take_files()
    file.refresh_from_db()
    assert (file.counts["created"], file.counts["refused"]) == (0, 1)
    assert Incident.objects.filter(mission=mission, notes="from the sheet").count() == 2
    intake = Intake.objects.get()
    assert client.get(intake.get_absolute_url()).status_code == 200
    again = client.post(intake.get_absolute_url(), {"file": sheet()})
    assert again.status_code == 302
    assert client.post(f"{again.url}forget/").status_code == 302
    assert client.get(again.url).status_code == 404


def test_required_columns_are_asked_for_first(mission, analyst, signed_in, bring):
    file = bring(text("a,b\nx,y\n"))
    page = signed_in(analyst).get(file.get_absolute_url()).content.decode()
    assert "Kind, Date" in page
    assert "The file as it stands" in page
    assert 'value="bring"' not in page


def test_a_file_is_its_owners_alone(mission, analyst, member, signed_in, bring):
    file = bring()
    other = signed_in(member(Role.ADMIN))
    for path in ("", "refused.csv"):
        assert other.get(file.get_absolute_url() + path).status_code == 404
    for path in ("", "reopen/", "forget/"):
        assert other.post(file.get_absolute_url() + path).status_code == 404
    assert file.file_name not in other.get(reverse("intakes", args=[mission.code])).content.decode()


def test_who_may_bring_files(mission, member, signed_in):
    page = reverse("intake-add", args=[mission.code])
    assert signed_in(member(Role.VIEWER)).get(page).status_code == 403
    assert signed_in(member(Role.REPORTER)).get(page).status_code == 200
    low = signed_in(member(Role.ANALYST, Classification.UNCLASSIFIED))
    sent = {"file": sheet(), "resource": "incidents", "source": "x", "classification": 1}
    assert low.post(page, sent).status_code == 422
    assert not IntakeFile.objects.exists()
    secret = IntakeFactory(mission=mission, classification=1)
    assert low.get(secret.get_absolute_url()).status_code == 404


def test_a_role_that_may_not_write_such_records_stores_none(mission, member, bring):
    planner = member(Role.PLANNER)
    file = bring_file(
        user=planner, mission=mission, upload=text("kind,date\nattack,2022-12-01\n"),
        resource="incidents", source="x",
    )  # fmt: skip
    assert taken(file, planner).counts["refused"] == 1
    assert not Incident.objects.filter(mission=mission).exists()


# -- what goes wrong ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("upload", "says"),
    [
        (text(""), "is empty"),
        (text("a,b\n"), "has no rows"),
        (text("[1, 2]"), "object of questions"),
        (text('{"a": '), "not JSON"),
        (SimpleUploadedFile("a.pdf", b"%PDF-1.7"), "PDF"),
        (SimpleUploadedFile("a.xlsx", b"PK\x03\x04nothing"), "damaged"),
        (SimpleUploadedFile("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "damaged"),
        (sheet([], []), "no sheet with a header"),
        (text(",".join(f"c{n}" for n in range(400)) + "\n1\n"), "columns"),
    ],
)
def test_a_file_that_cannot_be_read(mission, analyst, signed_in, upload, says):
    upload.seek(0)
    sent = {"file": upload, "resource": "incidents", "source": "x", "classification": 0}
    answer = signed_in(analyst).post(reverse("intake-add", args=[mission.code]), sent)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert says in page or "submitted file is empty" in page
    assert 'value="x"' in page  # what was typed is still there
    assert not IntakeFile.objects.exists()


def test_a_file_too_large(monkeypatch, settings, signed_in, analyst, mission, bring):
    monkeypatch.setattr(reading, "MOST", 2)
    with pytest.raises(Exception, match="3 rows; at most 2"):
        bring()
    settings.LARGEST_FILE = 100
    with pytest.raises(Exception, match="Split it"):
        bring()
    answer = signed_in(analyst).post(
        reverse("intake-add", args=[mission.code]), {"file": text("x" * 2_000_000)}
    )
    assert answer.status_code == 413
    assert "Split it" in answer.content.decode()


def test_a_workbook_that_unpacks_to_more_than_memory_holds(monkeypatch, bring):
    monkeypatch.setattr(reading, "UPLOAD", replace(reading.UPLOAD, unpacked=1000))
    with pytest.raises(Exception, match="unpacks to more"):
        bring()


def test_a_worker_that_dies_stores_nothing_and_another_takes_over(
    monkeypatch, mission, analyst, bring, places
):
    file = bring(sheet(ROWS[:1]))
    take, deaths = Taker.take, []

    def dying(self, *args, **kwargs):
        found = take(self, *args, **kwargs)
        if len(deaths) < 2:
            deaths.append(1)
            raise OperationalError("gone, with Le marché")
        return found

    monkeypatch.setattr(Taker, "take", dying)
    file = taken(file, analyst)
    assert (file.state, file.tries, len(deaths)) == ("done", 3, 2)
    assert Incident.objects.filter(mission=mission).count() == 1


def test_a_file_no_worker_can_take_ends_and_says_so(
    monkeypatch, caplog, mission, analyst, signed_in, bring
):
    typed = "Le marché"

    def failing(self, *args, **kwargs):
        raise RuntimeError(typed)

    file = bring()
    monkeypatch.setattr(Taker, "take", failing)
    file = taken(file, analyst)
    assert file.state == "failed"
    assert typed not in caplog.text  # what people typed never reaches a log
    assert (
        "could not be brought in"
        in signed_in(analyst).get(file.get_absolute_url()).content.decode()
    )


def test_what_files_hold_is_dropped_in_time(mission, analyst, bring, places):
    done, draft, fresh = (
        taken(bring(sheet(ROWS[:1])), analyst),
        bring(source="b"),
        bring(source="c"),
    )
    old = timezone.now() - RETENTION * 1.1
    IntakeFile.objects.filter(pk__in=[done.pk, draft.pk]).update(modified_at=old)
    forget_files()
    done.refresh_from_db()
    assert (done.contents, done.counts["created"]) == ("", 1)
    assert set(IntakeFile.objects.all()) == {done, fresh}


def test_contents_are_stored_encrypted(bring):
    from django.db import connection

    file = bring()
    with connection.cursor() as cursor:
        cursor.execute("SELECT contents FROM exchange_intakefile WHERE id = %s", [file.pk])
        assert "marché".encode() not in bytes(cursor.fetchone()[0])


def test_a_name_that_is_taken_is_said_where_it_was_typed(mission, analyst, signed_in, bring):
    IntakeFactory(mission=mission, name="bureau")
    file = bring(text("kind,date\nattack,2022-12-01\n"))
    answer = signed_in(analyst).post(
        file.get_absolute_url(), {"from:kind": "kind", "from:start_date": "date", "do": "bring"}
    )
    assert answer.status_code == 422
    assert "intake of this name" in answer.content.decode()


def test_base_factory_is_not_confused_by_names(mission, analyst, bring):
    """A name several records have is refused, with their numbers."""
    PostFactory(mission=mission)
    for _n in range(2):
        CommunityFactory(mission=mission, name="Boda")
    body = "title,tier,phase,lead component,start,due,communities\nA,1,response,1,2022-12-01,2022-12-02,Boda\n"
    file = bring(text(body), "activities")
    assert taken(file, analyst).counts["refused"] == 1
    assert "Several are called" in file.problems


def test_a_row_has_one_number_before_and_after_it_is_brought_in(
    mission, analyst, signed_in, bring, places
):
    file = mend(
        bring(sheet(above=[["MINUSCA, bureau de Bria"], []])), **saying.for_every_row("incidents")
    )
    page = signed_in(analyst).get(file.get_absolute_url())
    before = [number for number, _status, _cells, problems in page.context["preview"] if problems]
    file = taken(file, analyst)
    after = [line for _row, line, _texts in problems_of(file, analyst)]
    assert before
    assert before == after
