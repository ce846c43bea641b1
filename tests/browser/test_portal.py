"""The whole portal, its real parts running: database, web server, worker, beat, browser."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid

import psutil
import pytest
import requests
from celery import Celery

from poc_portal.broker import celery_url
from poc_portal.local.postgres import Postgres
from poc_portal.local.valkey import Valkey, valkey_url
from poc_portal.queues import LONG, OUT, POOLS
from tests.browser.portal import ROOT, Portal, wait_for
from tests.proof import size

pytestmark = [pytest.mark.portal, pytest.mark.timeout(600)]
WORKER = "celery -A poc_portal worker --queues {}"  # as its command line has it
REPORT = {
    "kind": "killing", "start_date": "2022-12-31", "date_precision": "day",
    "time_of_day": "unknown", "place_precision": "exact", "source_kind": "patrol",
    "reliability": "B", "credibility": "2", "classification": "0", "place_name": "Obo",
    "latitude": "5.3959", "longitude": "26.4921",
}  # fmt: skip


# -- the supervisor ------------------------------------------------------------------------------


@pytest.mark.prove
def test_a_first_run_tells_what_one_needs_and_leaves_nothing(first_run):
    output = first_run["output"]
    assert "http://127.0.0.1:" in output
    assert ("Demonstration accounts" in output) == size(False, True)
    assert first_run["status"] == 0
    wait_for(lambda: not any(p.is_running() for p in first_run["processes"]))


def test_whoever_starts_it_is_told_the_accounts(portal):
    for role in ("viewer", "reporter", "analyst", "planner", "adviser", "admin"):
        assert f": {role} / {portal.password}" in portal.output


def test_ten_requests_that_never_end_stop_nobody(portal):
    page = requests.get(f"{portal.address}/sign-in/", timeout=30)
    cookie = "; ".join(f"{name}={value}" for name, value in page.cookies.items())
    head = (
        f"POST /sign-in/ HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 5000\r\n\r\nusername="
    )
    with contextlib.ExitStack() as held:
        for _n in range(10):
            unfinished = socket.create_connection(("127.0.0.1", portal.port), 10)
            held.enter_context(unfinished)
            unfinished.sendall(head.encode())
        for _n in range(5):
            time.sleep(0.5)
            assert requests.get(f"{portal.address}/healthz", timeout=5).status_code == 200


@pytest.mark.prove
def test_a_second_start_takes_a_moment_and_a_taken_port_is_said(portal, figure):
    figure("seconds to the second start", round(portal.ready_after, 1), "less than 15")
    taken = subprocess.run(
        [sys.executable, "manage.py", "portal", "--port", str(portal.port)],
        cwd=ROOT, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert taken.returncode != 0
    (line,) = taken.stderr.strip().splitlines()
    assert str(portal.port) in line


def test_a_command_beside_the_running_portal_leaves_its_database_alone(portal):
    before = portal.output
    done = subprocess.run(
        [sys.executable, "manage.py", "recompute_risk", "--mission", "MINUSCA"],
        cwd=ROOT, env=portal.environment, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert "scores written" in done.stdout, done.stderr
    assert requests.get(f"{portal.address}/healthz", timeout=10).status_code == 200
    assert portal.output == before


def test_a_token_is_given_by_the_running_portal(portal):
    right = {"username": "viewer", "password": portal.password}
    token = requests.post(f"{portal.address}/api/v1/tokens/", json=right, timeout=60).json()[
        "token"
    ]
    found = requests.get(
        f"{portal.address}/api/v1/missions/",
        headers={"Authorization": f"Token {token}"},
        timeout=60,
    )
    assert found.json()["results"][0]["code"] == "MINUSCA"


@pytest.mark.prove(only=True)
def test_a_supervisor_killed_outright_takes_its_children_along(state):
    portal = Portal(state()).ready()
    children = psutil.Process(portal.process.pid).children(recursive=True)
    portal.process.kill()
    try:
        wait_for(lambda: not any(child.is_running() for child in children), 30)
    finally:
        Valkey(portal.state).stop()
        Postgres(portal.state).stop()


# -- the browser -----------------------------------------------------------------------------------


def probability(page) -> float:
    return float(page.inner_text(".probability").replace("%", "").replace(",", "."))


@pytest.mark.prove
@pytest.mark.browser
def test_a_report_changes_the_score_and_its_explanation(portal, browse, figure):
    page = browse("reporter")
    page.goto(f"{portal.address}/MINUSCA/communities/?q=Obo")
    page.click("td a:text-is('Obo')")
    community, before = page.url, probability(page)
    page.goto(f"{portal.address}/MINUSCA/incidents/report/")
    page.wait_for_selector("#pick-map[data-ready]")
    page.select_option("[name=kind]", "killing")
    page.select_option("[name=date_precision]", "day")
    page.select_option("[name=place_precision]", "exact")
    page.select_option("[name=source_kind]", "patrol")
    page.select_option("[name=reliability]", "B")  # what nobody can judge moves no score
    page.select_option("[name=credibility]", "2")
    page.fill("[name=place_name]", "Obo")
    page.fill("[name=notes]", "Two people were killed near the market.")
    page.click("main form button")
    page.wait_for_selector(".notice-success")
    filed = time.monotonic()

    def follows() -> bool:
        page.goto(community)
        named = page.locator("#why td a:has-text('31 Dec 2022')").count()
        return probability(page) > before and named > 0

    wait_for(follows, what="the score to follow")
    figure("seconds to the score", round(time.monotonic() - filed, 1), "less than 5")


@pytest.mark.browser
def test_the_overview_shows_the_mission(portal, browse):
    for width in (1440, 390):
        page = browse("planner", width)
        page.wait_for_selector("#map[data-ready]", timeout=60_000)
        text = page.inner_text("main")
        assert "393 communities" in text
        assert "incidents on record" in text
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.browser
def test_what_was_typed_survives_an_error_and_a_reload_but_no_source_name_stays(portal, browse):
    page = browse("analyst")
    page.goto(f"{portal.address}/MINUSCA/incidents/report/")
    page.fill("[name=notes]", "A long account.")
    page.fill("[name=place_name]", "Nowhere at all")
    page.fill("[name=informant_name]", "Secret Person")
    page.click("main form button")
    page.wait_for_selector(".has-error")
    assert page.input_value("[name=notes]") == "A long account."
    assert page.input_value("[name=informant_name]") == "Secret Person"
    page.goto(f"{portal.address}/MINUSCA/incidents/report/")  # as after a crash
    assert page.input_value("[name=notes]") == "A long account."
    assert page.input_value("[name=informant_name]") == ""
    assert page.evaluate("localStorage.length") == 0  # it outlives the session
    assert "Secret" not in page.evaluate("JSON.stringify(sessionStorage)")
    page.click("header form[data-clears-drafts] button")
    page.wait_for_url("**/sign-in/**")
    assert page.evaluate("localStorage.length") == 0
    assert "MINUSCA" not in page.evaluate("JSON.stringify(sessionStorage)")


DRAFTS = "Object.keys(sessionStorage).filter((key) => key.startsWith('draft:')).length"


@pytest.mark.browser
def test_no_draft_is_kept_of_what_is_secret_or_beyond_the_session(portal, browse):
    page = browse("analyst")
    report = f"{portal.address}/MINUSCA/incidents/report/"
    page.goto(report)
    page.fill("[name=notes]", "A long account.")
    assert page.evaluate(DRAFTS) == 1
    page.select_option("[name=kind]", "killing")  # confidential, unless somebody says less
    assert page.evaluate(DRAFTS) == 0
    page.select_option("[name=classification]", "0")
    assert page.evaluate(DRAFTS) == 1
    page.select_option("[name=classification]", "2")
    page.fill("[name=notes]", "A longer account.")
    assert page.evaluate(DRAFTS) == 0
    page.goto(report)
    assert page.input_value("[name=notes]") == ""
    page.fill("[name=notes]", "A long account.")
    page.evaluate("localStorage.setItem('draft:1:/x/', '{}')")  # of an earlier version
    page.context.clear_cookies()
    page.goto(report)
    page.wait_for_url("**/sign-in/**")
    page.wait_for_function(f"localStorage.length + {DRAFTS} === 0")


@pytest.mark.browser
def test_the_map_click_fills_the_place(portal, browse):
    page = browse("analyst")
    page.goto(f"{portal.address}/MINUSCA/incidents/report/")
    page.wait_for_selector("#pick-map[data-ready]")
    page.click("#pick-map", position={"x": 220, "y": 180})
    assert 2 < float(page.input_value("[name=latitude]")) < 12
    assert 14 < float(page.input_value("[name=longitude]")) < 28


@pytest.mark.browser
def test_a_plan_from_a_gap_changes_the_cell(portal, browse):
    page = browse("planner")
    page.goto(f"{portal.address}/MINUSCA/threats/?status=active")
    page.click("tbody tr:first-child td a")
    threat = page.url
    cell = page.locator("td.state-gap").first
    place = cell.evaluate("td => [td.parentNode.rowIndex, td.cellIndex]")
    cell.locator("a.add").click()
    page.fill("[name=title]", "Patrol to the ford")
    page.select_option("[name=lead_component]", index=1)
    page.click("main form button")
    page.wait_for_selector(".notice-success")
    page.goto(threat)
    state = page.evaluate(
        "([row, cell]) => document.querySelector('.matrix').rows[row].cells[cell].className", place
    )
    assert "state-planned" in state


@pytest.mark.browser
def test_lists_answer_without_a_reload_and_keep_their_state_in_the_url(portal, browse):
    page = browse("viewer")
    page.goto(f"{portal.address}/MINUSCA/incidents/")
    page.select_option("[name=kind]", "clash")
    page.wait_for_url("**kind=clash**")
    shown = page.inner_text(".count")
    page.reload()
    assert page.inner_text(".count") == shown


@pytest.mark.browser
def test_the_explorer_works_under_the_strict_policy(portal, browse):
    page = browse("viewer")
    page.goto(f"{portal.address}/api/v1/explorer/")
    page.wait_for_selector(".opblock", timeout=60_000)


# -- kill -9 -----------------------------------------------------------------------------------------


@pytest.mark.prove
def test_a_worker_killed_in_mid_recompute_loses_nothing(portal):
    portal.recompute_everything()
    undisturbed = portal.scores()
    assert undisturbed
    portal.query("DELETE FROM threats_riskscore")

    def at_it() -> bool:
        return bool(
            portal.query(
                "SELECT 1 FROM pg_locks WHERE relation = 'threats_riskscore'::regclass AND NOT granted"
            )
        )

    with portal.connection() as connection, connection.cursor() as cursor:
        # The run reaches the scores in half a blink: it is held up there to be killed in the middle.
        cursor.execute("LOCK TABLE threats_riskscore IN SHARE ROW EXCLUSIVE MODE")
        portal.ask_for_everything()
        wait_for(at_it, what="the worker to be at it")
        worker = portal.child(WORKER.format(LONG))
        for process in [worker, *worker.children(recursive=True)]:
            process.send_signal(signal.SIGKILL)
    assert portal.query("SELECT count(*) FROM threats_recomputerequest") != [(0,)]
    wait_for(portal.nothing_pending, what="the restarted worker to finish")
    assert portal.scores() == undisturbed
    assert "long worker ended (killed by SIGKILL); starting it again" in portal.output


class Filing:
    """Files reports without a pause, each until it is answered; ``saved`` are the accepted ones.

    ``refused``: statuses that may be answered instead.
    """

    def __init__(self, portal: Portal, refused: tuple[int, ...] = (500, 503)):
        self.portal, self.refused = portal, refused
        self.session = portal.signed_in("reporter")
        self.saved: list[str] = []
        self.slowest, self.problem = 0.0, ""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._file)

    def __enter__(self) -> Filing:
        self._thread.start()
        return self

    def __exit__(self, *given) -> None:
        self._stop.set()
        self._thread.join(30)
        assert not self.problem, self.problem

    def some_more(self, what: str, number: int = 3) -> None:
        already = len(self.saved)
        wait_for(lambda: self.problem or len(self.saved) >= already + number, what=what)
        assert not self.problem, self.problem

    def _file(self) -> None:
        page = f"{self.portal.address}/MINUSCA/incidents/report/"
        while not self._stop.is_set():
            body = REPORT | {"submission": str(uuid.uuid4())}
            while not self._stop.is_set() and not self.problem:
                body["csrfmiddlewaretoken"] = self.session.cookies["csrftoken"]
                began = time.monotonic()
                try:
                    answer = self.session.post(page, data=body, allow_redirects=False, timeout=30)
                except requests.RequestException as error:
                    if not self.refused:
                        self.problem = repr(error)
                    time.sleep(0.2)
                    continue
                self.slowest = max(self.slowest, time.monotonic() - began)
                if answer.status_code == 302 and "/incidents/" in answer.headers["Location"]:
                    self.saved.append(body["submission"])
                    break
                if answer.status_code not in self.refused:
                    self.problem = f"{answer.status_code} {answer.text[:300]}"
                time.sleep(0.2)

    def all_there_once(self) -> None:
        rows = self.portal.query(
            "SELECT submission::text, count(*) FROM threats_incident"
            " WHERE submission IS NOT NULL GROUP BY 1"
        )
        found = dict(rows)
        assert all(found.get(submission) == 1 for submission in self.saved)
        assert set(found.values()) == {1}
        wait_for(self.portal.nothing_pending, what="the scores to follow")
        followed = self.portal.scores()
        self.portal.recompute_everything()
        assert self.portal.scores() == followed


@pytest.mark.prove
def test_every_report_answered_saved_is_there_once_whatever_was_killed(portal):
    with Filing(portal) as filing:
        for name in (*(WORKER.format(pool.queue) for pool in POOLS), "gunicorn", "postgres"):
            filing.some_more("reports to be filed")
            victim = (
                psutil.Process(Postgres(portal.state).pid())
                if name == "postgres"
                else portal.child(name)
            )
            victim.kill()
            filing.some_more(f"reports after {name} was killed")
    filing.all_there_once()
    for name in ("short worker", "long worker", "out worker", "web server", "PostgreSQL"):
        assert f"{name} ended" in portal.output


def kill_the_broker(portal, filing: Filing, times: int) -> None:
    for _time in range(times):
        filing.some_more("reports to be filed", 2)
        pid = wait_for(Valkey(portal.state).pid, 10, "the broker to be there")
        psutil.Process(pid).kill()
        filing.some_more("reports without a broker", 2)


@pytest.mark.prove
def test_the_broker_killed_under_load_costs_nobody_anything(portal, figure):
    times, before = size(3, 40), len(portal.output)
    workers = [portal.child(WORKER.format(pool.queue)) for pool in POOLS]
    with Filing(portal, refused=()) as filing:  # not one 5xx, not one broken connection
        kill_the_broker(portal, filing, times)
    figure("kills", times)
    figure("reports", len(filing.saved))
    figure("seconds of the slowest", round(filing.slowest, 2), "less than 5")
    filing.all_there_once()
    # One that is killed while it starts has not ended: it does not start, and is tried again.
    said = ("Valkey ended; starting it again.", "Valkey does not start")
    printed = portal.output[before:]
    assert sum(printed.count(each) for each in said) >= times
    assert "worker ended" not in printed
    assert all(worker.is_running() for worker in workers)
    # Signing in needs the cache, and a message wakes a worker as before.
    portal.signed_in("viewer")


@pytest.mark.prove(only=True)
def test_reports_are_filed_while_no_broker_can_start_or_it_hangs(state, figure):
    portal = Portal(state()).ready()
    broker = Valkey(portal.state)
    try:
        psutil.Process(broker.pid()).suspend()
        with Filing(portal, refused=()) as filing:
            filing.some_more("reports while the broker hangs")
            portal.signed_in("viewer")
            psutil.Process(broker.pid()).kill()
            filing.some_more("reports once it was killed")
        figure("seconds of the slowest", round(filing.slowest, 2), "less than 8")
        filing.all_there_once()
    finally:
        portal.stop()


@pytest.mark.prove(only=True)
def test_a_portal_killed_whole_starts_again_and_two_run_side_by_side(state):
    first, second = Portal(state()), Portal(state())
    try:
        first.ready(), second.ready()
        assert Valkey(first.state).pid() != Valkey(second.state).pid()
        with Filing(first) as filing:
            filing.some_more("reports to be filed")
            for process in [psutil.Process(first.process.pid), *first.everything()]:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
        assert Valkey(first.state).socket.exists()
        assert (first.state / "postgres" / "postmaster.pid").exists()
        assert requests.get(f"{second.address}/healthz", timeout=10).status_code == 200
        again = Portal(first.state).ready()
        try:
            filing.portal = again
            filing.all_there_once()
        finally:
            again.stop()
    finally:
        for portal in (first, second):
            portal.stop()


@pytest.mark.prove(only=True)
def test_long_work_and_slow_receivers_hold_up_no_score(portal, figure):
    """Every worker of long work, and of what leaves the house, stands still; a report counts."""
    portal.recompute_everything()
    before = portal.scores()
    work = {"exchange.tasks.take_files": LONG, "exchange.tasks.deliver_webhooks": OUT}
    tables = ("exchange_intakefile", "exchange_delivery")

    def stuck() -> dict[str, int]:
        return dict(
            portal.query(
                "SELECT relation::regclass::text, count(*) FROM pg_locks"
                " WHERE NOT granted AND relation::regclass::text = ANY(%s) GROUP BY 1",
                list(tables),
            )
        )

    with portal.connection() as connection, connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {', '.join(tables)}")
        with Celery(broker=celery_url(valkey_url(portal.state))) as sender:
            for task, queue in work.items():
                for _time in range(12):
                    sender.send_task(task, queue=queue)
        sizes = {pool.queue: pool.size for pool in POOLS}
        full = dict(zip(tables, (sizes[LONG], sizes[OUT]), strict=True))
        wait_for(
            lambda: stuck() == full,
            patience=240,
            what="all of them to be at work that does not end",
        )
        with Filing(portal, refused=()) as filing:
            filing.some_more("a report", 1)
        filed = time.monotonic()
        wait_for(lambda: portal.scores() != before and portal.nothing_pending(), what="the scores")
        figure("seconds to the scores", round(time.monotonic() - filed, 1), "less than 10")
        assert stuck() == full


def test_a_sheet_becomes_incidents_through_the_real_worker(portal, browse, tmp_path):
    sheet = tmp_path / "incidents.csv"
    sheet.write_text(
        "Réf;Date;Type;Localité;Récit\n"
        "1;03/12/2022;Attaque;Obo;Le marché\n2;31/12/2022;Pillage;Obo;Deux maisons\n",
        encoding="cp1252",
    )
    page = browse("analyst")
    page.goto(f"{portal.address}/MINUSCA/incidents/")
    page.click("text=From a sheet")
    page.set_input_files("[name=file]", sheet)
    page.fill("[name=source]", f"sheet {portal.port}")
    page.click("main .form-end button")
    assert "Windows-1252" in page.inner_text("main")
    # The file does not say how exactly: that is asked, and nothing is chosen beforehand.
    for name, value in (("date_precision", "day"), ("place_precision", "exact")):
        assert page.input_value(f"[name='always:{name}']") == ""
        page.select_option(f"[name='always:{name}']", value)
    page.click("button[value=preview]")
    assert "1 of 2 can be stored" in page.inner_text("#preview")
    page.select_option("select[aria-label=Pillage]", "looting")
    page.click("button[value=preview]")
    assert "2 of 2 can be stored" in page.inner_text("#preview")
    page.click("button[value=bring]")
    page.wait_for_selector("#outcome .figures", timeout=60_000)
    assert page.inner_text("#outcome .figures b") == "2"
    page.goto(f"{portal.address}/MINUSCA/incidents/?q=Obo")
    assert "Deux maisons" in page.content() or "Looting" in page.inner_text("main")
