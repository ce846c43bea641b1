"""As a reader of a lower clearance sees it: the same answers, nothing of one's own, no writing."""

import re

import pytest
from django.test import Client

from exchange.models import IntakeFile
from missions.choices import Classification, Role
from missions.models import Membership
from tests.factories import IncidentFactory
from tests.inference import addresses as asked
from tests.proof import size
from threats.models import Incident

HIDDEN = "Canary 4711"
# What is of the account itself, or shown by role: each with tests of its own.
OWN = (
    "tokens",
    "notifications",
    "webhooks",
    "members",
    "memberships",
    "read-as",
    "about",
)


def client_of(user) -> Client:
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    return client


def told(client: Client, address: str) -> tuple[int, str]:
    """Status and what is told, without the frame: bar, foot and marks of forms."""
    answer = client.get(address)
    body = b"".join(answer) if answer.streaming else answer.content
    text = body.decode("utf-8", "replace")
    text = re.sub(
        r"<div class=.notice notice-warning. role=.status.[^<]*<form action=./read-as/.*?</form>\s*</div>",
        "",
        text,
        flags=re.S,
    )
    if "<main" in text:
        text = text[text.index("<main") : text.index("</main>")]
    text = re.sub(r'(csrfmiddlewaretoken" value=|X-CSRFToken(?:&quot;|"): ?)\S+', "", text)
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "", text)
    return answer.status_code, " ".join(text.split())


@pytest.fixture
def adviser(demo, member):
    return member(Role.ADVISER, 2, where=demo)


def reading_as(user, mission, level: int) -> Client:
    client = client_of(user)
    answer = client.post(f"/{mission.code}/read-as/", {"level": level})
    assert (answer.status_code, answer["Location"]) == (302, mission.get_absolute_url())
    return client


@pytest.mark.prove
def test_every_page_and_answer_is_that_reader_s(demo, adviser, member, figure):
    IncidentFactory(mission=demo, place_name=HIDDEN, classification=2, longitude=20.7, latitude=5.8)
    IncidentFactory(mission=demo, place_name="Open 4711", longitude=20.7, latitude=5.8)
    level = Classification.UNCLASSIFIED
    lowered, viewer = (
        reading_as(adviser, demo, level),
        client_of(member(Role.VIEWER, 0, where=demo)),
    )
    keys = {"incidents": [*Incident.objects.order_by("-pk").values_list("pk", flat=True)[:2]]}
    compared = 0
    chosen = []
    for route, found in asked.addresses([demo.code], keys, "2026-11-30T11:00:00Z").items():
        parts = route.removeprefix("api/v1/").removeprefix("<str:code>/").split("/")
        if parts[0] in OWN or any(f"/{name}/" in address for name in OWN for address in found[:1]):
            continue
        for address in found[: size(1, 100)]:
            if any(f"/{name}/" in address for name in OWN):
                continue
            chosen.append(address)
    for address in chosen[:: size(8, 1)]:
        compared += 1
        assert told(lowered, address) == told(viewer, address), address
    figure("addresses compared", compared)
    assert compared > size(10, 500)
    page = f"/{demo.code}/incidents/?format=csv"
    assert HIDDEN in told(client_of(adviser), page)[1]
    assert "Open 4711" in told(lowered, page)[1]
    assert HIDDEN not in told(lowered, page)[1]


def test_nothing_is_written_meanwhile_and_the_way_back_leads_to_where_one_was(demo, adviser):
    client = reading_as(adviser, demo, 1)
    page = client.get(f"/{demo.code}/incidents/?kind=attack")
    assert "Reading as “Confidential”" in page.content.decode()
    sent = {"kind": "looting", "start_date": "2022-12-30"}
    before = Incident.objects.count()
    for answer in (
        client.post(f"/{demo.code}/incidents/report/", sent),
        client.post("/api/v1/incidents/", sent, content_type="application/json"),
        client.delete("/api/v1/incidents/1/?reason=x"),
        client.post("/tokens/", {"name": "x"}),
    ):
        assert answer.status_code == 403
        assert "Go back to your own clearance first" in answer.content.decode()
    assert Incident.objects.count() == before
    at = f"/{demo.code}/incidents/?kind=attack"
    assert client.post("/read-as/end/", {"at": at})["Location"] == at
    assert client.post("/read-as/end/", {"at": "//example.org/"})["Location"] == "/"
    assert "Reading as" not in client.get(at).content.decode()


@pytest.mark.parametrize("header", ["Basic eDp5", "Token x", "Digest x", "x"])
def test_no_header_lifts_it(demo, adviser, header):
    secret = IncidentFactory(mission=demo, classification=2)
    client = reading_as(adviser, demo, 0)
    with_header = {"headers": {"authorization": header}}
    assert client.get(f"/{demo.code}/incidents/{secret.pk}/", **with_header).status_code == 404
    assert client.get(f"/api/v1/incidents/{secret.pk}/", **with_header).status_code in (401, 404)
    body = {"name": "Camp", "kind": "town", "classification": 0, "longitude": 20, "latitude": 5}
    for address in (f"/{demo.code}/communities/add/", "/api/v1/communities/"):
        assert client.post(address, body, **with_header).status_code in (401, 403)


def test_one_s_own_files_are_not_shown(demo, adviser):
    file = IntakeFile.objects.create(
        mission=demo, owner=adviser, file_name="canary.csv", source="s", resource="incidents",
        contents='{"headers": ["a"], "rows": [[1, ["canary"]]]}', rows=1, classification=2,
    )  # fmt: skip
    client = reading_as(adviser, demo, 0)
    assert "canary" not in client.get(f"/{demo.code}/intakes/").content.decode()
    assert client.get(file.get_absolute_url()).status_code == 404


def test_only_who_answers_for_others_may_and_never_above_themselves(demo, member):
    for role in Role:
        client = client_of(member(role, 1, where=demo))
        may = role in (Role.ADVISER, Role.ADMIN, Role.HEAD_OF_OFFICE, Role.HEAD_OF_MISSION)
        page = f"/{demo.code}/read-as/"
        assert client.get(page).status_code == (200 if may else 403), role
        assert client.post(page, {"level": 0}).status_code == (302 if may else 403), role
    for level in ("2", "x", "-1", ""):
        client = client_of(member(Role.ADVISER, 1, where=demo))
        assert client.post(f"/{demo.code}/read-as/", {"level": level}).status_code == 403


def test_one_s_own_matters_are_not_shown_and_not_marked_as_read(demo, adviser):
    from exchange.models import Notification

    secret = IncidentFactory(mission=demo, classification=2)
    note = Notification.objects.create(
        mission=demo, member=adviser, kind="alert", path=secret.get_absolute_url()
    )
    client = reading_as(adviser, demo, 0)
    assert note.path not in client.get(f"/{demo.code}/notifications/").content.decode()
    assert client.get("/api/v1/notifications/").json()["results"] == []
    assert client.get(f"/{demo.code}/notifications/{note.pk}/").status_code == 404
    assert client.get(note.path).status_code == 404
    note.refresh_from_db()
    assert note.read_at is None


def test_who_loses_the_role_reads_as_themselves_again(demo, adviser):
    client = reading_as(adviser, demo, 0)
    Membership.objects.filter(member=adviser).update(role=Role.ANALYST)
    assert "Reading as" not in client.get(f"/{demo.code}/incidents/").content.decode()
    assert client.get(f"/{demo.code}/incidents/report/").status_code == 200
