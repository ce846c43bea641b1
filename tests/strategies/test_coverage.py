"""The matrix against an independent slow computation, and its rules one by one."""

import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from missions.choices import DEFAULT_REQUIRED_PHASES, Phase, Tier
from strategies.choices import ActivityStatus, CellState
from strategies.coverage import cell_state, matrices, mission_matrix
from strategies.models import Activity
from tests.factories import (
    TODAY,
    ActivityFactory,
    AssessmentFactory,
    ComponentFactory,
    ThreatFactory,
)
from threats.models import Threat

DAY = datetime.timedelta(days=1)


def activity(status, due=10, completed=None):
    return Activity(
        status=status, due=TODAY + due * DAY,
        completed_on=None if completed is None else TODAY + completed * DAY,
    )  # fmt: skip


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
def test_rules_of_a_cell(activities, required, state):
    phase_since = TODAY - 10 * DAY
    assert (
        cell_state(activities, is_required=required, phase_since=phase_since, today=TODAY) == state
    )


def slow_state(threat, tier, phase):
    """The same rules, written down again from the design, over all rows."""
    live, done = [], False
    for act in Activity.objects.all():
        if threat not in act.threats.all() or act.withdrawn_at or act.classification > 1:
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


@given(
    rows=history,
    phases=st.lists(st.sampled_from(Phase.values), min_size=3, max_size=3),
    risks=st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=2, max_size=2),
)
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
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
    weights = [likelihood * impact for likelihood, impact in risks] + [1]
    for threat, weight in zip(threats, weights, strict=True):
        for cell in found[threat.pk]:
            state = slow_state(threat, cell.tier, cell.phase)
            assert cell.state == state
            if cell.phase in DEFAULT_REQUIRED_PHASES[threat.phase]:
                whole, lacking = totals.get((cell.tier, cell.phase), (0, 0))
                bad = weight if state in ("gap", "overdue") else 0
                totals[cell.tier, cell.phase] = (whole + weight, lacking + bad)
    for cell in mission_matrix(mission, reader):
        whole, lacking = totals.get((cell.tier, cell.phase), (0, 0))
        assert cell.required_weight == whole
        expected = 1 - lacking / whole if whole else None
        assert cell.covered_share == (None if expected is None else pytest.approx(expected))


def test_a_mission_may_call_for_other_phases(mission, member):
    mission.required_phases[Phase.RESPONSE] = [Phase.RESPONSE]
    mission.save()
    threat = ThreatFactory(mission=mission)
    cells = matrices(mission, member(), [threat])[threat.pk]
    assert {cell.phase for cell in cells if cell.is_required} == {Phase.RESPONSE}


def test_matrix_queries_do_not_grow(mission, member, django_assert_num_queries):
    user = member()
    mission_matrix(mission, user)
    for _n in range(6):
        threat = ThreatFactory(mission=mission)
        ActivityFactory(mission=mission).threats.add(threat)
    with django_assert_num_queries(3):
        mission_matrix(mission, user)
