"""The matrix against an independent slow computation, and its rules one by one."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from missions.choices import Role
from strategies.choices import ActivityStatus, CellState, Tier
from strategies.coverage.mission import Coverage
from strategies.coverage.threat import matrices
from strategies.models import Activity, CatalogueActivity, CoverageRules, StatusChange
from strategies.models.rules import DEFAULT_REQUIRED_PHASES
from tests.factories import (
    TODAY,
    ActivityFactory,
    AssessmentFactory,
    CommunityFactory,
    ComponentFactory,
    ThreatFactory,
)
from tests.proof import size
from threats.choices import Phase
from threats.models import Threat, ThreatDecision, ThreatRules

DAY = datetime.timedelta(days=1)


def activity(status, due=10, completed=None) -> dict:
    return {
        "status": status, "due": TODAY + due * DAY, "start": TODAY - 60 * DAY,
        "completed_on": None if completed is None else TODAY + completed * DAY,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("activities", "required", "state"),
    [
        ([], True, CellState.GAP),
        ([], False, CellState.NOT_REQUIRED),
        ([activity("planned")], True, CellState.PLANNED),
        ([activity("planned", due=0)], True, CellState.PLANNED),
        ([activity("planned", due=-1)], True, CellState.OVERDUE),
        ([activity("under_way"), activity("planned")], True, CellState.UNDER_WAY),
        ([activity("under_way"), activity("planned", due=-3)], True, CellState.OVERDUE),
        ([activity("done", completed=-2), activity("planned")], True, CellState.PLANNED),
        ([activity("done", completed=-2)], True, CellState.DONE),
        ([activity("done", completed=-20)], True, CellState.GAP),
        ([activity("done", completed=-20)], False, CellState.NOT_REQUIRED),
        ([activity("cancelled", due=-5)], True, CellState.GAP),
        ([activity("under_way")], False, CellState.UNDER_WAY),
    ],
)
def test_rules_of_a_cell(mission, member, activities, required, state):
    threat = ThreatFactory(mission=mission, phase="response" if required else "prevention")
    for values in activities:
        ActivityFactory(mission=mission, phase="response", **values).threats.add(threat)
    cells = matrices(mission, member(), [threat])[threat.pk]
    (cell,) = (c for c in cells if (c.tier, c.phase) == (2, "response"))
    assert (cell.state, cell.is_required) == (state, required)
    assert len(cell.activities) == len(activities)


def slow_state(activities, threat, tier, phase):
    """The same rules, written down again from the design, over all rows."""
    live, done = [], False
    for act, of in activities:
        if threat not in of or act.withdrawn_at or act.classification > 1:
            continue
        if (act.tier, act.phase) != (tier, phase):
            continue
        if act.status in ("planned", "under_way"):
            live.append("overdue" if act.due < TODAY else act.status)
        if act.status == "done" and act.completed_on >= threat.phase_since:
            done = True
    for worst in ("overdue", "under_way", "planned"):
        if worst in live:
            return worst
    if done:
        return "done"
    return "gap" if phase in DEFAULT_REQUIRED_PHASES[threat.phase] else "not_required"


history = st.lists(
    st.tuples(
        st.sampled_from(Tier.values), st.sampled_from(Phase.values),
        st.sampled_from(ActivityStatus.values), st.integers(-30, 30), st.integers(0, 2),
        st.lists(st.integers(0, 2), min_size=0, max_size=3, unique=True),
    ),
    max_size=14,
)  # fmt: skip


@pytest.mark.prove
@given(
    rows=history,
    phases=st.lists(st.sampled_from(Phase.values), min_size=3, max_size=3),
    risks=st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=2, max_size=2),
)
@settings(
    max_examples=size(2, 60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_matrices_equal_the_slow_computation(mission, member, rows, phases, risks):
    Activity.objects.filter(mission=mission).delete()
    for threat in Threat.objects.filter(mission=mission):
        threat.assessments.all().delete()
        threat.delete()
    reader = member(clearance=1)
    threats = [ThreatFactory(mission=mission, phase=phase) for phase in phases]
    for threat, (likelihood, impact) in zip(threats, risks, strict=False):
        AssessmentFactory(threat=threat, likelihood=likelihood, impact=impact)
    component = ComponentFactory(mission=mission)
    for tier, phase, status, due, classification, of in rows:
        made = ActivityFactory(
            mission=mission, tier=tier, phase=phase, status=status, classification=classification,
            start=TODAY + (due - 5) * DAY, due=TODAY + due * DAY, lead_component=component,
            completed_on=TODAY + due * DAY if status == "done" else None,
        )  # fmt: skip
        made.threats.set([threats[n] for n in of])
    found = matrices(mission, reader, threats)
    totals: dict = {}
    activities = [(act, set(act.threats.all())) for act in Activity.objects.all()]
    weights = [likelihood * impact for likelihood, impact in risks] + [1]
    for threat, weight in zip(threats, weights, strict=True):
        for cell in found[threat.pk]:
            state = slow_state(activities, threat, cell.tier, cell.phase)
            assert cell.state == state
            if cell.phase in DEFAULT_REQUIRED_PHASES[threat.phase]:
                whole, lacking = totals.get((cell.tier, cell.phase), (0, 0))
                bad = weight if state in ("gap", "overdue") else 0
                totals[cell.tier, cell.phase] = (whole + weight, lacking + bad)
    for cell in Coverage(mission, reader).matrix():
        whole, lacking = totals.get((cell.tier, cell.phase), (0, 0))
        assert cell.required_weight == whole
        expected = 1 - lacking / whole if whole else None
        assert cell.covered_share == (None if expected is None else pytest.approx(expected))


def test_a_mission_may_call_for_other_phases(mission, member):
    rules = CoverageRules(mission=mission)
    rules.required_phases[Phase.RESPONSE] = [Phase.RESPONSE]
    rules.save()
    threat = ThreatFactory(mission=mission)
    cells = matrices(mission, member(), [threat])[threat.pk]
    assert {cell.phase for cell in cells if cell.is_required} == {Phase.RESPONSE}


def test_matrix_queries_do_not_grow(mission, member, django_assert_num_queries):
    user = member()
    Coverage(mission, user)
    for _n in range(6):
        threat = ThreatFactory(mission=mission)
        ActivityFactory(mission=mission).threats.add(threat)
    with django_assert_num_queries(2):
        Coverage(mission, user).matrix()


# -- coverage by group, and the gaps ---------------------------------------------------------


def test_groups_and_gaps_equal_a_slow_count(mission, member):
    reader = member(clearance=1)
    threats = [
        ThreatFactory(mission=mission, phase=phase, kind=kind, classification=level)
        for phase, kind, level in (
            ("prevention", "attacks", 0), ("response", "looting", 1), ("preemption", "attacks", 0),
            ("response", "attacks", 2),
        )
    ]  # fmt: skip
    for threat, (likelihood, impact) in zip(threats, ((5, 5), (2, 3), (4, 2)), strict=False):
        AssessmentFactory(
            threat=threat, likelihood=likelihood, impact=impact,
            classification=threat.classification,
        )  # fmt: skip
    for threat, people, displaced, level in (
        (threats[0], 1_000, None, 0), (threats[0], 500, 200, 0), (threats[0], 9_000, None, 2),
        (threats[1], None, None, 0), (threats[2], 90_000, None, 0),
    ):  # fmt: skip
        threat.communities.add(
            CommunityFactory(
                mission=mission,
                population=people,
                displaced_population=displaced,
                classification=level,
            )
        )
    made = ActivityFactory(
        mission=mission, tier=1, phase="prevention", status="planned",
        lead_component=ComponentFactory(mission=mission),
    )  # fmt: skip
    made.threats.set([threats[0]])
    coverage = Coverage(mission, reader)
    seen = threats[:3]
    assert set(coverage.ids) == {threat.pk for threat in seen}

    expected = []
    for threat, risk, people in zip(seen, (25, 6, 8), (1_700, None, 90_000), strict=True):
        for phase in DEFAULT_REQUIRED_PHASES[threat.phase]:
            for tier in Tier.values:
                if (threat, tier, phase) != (threats[0], 1, "prevention"):
                    expected.append((threat.pk, tier, phase, people, risk))
    # Response first, then pre-emption, consolidation, prevention; then risk; then people.
    urgency = ["response", "preemption", "consolidation", "prevention"]
    expected.sort(key=lambda row: (urgency.index(row[2]), -row[4], -(row[3] or 90_000), row[0]))
    listed = coverage.gaps(99)
    found = [(g.threat.pk, g.cell.tier, g.cell.phase, g.people, g.risk) for g in listed]
    assert found == expected
    # The displaced weigh twice, and are counted once.
    heavy = {1_700: 1_900, None: 90_000, 90_000: 90_000}
    assert [g.weight for g in listed] == [row[4] * heavy[row[3]] for row in found]

    assert coverage.gap_total() == len(expected)
    assert [g.cell.phase for g in coverage.gaps(2)] == [row[2] for row in found[:2]]
    groups = dict(coverage.grouped("type"))
    assert len(groups) == 2
    for cells in zip(coverage.matrix(), *groups.values(), strict=True):
        whole, *parts = cells
        assert whole.required == sum(part.required for part in parts)
        assert whole.required_weight == sum(part.required_weight for part in parts)
        assert whole.gaps == sum(part.gaps for part in parts)


def test_a_gap_in_response_comes_before_one_of_consolidation_in_a_large_town(mission, member):
    town = ThreatFactory(mission=mission, phase="consolidation", title="In the capital")
    village = ThreatFactory(mission=mission, phase="response", title="In a village")
    AssessmentFactory(threat=town, likelihood=5, impact=5)
    AssessmentFactory(threat=village, likelihood=2, impact=2)
    town.communities.add(CommunityFactory(mission=mission, population=900_000))
    village.communities.add(CommunityFactory(mission=mission, population=300))
    gaps = Coverage(mission, member()).gaps(99)
    shown = [(gap.cell.phase, gap.threat.title) for gap in gaps]
    assert shown[:6] == [("response", "In a village")] * 3 + [("preemption", "In a village")] * 3
    assert shown[6] == ("consolidation", "In the capital")


def test_the_coverage_page_drills_from_a_cell_to_its_threats(mission, member, signed_in):
    threat = ThreatFactory(mission=mission, phase="prevention", title="Raids on the market road")
    client = signed_in(member(Role.PLANNER))
    page = client.get(f"/{mission.code}/coverage/?tier=2&phase=prevention").content.decode()
    assert page.count("Raids on the market road") == 1 + 3  # in the cell, and three gaps
    other = client.get(f"/{mission.code}/coverage/?tier=2&phase=response").content.decode()
    assert "No active threat calls for it" in other
    for query in ("by=office", "by=type", "by=area", "by=nonsense", "tier=9&phase=x"):
        assert client.get(f"/{mission.code}/coverage/?{query}").status_code == 200
    assert threat.title in client.get(f"/{mission.code}/coverage/?by=type").content.decode()


def test_coverage_takes_a_fixed_number_of_queries(mission, member, signed_in):
    client = signed_in(member(Role.PLANNER))
    counts = []
    for _round in range(3):
        for _n in range(3):
            made = ActivityFactory(mission=mission)
            threat = ThreatFactory(mission=mission)
            made.threats.add(threat)
            threat.communities.add(CommunityFactory(mission=mission, population=10))
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"/{mission.code}/coverage/?by=office").status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1] == counts[2]


# -- since a day, and by component -------------------------------------------------------------


def test_what_changed_since_a_day(mission, member, signed_in):
    planner = member(Role.PLANNER)
    threat = ThreatFactory(mission=mission, phase="prevention", title="Raids")
    ThreatDecision.objects.create(
        mission=mission, threat=threat, status="active", phase="prevention", day=TODAY - 60 * DAY,
        decided_by=planner,
    )  # fmt: skip
    made = ActivityFactory(mission=mission, tier=2, phase="prevention", title="A patrol")
    made.threats.add(threat)
    StatusChange.objects.create(
        activity=made, status="planned", day=TODAY - 5 * DAY, changed_by=planner
    )
    before, after = Coverage(mission, planner, TODAY - 10 * DAY), Coverage(mission, planner)
    (cell,) = (c for c in after.compared_with(before) if (c.tier, c.phase) == (2, "prevention"))
    assert (cell.share_before, cell.covered_share, cell.change) == (0.0, 1.0, 1.0)
    client = signed_in(planner)
    page = client.get(f"/{mission.code}/coverage/?since=2022-12-21").content.decode()
    assert "+100" in page
    assert page.count("A patrol") == 1
    page = client.get(f"/{mission.code}/coverage/?since=2022-12-28").content.decode()
    assert "A patrol" not in page
    wrong = client.get(f"/{mission.code}/coverage/?since=2023-01-05").content.decode()
    assert "does not lie before" in wrong


def test_what_each_component_does_and_could_fill(mission, member, signed_in):
    reader = member(clearance=1)
    troops = ComponentFactory(mission=mission, kind="military", name="Troops")
    rights = ComponentFactory(mission=mission, kind="human_rights", name="Rights")
    ThreatFactory(mission=mission, phase="prevention")
    for status, due, level in (
        ("planned", 5, 0), ("under_way", 5, 0), ("under_way", -5, 0), ("done", -5, 0),
        ("cancelled", -5, 0), ("planned", 5, 2),
    ):  # fmt: skip
        ActivityFactory(
            mission=mission, lead_component=troops, status=status, classification=level,
            start=TODAY - 30 * DAY, due=TODAY + due * DAY,
        )  # fmt: skip
    shares = {share.component: share for share in Coverage(mission, reader).by_component()}
    found = shares[troops]
    assert (found.planned, found.under_way, found.overdue, found.done) == (1, 1, 1, 1)
    for component, share in shares.items():
        usual = {
            (entry.tier, entry.phase)
            for entry in CatalogueActivity.objects.all()
            if component.kind in entry.components
        }
        gaps = [(tier, "prevention") for tier in Tier.values]
        assert share.gaps == sum(key in usual for key in gaps)
    assert (shares[rights].planned, shares[rights].overdue) == (0, 0)
    page = signed_in(reader).get(f"/{mission.code}/coverage/?by=component").content.decode()
    assert "Troops" in page


def test_the_rules_are_the_missions_own(mission, member, signed_in):
    threat = ThreatFactory(mission=mission, phase="response")
    url = f"/{mission.code}/coverage/rules/"
    client = signed_in(member(Role.ADVISER))
    assert "Change the rules" in client.get(f"/{mission.code}/coverage/").content.decode()
    body = {
        "prevention": ["prevention"], "preemption": ["preemption"], "response": ["response"],
        "consolidation": [], "travel_speed": "40", "reach_hours": "3.5",
        "source_kinds_from": "1",
    }  # fmt: skip
    wrong = client.post(url, body | {"travel_speed": "fast"})
    assert (wrong.status_code, "“fast” is not a number" in wrong.content.decode()) == (422, True)
    assert client.post(url, body | {"response": ["dancing"]}).status_code == 422
    assert client.post(url, body).status_code == 302
    rules = ThreatRules.objects.get(mission=mission)
    assert (rules.travel_speed, rules.reach_hours, rules.source_kinds_from) == (40, 3.5, 1)
    cells = matrices(mission, member(), [threat])[threat.pk]
    assert {cell.phase for cell in cells if cell.is_required} == {"response"}
    planner = signed_in(member(Role.PLANNER))
    assert planner.get(url).status_code == planner.post(url, body).status_code == 403
    assert "Change the rules" not in planner.get(f"/{mission.code}/coverage/").content.decode()
