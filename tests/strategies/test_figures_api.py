"""Figures over REST are those of the pages, for the same reader."""

import pytest

from missions.choices import Role
from strategies.coverage.mission import Coverage
from strategies.reading.overview import overview
from tests.factories import (
    ActivityFactory,
    AlertFactory,
    AssessmentFactory,
    CommunityFactory,
    MissionFactory,
    ThreatFactory,
)
from threats.alerts.figures import alert_figures


@pytest.fixture
def filled(mission):
    for level in (0, 1, 2):
        threat = ThreatFactory(mission=mission, classification=level, phase="prevention")
        AssessmentFactory(threat=threat, classification=level, likelihood=level + 1)
        threat.communities.add(CommunityFactory(mission=mission, population=100))
        AlertFactory(mission=mission, classification=level)
    ActivityFactory(mission=mission, phase="prevention").threats.add(threat)
    return mission


@pytest.mark.parametrize("clearance", [0, 1, 2])
def test_they_are_those_of_the_pages(filled, member, api, clearance):
    user = member(Role.VIEWER, clearance=clearance)
    client = api(user)
    figures = overview(filled, user)["figures"]
    told = client.get(f"/api/v1/overview/?mission={filled.code}").json()
    assert told["threats_active"] == figures.threats_active == clearance + 1
    assert told["gaps"] == figures.gaps
    coverage = Coverage(filled, user)
    told = client.get(f"/api/v1/coverage/?mission={filled.code}").json()
    assert told["gap_total"] == coverage.gap_total() == len(told["gaps"])
    assert [cell["covered_share"] for cell in told["cells"]] == [
        cell.covered_share for cell in coverage.matrix()
    ]
    assert [gap["weight"] for gap in told["gaps"]] == [gap.weight for gap in coverage.gaps(99)]
    told = client.get(f"/api/v1/alert-figures/?mission={filled.code}").json()
    assert told["open"] == alert_figures(filled, user).open == clearance + 1


def test_coverage_is_compared_with_a_day(filled, member, api):
    client = api(member())
    url = f"/api/v1/coverage/?mission={filled.code}"
    assert client.get(f"{url}&since=2022-12-01").json()["cells"][0]["share_before"] == 0.0
    wrong = client.get(f"{url}&since=soon")
    assert wrong.status_code == 400
    assert "“soon” is no day" in wrong.json()["errors"][0]["message"]


@pytest.mark.parametrize("resource", ["overview", "coverage", "alert-figures"])
def test_of_ones_own_missions_alone(filled, member, api, resource):
    url = f"/api/v1/{resource}/?mission={filled.code}"
    assert api(member(where=MissionFactory())).get(url).status_code == 404
    assert api(member()).get(f"/api/v1/{resource}/").status_code == 404
