"""How secret a report is by default, what it claims by default, and that no text tells who told."""

import logging

import pytest

from missions.choices import Classification, Role
from tests import saying
from tests.factories import IncidentFactory, InformantFactory, IntakeFactory
from threats.alerts.choices import AlertKind
from threats.choices import IncidentKind, ThreatKind
from threats.models import Alert, Incident, IncidentSource, Threat
from threats.rules.accounts import phone_in, tells
from threats.rules.classifying import STRICT_KINDS, usual_classification
from threats.services.alerts import report_alert, take_step
from threats.services.incidents import edit_incident, report_incident
from threats.services.threats import report_threat

U, C, S = Classification
REPORT = {
    "kind": "looting", "start_date": "2022-12-30", "date_precision": "day", "time_of_day": "unknown",
    "place_precision": "exact", "latitude": "5", "longitude": "20", "source_kind": "patrol",
    "reliability": "F", "credibility": "6", "notes": "Two shops.",
}  # fmt: skip
ALERT = {
    "kind": "attack", "imminence": "days", "details": "Armed men gather.", "latitude": "5",
    "longitude": "20", "place_precision": "exact", "source_kind": "patrol", "reliability": "F",
    "credibility": "6",
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "level"),
    [
        ("sexual_violence", S), ("child_rights_violation", S), ("child_rights", S),
        ("own_forces", S), ("exploitation", S), ("child_recruitment", S), ("killing", C),
        ("torture", C), ("looting", C), ("a kind of tomorrow", C), ("", C),
    ],
)  # fmt: skip
def test_secrecy_goes_by_the_kind(kind, level):
    assert usual_classification(kind) == level


def test_every_kind_of_children_sexual_violence_or_own_forces_is_strictly_confidential():
    for kind in {*IncidentKind.values, *AlertKind.values, *ThreatKind.values}:
        if any(part in kind for part in ("sexual", "child", "own_forces", "exploitation")):
            assert kind in STRICT_KINDS, kind


def filed(user, mission, **more) -> Incident:
    given = {"kind": "looting", "start_date": mission.today} | more
    return report_incident(user=user, mission=mission, **given)


def test_own_reports_are_classified_by_kind_and_a_choice_stands(mission, member):
    analyst = member(Role.ANALYST)
    assert filed(analyst, mission).classification == C
    assert filed(analyst, mission, kind="sexual_violence").classification == S
    assert filed(analyst, mission, kind="sexual_violence", classification=U).classification == U
    assert filed(analyst, mission, informant={"name": "Jean Secret"}).classification == C
    assert report_alert(user=analyst, mission=mission, details="x").classification == C
    strict = report_alert(user=analyst, mission=mission, details="x", kind="sexual_violence")
    assert strict.classification == S
    assert report_threat(user=analyst, mission=mission, title="x").classification == C
    children = report_threat(user=analyst, mission=mission, title="x", kind="child_rights")
    assert children.classification == S


def test_what_becomes_a_stricter_kind_becomes_as_secret(mission, member):
    analyst = member(Role.ANALYST)
    own = filed(analyst, mission)
    assert edit_incident(own, user=analyst, kind="sexual_violence").classification == S
    assert edit_incident(own, user=analyst, kind="looting").classification == S  # never lowered so
    imported = IncidentFactory(mission=mission, dataset="ucdp", external_id="1")
    assert edit_incident(imported, user=analyst, kind="sexual_violence").classification == U


def page_fields(response) -> dict:
    """What the form on a page would send as it stands."""
    form = response.context["form"]
    values = {field.html_name: field.value() for field in form}
    return {name: value for name, value in values.items() if value not in (None, "", [])}


@pytest.mark.parametrize("what", ["incidents", "alerts", "threats"])
def test_a_stricter_kind_raises_the_level_on_page_and_over_rest(
    mission, member, signed_in, api, what
):
    analyst = member(Role.ANALYST)
    made = {
        "incidents": lambda: filed(
            analyst, mission, classification=U, longitude=20.0, latitude=5.0
        ),
        "alerts": lambda: report_alert(
            user=analyst, mission=mission, details="x", kind="attack", classification=U,
            longitude=20.0, latitude=5.0,
        ),
        "threats": lambda: report_threat(
            user=analyst, mission=mission, title="x", kind="attacks", classification=U
        ),
    }[what]  # fmt: skip
    client, rest = signed_in(analyst), api(analyst)
    record = made()
    address = f"{record.get_absolute_url()}edit/"
    body = page_fields(client.get(address))
    answer = client.post(address, body | {"kind": "sexual_violence"}, follow=True)
    assert answer.status_code == 200, answer.context["form"].errors
    record.refresh_from_db()
    assert (record.kind, record.classification) == ("sexual_violence", S)
    assert "It is now classified “Strictly confidential”" in answer.content.decode()
    body = page_fields(client.get(address))
    lowered = {"classification": "0", "declassification_reason": "Told on the radio."}
    client.post(address, body | lowered)  # said aloud, it is lowered
    record.refresh_from_db()
    assert record.classification == U

    address = f"/api/v1/{what}/{made().pk}/"
    answer = rest.patch(address, {"kind": "sexual_violence"}, format="json")
    assert (answer.status_code, answer.json()["classification"]) == (200, S)
    other = {"kind": "other"}
    assert rest.patch(address, other, format="json").json()["classification"] == S
    said = {"kind": "sexual_violence", "classification": 1, "declassification_reason": "Told."}
    assert rest.patch(address, said, format="json").json()["classification"] == C


@pytest.mark.parametrize(
    ("what", "row", "kind"),
    [
        ("incidents", saying.INCIDENT | {"kind": "looting", "start_date": "2022-12-30"}, "notes"),
        ("alerts", saying.ALERT | {"kind": "looting", "details": "x"}, "details"),
    ],
)
def test_a_changed_row_lowers_no_level(mission, member, api, what, row, kind):
    analyst = member(Role.ANALYST)
    model = {"incidents": Incident, "alerts": Alert}[what]
    named = row | {"mission": mission.code, "source": "s", "external_id": "1"}

    def sent(status=200, **more) -> int:
        answer = api(analyst).post(f"/api/v1/{what}/bulk/", [named | more], format="json")
        assert answer.status_code == status, answer.json()
        return model.objects.get(mission=mission).classification

    assert sent(classification=U) == U
    assert sent(**{kind: "more"}) == U
    assert sent(kind="sexual_violence") == S
    assert sent(kind="looting") == S
    assert sent(422, kind="sexual_violence", classification=C) == S
    assert sent(422, classification=U) == S
    assert sent(classification=S) == S


@pytest.mark.parametrize("what", ["incidents", "alerts"])
def test_a_sheet_brought_again_lowers_no_level(mission, member, what):
    from exchange.intake.mapping import Taker

    analyst = member(Role.ANALYST)
    text = {"incidents": "notes", "alerts": "details"}[what]
    mapping = {**saying.for_every_row(what), "kind": {"always": "looting"}, text: {"from": "what"}}
    if what == "incidents":
        mapping["start_date"] = {"always": "2022-12-30"}
    intake = IntakeFactory(mission=mission, resource=what, mapping=mapping)
    Taker(intake, analyst).take([{"what": "x", "_uuid": "1"}])
    model = {"incidents": Incident, "alerts": Alert}[what]
    records = model.objects.filter(mission=mission)
    assert records.get().classification == C
    records.update(classification=S)
    Taker(intake, analyst).take([{"what": "more", "_uuid": "1"}])
    assert (getattr(records.get(), text), records.get().classification) == ("more", S)


def test_who_is_not_cleared_files_all_the_same_and_is_told(mission, member, signed_in, api):
    reporter = member(Role.REPORTER, U)
    page = f"/{mission.code}/incidents/report/"
    answer = signed_in(reporter).post(page, REPORT | {"kind": "sexual_violence"}, follow=True)
    assert answer.status_code == 200
    assert "above your own clearance" in answer.content.decode()
    assert [i.classification for i in Incident.objects.filter(mission=mission)] == [S]
    assert not Incident.objects.visible_to(reporter).filter(mission=mission).exists()
    body = saying.INCIDENT | {
        "mission": mission.code, "kind": "sexual_violence", "start_date": "2022-12-30",
    }  # fmt: skip
    answer = api(reporter).post("/api/v1/incidents/", body, format="json")
    assert (answer.status_code, answer.json()["classification"]) == (201, S)
    assert "above your own clearance" in answer.json()["detail"]
    assert api(reporter).get(f"/api/v1/incidents/{answer.json()['id']}/").status_code == 404
    explicit = api(reporter).post("/api/v1/incidents/", body | {"classification": S}, format="json")
    assert explicit.status_code == 201  # the usual level, said aloud
    more = body | {"kind": "looting", "classification": S}
    assert api(reporter).post("/api/v1/incidents/", more, format="json").status_code == 400
    alert = saying.ALERT | {"mission": mission.code, "details": "x"}
    assert api(reporter).post("/api/v1/alerts/", alert, format="json").json()["classification"] == C
    threat = {"mission": mission.code, "kind": "attacks", "title": "x"}
    assert (
        api(reporter).post("/api/v1/threats/", threat, format="json").json()["classification"] == C
    )


def test_calls_of_many_and_sheets_follow_the_own_rule(mission, member, api):
    analyst = member(Role.ANALYST)
    row = {"mission": mission.code, "source": "s", "start_date": "2022-12-30", **saying.INCIDENT}
    rows = [
        row | {"external_id": "1", "kind": "looting"},
        row | {"external_id": "2", "kind": "sexual_violence"},
        row | {"external_id": "3", "kind": "sexual_violence", "classification": U},
        row | {"external_id": "4", "kind": "looting", "notes": "Call 75 12 34 56"},
    ]
    answer = api(analyst).post("/api/v1/incidents/bulk/?mode=keep_good", rows, format="json").json()
    stored = Incident.objects.filter(mission=mission, dataset="s").order_by("external_id")
    assert [i.classification for i in stored] == [C, S, U]
    refused = [r for r in answer["results"] if r["status"] == "refused"]
    assert [e["field"] for e in refused[0]["errors"]] == ["notes"]
    from exchange.intake.mapping import Taker

    for kind, level in (("looting", C), ("sexual_violence", S)):
        mapping = saying.for_every_row("incidents") | {
            "kind": {"always": kind}, "start_date": {"from": "day"},
        }  # fmt: skip
        intake = IntakeFactory(mission=mission, name=kind, mapping=mapping)
        Taker(intake, analyst).take([{"day": "2022-12-30", "_uuid": kind}])
        assert Incident.objects.get(mission=mission, external_id=kind).classification == level


def test_a_lower_choice_is_said_aloud(mission, member, signed_in):
    client = signed_in(member(Role.ANALYST))
    page = f"/{mission.code}/incidents/report/"
    text = client.post(page, REPORT | {"classification": "0"}, follow=True).content.decode()
    assert "It is classified “Unclassified” as you chose" in text
    assert "as you chose" not in client.post(page, REPORT, follow=True).content.decode()


@pytest.mark.parametrize("name", ["kind", "date_precision", "place_precision", "source_kind"])
def test_nothing_of_an_incident_is_claimed_beforehand(mission, member, signed_in, name):
    client = signed_in(member(Role.ANALYST))
    page = f"/{mission.code}/incidents/report/"
    assert client.get(page).context["form"][name].value() is None
    answer = client.post(page, REPORT | {name: ""})
    assert answer.status_code == 422
    assert "nothing is set beforehand" in str(answer.context["form"].errors[name])


@pytest.mark.parametrize("name", ["kind", "imminence", "place_precision", "source_kind"])
def test_nothing_of_an_alert_is_claimed_beforehand(mission, member, signed_in, name):
    client, page = signed_in(member(Role.ANALYST)), f"/{mission.code}/alerts/report/"
    assert client.get(page).context["form"][name].value() is None
    answer = client.post(page, ALERT | {name: ""})
    assert answer.status_code == 422
    assert "nothing is set beforehand" in str(answer.context["form"].errors[name])


NUMBERS = (
    "+236 75 12 34 56", "75123456 a dit", "75 12 34 56", "75-12-34-56", "75.12.34.56",
    "75/12/34/56", "(+236) 75123456", "0812 345 678", "081 234 5678", "00236 75 12 34 56",
    "+236-75-12-34-56", "+23675123456", "٧٥١٢٣٤٥٦", "7 5 1 2 3 4 5 6", "tel 70123456",
    "WhatsApp : 72 03 04 05", "75\u00a012\u202f34 56", "75‑12‑34‑56",
    "Told on 2022-12-01 by 75 12 34 56.", "tél. : 70 12 34", "call 701234", "+211 912 345 678",
    "912345678", "joindre au 75 12 34 56", "+1 (202) 555-0143", "0033 6 12 34 56 78",
    "(75) 12 34 56", "75 (12) 34 56", "70 123 456", "03 123 456", "75.123.456", "75,12,34,56",
    "70,123,456", "son n° 75123456", "son no 75123456", "his no. 75123456", "leur numéro : 75123456",
    "75 12 34 56 / 72 03 04 05", "75 12 34 56 (72 03 04 05)", "75123456 / 72030405",
    "incident told by 75 12 34 56", "On 75 12 34 56", "later 75 12 34 56", "En 75123456",
)  # fmt: skip
HARMLESS = (
    "2022-12-01", "01/12/2022 08:30", "01.12.2022", "2022-12-01 14:30", "2022-12-28 2022-12-29",
    "CF1234567", "CAF011001", "CF-HK-1", "6.5432, 21.1234", "21.99 6.54", "6,5432 ; 21,1234",
    "06°32'12\"N 021°12'34\"E", "N 06 32 12 E 021 12 34", "34N 456789 712345",
    "MGRS 34N BP 12345 67890", "GPS 6.54321 21.98765", "12 000 000 people", "1,200,000",
    "10 000 personnes", "1 234 567", "id 12345678", "UCDP 412345", "CAF2022-12345678",
    "ref 20221201001", "INC-2022-000123", "2022-12345678", "n° 12345678", "incident 12345678",
    "Annex 12/2022/0034", "08:00 09:30", "14h30-15h45", "2019-2022, 2023",
    "in 2020 2021 2022 about 30", "25 000 000 FCFA", "+2000 displaced",
    "10-12 killed, 15-20 hurt", "between 01-12-2022 05-12-2022", "40 201 + 10 000",
    "12 13 14 15 December", "17 000 – 25 000 people", "30 houses, 12 men, 4 women, 200 cattle",
    "resolution 2127 (2013)", "AFR 19/013/2013", "https://x.org/?articleid=1268630511",
    "2 345 (1 200 femmes)", "victims aged 12, 14, 35, 60", "12,13,14,15 December", "2019,2020,2021",
    "12 500 000 habitants", "12,500,000", "12.500.000", "1,234,567", "son id : CF0112345",
    "6.5432,21.1234", "6,54321;21,12345", "(6.54, 21.98) (6.55, 21.99)", "12 (34) 56", "CF110111",
    "1 200 / 3 400 / 5 600", "il y a 10 000 déplacés, 2 000 ménages", "15 km, 2 h", "",
)  # fmt: skip


@pytest.mark.parametrize("text", NUMBERS)
def test_a_number_that_can_be_called_is_found(text):
    assert phone_in(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_telephone_number_passes(text):
    assert phone_in(text) == ""


def test_no_account_of_the_demonstration_is_taken_for_one_that_tells(demo):
    texts = Incident.objects.filter(mission=demo).values_list("notes", flat=True)
    assert [text for text in texts if phone_in(text)] == []


@pytest.mark.parametrize(
    ("text", "name", "contact", "place", "found"),
    [
        ("Told by Jean Secret.", "Jean Secret", "", "", True),
        ("told by jean", "Jean Secret", "", "", True),
        ("l’imam d’Abdoulaye", "Abdoulaye", "", "", True),
        ("N'Gaissona said", "Ngaïssona", "", "", True),
        ("Ngaissona said", "N’Gaïssona", "", "", True),
        ("Ali said", "Ali", "", "", True),
        ("Moussa's house", "Moussa Ali", "", "", True),
        ("Jean-Paul ran", "Jean Paul", "", "", True),
        ("Alindao burnt", "Ali", "", "", False),
        ("The chief of Bria said", "Chief of Bria", "", "Bria", False),
        ("le chef du village", "Chef du village", "", "", False),
        ("In Bria", "Bria Moussa", "", "Bria", False),
        ("write 75-12.34 56", "", "+236 75123456", "", True),
        ("write to A.B@c.org", "", "a.b@c.org", "", True),
        ("12 dead", "Jean", "12", "", False),
    ],
)
def test_a_text_that_tells_who_told_is_found(text, name, contact, place, found):
    assert tells(text, [name], [contact], place) is found


def test_an_account_that_holds_the_informant_is_refused_at_the_field(
    mission, member, signed_in, caplog
):
    caplog.set_level(logging.DEBUG)
    client = signed_in(member(Role.ANALYST))
    told = {"informant_name": "Jean Secret", "informant_contact": "radio at the market"}
    page, alerts = f"/{mission.code}/incidents/report/", f"/{mission.code}/alerts/report/"
    for text in ("Told by Jean.", "He is at radio at the market", "On 75 12 34 56"):
        answer = client.post(page, REPORT | told | {"notes": text})
        assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["notes"])
        assert "Jean" not in str(answer.context["form"].errors)
        answer = client.post(alerts, ALERT | told | {"details": text})
        assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["details"])
    assert not IncidentSource.objects.filter(mission=mission).exists()
    assert not Alert.objects.filter(mission=mission).exists()
    assert "Secret" not in caplog.text
    assert client.post(page, REPORT | told, follow=True).status_code == 200


def test_later_texts_keep_the_source_sealed_too(mission, member, api):
    analyst = member(Role.ANALYST)
    own = filed(
        analyst, mission, source={"kind": "community"}, informant={"name": "Jean Secret"}
    )  # fmt: skip
    client = api(analyst)
    for text in ("Jean said so", "call +236 75 12 34 56"):
        answer = client.patch(f"/api/v1/incidents/{own.pk}/", {"notes": text}, format="json")
        assert answer.status_code == 400
        assert "notes" in str(answer.json())
        assert "Jean" not in str(answer.json())
    informant = InformantFactory(mission=mission, name="Jean Secret", created_by=analyst)
    alert = report_alert(user=analyst, mission=mission, details="x")
    Alert.objects.filter(pk=alert.pk).update(informant=informant)
    with pytest.raises(Exception, match="informant"):
        take_step(alert, user=analyst, step="acknowledged", note="Called Jean back")
    threat = {"mission": mission.code, "kind": "attacks", "title": "x", "description": "75123456"}
    assert client.post("/api/v1/threats/", threat, format="json").status_code == 400
    assert not Threat.objects.filter(mission=mission).exists()
