"""What is taken over from a secret record is no less secret, and no answer tells what it holds."""

import hashlib

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from exchange.intake.mapping import Taker
from exchange.models import Delivery, Notification, Webhook
from missions.choices import Role
from records import versions
from strategies.models import Strategy
from strategies.services.activities import plan_activity
from strategies.services.strategies import STANDING, edit_strategy, measure, new_version
from tests.factories import (
    TODAY,
    AlertFactory,
    ArmedActorFactory,
    ComponentFactory,
    DecisionFactory,
    IncidentFactory,
    IncidentSourceFactory,
    IndicatorFactory,
    InformantFactory,
    IntakeFactory,
    MeetingFactory,
    ObjectiveFactory,
    StrategyFactory,
)
from threats.choices import SOURCE_GROUP_OF, SourceKind
from threats.models import Alert, Incident


@pytest.fixture
def adviser(member):
    return member(Role.ADVISER, 2, compartments=["crsv", "children"])


@pytest.fixture
def viewer(member):
    return member(Role.VIEWER, 0)


def plan(user, mission, **more):
    return plan_activity(
        user=user, mission=mission, title="Escort", tier=2, phase="response", start=TODAY, due=TODAY,
        lead_component=ComponentFactory(mission=mission), **more,
    )  # fmt: skip


# -- taken over ---------------------------------------------------------------------------------


def test_an_activity_is_as_secret_as_the_decision_it_carries_out(mission, adviser, signed_in):
    meeting = MeetingFactory(mission=mission, compartments=["crsv"], classification=1)
    decision = DecisionFactory(meeting=meeting, classification=2, text="Move her to Bria")
    made = plan(adviser, mission, decision=decision, classification=0)
    assert (made.classification, made.compartments) == (2, ["crsv"])
    other = DecisionFactory(meeting=meeting, compartments=["children"], text="Ask the school")
    page = reverse("activity-add", args=[mission.code]) + f"?decision={other.pk}"
    initial = signed_in(adviser).get(page).context["form"].initial
    assert (initial["classification"], initial["compartments"]) == (1, ["children", "crsv"])


def test_what_names_part_of_a_secret_record_is_as_secret_as_the_whole(mission, adviser):
    strategy = StrategyFactory(mission=mission, compartments=["crsv"], classification=2)
    made = plan(adviser, mission, objectives=[ObjectiveFactory(strategy=strategy)])
    assert (made.classification, made.compartments) == (2, ["crsv"])


def test_a_row_of_an_intake_keeps_its_own_compartments_too(mission, adviser):
    mapping = {
        "kind": {"always": "looting"}, "start_date": {"from": "day"},
        "date_precision": {"always": "day"}, "compartments": {"from": "for"},
    }  # fmt: skip
    intake = IntakeFactory(mission=mission, compartments=["children"], mapping=mapping)
    report = Taker(intake, adviser).take([{"_uuid": "1", "day": "2022-12-30", "for": "crsv"}])
    assert [row.errors for row in report.outcomes] == [[]]
    assert Incident.objects.get(mission=mission).compartments == ["children", "crsv"]


def test_a_version_of_a_strategy_is_no_more_secret_than_the_one_before(mission, adviser, viewer):
    first = StrategyFactory(mission=mission, status=sorted(STANDING)[0])
    indicator = IndicatorFactory(objective=ObjectiveFactory(strategy=first))
    second = new_version(first, user=adviser)
    for secrecy in ({"classification": 2}, {"compartments": ["crsv"]}):
        with pytest.raises(ValidationError, match="no more secret than the one before"):
            edit_strategy(second, user=adviser, **secrecy)
    second.refresh_from_db()
    assert (second.classification, second.compartments) == (0, [])
    # Of one made more secret before that was held: nothing is written where its readers are more.
    Strategy.objects.filter(pk=second.pk).update(classification=2)
    mine = indicator.later.get()
    with pytest.raises(ValidationError, match="no more secret"):
        measure(user=adviser, indicator=mine, day=TODAY, value=3, note="of the strict version")


# -- told ---------------------------------------------------------------------------------------


def test_a_stale_form_names_no_record_that_is_hidden(mission, member, signed_in):
    analyst = member(Role.ANALYST, 0)
    secret = ArmedActorFactory(mission=mission, classification=2, name="Canary 4711")
    child = ArmedActorFactory(mission=mission, name="Open band", parent=secret)
    answer = signed_in(analyst).post(
        reverse("actor-edit", args=[mission.code, child.pk]),
        {"name": "Another", "kind": child.kind, "classification": 0, "parent": "", "version": "x"},
    )
    assert answer.status_code == 409
    assert [str(value) for _label, value in answer.context["conflict"]] == ["Open band"]
    assert b"Canary" not in answer.content


@pytest.mark.parametrize("name", ["source_kind", "kind"])
def test_an_entity_tag_tells_no_kind_of_source_within_its_group(mission, viewer, api, name):
    if name == "source_kind":
        record, path = AlertFactory(mission=mission, source_kind=SourceKind.PATROL), "alerts"
    else:
        incident = IncidentFactory(mission=mission)
        record = IncidentSourceFactory(incident=incident, kind=SourceKind.PATROL)
        path = "incident-sources"
    address = f"/api/v1/{path}/{record.pk}/"
    group = SOURCE_GROUP_OF[SourceKind.PATROL]
    told = api(viewer).get(address)
    assert told.json()[name] == group
    within = [k for k, g in SOURCE_GROUP_OF.items() if g == group and k != SourceKind.PATROL]
    assert within
    for kind in within:
        type(record).objects.filter(pk=record.pk).update(**{name: kind})
        again = api(viewer).get(address)
        assert again["ETag"].split("-")[1] == told["ETag"].split("-")[1]
    # Who knows a record's whole content cannot work the tag out of it.
    copy = type(record).objects.get(pk=record.pk)
    plain = repr([versions._own(copy, viewer), []])
    assert hashlib.sha256(plain.encode()).hexdigest()[:20] not in told["ETag"]


def test_an_informant_moves_no_tag(mission, member, api):
    reader = member(Role.VIEWER, 1)
    alert = AlertFactory(mission=mission, classification=1)
    before = api(reader).get(f"/api/v1/alerts/{alert.pk}/")
    Alert.objects.filter(pk=alert.pk).update(informant=InformantFactory(mission=mission))
    after = api(reader).get(f"/api/v1/alerts/{alert.pk}/")
    assert before["ETag"] == after["ETag"]


def test_a_hidden_parent_moves_nothing_that_others_are_shown(mission, adviser, viewer, api):
    secret = ArmedActorFactory(mission=mission, classification=2)
    child = ArmedActorFactory(mission=mission)
    address = f"/api/v1/armed-actors/{child.pk}/"
    was = {user: api(user).get(address).json() for user in (viewer, adviser)}
    assert api(adviser).patch(address, {"parent": secret.pk}).status_code == 200
    assert api(viewer).get(address).json() == was[viewer]
    assert api(adviser).get(address).json()["parent"] == secret.pk
    child.refresh_from_db()
    assert child.parent == secret


def test_a_webhook_is_told_of_no_change_that_its_owner_does_not_see(mission, adviser, viewer, api):
    incident = IncidentFactory(mission=mission)
    secret = ArmedActorFactory(mission=mission, classification=2)
    for owner, level in ((viewer, 0), (adviser, 2)):
        Webhook.objects.create(
            mission=mission, owner=owner, name="x", url="https://93.184.215.14/h",
            events=["incident.changed"], classification=level,
        )  # fmt: skip
    address = f"/api/v1/incidents/{incident.pk}/"
    part = {"parts": [{"actor": secret.pk, "part": "perpetrator"}]}
    assert api(adviser).patch(address, part).status_code == 200
    owners = Delivery.objects.order_by("pk").values_list("webhook__owner", flat=True)
    assert [*owners] == [adviser.pk]
    assert api(adviser).patch(address, {}).status_code == 200  # says nothing new
    assert [*owners.all()] == [adviser.pk]
    assert api(adviser).patch(address, {"notes": "Told anew."}).status_code == 200
    assert sorted(owners.all()) == sorted([adviser.pk, adviser.pk, viewer.pk])


def test_nobody_is_told_of_what_belongs_to_a_record_that_is_hidden(mission, adviser, member, api):
    other = member(Role.ADVISER, 2)
    meeting = MeetingFactory(mission=mission, compartments=["crsv"])
    decision = DecisionFactory(meeting=meeting, compartments=["crsv", "children"])
    body = {"compartments": ["crsv"], "declassification_reason": "It names no child."}
    assert api(adviser).patch(f"/api/v1/decisions/{decision.pk}/", body).status_code == 200
    assert not Notification.objects.filter(member=other).exists()
