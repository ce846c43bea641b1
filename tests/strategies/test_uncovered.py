"""Uncovered places, and what the plan against each threat lacks, against slow counts."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from missions.choices import Role
from missions.geography import distance_km
from strategies.choices import Tier
from strategies.coverage.mission import Coverage
from strategies.coverage.places import LISTED, uncovered, with_cover
from strategies.coverage.register import with_plan
from strategies.models import Activity, CatalogueActivity, StatusChange
from strategies.models.rules import DEFAULT_REQUIRED_PHASES
from strategies.reading.agenda import agenda
from tests.factories import (
    TODAY,
    ActivityFactory,
    ArmedActorFactory,
    AssessmentFactory,
    CommunityFactory,
    ComponentFactory,
    RiskModelFactory,
    RiskScoreFactory,
    ThreatFactory,
)
from tests.proof import size
from threats.choices import ActorFamily, Phase
from threats.models import Community, RiskHistory, RiskScore, Threat, ThreatDecision
from threats.risk.targets import REACH

DAY = datetime.timedelta(days=1)
CLEARANCE = 1
levels = st.integers(0, 2)


def scored(place, band, expected=0.2, probability=0.18, clearances=(0, 1, 2)):
    for clearance in clearances:
        RiskScoreFactory(
            community=place, clearance=clearance, band=band, expected=expected,
            probability=probability,
        )  # fmt: skip
    return place


def slow_uncovered(places, threats, activities):
    """The rule written down again, row by row: ids in order, and what each lacks.

    places: (record, level, band or None, expected); threats: (record, level, status, communities);
    activities: (record, level, status, communities, threats).
    """
    found = []
    for place, level, band, expected in places:
        if level > CLEARANCE or band is None or band < 4:
            continue
        named = [
            threat for threat, secrecy, status, near in threats
            if secrecy <= CLEARANCE and status == "active" and place in near
        ]  # fmt: skip
        live = [
            activity for activity, secrecy, status, near, against in activities
            if secrecy <= CLEARANCE and status in ("planned", "under_way")
            and (place in near or any(threat in against for threat in named))
        ]  # fmt: skip
        if not named or not live:
            found.append(
                (place, expected, "activity" if named else "threat", len(named), len(live))
            )
    return sorted(found, key=lambda row: (-row[1], row[0].pk))


def slow_groups(places):
    """Rows of neighbours: the first that is free takes all free ones within 25 km."""
    rows, taken = [], set()
    for place in places:
        if place.pk in taken or len(rows) == LISTED:
            continue
        near = [
            other.pk for other in places
            if other.pk not in taken and other.pk != place.pk
            and distance_km(place.longitude, place.latitude, other.longitude, other.latitude) <= REACH
        ]  # fmt: skip
        taken |= {place.pk, *near}
        rows.append((place.pk, near))
    return rows


@pytest.mark.prove
@given(
    communities=st.lists(
        st.tuples(levels, st.none() | st.integers(2, 5), st.integers(0, 9), st.integers(0, 9)),
        min_size=1, max_size=8,
    ),
    dangers=st.lists(
        st.tuples(levels, st.sampled_from(["proposed", "active", "closed"]),
                  st.lists(st.integers(0, 7), max_size=4)),
        max_size=4,
    ),
    plans=st.lists(
        st.tuples(levels, st.sampled_from(["planned", "under_way", "done", "cancelled"]),
                  st.lists(st.integers(0, 7), max_size=3), st.lists(st.integers(0, 3), max_size=2)),
        max_size=6,
    ),
)  # fmt: skip
@settings(
    max_examples=size(8, 200),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_uncovered_places_equal_a_slow_count(mission, member, communities, dangers, plans):
    for model in (Activity, RiskScore, Threat, Community):
        found = model.objects.filter(mission=mission)
        found._raw_delete("default") if model is RiskScore else found.delete()
    reader = member(Role.VIEWER, clearance=CLEARANCE)
    risk, places = RiskModelFactory(), []
    for level, band, expected, east in communities:
        place = CommunityFactory(
            mission=mission, classification=level, longitude=20 + east / 10, latitude=6.0
        )
        places.append((place, level, band, expected / 10))
        for clearance in (0, 1, 2) if band else ():
            told = band if clearance == CLEARANCE else 5
            RiskScoreFactory(
                community=place, clearance=clearance, model=risk, band=told, expected=expected / 10
            )
    records = [row[0] for row in places]
    threats = []
    for level, status, near in dangers:
        threat = ThreatFactory(mission=mission, classification=level, status=status)
        named = {records[n] for n in near if n < len(records)}
        threat.communities.set(named)
        threats.append((threat, level, status, named))
    component, activities = ComponentFactory(mission=mission), []
    for level, status, near, against in plans:
        activity = ActivityFactory(
            mission=mission, classification=level, status=status, lead_component=component,
            start=TODAY - 30 * DAY, due=TODAY + 5 * DAY,
            completed_on=TODAY if status == "done" else None,
        )  # fmt: skip
        named = {records[n] for n in near if n < len(records)}
        of = {threats[n][0] for n in against if n < len(threats)}
        activity.communities.set(named)
        activity.threats.set(of)
        activities.append((activity, level, status, named, of))

    expected = slow_uncovered(places, threats, activities)
    found = uncovered(mission, reader)
    assert found.total == len(expected)
    seen = [row for row in places if row[1] <= CLEARANCE]
    assert found.judged == sum(row[2] is not None for row in seen)
    assert found.upper == sum((row[2] or 0) >= 4 for row in seen)
    rows = [(row.community.pk, row.neighbours) for row in found.rows]
    assert rows == slow_groups([row[0] for row in expected])
    by_place = {row[0].pk: row for row in expected}
    for row in found.rows:
        _place, _expected, lack, threatened, live = by_place[row.community.pk]
        assert row.lack == lack
        assert (row.community.active_threats, row.community.live_activities) == (threatened, live)
    listed = with_cover(Community.objects.visible_to(reader).with_risk(reader), reader)
    assert {place.pk for place in listed if place.gap} == set(by_place)
    unscored = {row[0].pk for row in seen if row[2] is None}
    assert {place.pk for place in listed if place.gap is None} == unscored


@pytest.fixture
def ouadda(mission):
    """Endangered, and in no plan."""
    return scored(
        CommunityFactory(mission=mission, name="Ouadda", population=5434), 4, probability=0.175
    )


def test_an_endangered_place_without_a_threat_leads_overview_coverage_and_its_own_page(
    mission, member, signed_in, ouadda
):
    client = signed_in(member(Role.ADVISER))
    threat = f"/{mission.code}/threats/report/?community={ouadda.pk}"
    plan = f"/{mission.code}/activities/plan/?community={ouadda.pk}"
    for path in ("", "coverage/", f"communities/{ouadda.pk}/"):
        page = client.get(f"/{mission.code}/{path}").content.decode()
        assert "Ouadda" in page, path
        assert "No active threat names it" in page, path
        assert threat in page, path
        assert plan in page, path
    page = client.get(f"/{mission.code}/").content.decode()
    assert page.index('id="uncovered"') < page.index('id="matrix"')


def test_a_threat_alone_covers_nothing_and_a_live_activity_against_it_does(mission, member, ouadda):
    reader = member()
    threat = ThreatFactory(mission=mission)
    threat.communities.add(ouadda)
    assert [row.lack for row in uncovered(mission, reader).rows] == ["activity"]
    activity = ActivityFactory(mission=mission, status="planned")
    activity.threats.add(threat)
    assert uncovered(mission, reader).total == 0
    activity.status, activity.completed_on = "done", TODAY
    activity.save()
    assert uncovered(mission, reader).total == 1


def test_what_is_planned_for_a_place_is_told_though_no_threat_names_it(
    mission, member, signed_in, ouadda
):
    activity = ActivityFactory(mission=mission, status="planned")
    activity.communities.add(ouadda)
    (row,) = uncovered(mission, member()).rows
    told = "No active threat names it; 1 activity is planned or under way"
    assert (row.lack, row.planned, row.lack_label) == ("threat", 1, told)
    for path in ("", "coverage/"):
        assert told in signed_in(member()).get(f"/{mission.code}/{path}").content.decode(), path


def test_threat_and_plan_are_filled_in_from_the_place(mission, member, signed_in, ouadda):
    client = signed_in(member(Role.ADVISER))
    form = client.get(f"/{mission.code}/threats/report/?community={ouadda.pk}").context["form"]
    assert form["communities"].value() == "Ouadda"
    assert "Ouadda" in form["title"].value()
    threat = ThreatFactory(mission=mission, phase="response")
    threat.communities.add(ouadda)
    form = client.get(f"/{mission.code}/activities/plan/?community={ouadda.pk}").context["form"]
    assert form["communities"].value() == "Ouadda"
    assert form["threats"].value() == [threat.pk]
    assert form["phase"].value() == "response"
    assert form["latitude"].value() == ouadda.latitude


def test_a_plan_for_an_uncovered_place_begins_with_a_typical_activity(
    mission, member, signed_in, ouadda
):
    military = ComponentFactory(mission=mission, kind="military")
    client = signed_in(member(Role.ADVISER, clearance=2))
    url = f"/{mission.code}/activities/plan/?community={ouadda.pk}"
    form = client.get(url).context["form"]
    assert form["title"].value() == "Overnight patrols and a temporary operating base (Ouadda)"
    assert (form["tier"].value(), form["phase"].value()) == (2, "preemption")
    assert form["lead_component"].value() == military.pk
    assert form["classification"].value() == 1
    given = {
        name: form[name].value()
        for name in ("title", "tier", "phase", "lead_component", "classification", "status")
    }
    client.post(url, {**given, "start": TODAY, "due": TODAY, "communities": "Ouadda"})
    planned = Activity.objects.get(mission=mission)
    assert planned.title_made_of["entry"] == "t2-pre-overnight"
    with translation.override("fr"):
        assert "(Ouadda)" in planned.shown_title
        assert planned.shown_title != planned.title


def test_what_is_offered_for_a_place_is_withheld_from_none_of_its_threats(
    mission, member, signed_in, ouadda
):
    ComponentFactory(mission=mission, kind="military")
    ComponentFactory(mission=mission, kind="un_police")
    threat = ThreatFactory(mission=mission, phase="prevention", kind="state_forces")
    threat.communities.add(ouadda)
    threat.perpetrators.add(ArmedActorFactory(mission=mission, kind="state_forces"))
    form = (
        signed_in(member(Role.ADVISER))
        .get(f"/{mission.code}/activities/plan/?community={ouadda.pk}")
        .context["form"]
    )
    title = form["title"].value().removesuffix(" (Ouadda)")
    (entry,) = CatalogueActivity.objects.filter(titles__en=title)
    assert (entry.tier, entry.phase) == (2, "prevention")
    assert entry.withheld_from({ActorFamily.STATE}) is None
    assert not entry.supports_a_force


def test_a_place_hidden_from_a_reader_fills_in_nothing(mission, member, signed_in):
    hidden = CommunityFactory(mission=mission, classification=2, name="Hidden place")
    client = signed_in(member(Role.ADVISER, clearance=1))
    for path in ("threats/report/", "activities/plan/"):
        page = client.get(f"/{mission.code}/{path}?community={hidden.pk}")
        assert page.status_code == 200
        assert "Hidden place" not in page.content.decode()


def test_uncovered_places_stand_in_the_api_and_the_agenda(mission, member, signed_in, ouadda):
    client = signed_in(member(Role.ADVISER))
    body = client.get(f"/api/v1/coverage/?mission={mission.code}").json()
    (row,) = body["uncovered"]
    assert (body["uncovered_total"], body["judged"]) == (1, 1)
    assert (row["community"], row["lack"], row["active_threats"]) == (ouadda.pk, "threat", 0)
    figures = client.get(f"/api/v1/overview/?mission={mission.code}").json()
    assert figures["uncovered"] == figures["communities_at_risk"] == 1
    (point,) = agenda(mission, 0)["uncovered"]
    assert (point["title"], point["lack"]) == ("Ouadda", "threat")


def test_the_community_list_shows_threats_plans_and_gaps(mission, member, signed_in, ouadda):
    calm = scored(CommunityFactory(mission=mission, name="Calm"), 1, 0.01, 0.01)
    client = signed_in(member())
    rows = client.get(f"/{mission.code}/communities/?gap=true").context["table"].rows
    assert [row.record.pk for row in rows] == [ouadda.pk]
    rows = client.get(f"/{mission.code}/communities/?gap=false").context["table"].rows
    assert [row.record.pk for row in rows] == [calm.pk]
    for key in ("gap", "active_threats", "live_activities"):
        assert client.get(f"/{mission.code}/communities/?sort=-{key}").status_code == 200
    rows = client.get(f"/{mission.code}/communities/?sort=-gap").context["table"].rows
    assert [row.record.pk for row in rows] == [ouadda.pk, calm.pk]


def test_the_community_page_shows_live_activities_of_its_threats(
    mission, member, signed_in, ouadda
):
    threat = ThreatFactory(mission=mission)
    threat.communities.add(ouadda)
    for title, status in (("Night patrols", "under_way"), ("An old patrol", "done")):
        ActivityFactory(
            mission=mission, title=title, status=status,
            completed_on=TODAY if status == "done" else None,
        ).threats.add(threat)  # fmt: skip
    page = signed_in(member()).get(f"/{mission.code}/communities/{ouadda.pk}/").content.decode()
    assert "Night patrols" in page
    assert "An old patrol" not in page


def test_a_past_day_is_told_with_its_own_scores_threats_and_activities(mission, member, ouadda):
    reader, day = member(), TODAY - 10 * DAY
    planner = member(Role.PLANNER)
    assert uncovered(mission, reader, day=day).judged == 0
    for clearance in (0, 1, 2):
        RiskHistory.objects.create(
            mission=mission, community=ouadda, date=day - 2 * DAY, horizon=30, clearance=clearance,
            probability=0.3, expected=0.36, band=4, model=RiskModelFactory(),
        )  # fmt: skip
    threat = ThreatFactory(mission=mission)
    threat.communities.add(ouadda)
    ThreatDecision.objects.create(
        mission=mission, threat=threat, status="active", phase="response", day=day - DAY,
        decided_by=planner,
    )  # fmt: skip
    activity = ActivityFactory(mission=mission)
    activity.threats.add(threat)
    StatusChange.objects.create(
        activity=activity, status="planned", day=TODAY - DAY, changed_by=planner
    )
    assert uncovered(mission, reader).total == 0
    (row,) = uncovered(mission, reader, day=day).rows
    assert (row.lack, row.community.band) == ("activity", 4)


def test_uncovered_places_take_the_same_queries_however_many_there_are(mission, member):
    reader, counts = member(), []
    uncovered(mission, reader)
    for _round in range(3):
        for n in range(4):
            scored(CommunityFactory(mission=mission, longitude=15 + n, latitude=5 + n), 5)
        with CaptureQueriesContext(connection) as captured:
            uncovered(mission, reader)
        counts.append(len(captured))
    assert counts == [3, 3, 3]


# -- the register ------------------------------------------------------------------------------


@pytest.mark.prove
@given(
    dangers=st.lists(
        st.tuples(levels, st.sampled_from(["proposed", "active", "closed"]),
                  st.sampled_from(Phase.values), st.integers(0, 20)),
        min_size=1, max_size=4,
    ),
    plans=st.lists(
        st.tuples(levels, st.sampled_from(["planned", "under_way", "done", "cancelled"]),
                  st.sampled_from(Tier.values), st.sampled_from(Phase.values),
                  st.integers(-20, 20), st.lists(st.integers(0, 3), max_size=3)),
        max_size=10,
    ),
)  # fmt: skip
@settings(
    max_examples=size(6, 100),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_the_register_equals_a_slow_count(mission, member, dangers, plans):
    for model in (Activity, Threat):
        model.objects.filter(mission=mission).delete()
    reader = member(Role.VIEWER, clearance=CLEARANCE)
    threats = [
        ThreatFactory(
            mission=mission, classification=level, status=status, phase=phase,
            phase_since=TODAY - since * DAY,
        )
        for level, status, phase, since in dangers
    ]  # fmt: skip
    component = ComponentFactory(mission=mission)
    for level, status, tier, phase, due, against in plans:
        ActivityFactory(
            mission=mission, classification=level, status=status, tier=tier, phase=phase,
            start=TODAY - 30 * DAY, due=TODAY + due * DAY, lead_component=component,
            completed_on=TODAY + due * DAY if status == "done" else None,
        ).threats.set({threats[n] for n in against if n < len(threats)})  # fmt: skip
    found = {row.pk: row for row in with_plan(Threat.objects.visible_to(reader), reader)}
    total = 0
    for n, (threat, (level, status, phase, since)) in enumerate(zip(threats, dangers, strict=True)):
        if level > CLEARANCE:
            assert threat.pk not in found
            continue
        ours = [row for row in plans if row[0] <= CLEARANCE and n in row[5]]
        live = [row for row in ours if row[1] in ("planned", "under_way")]
        row = found[threat.pk]
        assert row.overdue == sum(one[4] < 0 for one in live)
        assert row.planned == sum(one[4] >= 0 for one in live)
        if status != "active":
            assert row.gaps is None
            continue
        held = {(one[2], one[3]) for one in live} | {
            (one[2], one[3]) for one in ours if one[1] == "done" and one[4] >= -since
        }
        gaps = [
            (tier, called) for called in DEFAULT_REQUIRED_PHASES[phase] for tier in Tier.values
            if (tier, called) not in held
        ]  # fmt: skip
        assert row.gaps == len(gaps)
        total += len(gaps)
    assert Coverage(mission, reader).gap_total() == total


def test_the_register_begins_with_the_gravest_active_threat(mission, member, signed_in):
    unassessed = ThreatFactory(mission=mission, title="Not assessed")
    grave, mild = (ThreatFactory(mission=mission, title=title) for title in ("Grave", "Mild"))
    closed = ThreatFactory(mission=mission, status="closed", title="Closed")
    proposed = ThreatFactory(mission=mission, status="proposed", title="Proposed")
    for threat, likelihood in ((grave, 5), (mild, 2), (closed, 5)):
        AssessmentFactory(threat=threat, likelihood=likelihood, impact=5)
    client = signed_in(member())
    rows = client.get(f"/{mission.code}/threats/").context["table"].rows
    assert [row.record for row in rows] == [grave, mild, unassessed, proposed, closed]
    for key in ("risk", "-risk"):
        rows = client.get(f"/{mission.code}/threats/?sort={key}").context["table"].rows
        assert [row.record.risk is None for row in rows] == [False, False, False, True, True]
    for key in ("gaps", "-planned", "overdue", "-last_change"):
        assert client.get(f"/{mission.code}/threats/?sort={key}").status_code == 200


def test_the_register_shows_when_a_threat_last_changed(mission, member):
    planner = member(Role.PLANNER, clearance=0)
    threat = ThreatFactory(mission=mission, phase_since=TODAY - 40 * DAY)
    changed = [TODAY - 40 * DAY]

    def last_change():
        return with_plan(Threat.objects.filter(pk=threat.pk), planner).get().last_change

    assert last_change() == changed[-1]
    ThreatDecision.objects.create(
        mission=mission, threat=threat, status="active", phase="response", day=TODAY - 20 * DAY,
        decided_by=planner,
    )  # fmt: skip
    assert last_change() == TODAY - 20 * DAY
    for level, day, expected in ((2, 1, 20), (0, 5, 5)):  # a secret activity leaves no trace
        activity = ActivityFactory(mission=mission, classification=level)
        activity.threats.add(threat)
        StatusChange.objects.create(
            activity=activity, status="planned", day=TODAY - day * DAY, changed_by=planner
        )
        assert last_change() == TODAY - expected * DAY


def test_planned_under_way_and_done_are_told_apart_and_nothing_is_called_on_track(
    mission, member, signed_in
):
    for status in ("planned", "under_way", "done"):
        ActivityFactory(
            mission=mission, status=status, tier=2, phase="prevention",
            completed_on=TODAY if status == "done" else None,
        ).threats.add(ThreatFactory(mission=mission, phase="prevention"))  # fmt: skip
    reader = member()
    (cell,) = (
        cell for cell in Coverage(mission, reader).matrix()
        if (cell.tier, cell.phase) == (2, "prevention")
    )  # fmt: skip
    assert cell.apart == ["1 planned", "1 under way", "1 done"]
    page = signed_in(reader).get(f"/{mission.code}/coverage/").content.decode()
    assert "1 planned · 1 under way · 1 done" in " ".join(page.split())
    assert "on track" not in page
