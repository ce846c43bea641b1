"""Nothing people write freely holds a telephone number, or the name or contact of who told."""

import pytest
from django.core.exceptions import ValidationError
from rest_framework import serializers

from missions.choices import Role
from missions.models.base import MissionOwned
from poc_portal.api.router import resources
from strategies.services.activities import change_activities, edit_activity, plan_activity
from strategies.services.meetings import call_meeting, decide, edit_meeting
from tests import saying
from tests.factories import (
    ActivityFactory,
    AlertFactory,
    ComponentFactory,
    IncidentFactory,
    IncidentSourceFactory,
    IndicatorFactory,
    InformantFactory,
    IntakeFactory,
    MeetingFactory,
    ObjectiveFactory,
    StrategyFactory,
    ThreatFactory,
)
from threats.models import Incident, Threat
from threats.models.sealing import SealsSources
from threats.rules.accounts import tells
from threats.services.alerts import take_step, withdraw_alert
from threats.services.grading import add_source, withdraw_source
from threats.services.incidents import report_incident, withdraw_incident
from threats.services.merging import merge_incidents
from threats.services.threats import decide_on_suggestion

NUMBER = "Call +236 75 12 34 56"
# What machines write: names of datasets, identifiers, codes, addresses.
MACHINES = {
    "source", "source_id", "dataset", "external_id", "value", "attribution", "code", "url",
    "username", "email", "name_en", "name_fr", "language", "sort_name",
}  # fmt: skip
# Of the installation or of machines, not of what happened to people.
NO_ACCOUNTS = {
    "webhooks", "intakes", "components", "field-offices", "admin-areas", "memberships",
    "actor-identifiers", "tokens", "alert-steps",
}  # fmt: skip


def free_texts():
    """Resource, its model and its fields that take what people write freely."""
    for name, viewset in resources().items():
        serializer = getattr(viewset, "serializer_class", None)
        model = getattr(getattr(serializer, "Meta", None), "model", None)
        if model is None or not issubclass(model, MissionOwned) or name in NO_ACCOUNTS:
            continue
        if not hasattr(viewset, "create_service"):
            continue
        for field, kind in serializer().get_fields().items():
            of = getattr(kind, "child", kind)
            is_text = type(of) is serializers.CharField and not kind.read_only
            if is_text and field not in MACHINES:
                yield name, model, field


def test_every_text_people_write_over_rest_is_declared():
    missing = [
        f"{name}: {field}"
        for name, model, field in free_texts()
        if not issubclass(model, SealsSources) or field not in model.free_texts
    ]
    assert not missing, missing
    assert len(list(free_texts())) > 25


@pytest.mark.parametrize(
    ("text", "name", "contact", "found"),
    [
        ("Told by Jean Secret", "Jean Secret", "", True),
        ("Told by Jean", "Jean Secret", "", False),
        ("Christian families", "Christian", "", False),
        ("Meet the mayor of Bria", "Mayor of Bria", "", False),
        ("Chief Moussa Ali said", "chief Moussa Ali", "", True),
        ("write to a.b@c.org", "", "a.b@c.org", True),
        ("75-12.34 56", "", "+236 75123456", True),
        ("on the radio", "", "radio", False),
    ],
)
def test_of_others_informants_only_a_whole_name_tells(text, name, contact, found):
    assert tells(text, [name], [contact], is_whole=True) is found


@pytest.fixture
def adviser(member):
    return member(Role.ADVISER)


def bodies(mission):
    """A sound body for each resource people write texts in, and its address."""
    component = ComponentFactory(mission=mission)
    strategy = StrategyFactory(mission=mission)
    objective = ObjectiveFactory(strategy=strategy)
    indicator = IndicatorFactory(objective=objective)
    code = mission.code
    return {
        "activities": {"mission": code, "title": "x", "tier": 1, "phase": "response",
            "lead_component": component.pk, "start": "2022-12-30", "due": "2022-12-31"},
        "meetings": {"mission": code, "title": "x", "day": "2022-12-31"},
        "decisions": {"meeting": MeetingFactory(mission=mission).pk, "text": "x",
            "owner": component.pk, "due": "2022-12-31"},
        "strategies": {"mission": code, "title": "x", "start": "2022-12-30", "end": "2022-12-31"},
        "objectives": {"strategy": strategy.pk, "title": "x"},
        "indicators": {"objective": objective.pk, "title": "x", "baseline": 1, "target": 2},
        "measurements": {"indicator": indicator.pk, "day": "2022-12-31", "value": 3},
        "incidents": saying.INCIDENT
        | {"mission": code, "kind": "looting", "start_date": "2022-12-30"},
        "alerts": saying.ALERT | {"mission": code, "details": "x"},
        "threats": {"mission": code, "title": "x", "kind": "attacks"},
        "assessments": {"threat": ThreatFactory(mission=mission).pk, "likelihood": 3, "impact": 3,
            "rationale": "x"},
        "communities": {"mission": code, "name": "x", "longitude": 20, "latitude": 5},
        "armed-actors": {"mission": code, "name": "x"},
    }  # fmt: skip


def test_each_text_is_refused_at_its_field(mission, member, adviser, api):
    InformantFactory(mission=mission, name="Jean Secret", created_by=adviser)
    client, asked = api(adviser), bodies(mission)
    wanted = {(name, field) for name, _model, field in free_texts() if name in asked}
    assert {name for name, _field in wanted} == set(asked)
    for name, field in sorted(wanted):
        is_list = field in ("aliases", "vulnerable_groups")
        for text in (NUMBER, "Told by Jean Secret"):
            body = asked[name] | {field: [text] if is_list else text}
            answer = client.post(f"/api/v1/{name}/", body, format="json")
            assert answer.status_code == 400, (name, field, answer.content)
            assert field in str(answer.json()), (name, field, answer.json())
            assert "Jean" not in str(answer.json())
    for name, body in asked.items():
        answer = client.post(f"/api/v1/{name}/", body, format="json")
        assert answer.status_code == 201, (name, answer.content)


def test_what_is_planned_against_a_report_names_nobody_the_planner_sealed(mission, adviser):
    incident = IncidentFactory(mission=mission)
    informant = InformantFactory(mission=mission, name="Jean Secret", created_by=adviser)
    IncidentSourceFactory(incident=incident, informant=informant)
    threat = ThreatFactory(mission=mission)
    threat.incidents.add(incident)
    component = ComponentFactory(mission=mission)

    def planned(text, **more):
        return plan_activity(
            user=adviser, mission=mission, title=text, tier=1, phase="response",
            lead_component=component, start=mission.today, due=mission.today, **more,
        )  # fmt: skip

    with pytest.raises(ValidationError, match="informant"):
        planned("Call Jean back", threats=[threat])
    activity = planned("Call back", threats=[threat])
    with pytest.raises(ValidationError) as refused:
        edit_activity(activity, user=adviser, outcome="Jean was safe")
    assert list(refused.value.message_dict) == ["outcome"]
    with pytest.raises(ValidationError) as refused:
        edit_activity(activity, user=adviser, status="done", note="Jean confirms")
    assert list(refused.value.message_dict) == ["note"]
    report = change_activities([activity], user=adviser, status="done", note=NUMBER)
    assert [error["field"] for error in report.outcomes[0].errors] == ["note"]
    planned("Call Jean back")  # a part of his name, in what he did not tell of


def test_an_alert_planned_against_names_nobody_who_told(mission, adviser):
    informant = InformantFactory(mission=mission, name="Jean", created_by=adviser)
    alert = AlertFactory(mission=mission, informant=informant)
    activity = ActivityFactory(mission=mission)
    with pytest.raises(ValidationError):
        edit_activity(activity, user=adviser, description="See Jean", alerts=[alert])
    secret = AlertFactory(mission=mission, classification=2, informant=alert.informant)
    activity.alerts.add(secret)
    edit_activity(activity, user=adviser, alerts=[secret], title="x")
    with pytest.raises(ValidationError):
        edit_activity(activity, user=adviser, description="See Jean")


def test_informants_of_what_a_reader_does_not_see_are_not_to_be_guessed(mission, member):
    low = member(Role.ADVISER, 0)
    secret = IncidentFactory(mission=mission, classification=2)
    IncidentSourceFactory(
        incident=secret, informant=InformantFactory(mission=mission, name="Jean Secret")
    )
    threat = ThreatFactory(mission=mission, classification=0)
    threat.incidents.add(secret)
    activity = ActivityFactory(mission=mission)
    activity.threats.add(threat)
    edit_activity(activity, user=low, description="Jean Secret")


def test_meetings_decisions_and_reasons_hold_no_number(mission, adviser, member):
    meeting = call_meeting(user=adviser, mission=mission, title="x", day=mission.today)
    with pytest.raises(ValidationError) as refused:
        edit_meeting(meeting, user=adviser, notes=NUMBER)
    assert list(refused.value.message_dict) == ["notes"]
    owner = ComponentFactory(mission=mission)
    with pytest.raises(ValidationError) as refused:
        decide(user=adviser, meeting=meeting, text=NUMBER, owner=owner, due=mission.today)
    assert list(refused.value.message_dict) == ["text"]
    analyst = member(Role.ANALYST)
    alert, incident = AlertFactory(mission=mission), IncidentFactory(mission=mission)
    with pytest.raises(ValidationError) as refused:
        take_step(alert, user=analyst, step="acknowledged", note=NUMBER)
    assert list(refused.value.message_dict) == ["note"]
    for withdraw, record in ((withdraw_alert, alert), (withdraw_incident, incident)):
        with pytest.raises(ValidationError) as refused:
            withdraw(record, user=analyst, reason=NUMBER)
        assert list(refused.value.message_dict) == ["reason"]
    with pytest.raises(ValidationError) as refused:
        decide_on_suggestion(
            user=analyst, threat=ThreatFactory(mission=mission), follow=False, reason=NUMBER
        )
    assert list(refused.value.message_dict) == ["reason"]


def test_a_threat_names_nobody_who_told_of_its_incidents(mission, member, api, signed_in):
    analyst = member(Role.ANALYST)
    incident = IncidentFactory(mission=mission)
    informant = InformantFactory(mission=mission, name="Jean Secret", created_by=analyst)
    IncidentSourceFactory(incident=incident, informant=informant)
    body = {"mission": mission.code, "title": "x", "kind": "attacks", "incidents": [incident.pk],
            "motive": "Jean says: revenge"}  # fmt: skip
    answer = api(analyst).post("/api/v1/threats/", body, format="json")
    assert (answer.status_code, "motive" in str(answer.json())) == (400, True)
    threat = ThreatFactory(mission=mission)
    threat.incidents.add(incident)
    body = {"threat": threat.pk, "likelihood": 3, "impact": 3, "rationale": "Jean fears it"}
    answer = api(analyst).post("/api/v1/assessments/", body, format="json")
    assert (answer.status_code, "rationale" in str(answer.json())) == (400, True)
    page = signed_in(analyst).post(
        f"/{mission.code}/threats/report/", {"title": NUMBER, "kind": "attacks"}
    )
    assert page.status_code in (404, 422)
    assert Threat.objects.filter(mission=mission).count() == 1


def test_rows_of_a_call_and_of_a_sheet_obey_too(mission, member, api):
    analyst = member(Role.ANALYST)
    InformantFactory(mission=mission, name="Paul Unknown", created_by=analyst)
    rows = [{"mission": mission.code, "source": "s", "external_id": "1", "kind": "looting",
             "start_date": "2022-12-30", "date_precision": "day", "notes": "x"}]  # fmt: skip
    address = "/api/v1/incidents/bulk/"
    assert api(analyst).post(address, rows, format="json").status_code == 200
    stored = Incident.objects.get(mission=mission)
    informant = InformantFactory(mission=mission, name="Jean Secret", created_by=analyst)
    IncidentSourceFactory(incident=stored, informant=informant)
    for text in ("Jean said so", NUMBER, "Paul Unknown said so"):
        told = [rows[0] | {"notes": text}]
        answer = api(analyst).post(f"{address}?mode=keep_good", told, format="json").json()
        errors = answer["results"][0]["errors"]
        assert [error["field"] for error in errors] == ["notes"], text
    new = [rows[0] | {"external_id": "2", "notes": "Paul Unknown said so"}]
    answer = api(analyst).post(f"{address}?mode=keep_good", new, format="json").json()
    assert [error["field"] for error in answer["results"][0]["errors"]] == ["notes"]
    activity = {"mission": mission.code, "source": "s", "external_id": "1", "title": NUMBER,
                "tier": 1, "phase": "response", "start": "2022-12-30", "due": "2022-12-31",
                "lead_component": ComponentFactory(mission=mission).pk}  # fmt: skip
    planner = member(Role.PLANNER)
    answer = api(planner).post("/api/v1/activities/bulk/?mode=keep_good", [activity], format="json")
    assert [e["field"] for e in answer.json()["results"][0]["errors"]] == ["title"]
    from exchange.intake.mapping import Taker

    mapping = saying.for_every_row("incidents") | {
        "kind": {"always": "looting"}, "start_date": {"from": "day"}, "notes": {"from": "what"},
    }  # fmt: skip
    intake = IntakeFactory(mission=mission, mapping=mapping)
    Taker(intake, analyst).take([{"day": "2022-12-30", "what": NUMBER, "_uuid": "3"}])
    assert not Incident.objects.filter(mission=mission, external_id="3").exists()


def test_a_merge_joins_no_text_that_tells_who_told_of_the_other(mission, member):
    analyst = member(Role.ANALYST)
    keep = report_incident(
        user=analyst, mission=mission, kind="looting", start_date=mission.today,
        source={"kind": "community"}, informant={"name": "Jean Secret"},
    )  # fmt: skip
    other = IncidentFactory(mission=mission, notes="Jean was there")
    with pytest.raises(ValidationError):
        merge_incidents(user=analyst, keep=keep, other=other)


GUESSES = ("Jean Secret Moussa came", "Jean fears it", "Jean, Paul, Ali, Awa", "write to a.b@c.org")


@pytest.fixture
def sealed_by_another(mission, member):
    """An incident and an alert of somebody sealed by another analyst, and a threat of both."""
    other = member(Role.ANALYST)
    informant = InformantFactory(
        mission=mission, name="Jean Secret Moussa", contact="a.b@c.org", created_by=other
    )
    incident = IncidentFactory(mission=mission, dataset="s", external_id="1")
    IncidentSourceFactory(incident=incident, informant=informant)
    alert = AlertFactory(mission=mission, informant=informant)
    threat = ThreatFactory(mission=mission)
    threat.incidents.add(incident)
    threat.alerts.add(alert)
    return incident, alert, threat


def test_nobody_finds_out_who_the_informant_of_another_is(
    mission, member, adviser, api, signed_in, sealed_by_another
):
    incident, alert, threat = sealed_by_another
    activity = ActivityFactory(mission=mission)
    activity.threats.add(threat)
    activity.alerts.add(alert)
    analyst = member(Role.ANALYST)
    source = incident.sources.get()
    for text in GUESSES:
        for user, address, body in (
            (adviser, f"activities/{activity.pk}", {"description": text}),
            (analyst, f"incidents/{incident.pk}", {"notes": text}),
            (analyst, f"alerts/{alert.pk}", {"details": text}),
            (analyst, f"threats/{threat.pk}", {"description": text}),
        ):
            answer = api(user).patch(f"/api/v1/{address}/", body, format="json")
            assert answer.status_code == 200, (address, text, answer.content)
        body = {"threat": threat.pk, "likelihood": 3, "impact": 3, "rationale": text}
        assert api(analyst).post("/api/v1/assessments/", body, format="json").status_code == 201
        take_step(alert, user=analyst, step="verified", verification="partly", note=text)
        page = {"title": "x", "kind": "attacks", "description": text}
        response = signed_in(analyst).post(f"{threat.get_absolute_url()}edit/", page)
        assert "informant" not in str(getattr(response, "context", None) and
            response.context.get("form") and response.context["form"].errors)  # fmt: skip
    withdraw_source(source, user=analyst, reason="Jean Secret Moussa")
    withdraw_alert(alert, user=analyst, reason="Jean Secret Moussa")


@pytest.mark.usefixtures("sealed_by_another")
def test_no_call_of_many_tells_who_the_informant_of_another_is(mission, member, api):
    client = api(member(Role.ANALYST))
    for text in GUESSES:
        row = {"mission": mission.code, "source": "s", "external_id": "1", "kind": "looting",
               "start_date": "2022-12-30", "date_precision": "day", "notes": text}  # fmt: skip
        answer = client.post("/api/v1/incidents/bulk/", [row], format="json").json()
        assert [one["status"] for one in answer["results"]] == ["changed"], text


def test_a_merge_tells_nobody_who_the_informant_of_another_is(mission, member, sealed_by_another):
    incident, _alert, _threat = sealed_by_another
    other = IncidentFactory(mission=mission, notes="Jean was there")
    assert merge_incidents(user=member(Role.ANALYST), keep=incident, other=other).notes


def test_an_informant_named_in_the_same_call_stays_sealed(mission, member):
    source, told = {"kind": "community"}, {"name": "Jean Secret"}
    incident = IncidentFactory(mission=mission, notes="Jean was there")
    with pytest.raises(ValidationError, match="informant"):
        add_source(user=member(Role.ANALYST), incident=incident, informant=told, **source)
