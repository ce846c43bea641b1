"""A source's exact kind may name somebody: below the clearance a mission chooses its group is told."""

import io
import zipfile

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from exchange.models import Delivery
from exchange.webhooks.services import _body, save_webhook
from missions.choices import Role
from strategies.services.rules import set_rules
from tests import saying
from tests.factories import AlertFactory, IncidentFactory, IncidentSourceFactory
from threats.choices import SOURCE_GROUP_OF, SOURCE_GROUPS, SourceKind
from threats.models import ThreatRules
from threats.services.alerts import edit_alert
from threats.services.grading import edit_source

CANARY = "community_liaison"
WORDS = "Community liaison assistant"
RULES = {"required_phases": {"prevention": ["prevention"], "preemption": ["preemption"],
         "response": ["response"], "consolidation": ["consolidation"]},
         "travel_speed": 25.0, "reach_hours": 2.0}  # fmt: skip


@pytest.fixture
def alert(mission):
    return AlertFactory(
        mission=mission, classification=1, source_kind=CANARY, details="Canary", place_name="Obo"
    )


@pytest.fixture
def source(mission):
    incident = IncidentFactory(mission=mission, classification=1)
    return IncidentSourceFactory(incident=incident, kind=CANARY, reliability="B", credibility=2)


@pytest.fixture
def low(member):
    return member(Role.ANALYST, 1)


@pytest.fixture
def high(member):
    return member(Role.ANALYST)


def test_every_kind_is_of_one_group_that_goes_by_a_kind_of_its_own():
    assert set(SOURCE_GROUP_OF) == set(SourceKind)
    assert all(group in kinds for group, (_label, kinds) in SOURCE_GROUPS.items())
    assert SOURCE_GROUP_OF[SourceKind.COMMUNITY_LIAISON] == "own_staff"


def everything(mission, alert, source):
    """Every address that tells of sources, of a mission."""
    code, incident = mission.code, source.incident
    pages = [
        f"/{code}/", f"/{code}/alerts/", f"/{code}/alerts/?format=csv", f"/{code}/alerts/?format=xlsx",
        f"/{code}/alerts/?sort=source_kind", f"/{code}/alerts/{alert.pk}/", f"/{code}/alerts/{alert.pk}/edit/",
        f"/{code}/incidents/", f"/{code}/incidents/?format=csv", f"/{code}/incidents/{incident.pk}/",
        f"/{code}/incidents/{incident.pk}/edit/", f"/{code}/incidents/pairs/",
        f"/{code}/search/?q=Canary", f"/{code}/threats/", f"/{code}/coverage/",
    ]  # fmt: skip
    rest = [
        "alerts/", "alerts/?format=csv", "alerts/?format=geojson", "alerts/?hxl=true&format=csv",
        "alerts/?fields=id,source_kind", f"alerts/{alert.pk}/", f"alerts/{alert.pk}/cap/",
        "ogc/collections/alerts/items", f"ogc/collections/alerts/items/{alert.pk}", "alerts/feed/", "alerts/?modified_since=2000-01-01T00:00:00Z", "incident-sources/",
        "incident-sources/?format=csv", f"incident-sources/{source.pk}/",
        "incident-sources/?modified_since=2000-01-01T00:00:00Z", "incidents/",
        f"incidents/{incident.pk}/", "search/?q=Canary",
    ]  # fmt: skip
    return pages + [f"/api/v1/{address}" for address in rest]


def text_of(response) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            return " ".join(book.read(name).decode() for name in book.namelist())
    return content.decode()


def test_no_page_list_file_or_message_tells_a_low_reader_the_exact_kind(
    mission, alert, source, low, high, signed_in
):
    told = 0
    for user, is_exact in ((low, False), (high, True)):
        client = signed_in(user)
        for address in everything(mission, alert, source):
            response = client.get(address, follow=True)
            if response.status_code == 404 and "search" in address:
                continue
            assert response.status_code == 200, (address, response.status_code)
            text = text_of(response)
            if not is_exact:
                assert CANARY not in text, address
                assert WORDS not in text, address
            told += CANARY in text or WORDS in text
    assert told > 12  # who is cleared is told it, so that this could have failed


def test_what_a_low_reader_is_told_is_the_group(mission, alert, source, low, signed_in, api):
    client, rest = signed_in(low), api(low)
    assert "The mission's own" in client.get(
        f"/{mission.code}/alerts/{alert.pk}/"
    ).content.decode().replace("&#x27;", "'")
    assert rest.get(f"/api/v1/alerts/{alert.pk}/").json()["source_kind"] == "own_staff"
    assert rest.get("/api/v1/alerts/").json()["results"][0]["source_kind"] == "own_staff"
    assert rest.get(f"/api/v1/incident-sources/{source.pk}/").json()["kind"] == "own_staff"
    assert rest.get("/api/v1/incident-sources/").json()["results"][0]["kind"] == "own_staff"


def test_webhooks_tell_as_exactly_as_their_account_may_know(mission, alert, member):
    for clearance, kind in ((1, "own_staff"), (2, CANARY)):
        owner = member(Role.ADVISER, clearance)
        hook = save_webhook(
            user=owner,
            mission=mission,
            name="platform",
            url="https://example.org/x",
            events=["alert.received"],
            classification=clearance,
        )
        delivery = Delivery(
            webhook=hook, event="alert.received", record=alert.pk, happened_at=mission.now
        )
        assert f'"source_kind": "{kind}"' in _body(hook, delivery).decode().replace('":"', '": "')


def test_no_filter_sorts_out_what_it_hides(mission, source, low, high, api):
    other = IncidentSourceFactory(incident=source.incident, kind="patrol")
    media = IncidentSourceFactory(incident=source.incident, kind="media")
    address = "/api/v1/incident-sources/"

    def found(user, kind):
        answer = api(user).get(address, {"kind": kind})
        assert answer.status_code == 200, answer.json()
        return {row["id"] for row in answer.json()["results"]}

    assert found(low, "own_staff") == {source.pk, other.pk}
    assert found(low, "partner") == {media.pk}
    assert found(high, CANARY) == {source.pk}
    assert found(high, "own_staff") == set()
    for kind in (CANARY, "patrol", "media"):
        answer = api(low).get(address, {"kind": kind})
        assert answer.status_code == 400
        assert "own_staff" in str(answer.json())


def test_a_low_editor_neither_sees_nor_overwrites_the_exact_kind(
    mission, alert, source, low, high, signed_in, api
):
    client = signed_in(low)
    address = f"/{mission.code}/alerts/{alert.pk}/edit/"
    form = client.get(address).context["form"]
    sent = {field.html_name: field.value() for field in form}
    sent = {name: value for name, value in sent.items() if value not in (None, "", [])}
    assert sent["source_kind"] == "own_staff"
    sent["received_at"] = sent["received_at"].strftime("%Y-%m-%dT%H:%M")
    answer = client.post(address, sent | {"details": "More"})
    assert answer.status_code == 302, answer.context["form"].errors
    alert.refresh_from_db()
    assert (alert.details, alert.source_kind) == ("More", CANARY)

    rest = api(low)
    row = rest.get(f"/api/v1/alerts/{alert.pk}/").json()
    whole = {name: row[name] for name in ("kind", "imminence", "details", "source_kind")}
    for body in (whole, {"source_kind": "patrol"}, {"source_kind": "own_staff"}):
        answer = rest.patch(f"/api/v1/alerts/{alert.pk}/", body, format="json")
        assert answer.status_code == 200, answer.json()
        alert.refresh_from_db()
        assert alert.source_kind == CANARY
    rest.patch(f"/api/v1/incident-sources/{source.pk}/", {"kind": "patrol"}, format="json")
    source.refresh_from_db()
    assert source.kind == CANARY
    edit_source(source, user=low, kind="media")  # another group is a change of what is seen
    source.refresh_from_db()
    assert source.kind == "media"
    edit_alert(alert, user=high, source_kind="patrol")
    alert.refresh_from_db()
    assert alert.source_kind == "patrol"


def test_a_conflict_shows_a_low_editor_no_exact_kind(mission, alert, low, high, signed_in):
    client = signed_in(low)
    address = f"/{mission.code}/alerts/{alert.pk}/edit/"
    form = client.get(address).context["form"]
    sent = {field.html_name: field.value() for field in form}
    sent = {name: value for name, value in sent.items() if value not in (None, "", [])}
    sent["received_at"] = sent["received_at"].strftime("%Y-%m-%dT%H:%M")
    edit_alert(alert, user=high, details="Meanwhile")
    answer = client.post(address, sent | {"source_kind": "partner"})
    assert answer.status_code == 409
    assert WORDS not in answer.content.decode()
    assert CANARY not in answer.content.decode()


def test_rows_of_many_tell_nothing_by_what_became_of_them(mission, low, high, api):
    row = saying.ALERT | {
        "mission": mission.code, "source": "s", "external_id": "1", "details": "x",
        "source_kind": CANARY, "classification": 1,
    }  # fmt: skip
    address = "/api/v1/alerts/bulk/"
    assert api(high).post(address, [row], format="json").json()["created"] == 1

    def became(**more):
        sent = {name: value for name, value in (row | more).items() if value is not None}
        answer = api(low).post(address, [sent], format="json").json()
        return answer["results"][0]["status"]

    for kind in (CANARY, "patrol", "own_staff"):
        assert became(source_kind=kind) == "unchanged"
    assert became(source_kind=None) == "refused"
    assert became(source_kind="media") == "changed"


def test_who_is_not_told_shows_them_to_nobody(mission, member, low):
    adviser, cleared = member(Role.ADVISER, 1), member(Role.ADVISER)
    with pytest.raises(ValidationError) as refused:
        set_rules(mission, user=adviser, **RULES, source_kinds_from=1)
    assert list(refused.value.message_dict) == ["source_kinds_from"]
    with pytest.raises(PermissionDenied):
        set_rules(mission, user=low, **RULES, source_kinds_from=1)
    set_rules(mission, user=cleared, **RULES, source_kinds_from=1)
    assert ThreatRules.objects.get(mission=mission).source_kinds_from == 1
    set_rules(mission, user=adviser, **RULES, source_kinds_from=2)


def test_where_the_mission_chooses_less_its_readers_are_told(
    mission, alert, source, low, signed_in, api
):
    ThreatRules.objects.create(mission=mission, source_kinds_from=1)
    assert api(low).get(f"/api/v1/alerts/{alert.pk}/").json()["source_kind"] == CANARY
    assert api(low).get("/api/v1/alerts/").json()["results"][0]["source_kind"] == CANARY
    rows = api(low).get("/api/v1/incident-sources/", {"kind": CANARY}).json()["results"]
    assert [row["kind"] for row in rows] == [CANARY]
    assert WORDS in signed_in(low).get(f"/{mission.code}/alerts/").content.decode()


def test_the_administration_neither_tells_kinds_nor_shows_them_to_more(source, db):
    from django.contrib import admin

    from threats.models import IncidentSource

    request = None
    rules = admin.site.get_model_admin(ThreatRules)
    assert not admin.site.is_registered(IncidentSource)
    assert "source_kinds_from" in rules.get_exclude(request)
    assert WORDS not in str(source)
