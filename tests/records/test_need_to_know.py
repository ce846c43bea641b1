"""Need to know: who does not hold all of a record's compartments learns nothing of it."""

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.urls import reverse

from exchange.models import Notification
from exchange.notifications.services import notify
from missions.access import Reader, grants, is_visible
from missions.choices import Role
from missions.members import change_membership, give_membership
from missions.models import Membership, MembershipChange
from missions.models.base import MissionRecord
from missions.need_to_know import BITS, EVERY, LAYERS, in_order, layer_of, sight_of, sights_within
from missions.services import add_member
from records.declassifying import declassifications
from records.models import Declassification
from records.search import search
from strategies.coverage.mission import Coverage
from tests import saying
from tests.factories import (
    ActivityFactory,
    AlertFactory,
    ArmedActorFactory,
    AssessmentFactory,
    CommunityFactory,
    DecisionFactory,
    IncidentFactory,
    IntakeFactory,
    MeetingFactory,
    MembershipFactory,
    PostFactory,
    RiskModelFactory,
    StrategyFactory,
    ThreatFactory,
    UserFactory,
)
from threats.models import Community, Incident, RiskHistory, RiskScore
from threats.scoring.checks import check_scores
from threats.scoring.explanations import explain
from threats.scoring.recompute import recompute_mission, recompute_pending
from threats.scoring.requests import request_recompute
from threats.services.incidents import edit_incident, report_incident
from threats.services.proposals import propose_threats

MADE = {
    "Activity": ActivityFactory, "Alert": AlertFactory, "ArmedActor": ArmedActorFactory,
    "Assessment": AssessmentFactory, "Community": CommunityFactory, "Decision": DecisionFactory,
    "Incident": IncidentFactory, "Intake": IntakeFactory, "Meeting": MeetingFactory,
    "Post": PostFactory, "Strategy": StrategyFactory, "Threat": ThreatFactory,
}  # fmt: skip
OWNERS = {"Assessment": ("threat", ThreatFactory), "Decision": ("meeting", MeetingFactory)}
WHY = "declassification_reason"
ALL = sorted(EVERY)
STATUSES = ("created", "changed", "unchanged", "refused")


def records() -> list[type[MissionRecord]]:
    return [model for model in apps.get_models() if issubclass(model, MissionRecord)]


@pytest.mark.parametrize("name", MADE)
def test_a_record_is_read_by_who_holds_all_its_compartments(mission, member, name):
    model, owner = MADE[name]._meta.model, OWNERS.get(name)
    whole = {owner[0]: owner[1](mission=mission)} if owner else {"mission": mission}
    made = MADE[name](**whole)
    model.objects.filter(pk=made.pk).update(compartments=["children", "crsv"])
    made.refresh_from_db()
    held = ([], ["crsv"], ["crsv", "intelligence"], ["children", "crsv"], ALL)
    for codes, sees in zip(held, (False, False, False, True, True), strict=True):
        user = member(Role.ADMIN, compartments=codes)
        assert model.objects.visible_to(user).filter(pk=made.pk).exists() is sees
        assert model.objects.editable_by(user).filter(pk=made.pk).exists() <= sees
        assert is_visible(user, made) is sees
        assert model.objects.for_figures(user).filter(pk=made.pk).exists() is (codes == ALL)
    lower = member(Role.ADMIN, clearance=1, compartments=ALL)
    assert model.objects.visible_to(lower).filter(pk=made.pk).exists()
    assert not model.objects.for_figures(lower).filter(pk=made.pk).exists()


def test_every_classified_record_has_compartments_and_is_tried():
    ours = {model.__name__ for model in records() if not model.__module__.startswith("hazards")}
    assert ours == {*MADE, "Brief"}


def test_what_reading_takes_is_one_number_in_the_database_as_in_python(db):
    from django.db import connection

    assert min(BITS.values()) > 2
    with connection.cursor() as cursor:
        for level in (0, 1, 2):
            for codes in ([], ["crsv"], ["children", "human_rights"], ALL):
                cursor.execute("SELECT following_sight(%s, %s::varchar[])", [level, codes])
                assert cursor.fetchone()[0] == sight_of(level, codes)
        cursor.execute("SELECT following_both(%s, %s)", [sight_of(1, ["crsv"]), sight_of(0, ALL)])
        assert cursor.fetchone()[0] == sight_of(1, ALL)
    assert sight_of(1, ["crsv"]) in sights_within(2, ["crsv", "children"])
    assert sight_of(1, ["crsv"]) not in sights_within(2, ["children"])
    assert sight_of(2) not in sights_within(1, ALL)


# -- who holds, and who grants ------------------------------------------------------------------


def test_nobody_grants_a_compartment_they_do_not_hold(mission, member):
    admin = member(Role.ADMIN, compartments=["crsv"])
    other = MembershipFactory(mission=mission, compartments=["intelligence"])
    with pytest.raises(ValidationError) as refused:
        change_membership(other, by=admin, compartments=["intelligence", "children"])
    assert "compartments" in refused.value.message_dict
    changed = change_membership(other, by=admin, compartments=["intelligence", "crsv"])
    assert changed.compartments == ["crsv", "intelligence"]
    kept = MembershipChange.objects.filter(membership=other).first()
    assert (kept.from_compartments, kept.to_compartments) == (
        ["intelligence"], ["crsv", "intelligence"],
    )  # fmt: skip
    with pytest.raises(ValidationError):
        give_membership(
            by=admin,
            member=UserFactory(),
            mission=mission,
            role="viewer",
            compartments=["children"],
        )


def test_a_compartment_is_granted_over_rest_and_told_to_the_administrators(mission, member, api):
    admin, second = member(Role.ADMIN, compartments=ALL), member(Role.ADMIN)
    other = MembershipFactory(mission=mission)
    address = f"/api/v1/memberships/{other.pk}/"
    assert api(second).patch(address, {"compartments": ["crsv"]}).status_code == 400
    assert api(admin).patch(address, {"compartments": ["nonsense"]}).status_code == 400
    answer = api(admin).patch(address, {"compartments": ["crsv"]})
    assert answer.json()["compartments"] == ["crsv"]
    assert Notification.objects.filter(mission=mission, member=second).exists()
    assert grants(other.member)[mission.pk].compartments == {"crsv"}


def test_who_is_readmitted_holds_no_compartment(mission, member):
    admin = member(Role.ADMIN, compartments=ALL)
    other = MembershipFactory(mission=mission, compartments=["crsv"])
    from missions.members import withdraw_membership

    withdraw_membership(other, by=admin, reason="left")
    back = give_membership(by=admin, member=other.member, mission=mission, role="viewer")
    assert back.compartments == []


def test_the_operator_grants_compartments(mission, capsys):
    other = MembershipFactory(mission=mission)
    told = {"mission": mission.code, "account": other.member.username}
    call_command("grant_membership", **told, compartments="crsv,children")
    other.refresh_from_db()
    assert other.compartments == ["children", "crsv"]
    call_command("grant_membership", **told, role="analyst")
    other.refresh_from_db()
    assert other.compartments == ["children", "crsv"]
    with pytest.raises(CommandError, match="no need-to-know"):
        call_command("grant_membership", **told, compartments="everything")
    call_command("grant_membership", **told, compartments="none")
    other.refresh_from_db()
    assert other.compartments == []


def test_the_first_administrator_of_a_mission_holds_all_compartments(mission):
    first, second = (
        add_member(member=UserFactory(), mission=mission, role=Role.ADMIN, clearance=2)
        for _turn in range(2)
    )
    assert (first.compartments, second.compartments) == (ALL, [])


# -- writing --------------------------------------------------------------------------------------


def incident(mission, **more) -> dict:
    return {
        **saying.INCIDENT, "mission": mission.code, "kind": "killing", "start_date": "2022-12-01",
        "classification": 0, **more,
    }  # fmt: skip


def test_a_record_is_put_only_under_a_need_to_know_its_writer_holds(mission, member, api):
    writer = api(member(Role.ANALYST, compartments=["crsv"]))
    bad = writer.post("/api/v1/incidents/", incident(mission, compartments=["children"]))
    assert bad.status_code == 400
    assert [row["field"] for row in bad.json()["errors"]] == ["compartments"]
    made = writer.post("/api/v1/incidents/", incident(mission, compartments=["crsv", "crsv"]))
    assert made.json()["compartments"] == ["crsv"]
    address = f"/api/v1/incidents/{made.json()['id']}/"
    assert writer.patch(address, {"compartments": ["children", "crsv"]}).status_code == 400


def test_what_names_a_record_under_need_to_know_is_under_it_too(mission, member, api):
    writer = api(member(Role.ANALYST, compartments=["crsv"]))
    community = CommunityFactory(mission=mission, compartments=["crsv"])
    body = {
        "mission": mission.code, "title": "Fear", "kind": "attacks", "communities": [community.pk],
        "compartments": [],
    }  # fmt: skip
    assert writer.post("/api/v1/threats/", body).json()["compartments"] == ["crsv"]


def test_leaving_a_compartment_takes_a_reason_and_who_may_lower(mission, member, api):
    author = member(Role.ANALYST, compartments=["crsv"])
    record = IncidentFactory(mission=mission, compartments=["crsv"], created_by=author)
    address = f"/api/v1/incidents/{record.pk}/"
    other = api(member(Role.ANALYST, compartments=["crsv"]))
    assert other.patch(address, {"compartments": [], WHY: "public"}).status_code == 400
    assert api(author).patch(address, {"compartments": []}).status_code == 400
    answer = api(author).patch(address, {"compartments": [], WHY: "she spoke on the radio"})
    assert answer.status_code == 200, answer.content
    (kept,) = Declassification.objects.filter(mission=mission)
    assert (kept.from_compartments, kept.to_compartments) == (["crsv"], [])
    record.refresh_from_db()
    assert declassifications(record, author) == [kept]
    assert declassifications(record, member()) == []  # of what the reader never might know


def test_raising_the_level_does_not_hide_that_a_compartment_is_left(mission, member, api):
    author = member(Role.ANALYST, compartments=["crsv"])
    record = IncidentFactory(mission=mission, compartments=["crsv"], created_by=author)
    address = f"/api/v1/incidents/{record.pk}/"
    assert api(author).patch(address, {"compartments": [], "classification": 2}).status_code == 400


@pytest.mark.parametrize("resource", ["incidents", "communities"])
def test_rows_of_many_set_and_keep_compartments_and_lower_none(mission, member, api, resource):
    client = api(member(Role.ANALYST, compartments=["children", "crsv"]))
    outside = api(member(Role.ANALYST))
    row = {
        "incidents": saying.INCIDENT | {"kind": "killing", "start_date": "2022-12-01"},
        "communities": {"name": "Obo", "kind": "town", "longitude": 20.0, "latitude": 5.0},
    }[resource] | {"external_id": "1", "classification": 0}
    model = Incident if resource == "incidents" else Community

    def bring(by, **more) -> str:
        address = f"/api/v1/{resource}/bulk/?mission={mission.code}&source=form"
        answer = by.post(address, [row | more]).json()
        return next(name for name in STATUSES if answer.get(name))

    assert bring(outside, compartments=["crsv"]) == "refused"
    assert bring(client, compartments=["crsv"]) == "created"
    made = model.objects.get(mission=mission)
    assert made.compartments == ["crsv"]
    # Who does not see it makes a record of their own under the same identifier.
    assert bring(outside) == "created"
    assert bring(client, classification=1) == "changed"
    made.refresh_from_db()
    assert (made.compartments, made.classification) == (["crsv"], 1)
    assert bring(client, classification=1, compartments=[]) == "refused"
    assert bring(client, classification=1, compartments=["children", "crsv"]) == "changed"
    made.refresh_from_db()
    assert made.compartments == ["children", "crsv"]


# -- what is told -----------------------------------------------------------------------------------


def test_search_and_notifications_keep_to_the_need_to_know(mission, member):
    inside, outside = member(compartments=["crsv"]), member()
    record = IncidentFactory(mission=mission, notes="Quicksilver", compartments=["crsv"])
    everybody = Membership.objects.filter(mission=mission)
    notify(record, "access_asked", everybody)
    assert [row.member for row in Notification.objects.filter(mission=mission)] == [inside]
    found = {
        user: [hit.id for kind in search(mission, user, "Quicksilver") for hit in kind.hits]
        for user in (inside, outside)
    }
    assert found == {inside: [record.pk], outside: []}


# -- figures ----------------------------------------------------------------------------------------


@pytest.fixture
def places(mission):
    RiskModelFactory(mission=mission)
    return [
        CommunityFactory(mission=mission, longitude=20.0 + 0.3 * n, latitude=5.0) for n in range(3)
    ]


def scores(mission, user) -> dict:
    found = RiskScore.objects.visible_to(user).filter(mission=mission)
    return {(row.community_id, row.horizon): row.expected for row in found}


def test_scores_count_what_is_under_need_to_know_for_who_holds_all_alone(mission, places, member):
    analyst = member(Role.ANALYST, compartments=ALL)
    some, none = member(compartments=["children", "crsv", "human_rights"]), member()
    lower = member(clearance=1, compartments=ALL)
    report_incident(
        user=analyst, mission=mission, kind="killing", longitude=20.0, latitude=5.0,
        start_date=mission.today, classification=0,
    )  # fmt: skip
    request_recompute(mission)
    recompute_mission(mission.pk)
    before = {user: scores(mission, user) for user in (some, none, lower)}
    times = dict(RiskScore.objects.filter(clearance__lt=3).values_list("pk", "computed_at"))
    kept = report_incident(
        user=analyst, mission=mission, kind="killing", longitude=20.0, latitude=5.0,
        start_date=mission.today, classification=0, compartments=["crsv"],
    )  # fmt: skip
    recompute_pending()
    assert {user: scores(mission, user) for user in (some, none, lower)} == before
    assert dict(RiskScore.objects.filter(clearance__lt=3).values_list("pk", "computed_at")) == times
    here = places[0].pk, 30
    assert scores(mission, analyst)[here] > before[none][here]
    by_difference = scores(mission, analyst)
    request_recompute(mission)
    recompute_mission(mission.pk)
    assert scores(mission, analyst) == pytest.approx(by_difference)
    assert {user: scores(mission, user) for user in (some, none, lower)} == before
    assert check_scores(mission).holds
    assert set(
        RiskHistory.objects.filter(mission=mission).values_list("clearance", flat=True)
    ) == set(range(LAYERS))
    # The explanation of who holds its compartment, but not all, leaves it out as the score does.
    for user, told in ((analyst, True), (some, False)):
        score = RiskScore.objects.visible_to(user).get(community=places[0], horizon=30)
        found = explain(score, places[0], user)
        assert (kept in {row.incident for row in found.leading}) is told
        assert sum(part.expected for part in found.parts) == pytest.approx(score.expected)


def test_an_incident_that_enters_a_compartment_leaves_the_others_scores(mission, places, member):
    analyst = member(Role.ANALYST, compartments=ALL)
    outside = member()
    request_recompute(mission)
    recompute_mission(mission.pk)
    before = scores(mission, outside)
    record = report_incident(
        user=analyst, mission=mission, kind="killing", longitude=20.0, latitude=5.0,
        start_date=mission.today, classification=0,
    )  # fmt: skip
    recompute_pending()
    assert scores(mission, outside) != pytest.approx(before)
    edit_incident(record, user=analyst, compartments=["intelligence"])
    recompute_pending()
    assert scores(mission, outside) == pytest.approx(before)
    assert scores(mission, analyst) != pytest.approx(before)


def test_the_overview_counts_what_is_under_need_to_know_for_who_holds_all_alone(
    mission, places, member, api
):
    users = [member(Role.ANALYST, compartments=codes) for codes in (ALL, ["crsv"], [])]

    def told(user) -> dict:
        return api(user).get(f"/api/v1/overview/?mission={mission.code}").json()

    before = [told(user) for user in users]
    place = CommunityFactory(mission=mission, compartments=["crsv"])
    threat = ThreatFactory(mission=mission, status="active", compartments=["crsv"])
    ActivityFactory(mission=mission, compartments=["crsv"]).threats.add(threat)
    AlertFactory(mission=mission, compartments=["crsv"]).communities.add(place)
    IncidentFactory(mission=mission, compartments=["crsv"])
    after = [told(user) for user in users]
    assert after[1:] == before[1:]
    assert after[0] != before[0]


def test_gaps_are_counted_alike_on_the_overview_and_on_coverage(mission, member):
    partly = member(Role.ADVISER, compartments=["crsv"])
    threat = ThreatFactory(mission=mission, status="active", phase="response")
    activity = ActivityFactory(mission=mission, compartments=["crsv"], tier=2, phase="response")
    activity.threats.add(threat)
    assert Coverage(mission, partly).gap_total() == (
        Coverage(mission, Reader.counting(partly)).gap_total()
    )
    assert Coverage(mission, partly).gap_total() > (
        Coverage(mission, member(Role.ADVISER, compartments=ALL)).gap_total()
    )


def test_drafts_leave_out_what_is_under_need_to_know(mission, places, member):
    actor = ArmedActorFactory(mission=mission)
    for _turn in range(3):
        made = IncidentFactory(mission=mission, compartments=["crsv"])
        made.parts.create(actor=actor, part="perpetrator")
    assert propose_threats(mission) == []


def test_readers_of_what_is_made_once_for_many_hold_no_compartment(mission):
    (grant,) = Reader.cleared(mission, 2).grants.values()
    assert (grant.compartments, grant.layer) == (frozenset(), 2)
    assert layer_of(0, ["crsv"]) == 3
    assert in_order(["crsv", "children", "crsv"]) == ["children", "crsv"]


# -- pages -------------------------------------------------------------------------------------------


def test_a_form_offers_the_compartments_its_writer_holds(mission, member, signed_in):
    page = reverse("incident-report", args=[mission.code])
    held = signed_in(member(Role.ANALYST, compartments=["crsv"])).get(page).content.decode()
    assert 'name="compartments" value="crsv"' in held
    assert 'value="intelligence"' not in held
    none = signed_in(member(Role.ANALYST)).get(page).content.decode()
    assert 'name="compartments"' not in none
