"""A report whose informant is sealed is at least confidential, and a stricter kind is as secret in
every door alike."""

import pytest
from django.core.exceptions import ValidationError

from missions.choices import Classification, Role
from records.declassifying import declassifying
from tests import saying
from tests.factories import (
    AlertFactory,
    ArmedActorFactory,
    IncidentFactory,
    IncidentSourceFactory,
    InformantFactory,
)
from tests.threats.test_safe_defaults import ALERT, REPORT
from threats.models import Alert, Incident, IncidentActor
from threats.services.alerts import edit_alert, report_alert
from threats.services.grading import add_source
from threats.services.incidents import edit_incident, report_incident
from threats.services.merging import merge_incidents
from threats.services.threats import report_threat

U, C, S = Classification.UNCLASSIFIED, Classification.CONFIDENTIAL, Classification.STRICTLY_CONFIDENTIAL  # fmt: skip
TOLD = {"name": "Jean Secret"}


@pytest.fixture
def analyst(member):
    return member(Role.ANALYST)


def sealed_incident(mission, **values):
    incident = IncidentFactory(mission=mission, **values)
    IncidentSourceFactory(incident=incident, informant=InformantFactory(mission=mission))
    return incident


@pytest.mark.parametrize(("what", "body"), [("incidents", REPORT), ("alerts", ALERT)])
def test_a_form_that_names_an_informant_takes_no_lower_level(
    mission, analyst, signed_in, what, body
):
    client, page = signed_in(analyst), f"/{mission.code}/{what}/report/"
    model = {"incidents": Incident, "alerts": Alert}[what]
    told = body | {"informant_name": "Jean Secret"}
    answer = client.post(page, told | {"classification": "0"})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["classification"])
    assert "at least “Confidential”" in str(answer.context["form"].errors)
    assert not model.objects.filter(mission=mission).exists()
    assert client.post(page, told, follow=True).status_code == 200
    assert model.objects.get(mission=mission).classification == C
    assert client.post(page, body | {"classification": "0"}, follow=True).status_code == 200
    assert model.objects.filter(mission=mission, classification=U).count() == 1


def test_a_service_files_no_informant_below_the_least(mission, analyst):
    with pytest.raises(ValidationError) as refused:
        report_incident(
            user=analyst, mission=mission, kind="looting", start_date=mission.today,
            classification=U, source={"kind": "community"}, informant=TOLD,
        )  # fmt: skip
    assert list(refused.value.message_dict) == ["classification"]
    with pytest.raises(ValidationError) as refused:
        report_alert(user=analyst, mission=mission, details="x", classification=U, informant=TOLD)
    assert list(refused.value.message_dict) == ["classification"]


def test_nothing_sealed_is_lowered_afterwards(mission, analyst, api):
    client = api(analyst)
    incident = sealed_incident(mission, classification=C, dataset="s", external_id="1")
    alert = AlertFactory(
        mission=mission, classification=C, informant=InformantFactory(mission=mission)
    )
    for what, record in (("incidents", incident), ("alerts", alert)):
        address = f"/api/v1/{what}/{record.pk}/"
        answer = client.patch(address, {"classification": 0}, format="json")
        assert (answer.status_code, "classification" in str(answer.json())) == (400, True)
        answer = client.patch(address, {"classification": 2}, format="json")
        assert (answer.status_code, answer.json()["classification"]) == (200, S)
    open_one = IncidentFactory(mission=mission, classification=C, created_by=analyst)
    with declassifying("published since"):
        edit_incident(open_one, user=analyst, classification=U)
    Incident.objects.filter(pk=incident.pk).update(edited_by_hand=False)
    row = {"mission": mission.code, "source": "s", "external_id": "1", "kind": "looting",
           "start_date": "2022-12-30", "date_precision": "day", "classification": 0}  # fmt: skip
    answer = client.post("/api/v1/incidents/bulk/?mode=keep_good", [row], format="json").json()
    assert [error["field"] for error in answer["results"][0]["errors"]] == ["classification"]
    incident.refresh_from_db()
    assert incident.classification == S


def test_who_adds_an_informant_raises_the_report(mission, analyst, member):
    incident = IncidentFactory(mission=mission, classification=U)
    low = member(Role.VIEWER, U)
    add_source(user=analyst, incident=incident, kind="community")
    assert Incident.objects.visible_to(low).filter(pk=incident.pk).exists()
    add_source(user=analyst, incident=incident, kind="community", informant=TOLD)
    incident.refresh_from_db()
    assert incident.classification == C
    assert not Incident.objects.visible_to(low).filter(pk=incident.pk).exists()


def test_what_was_filed_lower_before_is_raised_by_its_next_change(mission, analyst, api):
    incident = sealed_incident(mission, classification=U, dataset="s", external_id="1")
    assert edit_incident(incident, user=analyst, injured=2).classification == C
    alert = AlertFactory(
        mission=mission, classification=U, informant=InformantFactory(mission=mission)
    )
    assert edit_alert(alert, user=analyst, details="more").classification == C
    Incident.objects.update(edited_by_hand=False, classification=U)
    row = {"mission": mission.code, "source": "s", "external_id": "1", "kind": incident.kind,
           "start_date": "2022-12-30", "date_precision": "day", "injured": 3}  # fmt: skip
    answer = api(analyst).post("/api/v1/incidents/bulk/", [row], format="json")
    assert answer.json()["results"][0]["status"] == "changed"
    incident.refresh_from_db()
    assert incident.classification == C
    Incident.objects.update(classification=U)
    keep = IncidentFactory(mission=mission, classification=U)
    assert merge_incidents(user=analyst, keep=keep, other=incident).classification == C


# -- a stricter kind above one's own clearance ---------------------------------------------------


@pytest.fixture
def author(member):
    return member(Role.ANALYST, C)


def made(author, mission, what):
    if what == "incidents":
        return report_incident(
            user=author, mission=mission, kind="looting", start_date=mission.today,
            place_name="Bria", longitude=20.0, latitude=5.0,
        )  # fmt: skip
    if what == "alerts":
        return report_alert(
            user=author, mission=mission, details="x", kind="attack", place_name="Bria",
            longitude=20.0, latitude=5.0,
        )  # fmt: skip
    return report_threat(user=author, mission=mission, title="x", kind="attacks")


@pytest.mark.parametrize("what", ["incidents", "alerts", "threats"])
@pytest.mark.parametrize("said", [{}, {"classification": 2}])
def test_over_rest_a_stricter_kind_is_taken_above_ones_clearance(mission, author, api, what, said):
    record = made(author, mission, what)
    address = f"/api/v1/{what}/{record.pk}/"
    answer = api(author).patch(address, {"kind": "sexual_violence"} | said, format="json")
    assert (answer.status_code, answer.json()["classification"]) == (200, S), answer.json()
    assert set(answer.json()) == {"id", "classification", "detail"}
    assert "above your own clearance" in answer.json()["detail"]
    record.refresh_from_db()
    assert (record.kind, record.classification) == ("sexual_violence", S)
    assert api(author).get(address).status_code == 404
    other = made(author, mission, what)  # more than its kind calls for is still not theirs to say
    address = f"/api/v1/{what}/{other.pk}/"
    assert api(author).patch(address, {"classification": 2}, format="json").status_code == 400


@pytest.mark.parametrize("what", ["incidents", "alerts", "threats"])
def test_by_form_a_stricter_kind_is_taken_above_ones_clearance(mission, author, signed_in, what):
    client, record = signed_in(author), made(author, mission, what)
    address = f"{record.get_absolute_url()}edit/"
    form = client.get(address).context["form"]
    body = {f.html_name: f.value() for f in form if f.value() not in (None, "", [])}
    answer = client.post(address, body | {"kind": "sexual_violence"}, follow=True)
    assert answer.status_code == 200, answer.context["form"].errors
    assert "above your own clearance" in answer.content.decode()
    record.refresh_from_db()
    assert (record.kind, record.classification) == ("sexual_violence", S)


@pytest.mark.parametrize("what", ["incidents", "alerts"])
def test_in_calls_of_many_a_stricter_kind_is_taken_above_ones_clearance(mission, author, api, what):
    text = {"incidents": {"start_date": "2022-12-30"}, "alerts": {"details": "x"}}[what]
    row = {"mission": mission.code, "source": "s", "external_id": "1"} | saying.SAID[what] | text
    address = f"/api/v1/{what}/bulk/?mode=keep_good"
    model = {"incidents": Incident, "alerts": Alert}[what]
    for kind, status, level in (("looting", "created", C), ("sexual_violence", "changed", S)):
        answer = api(author).post(address, [row | {"kind": kind}], format="json").json()
        assert [one["status"] for one in answer["results"]] == [status], answer
        assert model.objects.get(mission=mission).classification == level


# -- what is only referred ------------------------------------------------------------------------


def test_no_call_of_many_keeps_who_told_of_what_is_only_referred(mission, author, api):
    sealed = sealed_incident(mission, classification=C, dataset="s", external_id="1")
    hidden = IncidentFactory(mission=mission, classification=C, dataset="s", external_id="2")
    unseen = ArmedActorFactory(mission=mission, classification=S)
    IncidentActor.objects.create(incident=hidden, actor=unseen, part="perpetrator")
    plain = IncidentFactory(mission=mission, classification=C, dataset="s", external_id="3")
    IncidentActor.objects.create(
        incident=plain, actor=ArmedActorFactory(mission=mission), part="perpetrator"
    )
    rows = [
        {"mission": mission.code, "source": "s", "external_id": one.external_id,
         "kind": "exploitation", "start_date": "2022-12-30", "date_precision": "day",
         "place_precision": "country"}
        for one in (sealed, hidden, plain)
    ]  # fmt: skip
    answer = api(author).post("/api/v1/incidents/bulk/?mode=keep_good", rows, format="json").json()
    # Of a part the author does not see a refusal would tell; it goes, as one that is seen does.
    assert [one["status"] for one in answer["results"]] == ["refused", "changed", "changed"]
    assert answer["results"][0]["errors"][0]["field"] == "kind"
    sealed.refresh_from_db()
    assert sealed.kind != "exploitation"
    assert not IncidentActor.objects.filter(incident__in=[hidden, plain]).exists()


def test_no_sheet_keeps_who_told_of_what_is_only_referred(mission, analyst):
    from exchange.intake.mapping import Taker
    from tests.factories import IntakeFactory

    mapping = saying.for_every_row("incidents") | {
        "kind": {"from": "kind"}, "start_date": {"always": "2022-12-30"},
    }  # fmt: skip
    intake = IntakeFactory(mission=mission, mapping=mapping)
    sealed_incident(mission, classification=S, dataset=intake.name, external_id="1")
    report = Taker(intake, analyst).take([{"kind": "exploitation", "_uuid": "1"}])
    assert [outcome.status for outcome in report.outcomes] == ["refused"]


def test_no_merge_gives_what_is_only_referred_who_told_or_did_it(mission, analyst):
    keep = IncidentFactory(
        mission=mission, kind="exploitation", classification=S, place_precision="country",
        place_name="", longitude=None, latitude=None, deaths_best=None, civilian_deaths=None,
        notes="",
    )  # fmt: skip
    other = sealed_incident(
        mission, kind="tension", classification=C, place_name="", longitude=None, latitude=None,
        place_precision="country", notes="",
    )  # fmt: skip
    with pytest.raises(ValidationError, match="sexual exploitation"):
        merge_incidents(user=analyst, keep=keep, other=other)
