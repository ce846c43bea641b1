"""Every figure the portal tells equals its slow twin, and none is told without one."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Callable
from typing import Any

import pytest

from missions.choices import Role
from tests.factories import MembershipFactory, MissionFactory
from tests.figures import scored, told, told_records, twins
from tests.figures.history import Generated
from tests.figures.plain import World
from tests.figures.weekly import Weekly
from tests.proof import size

MONDAY = datetime.date(2022, 12, 26)
WEEKS = (MONDAY, MONDAY - datetime.timedelta(days=7))
PLACES: dict[str, tuple[Callable, dict[str, twins.Twin]]] = {
    "overview": (told.of_overview, twins.OVERVIEW),
    "coverage": (told.of_coverage, twins.COVERAGE),
    "register": (told.of_register, twins.REGISTER),
    "communities": (told.of_communities, twins.COMMUNITIES),
    "alerts": (told.of_alerts, twins.ALERTS),
    "components": (told.of_components, twins.COMPONENTS),
    "presence": (told.of_presence, twins.PRESENCE),
    "presence, its page": (told_records.of_presence_page, scored.PRESENCE_PAGE),
    "pages of communities": (told_records.of_community_pages, scored.COMMUNITY_PAGES),
    "quality of scores": (told_records.of_quality, scored.QUALITY),
    "indicators": (told_records.of_indicators, {"progress": scored.progress}),
    **{
        f"brief of {week}": (functools.partial(told.of_brief, week=week), Weekly(week).twins())
        for week in WEEKS
    },
    **{
        f"rows of the brief of {week}": (
            functools.partial(told_records.of_brief_rows, week=week),
            scored.BriefRows(week).twins(),
        )
        for week in WEEKS
    },
    **{
        f"API: coverage since {days} days ago": (told_records.since(days), scored.since(days))
        for days in (7, 30)
    },
    **{
        f"API: {name}": (told_records.of_resource(name), twins_of)
        for name, twins_of in (
            ("communities", scored.COMMUNITY_ROWS),
            ("risk-scores", scored.RISK_SCORES),
            ("risk-history", scored.RISK_HISTORY),
            ("threats", scored.THREATS),
        )
    },
    "API: overview": (told.over_rest("overview", told.overview_of), twins.OVERVIEW_API),
    "API: coverage": (told.over_rest("coverage", told.coverage_of), twins.COVERAGE_API),
    "API: alert figures": (
        told.over_rest("alert-figures", told.alerts_of),
        twins.ALERTS | twins.OVER_REST,
    ),
}


def compare(place: str, mission, clearance: int) -> None:
    read, twins_of = PLACES[place]
    user = MembershipFactory(mission=mission, role=Role.VIEWER, clearance=clearance).member
    found = read(mission, user)
    world = World(mission, clearance)
    if not found:  # of each component: a mission that has none tells nothing
        assert not world.components
        return
    assert set(found) == set(twins_of), "a figure without a twin, or a twin without its figure"
    for name, value in found.items():
        expected = twins_of[name](world)
        assert equal(value, expected), f"{place}, {name}: told {value}, worked out {expected}"


def equal(value: Any, expected: Any) -> bool:
    """The same, sums of fractions but for the order they were added up in."""
    if isinstance(value, float) and isinstance(expected, int | float):
        return value == pytest.approx(expected, abs=1e-9)
    if isinstance(value, list | tuple) and isinstance(expected, list | tuple):
        return len(value) == len(expected) and all(map(equal, value, expected))
    if isinstance(value, dict) and isinstance(expected, dict):
        return set(value) == set(expected) and all(
            equal(value[key], expected[key]) for key in expected
        )
    return bool(value == expected)


@pytest.mark.parametrize("clearance", [0, 1, 2])
@pytest.mark.parametrize("place", PLACES)
def test_of_the_demonstration(demo, place, clearance):
    compare(place, demo, clearance)


@pytest.mark.parametrize("place", PLACES)
def test_of_an_empty_mission(mission, place):
    compare(place, mission, 1)


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(size(6, 150)))
def test_of_generated_histories(db, seed):
    mission = MissionFactory()
    Generated(mission, seed)
    for place in PLACES:
        compare(place, mission, seed % 3)


def test_a_figure_without_a_twin_fails(mission, monkeypatch):
    few = {name: twin for name, twin in twins.OVERVIEW.items() if name != "gaps"}
    monkeypatch.setitem(PLACES, "overview", (told.of_overview, few))
    with pytest.raises(AssertionError, match="without a twin"):
        compare("overview", mission, 1)


def test_every_fact_of_a_brief_is_told(mission, member):
    found = told.of_brief(mission, member(), MONDAY)
    rows = {name.removeprefix("all_") for name in found}
    assert rows >= told.TOLD_AS
