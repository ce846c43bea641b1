"""An identifier or name that only hidden records bear is free to whoever does not see them."""

import datetime

import pytest
from django.apps import apps
from django.urls import reverse

from exchange.models import Intake
from missions.choices import Role
from records.bulk.writer import _beside
from records.models import ExternalId
from records.namesakes import MOST
from tests import saying
from tests.factories import (
    ActorIdentifierFactory,
    AlertFactory,
    ArmedActorFactory,
    CommunityFactory,
    IncidentFactory,
    IntakeFactory,
)
from threats.models import ActorIdentifier, Alert, Community, Incident, Pull
from threats.services.merging import keep_separate, likely_pairs

PLACE = {"longitude": 20.0, "latitude": 5.0}
ROWS = {
    "incidents": saying.INCIDENT | {"kind": "killing", "start_date": "2022-12-30", **PLACE},
    "alerts": saying.ALERT | {"details": "Men on motorcycles.", **PLACE},
    "communities": {"name": "Bria", "kind": "town", **PLACE},
}
MODELS = {"incidents": Incident, "alerts": Alert, "communities": Community}


@pytest.fixture
def low(mission, member):
    return member(Role.ANALYST, 0)


@pytest.fixture
def high(mission, member):
    return member(Role.ANALYST, 2)


def send(api, user, mission, resource, **values):
    row = ROWS[resource] | {"external_id": "a-1"} | values
    url = f"/api/v1/{resource}/bulk/?mission={mission.code}&source=jmac"
    answer = api(user).post(url, [row], format="json").json()
    (outcome,) = answer["results"]
    return outcome


@pytest.mark.parametrize("resource", ROWS)
@pytest.mark.parametrize("level", [0, None])
def test_a_row_of_a_hidden_identifier_is_a_record_of_its_own(
    resource, level, mission, low, high, api
):
    hidden = send(api, high, mission, resource, classification=2)
    assert hidden["status"] == "created", hidden
    said = {} if level is None else {"classification": level}
    made = send(api, low, mission, resource, **said)
    assert made["status"] == "created", made
    assert made["id"] != hidden["id"]
    again = send(api, low, mission, resource, **said)
    # An alert filed above its writer's clearance is the writer's own, and not to be changed.
    is_gone = resource == "alerts" and level is None
    assert again["status"] == ("refused" if is_gone else "unchanged"), again
    assert MODELS[resource].objects.filter(mission=mission).count() == 2
    # Its first writer still has the first one.
    assert send(api, high, mission, resource, classification=2)["id"] == hidden["id"]


def test_a_visible_record_of_the_identifier_is_changed_as_ever(mission, low, high, api):
    first = send(api, high, mission, "incidents", classification=0)
    changed = send(api, low, mission, "incidents", classification=0, notes="Two were killed.")
    assert (changed["status"], changed["id"]) == ("changed", first["id"])


def test_both_are_shown_as_a_likely_pair_to_who_sees_both(mission, low, high, api):
    send(api, high, mission, "incidents", classification=2)
    send(api, low, mission, "incidents", classification=0, kind="looting")
    mission.reference_date = None
    assert likely_pairs(mission, low) == []
    since = Incident.objects.filter(mission=mission).earliest("start_date").start_date
    (pair,) = likely_pairs(mission, high, since=since)
    assert {one.classification for one in pair.incidents} == {0, 2}


def test_a_secret_place_keeps_no_identifier_from_others(mission, low, api):
    CommunityFactory(mission=mission, classification=2, source="office", source_id="B-1")
    open_one = CommunityFactory(mission=mission, source="office", source_id="B-2")
    body = {"mission": mission.code, "source": "office", **ROWS["communities"]}
    client = api(low)
    answers = [
        client.post(
            "/api/v1/communities/", body | {"source_id": key, "classification": 0}, format="json"
        )
        for key in ("B-1", "B-2", "B-3")
    ]
    assert [answer.status_code for answer in answers] == [201, 400, 201]
    row = Community.objects.get(pk=answers[2].json()["id"])
    url = f"/api/v1/communities/{row.pk}/"
    assert client.patch(url, {"source_id": "B-1"}, format="json").status_code == 400  # one's own
    assert client.patch(url, {"source_id": open_one.source_id}, format="json").status_code == 400
    assert client.patch(url, {"source_id": "B-4"}, format="json").status_code == 200


def test_an_identifier_of_a_secret_actor_is_free(mission, low, api):
    secret = ArmedActorFactory(mission=mission, classification=2)
    ActorIdentifierFactory(actor=secret, mission=mission, dataset="ucdp", value="77")
    actor = ArmedActorFactory(mission=mission)
    body = {"mission": mission.code, "actor": actor.pk, "dataset": "ucdp", "value": "77"}
    client = api(low)
    answers = [client.post("/api/v1/actor-identifiers/", body, format="json") for _n in range(2)]
    assert [answer.status_code for answer in answers] == [201, 400], answers[0].content
    assert ActorIdentifier.objects.filter(mission=mission, value="77").count() == 2


def test_a_name_of_a_secret_intake_is_free(mission, low, api):
    IntakeFactory(mission=mission, name="patrols", classification=2)
    body = {
        "mission": mission.code, "name": "patrols", "resource": "incidents", "classification": 0,
        "mapping": {"kind": {"always": "killing"}},
    }  # fmt: skip
    client = api(low)
    answers = [client.post("/api/v1/intakes/", body, format="json") for _n in range(2)]
    assert [answer.status_code for answer in answers] == [201, 400], answers[0].content
    assert "There is an intake of this name already." in answers[1].content.decode()
    assert Intake.objects.filter(mission=mission, name="patrols").count() == 2


def test_alerts_withdrawn_out_of_sight_hold_no_identifier(mission, low, high, api):
    outcome = send(api, high, mission, "alerts", classification=2)
    Alert.objects.filter(pk=outcome["id"]).update(withdrawn_at=AlertFactory().created_at)
    assert send(api, low, mission, "alerts", classification=0)["status"] == "created"
    assert send(api, high, mission, "alerts", classification=2)["status"] == "held"


def test_an_identifier_that_many_hidden_records_bear_refuses_its_row_alone(mission, low, api):
    for number in range(MOST):
        value = "a-1" if number == 0 else _beside("a-1", number)
        ExternalId.objects.create(
            mission=mission, kind="threats.alert", source="jmac", value=value,
            record=AlertFactory(mission=mission, classification=2).pk,
        )  # fmt: skip
    rows = [ROWS["alerts"] | {"external_id": name} for name in ("a-1", "a-2")]
    url = f"/api/v1/alerts/bulk/?mission={mission.code}&source=jmac&mode=keep_good"
    told = api(low).post(url, rows, format="json").json()["results"]
    assert [row["status"] for row in told] == ["refused", "created"]


def test_long_identifiers_that_begin_alike_stay_two():
    one, two = "x" * 245 + "1", "x" * 245 + "2"
    assert _beside(one, 1) != _beside(two, 1)
    longest = ExternalId._meta.get_field("value").max_length
    assert max(len(_beside("x" * n, MOST)) for n in (240, 241, longest)) <= longest


@pytest.mark.parametrize(
    "place",
    [
        {"longitude": 25.0, "latitude": 8.0},
        {"longitude": None, "latitude": None, "place_precision": "unknown"},
    ],
)
def test_they_are_a_pair_wherever_and_whenever_each_is(mission, high, place):
    row = {"mission": mission, "dataset": "jmac", "external_id": "a-1"}
    hidden = IncidentFactory(**row, classification=2, start_date=datetime.date(2016, 1, 1))
    other = IncidentFactory(**row, namesake=1, **place)
    for pairs in (likely_pairs(mission, high), likely_pairs(mission, high, incident=hidden)):
        (pair,) = pairs
        assert {*pair.incidents} == {hidden, other}
        assert "the same identifier in one source" in pair.reasons
    keep_separate(user=high, first=hidden, second=other)
    assert likely_pairs(mission, high) == []


def test_a_hidden_pull_hinders_no_other(mission, member, signed_in):
    low, high = member(Role.ANALYST, 0), member(Role.ANALYST, 2)
    address = reverse("pull-add", args=[mission.code, "ucdp_candidate"])
    sent = {"since": "2022-01-01", "every": 24, "classification": 2}
    assert signed_in(high).post(address, sent).status_code == 302
    sent["classification"] = 0
    assert signed_in(low).post(address, sent).status_code == 302
    assert signed_in(low).post(address, sent).status_code == 422  # of one's own it is said
    pages = [signed_in(user).get(reverse("pulls", args=[mission.code])) for user in (low, high)]
    assert [page.content.decode().count("/pulls/") - 1 for page in pages] != [0, 0]
    assert sorted(
        Pull.objects.filter(mission=mission).values_list("namesake", "classification")
    ) == [
        (0, 2),
        (1, 0),
    ]


@pytest.mark.parametrize("resource", ["alerts", "communities", "incidents"])
def test_who_sees_both_finds_them_on_one_page(mission, low, high, api, signed_in, resource):
    first = send(api, high, mission, resource, classification=2)
    second = send(api, low, mission, resource, classification=0)
    page = reverse("namesakes", args=[mission.code])
    (found,) = signed_in(high).get(page).context["namesakes"]
    assert [record.pk for record in found.records] == [first["id"], second["id"]]
    assert found.identifier == "jmac · a-1"
    assert signed_in(low).get(page).context["namesakes"] == []
    Incident.objects.filter(pk=second["id"]).update(withdrawn_at=mission.now)
    if resource == "incidents":  # withdrawn, merged: nothing is left to decide
        assert signed_in(high).get(page).context["namesakes"] == []


def test_identifiers_of_actors_and_names_of_mappings_are_found_too(mission, low, high, signed_in):
    for level, namesake in ((2, 0), (0, 1)):
        actor = ArmedActorFactory(mission=mission, classification=level)
        ActorIdentifierFactory(actor=actor, dataset="ucdp", value="77", namesake=namesake)
        IntakeFactory(mission=mission, name="visits", classification=level, namesake=namesake)
    page = reverse("namesakes", args=[mission.code])
    answer = signed_in(high).get(page)
    found = {each.identifier for each in answer.context["namesakes"]}
    assert found == {"ucdp · 77", "visits"}
    assert "Strictly confidential" in answer.content.decode()
    assert signed_in(low).get(page).context["namesakes"] == []


# Unique beside what a classified record's writer sees: what each such constraint tells of the hidden.
TELLING_NOTHING = {
    "strategies_brief_unique": "the level is part of it: who may write one of a level sees those",
    "Strategy.previous": "a version is no more secret than the one before it",
}


def test_no_unique_constraint_of_what_is_classified_answers_for_the_hidden():
    found = {}
    for model in apps.get_models():
        names = {field.name for field in model._meta.concrete_fields}
        if "classification" not in names or not hasattr(model.objects, "visible_to"):
            continue
        fields = [
            field for field in model._meta.concrete_fields if field.unique and not field.primary_key
        ]
        for field in fields:
            found[f"{model.__name__}.{field.name}"] = [field.name]
        for constraint in model._meta.total_unique_constraints:
            found[constraint.name] = constraint.fields
    answering = {name for name, fields in found.items() if "namesake" not in fields}
    assert answering - TELLING_NOTHING.keys() == set()
