"""Datasets fetched on a schedule, from servers on this machine that answer as the real ones do.

Rows are made by hand in the layouts of UCDP's candidate files and of ACLED's API.
"""

import csv
import datetime
import io
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from exchange.models import Notification
from missions.choices import Role
from threats.models import Incident, Pull, PullRun
from threats.sources.pulls import acled, download, runs, ucdp
from threats.sources.pulls.runs import run_due, run_soon, save_pull, switch_off

SINCE = datetime.date(2022, 11, 1)
UCDP_COLUMNS = (
    "id", "type_of_violence", "side_a", "side_b", "where_prec", "latitude", "longitude",
    "date_prec", "date_start", "date_end", "deaths_civilians", "deaths_unknown", "side_a_new_id",
    "side_b_new_id", "best", "high", "low", "where_coordinates", "source_headline",
    "source_article", "country", "code_status",
)  # fmt: skip


def ucdp_file(*rows) -> bytes:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, UCDP_COLUMNS)
    writer.writeheader()
    for row in rows:
        writer.writerow({
            "id": "1", "type_of_violence": "3", "side_a": "UPC", "side_b": "Civilians",
            "where_prec": "1", "latitude": "6.54", "longitude": "21.99", "date_prec": "1",
            "date_start": "2022-11-03", "date_end": "2022-11-03", "deaths_civilians": "2",
            "deaths_unknown": "0", "side_a_new_id": "5", "side_b_new_id": "9999", "best": "2",
            "high": "2", "low": "2", "where_coordinates": "Bria town", "source_headline": "",
            "source_article": "Radio Ndeke", "country": "Central African Republic",
            "code_status": "Clear",
        } | row)  # fmt: skip
    return stream.getvalue().encode()


def acled_row(**changed) -> dict:
    return {
        "event_id_cnty": "CAF1", "event_date": "2022-11-03", "time_precision": "1",
        "event_type": "Violence against civilians", "sub_event_type": "Attack",
        "actor1": "UPC", "inter1": "Rebel group", "actor2": "Civilians", "inter2": "Civilians",
        "civilian_targeting": "Civilian targeting", "location": "Bria", "latitude": "6.54",
        "longitude": "21.99", "geo_precision": "1", "source": "Radio Ndeke", "notes": "A market.",
        "fatalities": "2", "timestamp": "1667500000",
    } | changed  # fmt: skip


class Sources:
    """What the two servers hold, and what was asked of them."""

    def __init__(self):
        self.files: dict[str, bytes] = {}
        self.events: list[dict] = []
        self.deleted: list[dict] = []
        self.asked: list[tuple[str, dict]] = []
        self.break_after = 0  # bytes of a file after which the connection is cut
        self.statuses: list[int] = []  # to answer with before anything else
        self.is_etag = True


class Handler(BaseHTTPRequestHandler):
    sources: Sources  # set by who serves them

    def log_message(self, *args):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        good = parse_qs(body).get("password") == ["right"]
        self.answer(200 if good else 401, {"access_token": "t"} if good else {})

    def do_GET(self):
        parts = urlsplit(self.path)
        self.sources.asked.append((parts.path, dict(self.headers)))
        if self.sources.statuses:
            return self.answer(self.sources.statuses.pop(0), {"message": "busy"})
        if parts.path.startswith("/api/"):
            return self.api(parts.path, parse_qs(parts.query))
        return self.file(parts.path.rpartition("/")[2])

    def api(self, path, query):
        if self.headers["Authorization"] != "Bearer t":
            return self.answer(401, {})
        page, limit = int(query["page"][0]), int(query["limit"][0])
        rows = self.sources.deleted
        if path.startswith("/api/acled"):
            since = int(query["timestamp"][0])
            assert query["iso"] == ["140"]
            rows = [row for row in self.sources.events if int(row["timestamp"]) >= since]
        found = rows[(page - 1) * limit : page * limit]
        return self.answer(200, {"success": True, "count": len(found), "data": found})

    def file(self, name):
        body = self.sources.files.get(name)
        if body is None:
            return self.answer(404, {})
        mark = f'"{hash(body)}"' if self.sources.is_etag else ""
        if mark and self.headers["If-None-Match"] == mark:
            return self.answer(304, None)
        first = 0
        asked = self.headers["Range"]
        if asked and self.headers["If-Range"] == mark:
            first = int(asked.removeprefix("bytes=").removesuffix("-"))
        self.send_response(206 if first else 200)
        self.send_header("Content-Length", str(len(body) - first))
        if mark:
            self.send_header("ETag", mark)
        self.end_headers()
        return self.send_from(body, first)

    def send_from(self, body, first):
        if self.sources.break_after:
            self.wfile.write(body[first : first + self.sources.break_after])
            self.sources.break_after = 0
            self.connection.close()
        else:
            self.wfile.write(body[first:])

    def answer(self, status, body):
        text = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


@pytest.fixture
def sources(settings, tmp_path):
    found = Sources()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Serving", (Handler,), {"sources": found}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_address[1]}"
    settings.UCDP_URL, settings.ACLED_URL = f"{address}/candidateged", address
    settings.STATE_DIR = tmp_path
    yield found
    server.shutdown()
    server.server_close()


@pytest.fixture
def analyst(member, demo):
    return member(Role.ANALYST, where=demo)


@pytest.fixture
def pull(demo, analyst):
    """Of the candidate files since November 2022, the demonstration's next to last month."""
    return save_pull(
        user=analyst, mission=demo, source="ucdp_candidate", since=SINCE, every=24,
        classification=0, account="",
    )  # fmt: skip


@pytest.fixture
def acled_pull(demo, analyst):
    return save_pull(
        user=analyst, mission=demo, source="acled", since=SINCE, every=24,
        classification=0, account="a@example.org", password="right",  # pragma: allowlist secret
    )  # fmt: skip


def last(pull):
    return pull.runs.first()


def events(pull, dataset="ucdp"):
    return Incident.objects.filter(mission=pull.mission, dataset=dataset)


# -- UCDP ----------------------------------------------------------------------------------------


def test_which_files_there_may_be(demo):
    names = [name for _month, name in ucdp.releases(demo.today.replace(month=8, day=1), demo.today)]
    assert names == [
        "GEDEvent_v22_0_8.csv", "GEDEvent_v22_0_9.csv", "GEDEvent_v22_01_22_09.csv",
        "GEDEvent_v22_0_10.csv", "GEDEvent_v22_0_11.csv", "GEDEvent_v22_0_12.csv",
        "GEDEvent_v22_01_22_12.csv",
    ]  # fmt: skip


def test_candidate_files_are_read_once_and_again_when_they_change(sources, pull):
    abroad = {"id": "900002", "latitude": "15.5", "longitude": "32.5", "country": "Sudan"}
    sources.files["GEDEvent_v22_0_11.csv"] = ucdp_file({"id": "900001"}, abroad)
    before = events(pull).count()
    assert run_due() == 1
    assert (last(pull).created, last(pull).refused) == (1, 0)
    assert last(pull).steps == ["GEDEvent_v22_0_11.csv"]
    made = events(pull).get(external_id="900001")
    assert (made.kind, made.deaths_best, made.against_civilians) == ("killing", 2, True)
    assert events(pull).count() == before + 1

    run_soon(pull)
    assert run_due() == 1
    assert last(pull).steps == []  # 304
    assert any(headers.get("If-None-Match") for _path, headers in sources.asked)

    sources.files["GEDEvent_v22_0_11.csv"] = ucdp_file({"id": "900001", "best": "5"})
    sources.files["GEDEvent_v22_01_22_12.csv"] = ucdp_file({"id": "900001", "best": "6"})
    run_soon(pull)
    assert run_due() == 1
    assert last(pull).changed == 2
    made.refresh_from_db()
    assert made.deaths_best == 6


def test_a_download_goes_on_where_it_broke_off(sources, pull):
    body = ucdp_file(*({"id": str(910_000 + n)} for n in range(500)))
    sources.files["GEDEvent_v22_0_11.csv"] = body
    sources.break_after = 40_000
    assert run_due() == 0
    assert "GEDEvent_v22_0_11.csv" in last(pull).problem
    assert last(pull).outcome == "failed"
    pull.refresh_from_db()
    assert pull.due_at > timezone.now()
    run_soon(pull)
    assert run_due() == 1
    asked = [headers.get("Range") for path, headers in sources.asked if path.endswith("0_11.csv")]
    assert asked[-1] is not None
    assert int(asked[-1].removeprefix("bytes=").removesuffix("-")) > 0
    assert last(pull).created == 500


def test_a_file_that_changed_under_a_broken_download_is_fetched_whole(sources, pull):
    sources.files["GEDEvent_v22_0_11.csv"] = ucdp_file(*({"id": str(n)} for n in range(900, 1200)))
    sources.break_after = 20_000
    run_due()
    sources.files["GEDEvent_v22_0_11.csv"] = ucdp_file({"id": "920001"})
    run_soon(pull)
    assert run_due() == 1
    assert last(pull).created == 1


def test_a_server_without_marks_is_read_again_and_changes_nothing(sources, pull):
    sources.is_etag = False
    sources.files["GEDEvent_v22_0_11.csv"] = ucdp_file({"id": "930001"})
    run_due()
    run_soon(pull)
    assert run_due() == 1
    assert (last(pull).created, last(pull).unchanged) == (0, 1)


def test_bad_rows_are_reported_and_the_others_taken(sources, pull, analyst, signed_in):
    sources.files["GEDEvent_v22_0_11.csv"] = ucdp_file(
        {"id": "940001"}, {"id": "940002", "date_end": "2022-10-01"}
    )
    run_due()
    assert (last(pull).created, last(pull).refused) == (1, 1)
    page = signed_in(analyst).get(pull.get_absolute_url()).content.decode()
    assert "GEDEvent_v22_0_11.csv: record 2, line 3" in page


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"<html>maintenance</html>", "missing column"),
        (b"", "is empty"),
        (b"PK\x03\x04", "damaged"),
    ],
)
def test_what_is_no_such_file(sources, pull, body, says):
    sources.files["GEDEvent_v22_0_11.csv"] = body
    assert run_due() == 0
    assert says in last(pull).problem
    assert str(pull.place) == "{}"


def test_a_server_that_is_away_or_broken_is_tried_again_later_and_the_desk_told_once(
    sources, pull, analyst, settings
):
    sources.statuses = [500]
    assert run_due() == 0
    assert "status 500" in last(pull).problem
    settings.UCDP_URL = "http://127.0.0.1:1/none"
    run_soon(pull)
    assert run_due() == 0
    pull.refresh_from_db()
    assert pull.tries == 2
    assert Notification.objects.filter(member=analyst, kind="pull_failed").count() == 1
    assert run_due() == 0  # not due again yet


def test_a_death_counts_as_a_try_and_the_failure_after_it_is_told(
    monkeypatch, sources, pull, analyst
):
    def dying(*args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(ucdp, "download", dying)
        sources.files["GEDEvent_v22_0_11.csv"] = ucdp_file({"id": "950001"})
        with pytest.raises(KeyboardInterrupt):
            run_due()
    pull.refresh_from_db()
    assert (pull.tries, pull.is_failing) == (1, False)
    Pull.objects.filter(pk=pull.pk).update(leased_until=timezone.now())
    told = Notification.objects.filter(member=analyst, kind="pull_failed")
    for tries in (2, 3):
        sources.statuses = [500]
        assert run_due() == 0
        pull.refresh_from_db()
        assert (pull.tries, pull.is_failing, told.count()) == (tries, True, 1)
        run_soon(pull)
    assert run_due() == 1
    pull.refresh_from_db()
    assert (pull.tries, pull.is_failing) == (0, False)


def test_a_worker_that_lost_its_lease_stores_nothing_more(monkeypatch, sources, pull):
    sources.files["GEDEvent_v22_0_11.csv"] = ucdp_file({"id": "950001"})
    load = runs.import_incidents

    def overtaken(**given):
        report = load(**given)
        Pull.objects.update(leased_until="2100-01-01T00:00Z")
        return report

    monkeypatch.setattr(runs, "import_incidents", overtaken)
    assert run_due() == 0
    assert not events(pull).filter(external_id="950001").exists()
    assert last(pull).outcome == "running"  # whoever has it now says how it ended


def test_a_worker_that_dies_between_files_repeats_none(monkeypatch, sources, pull):
    sources.files["GEDEvent_v22_0_11.csv"] = ucdp_file({"id": "950001"})
    sources.files["GEDEvent_v22_0_12.csv"] = ucdp_file({"id": "950002"})
    fetch = ucdp.download

    def dying(url, path, mark=""):
        if "0_12" in url:
            raise KeyboardInterrupt
        return fetch(url, path, mark)

    monkeypatch.setattr(ucdp, "download", dying)
    with pytest.raises(KeyboardInterrupt):
        run_due()
    assert run_due() == 0  # its lease still holds
    Pull.objects.filter(pk=pull.pk).update(leased_until=None)
    monkeypatch.setattr(ucdp, "download", fetch)
    assert run_due() == 1
    first, second = pull.runs.all()[::-1]
    assert (first.outcome, first.created) == ("failed", 1)
    assert second.steps == ["GEDEvent_v22_0_12.csv"]


def test_a_redirect_is_no_answer(sources, pull):
    sources.statuses = [302]
    assert run_due() == 0
    assert "status 302" in last(pull).problem


def test_a_file_without_end_is_given_up(monkeypatch, sources, pull):
    monkeypatch.setattr(download, "LARGEST", 1000)
    sources.files["GEDEvent_v22_0_11.csv"] = ucdp_file(*({"id": str(n)} for n in range(200)))
    assert run_due() == 0
    assert "too large" in last(pull).problem


# -- ACLED ---------------------------------------------------------------------------------------


def test_acled_page_by_page_then_only_what_is_new(monkeypatch, sources, acled_pull):
    monkeypatch.setattr(acled, "PAGE", 2)
    sources.events = [
        acled_row(event_id_cnty=f"CAF{n}", timestamp=str(1_667_500_000 + n)) for n in range(5)
    ]
    assert run_due() == 1
    assert last(acled_pull).steps == ["CAF 1", "CAF 2", "CAF 3", "deleted"]
    assert (last(acled_pull).created, events(acled_pull, "acled").count()) == (5, 5)
    acled_pull.refresh_from_db()
    assert acled_pull.place == {"uploaded": 1_667_500_004, "deleted": 1_667_500_004}

    late = 1_667_500_000 + acled.OVERLAP * 3
    sources.events.append(acled_row(event_id_cnty="CAF9", timestamp=str(late)))
    run_soon(acled_pull)
    assert run_due() == 1
    assert (last(acled_pull).created, last(acled_pull).unchanged) == (1, 5)
    run_soon(acled_pull)
    run_due()
    assert (last(acled_pull).created, last(acled_pull).unchanged) == (0, 1)  # within the overlap


def test_acled_goes_on_at_the_page_where_it_broke_off(monkeypatch, sources, acled_pull):
    monkeypatch.setattr(acled, "PAGE", 2)
    sources.events = [acled_row(event_id_cnty=f"CAF{n}") for n in range(3)]
    read = acled.Caller.read

    def failing(self, endpoint, asked, page):
        if page == 2:
            sources.statuses = [503]
        return read(self, endpoint, asked, page)

    monkeypatch.setattr(acled.Caller, "read", failing)
    assert run_due() == 0
    assert (last(acled_pull).created, last(acled_pull).steps) == (2, ["CAF 1"])
    monkeypatch.setattr(acled.Caller, "read", read)
    run_soon(acled_pull)
    assert run_due() == 1
    assert last(acled_pull).steps == ["CAF 2", "deleted"]
    assert events(acled_pull, "acled").count() == 3


def test_what_comes_through_a_pull_never_falls_below_its_level_nor_below_what_it_was_given(
    sources, acled_pull
):
    Pull.objects.filter(pk=acled_pull.pk).update(classification=1)
    sources.events = [acled_row(event_id_cnty=f"CAF{n}") for n in (1, 2)]
    run_due()
    assert {*events(acled_pull, "acled").values_list("classification", flat=True)} == {1}
    one, other = events(acled_pull, "acled").order_by("external_id")
    Incident.objects.filter(pk=one.pk).update(classification=2)
    Pull.objects.filter(pk=acled_pull.pk).update(classification=0)
    sources.events = [
        acled_row(event_id_cnty=f"CAF{n}", fatalities="5", timestamp="1667600000")
        for n in (1, 2, 3)
    ]
    run_soon(acled_pull)
    assert run_due() == 1
    levels = dict(events(acled_pull, "acled").values_list("external_id", "classification"))
    assert levels == {"CAF1": 2, "CAF2": 1, "CAF3": 0}
    other.refresh_from_db()
    assert other.deaths_best == 5  # brought to what the source says, at the level it had


def test_what_acled_deleted_is_said_and_stays(sources, acled_pull):
    sources.events = [acled_row()]
    run_due()
    sources.deleted = [
        {"event_id_cnty": "CAF1", "deleted_timestamp": "1667600000"},
        {"event_id_cnty": "XYZ1", "deleted_timestamp": "1667600000"},
    ]
    run_soon(acled_pull)
    assert run_due() == 1
    assert last(acled_pull).vanished == ["CAF1"]
    assert events(acled_pull, "acled").count() == 1


def test_a_token_that_expired_is_renewed(sources, acled_pull):
    sources.events, sources.statuses = [acled_row()], [401]
    assert run_due() == 1
    assert last(acled_pull).created == 1


@pytest.mark.parametrize(
    ("status", "says"), [([403], "no access"), ([401, 401], "no access"), ([500], "status 500")]
)
def test_what_acled_refuses(sources, acled_pull, status, says):
    sources.statuses = status
    assert run_due() == 0
    assert says in last(acled_pull).problem


def test_a_wrong_password_is_said_and_never_shown(sources, acled_pull, analyst, signed_in):
    save_pull(
        user=analyst, mission=acled_pull.mission, pull=acled_pull, since=acled_pull.since,
        every=24, classification=0, account="a@example.org", password="wrong-one",  # pragma: allowlist secret
    )  # fmt: skip
    assert run_due() == 0
    assert "refused the account" in last(acled_pull).problem
    client = signed_in(analyst)
    for name in ("pull", "pull-edit"):
        page = client.get(reverse(name, args=[acled_pull.mission.code, acled_pull.pk]))
        assert "wrong-one" not in page.content.decode()
    with connection.cursor() as cursor:
        cursor.execute("SELECT password FROM threats_pull")
        assert b"wrong-one" not in bytes(cursor.fetchone()[0])


# -- pages and rights ---------------------------------------------------------------------------


def test_set_up_run_and_switch_off_on_pages(sources, demo, analyst, signed_in):
    client = signed_in(analyst)
    page = client.get(reverse("pulls", args=[demo.code])).content.decode()
    assert page.count("Not set up.") == 2
    address = reverse("pull-add", args=[demo.code, "acled"])
    sent = {
        "since": "2022-11-01",
        "every": "12",
        "classification": "0",
        "account": "",
        "password": "",
    }
    assert "asks for an account" in client.post(address, sent).content.decode()
    sent |= {"account": "a@example.org", "password": "right"}  # pragma: allowlist secret
    assert client.post(address, sent).status_code == 302
    pull = Pull.objects.get()
    sources.events = [acled_row()]
    run_due()
    assert "1 new" in client.get(reverse("pulls", args=[demo.code])).content.decode()
    sent |= {"password": "", "every": "6"}
    edited = client.post(reverse("pull-edit", args=[demo.code, pull.pk]), sent)
    assert edited.status_code == 302
    pull.refresh_from_db()
    assert (pull.every, pull.password) == (6, "right")
    assert client.post(reverse("pull-off", args=[demo.code, pull.pk])).status_code == 302
    assert run_due() == 0
    assert client.post(reverse("pull-run", args=[demo.code, pull.pk])).status_code == 302
    assert run_due() == 1


def test_who_may_do_what(demo, pull, member, signed_in):
    viewer = member(Role.VIEWER, where=demo)
    client = signed_in(viewer)
    page = client.get(pull.get_absolute_url())
    assert page.status_code == 200
    assert b"Run now" not in page.content
    assert client.post(reverse("pull-run", args=[demo.code, pull.pk])).status_code == 403
    assert client.get(reverse("pull-add", args=[demo.code, "acled"])).status_code == 403
    with pytest.raises(PermissionDenied):
        save_pull(
            user=viewer, mission=demo, source="acled", since=SINCE, every=1,
            classification=0, account="x", password="y",
        )  # fmt: skip
    Pull.objects.filter(pk=pull.pk).update(classification=2)
    low = signed_in(member(Role.ANALYST, 0, where=demo))
    assert low.get(pull.get_absolute_url()).status_code == 404
    assert (
        pull.get_absolute_url() not in low.get(reverse("pulls", args=[demo.code])).content.decode()
    )


def test_a_day_after_the_missions_today_is_refused(demo, analyst):
    with pytest.raises(ValidationError, match="today"):
        save_pull(
            user=analyst, mission=demo, source="ucdp_candidate", since=datetime.date(2023, 2, 1), every=24,
            classification=0, account="",
        )  # fmt: skip


def test_an_earlier_day_begins_anew(sources, pull, analyst):
    sources.files["GEDEvent_v22_0_11.csv"] = ucdp_file({"id": "960001"})
    run_due()
    values = {"every": 24, "classification": 0, "account": ""}
    save_pull(
        user=analyst, mission=pull.mission, pull=pull, since=datetime.date(2022, 10, 1), **values
    )
    pull.refresh_from_db()
    assert pull.place == {}
    switch_off(pull)
    assert run_due() == 0


def test_another_beginning_asked_for_while_it_runs_is_not_lost(monkeypatch, sources, pull, analyst):
    for number in (1, 2):
        sources.files[f"GEDEvent_v22_0_1{number}.csv"] = ucdp_file({"id": f"96100{number}"})
    fetch, asked = ucdp.download, []
    values = {"every": 24, "classification": 0, "account": ""}

    def changing(url, path, mark=""):
        if "0_12" in url and not asked:
            day = pull.since - datetime.timedelta(days=40)
            asked.append(day)
            save_pull(user=analyst, mission=pull.mission, pull=pull, since=day, **values)
        return fetch(url, path, mark)

    monkeypatch.setattr(ucdp, "download", changing)
    run_due()
    run_due()
    pull.refresh_from_db()
    assert pull.since == asked[0]
    first, *_others, newest = pull.runs.all()[::-1]
    assert "GEDEvent_v22_0_12.csv" not in first.steps
    assert {"GEDEvent_v22_0_11.csv", "GEDEvent_v22_0_12.csv"} <= set(newest.steps)
    assert events(pull).filter(external_id__startswith="96100").count() == 2


def test_a_run_whose_worker_died_says_so_to_its_reader():
    assert PullRun(outcome=PullRun.Status.FAILED).reason == "It was interrupted."
    with override("fr"):
        assert PullRun(outcome=PullRun.Status.FAILED).reason == "Elle a été interrompue."
    assert PullRun(outcome=PullRun.Status.DONE).reason == ""
