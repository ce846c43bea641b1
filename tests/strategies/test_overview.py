"""Every figure of the overview against a slow count over all rows."""

import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from missions.choices import Role
from strategies.choices import Tier
from strategies.models import Activity
from strategies.models.rules import DEFAULT_REQUIRED_PHASES
from strategies.reading.overview import LISTED, overview
from tests.factories import (
    TODAY,
    ActivityFactory,
    AlertFactory,
    AssessmentFactory,
    CommunityFactory,
    ComponentFactory,
    IncidentFactory,
    RiskModelFactory,
    RiskScoreFactory,
    ThreatFactory,
)
from tests.proof import size
from threats.choices import Phase
from threats.models import Alert, Assessment, Community, Incident, RiskScore, Threat

DAY = datetime.timedelta(days=1)
CLEARANCE = 1
levels = st.integers(0, 2)
shares = st.integers(0, 1000).map(lambda n: n / 1000)
incidents = st.lists(
    st.tuples(st.integers(0, 65), st.booleans(), st.none() | st.integers(0, 9), levels),
    max_size=12,
)
communities = st.lists(
    st.tuples(levels, st.integers(1, 5), shares, st.none() | shares), min_size=1, max_size=10
)
threats = st.lists(
    st.tuples(
        levels, st.sampled_from(["proposed", "active", "closed"]), st.sampled_from(Phase.values),
        st.lists(st.tuples(levels, st.integers(1, 5), st.integers(1, 5)), max_size=2),
        st.lists(st.integers(0, 9), max_size=3),
    ),
    max_size=5,
)  # fmt: skip
activities = st.lists(
    st.tuples(
        levels, st.sampled_from(["planned", "under_way", "done", "cancelled"]),
        st.integers(-20, 20), st.sampled_from(Tier.values), st.sampled_from(Phase.values),
        st.lists(st.integers(0, 4), max_size=2),
    ),
    max_size=10,
)  # fmt: skip
alerts = st.lists(
    st.tuples(levels, st.sampled_from(["imminent", "days"]), st.booleans()), max_size=6
)


@pytest.mark.prove
@given(
    incidents=incidents, communities=communities, threats=threats, activities=activities,
    alerts=alerts,
)  # fmt: skip
@settings(
    max_examples=size(8, 200),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_every_figure(mission, member, incidents, communities, threats, activities, alerts):
    for model in (Activity, Alert, RiskScore, Assessment, Incident, Threat, Community):
        model.objects.filter(mission=mission)._raw_delete("default") if model in (
            RiskScore, Assessment,
        ) else model.objects.filter(mission=mission).delete()  # fmt: skip
    reader = member(Role.VIEWER, clearance=CLEARANCE)
    for age, against, deaths, level in incidents:
        IncidentFactory(
            mission=mission, start_date=TODAY - age * DAY, deaths_best=deaths,
            against_civilians=against, classification=level,
        )  # fmt: skip
    model, places = RiskModelFactory(), []
    for level, band, probability, before in communities:
        apart = 15.0 + len(places)  # degrees: no neighbours, which would share a row
        place = CommunityFactory(mission=mission, classification=level, longitude=apart)
        places.append(place)
        for clearance in (0, 1, 2):
            RiskScoreFactory(
                community=place, clearance=clearance, model=model,
                band=band if clearance == CLEARANCE else 5,
                probability=probability if clearance == CLEARANCE else 0.99, week_before=before,
            )  # fmt: skip
    made = []
    for level, status, phase, assessed, near in threats:
        threat = ThreatFactory(mission=mission, classification=level, status=status, phase=phase)
        made.append(threat)
        threat.communities.set({places[n] for n in near if n < len(places)})
        for secrecy, likelihood, impact in assessed:
            AssessmentFactory(
                threat=threat, classification=max(level, secrecy), likelihood=likelihood,
                impact=impact,
            )  # fmt: skip
    component = ComponentFactory(mission=mission)
    for level, status, due, tier, phase, against in activities:
        activity = ActivityFactory(
            mission=mission, classification=level, status=status, tier=tier, phase=phase,
            start=TODAY - 30 * DAY, due=TODAY + due * DAY, lead_component=component,
            completed_on=TODAY - 5 * DAY if status == "done" else None,
        )  # fmt: skip
        activity.threats.set({made[n] for n in against if n < len(made)})
    for level, imminence, is_open in alerts:
        AlertFactory(
            mission=mission, classification=level, imminence=imminence,
            stage="received" if is_open else "closed",
        )  # fmt: skip

    found = overview(mission, reader)
    figures = found["figures"]
    seen = [row for row in incidents if row[3] <= CLEARANCE]
    recent = [row for row in seen if row[1] and row[0] < 30]
    assert figures.incidents == len(seen)
    # Own reports and alerts tell of the days from the first of them to today.
    told = max([row[0] for row in seen] + [0 for row in alerts if row[0] <= CLEARANCE], default=-1)
    assert figures.recent == (len(recent) if told >= 0 else None)
    before = sum(row[1] and 30 <= row[0] < 60 for row in seen)
    assert figures.before == (before if told >= 30 else None)
    assert figures.recent_deaths == (sum(row[2] or 0 for row in recent) if told >= 0 else None)

    visible = [row for row in zip(places, communities, strict=True) if row[1][0] <= CLEARANCE]
    assert figures.communities == len(visible)
    assert figures.communities_at_risk == sum(row[1][1] >= 4 for row in visible)
    by_risk = sorted(visible, key=lambda row: (-row[1][2], row[0].pk))[:LISTED]
    assert [row.community.pk for row in found["highest"]] == [row[0].pk for row in by_risk]
    risen = [row for row in visible if row[1][3] is not None and row[1][2] > row[1][3]]
    risen.sort(key=lambda row: (-(row[1][2] - row[1][3]), row[0].pk))
    assert [row.community.pk for row in found["rising"]] == [row[0].pk for row in risen[:LISTED]]

    active = high = required = gaps = 0
    for threat, (level, status, phase, assessed, _near) in zip(made, threats, strict=True):
        if level > CLEARANCE or status != "active":
            continue
        active += 1
        judged = [row for row in assessed if max(level, row[0]) <= CLEARANCE]
        if judged:
            _secrecy, likelihood, impact = judged[-1]
            high += likelihood * impact >= 15
        for tier in Tier.values:
            for called in DEFAULT_REQUIRED_PHASES[phase]:
                required += 1
                gaps += not any(
                    row[0] <= CLEARANCE and (row[3], row[4]) == (tier, called)
                    and made.index(threat) in row[5] and row[1] != "cancelled"
                    for row in activities
                )  # fmt: skip
    assert (figures.threats_active, figures.threats_high) == (active, high)
    assert figures.disagreements == 0  # no record behind any; see test_like_with_like
    assert figures.threats_proposed == sum(
        row[0] <= CLEARANCE and row[1] == "proposed" for row in threats
    )
    assert (figures.required, figures.gaps) == (required, gaps)
    assert figures.overdue == sum(
        row[0] <= CLEARANCE and row[1] in ("planned", "under_way") and row[2] < 0
        for row in activities
    )
    open_alerts = [row for row in alerts if row[0] <= CLEARANCE and row[2]]
    assert figures.alerts_open == len(open_alerts)
    assert figures.alerts == sum(row[0] <= CLEARANCE for row in alerts)
    assert figures.activities == sum(row[0] <= CLEARANCE for row in activities)
    assert figures.communities_scored == len(visible)
    uncovered = 0
    for n, (level, band, *_rest) in enumerate(communities):
        named = {
            at for at, row in enumerate(threats)
            if row[0] <= CLEARANCE and row[1] == "active" and n in row[4]
        }  # fmt: skip
        live = any(
            row[0] <= CLEARANCE and row[1] in ("planned", "under_way") and named & set(row[5])
            for row in activities
        )
        uncovered += level <= CLEARANCE and band >= 4 and not live
    assert figures.uncovered == uncovered
    assert figures.alerts_imminent == sum(row[1] == "imminent" for row in open_alerts)


def test_neighbours_driven_by_one_event_are_one_row(mission, member):
    """Five places round a town, and one far away: two rows, not six; a quiet one stands alone."""
    model = RiskModelFactory()

    def place(name, longitude, probability, before):
        made = CommunityFactory(mission=mission, name=name, longitude=longitude)
        for clearance in (0, 1, 2):
            RiskScoreFactory(
                community=made, clearance=clearance, model=model, probability=probability,
                week_before=before,
            )  # fmt: skip
        return made.pk

    town = [place(f"Quarter {n}", 18.55 + n / 100, 0.18 - n / 100, 0.09) for n in range(5)]
    calm = place("Calm hamlet", 18.56, 0.02, 0.02)
    away = place("Far town", 23.0, 0.17, 0.02)
    reader = member(Role.VIEWER)
    found = overview(mission, reader)
    rows = [(row.community.pk, row.others) for row in found["highest"]]
    assert rows == [(town[0], town[1:]), (away, []), (calm, [])]
    rows = [(row.community.pk, row.others) for row in found["rising"]]
    assert rows == [(away, []), (town[0], town[1:5])]
