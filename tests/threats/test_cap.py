"""Alerts out: CAP 1.2 messages after the OASIS schema, and their Atom feed."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from lxml import etree

from missions.choices import Classification, Role
from missions.models import Component
from tests.factories import AdminAreaFactory, AlertFactory, FieldOfficeFactory, InformantFactory
from threats.alerts.cap import ATOM, CAP, SEVERITIES
from threats.alerts.choices import AlertKind, Imminence
from threats.choices import PlacePrecision
from threats.services.alerts import report_alert, take_step

SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).parent / "schemas" / "CAP-v1.2.xsd"))
FEED = "/api/v1/alerts/feed/"


@pytest.fixture
def analyst(member):
    return member(Role.ADVISER)


@pytest.fixture
def client(api, analyst):
    return api(analyst)


def message(client, alert) -> ET.Element:
    answer = client.get(f"/api/v1/alerts/{alert.pk}/cap/")
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"] == "application/cap+xml"
    SCHEMA.assertValid(etree.fromstring(answer.content))
    return ET.fromstring(answer.content)


def text(element: ET.Element, path: str) -> str | None:
    return element.findtext("/".join(f"{{{CAP}}}{part}" for part in path.split("/")))


@pytest.mark.parametrize("kind", AlertKind.values)
@pytest.mark.parametrize("imminence", Imminence.values)
def test_every_kind_makes_a_valid_message(mission, client, kind, imminence):
    alert = AlertFactory(mission=mission, kind=kind, imminence=imminence, details="A\x0b<b>&")
    found = message(client, alert)
    assert text(found, "msgType") == "Alert"
    assert text(found, "info/description") == "A<b>&"
    assert text(found, "info/severity") in SEVERITIES


@pytest.mark.parametrize("precision", PlacePrecision.values)
def test_a_place_is_as_wide_as_it_is_known(mission, client, precision):
    area = AdminAreaFactory(mission=mission, code="CF-1", name="Ndele")
    alert = AlertFactory(mission=mission, place_precision=precision, admin_area=area)
    found = message(client, alert)
    assert (text(found, "info/area/circle") is not None) == (precision in ("exact", "near"))
    assert text(found, "info/area/geocode/value") == "CF-1"
    nowhere = AlertFactory(mission=mission, longitude=None, latitude=None)
    assert text(message(client, nowhere), "info/area/areaDesc") == mission.name


def test_a_message_follows_its_alert(mission, client, analyst, member):
    mission.languages = ["fr", "en", "sg"]
    mission.save()
    alert = report_alert(user=analyst, mission=mission, kind="attack", imminence="imminent",
                         details="Des hommes armés", longitude=20.0, latitude=5.0)  # fmt: skip
    found = message(client, alert)
    languages = [info.findtext(f"{{{CAP}}}language") for info in found.iter(f"{{{CAP}}}info")]
    assert languages == ["en", "fr"]
    assert (text(found, "info/urgency"), text(found, "info/severity")) == ("Immediate", "Extreme")
    assert text(found, "info/responseType") == "Assess"
    first = text(found, "identifier")
    other = member(Role.ANALYST)  # whoever filed it does not confirm it
    take_step(alert, user=other, step="verified", verification="confirmed")
    type(alert).objects.filter(pk=alert.pk).update(
        created_at=alert.created_at.replace(year=alert.created_at.year - 1)
    )
    component = Component.objects.filter(mission=mission).first()
    if component:
        take_step(alert, user=analyst, step="decided", decision="respond",
                  responding_component=component)  # fmt: skip
    later = message(client, alert)
    assert text(later, "msgType") == "Update"
    assert text(later, "references").split(",")[1] == first
    assert text(later, "info/certainty") == "Observed"


def test_what_was_found_false_is_cancelled(mission, client, analyst):
    alert = AlertFactory(mission=mission)
    type(alert).objects.filter(pk=alert.pk).update(
        created_at=alert.created_at.replace(year=alert.created_at.year - 1)
    )
    take_step(alert, user=analyst, step="verified", verification="false", note="Hunters")
    found = message(client, alert)
    assert (text(found, "msgType"), text(found, "info/responseType")) == ("Cancel", "AllClear")


def test_no_message_says_who_told(mission, client):
    informant = InformantFactory(mission=mission)
    alert = AlertFactory(mission=mission, informant=informant)
    whole = ET.tostring(message(client, alert), encoding="unicode")
    for sealed in (informant.name, informant.contact):
        assert sealed
        assert sealed not in whole


def entries(answer) -> list[str]:
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"] == "application/atom+xml"
    feed = ET.fromstring(answer.content)
    return [entry.findtext(f"{{{ATOM}}}id") for entry in feed.iter(f"{{{ATOM}}}entry")]


def test_a_feed_holds_what_its_reader_may_see(mission, member, api):
    plain = AlertFactory(mission=mission)
    secret = AlertFactory(mission=mission, classification=Classification.CONFIDENTIAL)
    low = api(member(clearance=Classification.UNCLASSIFIED))
    (found,) = entries(low.get(FEED))
    assert found.endswith(f"/alerts/{plain.pk}/cap/")
    assert low.get(f"/api/v1/alerts/{secret.pk}/cap/").status_code == 404
    assert len(entries(api(member()).get(FEED))) == 2


def test_a_feed_of_a_mission_an_office_a_severity(mission, client):
    office = FieldOfficeFactory(mission=mission)
    AlertFactory(mission=mission, field_office=office, kind="attack", imminence="imminent")
    AlertFactory(mission=mission, kind="attack", imminence="days")
    AlertFactory(mission=mission, kind="movement", imminence="imminent")
    for query, number in (("", 3), (f"?mission={mission.code}", 3), ("?mission=OTHER", 0),
                          (f"?field_office={office.pk}", 1), ("?severity=Extreme", 1),
                          ("?severity=Severe", 1), ("?severity=Minor", 1)):  # fmt: skip
        assert len(entries(client.get(FEED + query))) == number, query
    assert client.get(FEED + "?severity=Huge").status_code == 400
    assert client.get(FEED + "?cursor=x").status_code == 400


def test_a_long_feed_goes_on(mission, client):
    for _n in range(103):
        AlertFactory(mission=mission)
    answer = client.get(FEED)
    assert len(entries(answer)) == 100
    links = {link.get("rel"): link.get("href")
             for link in ET.fromstring(answer.content).findall(f"{{{ATOM}}}link")}  # fmt: skip
    assert len(entries(client.get(links["next"]))) == 3
    program = {"Authorization": "Token x"}  # what a browser shows is not kept
    tag = client.get(FEED, headers=program)["ETag"]
    assert client.get(FEED, headers=program | {"If-None-Match": tag}).status_code == 304
