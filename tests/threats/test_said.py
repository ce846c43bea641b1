"""Own reports have no default for what they claim, whichever way they come in."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from exchange.intake.files import ask, bring_file, set_mapping, take_files
from exchange.intake.mapping import Taker
from missions.choices import Role
from poc_portal.tabular import BadValue, day
from poc_portal.tabular.days import month
from tests import saying
from tests.factories import IncidentFactory, IntakeFactory
from threats.models import Alert, Incident

INCIDENT = saying.INCIDENT | {
    "kind": "looting", "start_date": "2022-12-30", "longitude": 20.5, "latitude": 5.5,
}  # fmt: skip
ALERT = saying.ALERT | {"details": "Armed men gather."}
CLAIMS = [
    ("incidents", "kind", "looting"),
    ("incidents", "date_precision", "day, days, week, month, longer"),
    ("incidents", "place_precision", "exact, near, district, province, linear, country"),
    ("alerts", "kind", "attack"),
    ("alerts", "imminence", "imminent, days, weeks, unknown"),
    ("alerts", "place_precision", "exact, near, district, province, linear, country"),
    ("alerts", "source_kind", "community"),
]
BODIES = {"incidents": INCIDENT, "alerts": ALERT}
MODELS = {"incidents": Incident, "alerts": Alert}


@pytest.fixture
def analyst(member):
    return member(Role.ANALYST)


def without(what, name):
    return {key: value for key, value in BODIES[what].items() if key != name}


@pytest.mark.parametrize(("what", "name", "codes"), CLAIMS)
def test_nothing_is_claimed_over_rest_that_nobody_said(mission, analyst, api, what, name, codes):
    body = without(what, name) | {"mission": mission.code}
    answer = api(analyst).post(f"/api/v1/{what}/", body)
    assert answer.status_code == 400, answer.json()
    (error,) = answer.json()["errors"]
    assert error["field"] == name
    assert name in error["message"]
    assert codes in error["message"]
    assert not MODELS[what].objects.filter(mission=mission).exists()


@pytest.mark.parametrize(("what", "name", "codes"), CLAIMS)
def test_nor_by_rows_of_many(mission, analyst, api, what, name, codes):
    row = without(what, name) | {"mission": mission.code, "source": "s", "external_id": "1"}
    answer = api(analyst).post(f"/api/v1/{what}/bulk", [row])
    assert answer.status_code == 422
    (error,) = answer.json()["results"][0]["errors"]
    assert (error["field"], codes in error["message"]) == (name, True)
    whole = api(analyst).post(f"/api/v1/{what}/bulk", [row | BODIES[what]])
    assert whole.json()["created"] == 1
    assert api(analyst).post(f"/api/v1/{what}/bulk", [row]).status_code == 422  # nor in a change


@pytest.mark.parametrize(("what", "name", "codes"), CLAIMS)
def test_nor_by_submissions_until_the_mapping_says_it_for_every_row(
    mission, analyst, api, what, name, codes
):
    rules = {key: {"always": str(value)} for key, value in BODIES[what].items()}
    rule = rules.pop(name)
    intake = IntakeFactory(mission=mission, resource=what, mapping=rules)
    address = f"/api/v1/intakes/{intake.pk}/submissions/"
    answer = api(analyst).post(address, {"_uuid": "1"})
    (error,) = answer.json()["results"][0]["errors"]
    assert (answer.status_code, error["field"], codes in error["message"]) == (422, name, True)
    intake.mapping = rules | {name: rule}
    intake.save()
    assert api(analyst).post(address, {"_uuid": "1"}).status_code == 200
    assert getattr(MODELS[what].objects.get(mission=mission), name) == BODIES[what][name]


def test_an_incident_without_a_place_claims_none(mission, analyst, api):
    body = {"kind": "looting", "start_date": "2022-12-30", "date_precision": "day"}
    made = api(analyst).post("/api/v1/incidents/", body | {"mission": mission.code})
    assert (made.status_code, made.json()["place_precision"]) == (201, "country")
    row = body | {"mission": mission.code, "source": "s", "external_id": "1"}
    assert api(analyst).post("/api/v1/incidents/bulk", [row]).status_code == 200
    stored = Incident.objects.get(mission=mission, external_id="1")
    assert stored.place_precision == "country"
    address = f"/api/v1/incidents/{made.json()['id']}/"
    refused = api(analyst).patch(address, {"place_name": "Bria"})
    assert [error["field"] for error in refused.json()["errors"]] == ["place_precision"]
    said = {"place_name": "Bria", "place_precision": "near"}
    assert api(analyst).patch(address, said).status_code == 200


def test_a_place_on_record_is_moved_without_being_asked_again(mission, analyst, api):
    incident = IncidentFactory(mission=mission, longitude=20.0, latitude=5.0)
    answer = api(analyst).patch(f"/api/v1/incidents/{incident.pk}/", {"longitude": 20.1})
    assert answer.status_code == 200, answer.json()


def test_a_sheet_is_asked_first_for_what_it_has_no_column_for(mission, analyst, signed_in):
    body = "id,kind,date,place\n1,looting,2022-12-03,Bria\n"
    file = bring_file(
        user=analyst, mission=mission, upload=SimpleUploadedFile("a.csv", body.encode()),
        resource="incidents", source="bureau",
    )  # fmt: skip
    page = signed_in(analyst).get(file.get_absolute_url())
    assert [str(label) for label in page.context["missing"]] == [
        "Precision of the date", "Precision of the place",
    ]  # fmt: skip
    asked = [line for line in page.context["parts"][0][0] if line.target.name.endswith("precision")]
    assert [(line.column, line.always) for line in asked] == [("", ""), ("", "")]
    set_mapping(file, file.mapping | {
        "date_precision": {"always": "day"}, "place_precision": {"always": "near"},
    })  # fmt: skip
    ask(file, user=analyst, keep_good=True)
    take_files()
    stored = Incident.objects.get(mission=mission)
    assert (stored.date_precision, stored.place_precision) == ("day", "near")


@pytest.mark.parametrize(
    "text",
    ["December 2022", "12/2022", "12.2022", "2022-12", "Dec 2022", "décembre 2022", "déc. 2022"],
)
def test_a_month_alone_is_a_date_known_to_the_month(mission, analyst, text):
    mapping = {
        "kind": {"always": "looting"}, "start_date": {"from": "day", "first": "day"},
        "date_precision": {"always": "day"},
    }  # fmt: skip
    intake = IntakeFactory(mission=mission, mapping=mapping)
    report = Taker(intake, analyst).take([{"day": text, "_uuid": "1"}])
    assert report.refused == 0, report.outcomes
    stored = Incident.objects.get(mission=mission)
    assert (str(stored.start_date), str(stored.end_date), stored.date_precision) == (
        "2022-12-01", "2022-12-31", "month",
    )  # fmt: skip


def test_months_of_both_ends_reach_from_the_first_to_the_last_day(mission, analyst):
    mapping = {
        "kind": {"always": "looting"}, "start_date": {"from": "a"}, "end_date": {"from": "b"},
    }  # fmt: skip
    intake = IntakeFactory(mission=mission, mapping=mapping)
    sent = [{"a": "10/2022", "b": "November 2022", "_uuid": "1"}]
    assert Taker(intake, analyst).take(sent).refused == 0
    stored = Incident.objects.get(mission=mission)
    assert (str(stored.start_date), str(stored.end_date)) == ("2022-10-01", "2022-11-30")


def test_where_a_day_is_needed_a_month_is_refused_and_no_day_invented():
    assert month("31/12/2022") is None
    assert month("13/2022") is None
    with pytest.raises(BadValue) as refused:
        day("", "12/2022")
    assert refused.value.message == "“12/2022” is a month; a day is asked for here."
