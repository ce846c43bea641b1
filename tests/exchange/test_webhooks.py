"""Webhooks: what is told to whom, that it arrives whatever happens, and where nothing is sent."""

import contextlib
import dataclasses
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from django.conf import settings as django_settings
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django_filters import NumberFilter
from standardwebhooks import Webhook as Verifier

from exchange.declared import event_choices
from exchange.models import Delivery, Notification, Webhook
from exchange.webhooks import services as webhooks
from exchange.webhooks.services import deliver_due, emit_one, replay, save_webhook, send_test, stop
from missions.choices import Classification, Role
from missions.models import Mission, User
from missions.services import add_member
from poc_portal.declarations import extensions
from poc_portal.declarations.extensions import Extension
from poc_portal.local.state import BASE_DIR
from poc_portal.web import outbound
from poc_portal.web.outbound import Forbidden, Unreachable, check_url
from strategies.services.briefs import issue_brief, prepare_brief
from tests.factories import TODAY, CommunityFactory, IncidentFactory
from tests.serving import database_copy, within
from threats.choices import EventKind
from threats.models import Incident
from threats.scoring.recompute import recompute_mission
from threats.scoring.requests import request_recompute
from threats.services.alerts import edit_alert, report_alert
from threats.services.incidents import edit_incident, report_incident
from threats.services.threats import edit_threat, report_threat

ALL = [kind for kind, _label in event_choices() if kind != "test"]
State = Delivery.State


def hook(user, mission, **values):
    given = {"name": "platform", "url": "https://example.org/in", "events": ALL} | values
    return save_webhook(user=user, mission=mission, **given)


@pytest.fixture
def analyst(member):
    return member(Role.ADVISER)


def report(user, mission, **values):
    given = {
        "kind": "killing", "start_date": TODAY, "longitude": 20.0, "latitude": 5.0, "classification": 0,
    } | values  # fmt: skip
    return report_incident(user=user, mission=mission, **given)


def told() -> list[tuple[str, int]]:
    return list(Delivery.objects.order_by("pk").values_list("event", "record"))


# -- what is told -------------------------------------------------------------------------------


def test_each_event_is_noted_with_what_caused_it(mission, analyst):
    hook(analyst, mission)
    incident = report(analyst, mission)
    edit_incident(incident, user=analyst, kind="looting", classification=0)
    alert = report_alert(
        user=analyst, mission=mission, details="Men", imminence="weeks", classification=0
    )
    edit_alert(alert, user=analyst, imminence="imminent")
    edit_alert(alert, user=analyst, imminence="days")
    threat = report_threat(
        user=analyst, mission=mission, title="Raids", kind="attacks", classification=0
    )
    edit_threat(threat, user=analyst, title="Renamed")
    edit_threat(threat, user=analyst, phase="response", phase_reason="It began")
    edit_threat(threat, user=analyst, phase="consolidation", phase_reason="It ended")
    brief = prepare_brief(user=analyst, mission=mission, week="2022-12-19", classification=0)
    issue_brief(brief, user=analyst)
    assert told() == [
        ("incident.created", incident.pk), ("incident.changed", incident.pk),
        ("alert.received", alert.pk), ("alert.escalated", alert.pk),
        ("threat.phase_changed", threat.pk), ("threat.phase_changed", threat.pk),
        ("brief.issued", brief.pk),
    ]  # fmt: skip


def test_a_band_is_told_by_clearance(mission, analyst):
    hook(analyst, mission, events=["risk.band_changed"])
    hook(analyst, mission, events=["risk.band_changed"], classification=2)
    place = CommunityFactory(mission=mission, longitude=20.0, latitude=5.0)
    request_recompute(mission)
    recompute_mission(mission.pk)
    assert told() == []
    for _n in range(40):
        IncidentFactory(mission=mission, longitude=20.0, latitude=5.0, classification=2,
                        against_civilians=True, start_date=TODAY, end_date=TODAY)  # fmt: skip
    request_recompute(mission)
    recompute_mission(mission.pk)
    assert told() == [("risk.band_changed", place.pk)]
    assert Delivery.objects.get().webhook.classification == 2


def test_only_what_matches_and_may_be_seen_is_told(mission, analyst):
    hook(analyst, mission, events=["incident.created"], filters="kind=killing")
    report(analyst, mission, kind="looting")
    report(analyst, mission, classification=Classification.CONFIDENTIAL)
    seen = report(analyst, mission)
    assert told() == [("incident.created", seen.pk)]
    stop(Webhook.objects.get())
    report(analyst, mission)
    assert len(told()) == 1


@pytest.fixture
def extended(monkeypatch):
    """An app that adds a filter of incidents by what it counts among those the reader may see."""

    def with_others(queryset, user):
        seen = Incident.objects.visible_to(user).filter(kind=OuterRef("kind"))
        same = seen.exclude(pk=OuterRef("pk")).order_by().values("kind")
        count = Subquery(same.annotate(n=Count("pk")).values("n"))
        return queryset.annotate(others=Coalesce(count, 0))

    added = Extension(
        "threats.Incident",
        annotate=with_others,
        filters={"others_min": NumberFilter(field_name="others", lookup_expr="gte")},
    )
    declared = [*extensions.modules("extensions"), SimpleNamespace(extensions=[added])]
    monkeypatch.setattr(extensions, "modules", lambda kind: declared)
    caches = (extensions.extensions_of, extensions.with_filters)
    for cache in caches:
        cache.cache_clear()
    yield
    for cache in caches:
        cache.cache_clear()


def test_a_filter_that_an_app_adds_is_one_of_webhooks(mission, analyst, extended):
    hook(analyst, mission, events=["incident.created"], filters="others_min=1&kind=killing")
    with pytest.raises(ValidationError, match="is no filter of incidents"):
        hook(analyst, mission, events=["incident.created"], filters="others_max=1")
    with pytest.raises(ValidationError, match="is no filter of alerts"):
        hook(analyst, mission, events=["alert.received"], filters="others_min=1")
    report(analyst, mission)  # the first of its kind
    assert told() == []
    second = report(analyst, mission)
    report(analyst, mission, kind="looting")
    assert told() == [("incident.created", second.pk)]


def test_a_filter_that_an_app_adds_counts_what_the_webhook_may_see(mission, analyst, extended):
    hook(analyst, mission, events=["incident.created"], filters="others_min=1", classification=0)
    report(analyst, mission, classification=Classification.CONFIDENTIAL)
    report(analyst, mission)
    assert told() == []
    third = report(analyst, mission)
    assert told() == [("incident.created", third.pk)]


def test_who_left_the_mission_is_told_nothing(mission, analyst):
    hook(analyst, mission)
    analyst.memberships.update(withdrawn_at=timezone.now())
    emit_one(IncidentFactory(mission=mission), EventKind.INCIDENT_CREATED)
    assert told() == []


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"url": "http://example.org/"}, "url"), ({"url": "ftp://example.org/"}, "url"),
        ({"url": "https://me:word@example.org/"}, "url"), ({"events": []}, "events"),  # pragma: allowlist secret
        ({"events": ["nonsense"]}, "events"), ({"filters": "colour=red"}, "filters"),
        ({"filters": "nonsense"}, "filters"), ({"url": "https://[::"}, "url"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_webhook(mission, analyst, values, field):

    with pytest.raises(ValidationError) as found:
        hook(analyst, mission, **values)
    assert field in found.value.message_dict


def test_pages_of_ones_own_webhooks(mission, analyst, member, signed_in):
    client = signed_in(analyst)
    base = f"/{mission.code}/webhooks/"
    form = {"name": "Platform", "url": "https://example.org/in", "events": ["incident.created"],
            "classification": 0}  # fmt: skip
    assert client.post(base + "add/", form | {"url": "http://x"}).status_code == 422
    assert client.post(base + "add/", form).status_code == 302
    own = Webhook.objects.get()
    report(analyst, mission)
    page = client.get(own.get_absolute_url()).content.decode()
    assert own.secret in page
    assert "An incident was filed" in page
    assert "Platform" in client.get(base).content.decode()
    address = own.get_absolute_url()
    client.post(address + "test/")
    client.post(address + "stop/")
    own.refresh_from_db()
    assert own.stopped_at
    client.post(address + "start/")
    Delivery.objects.update(state=State.GIVEN_UP)
    client.post(f"{address}replay/{Delivery.objects.first().pk}/")
    assert Delivery.objects.filter(state=State.WAITING).count() == 1
    assert client.post(address + "edit/", form | {"name": "Renamed"}).status_code == 302
    other = signed_in(member(Role.ADMIN))
    assert other.get(address).status_code == 404
    assert other.post(address + "stop/").status_code == 404


# -- where nothing is sent ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.9.9", "169.254.169.254", "0.0.0.0", "::1",
     "fe80::1", "fd00::1", "::ffff:127.0.0.1", "2002:7f00:1::", "224.0.0.1", "100.64.0.1",
     "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::a00:1", "::7f00:1", "ff02::1",
     "2001:0:53aa:64c:0:0:80ff:fffe", "fec0::1", "::ffff:0:7f00:1", "5f00::1", "4000::1", "100::1"],
)  # fmt: skip
def test_private_addresses_are_not_called(monkeypatch, address):
    def lookup(host, port, **kwargs):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    def connect(*args, **kwargs):
        raise AssertionError("it was called")

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    monkeypatch.setattr(socket.socket, "connect", connect)
    with pytest.raises(Forbidden):
        outbound.post("https://example.org/", b"", {})


def test_the_address_checked_is_the_address_called(monkeypatch):
    answers = iter(["203.0.113.9", "127.0.0.1"])  # what a name server says first, and then
    called = []

    def lookup(host, port, *args, **kwargs):
        numeric = host.replace(".", "").isdecimal()
        address = host if numeric else next(answers)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    def connect(self, address):
        called.append(address[0])
        raise OSError

    monkeypatch.setattr(outbound, "_is_public", lambda address: address == "203.0.113.9")
    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    monkeypatch.setattr(socket.socket, "connect", connect)
    with pytest.raises(Unreachable):
        outbound.post("https://example.org/", b"", {})
    assert called == ["203.0.113.9"]


def test_only_the_port_of_the_web_is_called_or_one_the_installation_names(settings):
    settings.WEBHOOK_HOSTS = ["gis.example.org:8443", "inside.example.org"]
    for url in ("https://h.example.org/x", "https://h.example.org:443/x",
                "https://gis.example.org:8443/x", "http://inside.example.org/x"):  # fmt: skip
        assert check_url(url)
    for url in ("https://h.example.org:22/x", "https://h.example.org:80/x",
                "https://gis.example.org:22/x", "https://inside.example.org:6379/x",
                "http://h.example.org/x", "http://inside.example.org:443/x"):  # fmt: skip
        with pytest.raises(Forbidden):
            check_url(url)


@pytest.mark.parametrize("url", ["https://", "https:///x", "https://h:0/", "https://h:x/", "x", ""])
def test_what_is_no_address(url):
    with pytest.raises(Forbidden):
        check_url(url)


# -- that it arrives ----------------------------------------------------------------------------


class Receiver:
    """An HTTP server that answers as told, and remembers what it was sent."""

    def __init__(self):
        self.heard: list[tuple[dict, bytes]] = []
        self.accepted: list[tuple[str, dict]] = []
        self.mode, self.elsewhere = "ok", ""
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.heard.append((dict(self.headers), body))
                with contextlib.suppress(OSError):
                    receiver.answer(self, body)

            do_GET = do_POST

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        django_settings.WEBHOOK_HOSTS.append(f"localhost:{self.port}")
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, handler, body: bytes) -> None:
        mode = self.mode
        if mode == "slow":
            time.sleep(3)
        if mode == "redirect":
            handler.send_response(302)
            handler.send_header("Location", self.elsewhere)
        elif mode == "failing":
            handler.send_response(500)
        else:
            handler.send_response(204)
            self.accepted.append((handler.headers["webhook-id"], json.loads(body)))
        handler.end_headers()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def committed(django_db_setup, django_db_blocker, settings, monkeypatch):
    """A copy of the demonstration's database, where what is written is committed."""
    settings.WEBHOOK_HOSTS = []
    monkeypatch.setattr(outbound, "READ", 0.4)
    monkeypatch.setattr(
        webhooks, "DELIVERIES", dataclasses.replace(webhooks.DELIVERIES, waits=(0.05,) * 200)
    )
    monkeypatch.setattr(webhooks, "BUDGET", 1.0)
    with database_copy(django_db_blocker, "hooks") as copy, within(django_db_blocker, copy):
        mission = Mission.objects.get(code="MINUSCA")
        user = User.objects.create_user("hooked")
        add_member(member=user, mission=mission, role="adviser", clearance=2)
        yield mission, user, copy


def deliver(times: int = 1) -> None:
    for _n in range(times):
        deliver_due(lease=1)
        time.sleep(0.06)


def test_every_event_arrives_in_order_whatever_the_receiver_does(committed):
    mission, user, copy = committed
    receiver, forbidden = Receiver(), Receiver()
    receiver.elsewhere = f"http://127.0.0.1:{forbidden.port}/"
    down = hook(user, mission, url=f"http://localhost:{receiver.port}/in")
    receiver.close()  # it is down
    first, second = report(user, mission, kind="killing"), report(user, mission, kind="attack")
    deliver(2)
    assert not Delivery.objects.filter(state=State.DELIVERED).exists()

    receiver = Receiver()
    receiver.elsewhere = f"http://127.0.0.1:{forbidden.port}/"
    Webhook.objects.filter(pk=down.pk).update(url=f"http://localhost:{receiver.port}/in")
    for mode, kind in (("slow", "looting"), ("failing", "clash"), ("redirect", "abduction")):
        receiver.mode = mode
        edit_incident(Incident.objects.get(pk=first.pk), user=user, kind=kind, classification=0)
        deliver(1 if mode == "slow" else 3)
    assert not Delivery.objects.filter(state=State.DELIVERED).exists()
    assert not Webhook.objects.get(pk=down.pk).stopped_at

    # A worker that is killed while the receiver thinks.
    receiver.mode = "slow"
    heard = len(receiver.heard)
    settings = connection.settings_dict
    place = quote(str(settings["HOST"]), safe="")
    code = (
        "import django; django.setup(); from poc_portal.web import outbound; outbound.READ = 30; "
        "import dataclasses; from exchange.webhooks import services; "
        "services.DELIVERIES = dataclasses.replace(services.DELIVERIES, waits=(0.05,) * 200); "
        "services.deliver_due(lease=1)"
    )
    environment = os.environ | {
        "DATABASE_URL": f"postgres://{settings['USER']}@{place}/{copy}",
        "DJANGO_SETTINGS_MODULE": "poc_portal.settings", "WEBHOOK_HOSTS": f"localhost:{receiver.port}",
    }  # fmt: skip
    worker = subprocess.Popen([sys.executable, "-c", code], cwd=BASE_DIR, env=environment)
    until = time.monotonic() + 30
    while len(receiver.heard) == heard and time.monotonic() < until:
        time.sleep(0.05)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    assert len(receiver.heard) > heard

    receiver.mode = "ok"
    edit_incident(Incident.objects.get(pk=second.pk), user=user, kind="looting", classification=0)
    until = time.monotonic() + 20
    while Delivery.objects.filter(state=State.WAITING).exists() and time.monotonic() < until:
        deliver()
    noted = list(Delivery.objects.order_by("pk").values_list("record", "message"))
    assert len(noted) == 6
    arrived = list(dict.fromkeys(message for message, _event in receiver.accepted))
    assert {str(message) for _record, message in noted} == set(arrived)
    for record in (first.pk, second.pk):
        messages = [str(message) for key, message in noted if key == record]
        assert [message for message in arrived if message in messages] == messages
    verifier = Verifier(down.secret)
    for headers, body in receiver.heard:
        verifier.verify(body, {name.lower(): value for name, value in headers.items()})
    assert forbidden.heard == []
    receiver.close()
    forbidden.close()


def test_what_became_secret_meanwhile_is_withheld(committed):
    mission, user, _copy = committed
    receiver = Receiver()
    hook(user, mission, url=f"http://localhost:{receiver.port}/in")
    incident = report(user, mission)
    Incident.objects.filter(pk=incident.pk).update(classification=1)
    deliver()
    assert receiver.heard == []
    assert Delivery.objects.get().state == State.WITHHELD
    receiver.close()


def test_a_webhook_that_keeps_failing_is_switched_off_and_its_owner_told(committed, monkeypatch):
    mission, user, _copy = committed
    receiver = Receiver()
    receiver.mode = "failing"
    own = hook(user, mission, url=f"http://localhost:{receiver.port}/in")
    monkeypatch.setattr(
        webhooks, "DELIVERIES", dataclasses.replace(webhooks.DELIVERIES, waits=(0.01, 0.01))
    )
    send_test(own)
    deliver(4)
    own.refresh_from_db()
    assert own.stopped_at
    delivery = own.deliveries.get()
    assert (delivery.state, delivery.tries, delivery.status) == (State.GIVEN_UP, 3, 500)
    assert Notification.objects.filter(member=user, kind="webhook_stopped").count() == 1
    webhooks.start(own)
    receiver.mode = "ok"
    replay(delivery)
    deliver()
    assert receiver.accepted[-1][1]["type"] == "test"
    receiver.close()


def test_backoff_lasts_about_a_day():
    assert 22 * 3600 < sum(webhooks.BACKOFF) < 26 * 3600


def test_a_webhook_is_not_kept_with_a_value_its_filter_does_not_know(mission, analyst):
    with pytest.raises(ValidationError, match="Nearest: killing"):
        hook(analyst, mission, events=["incident.created"], filters="kind=kiling")
