import datetime

import numpy as np
import pytest
from django.core.management import call_command

from missions.choices import Role
from tests.factories import TODAY, CommunityFactory, IncidentFactory, MissionFactory
from threats.explanations import contributions, leading_incidents
from threats.models import Community, RecomputeRequest, RiskScore
from threats.services.incidents import edit_incident, report_incident, withdraw_incident
from threats.services.requests import request_recompute
from threats.services.scores import recompute_mission, recompute_pending, request_daily_scores


def stored(mission):
    """Every score of a mission as comparable values."""
    rows = RiskScore.objects.filter(mission=mission).order_by(
        "community", "date", "horizon", "clearance"
    )
    return [
        (s.community_id, s.date, s.horizon, s.clearance, s.band, s.is_current,
         round(s.expected, 10), s.week_before and round(s.week_before, 10))
        for s in rows
    ]  # fmt: skip


def full(mission):
    request_recompute(mission)
    recompute_mission(mission.pk)
    return stored(mission)


@pytest.fixture
def places(mission):
    return [
        CommunityFactory(mission=mission, longitude=20.0 + 0.3 * n, latitude=5.0) for n in range(6)
    ]


def test_every_community_gets_a_score_per_horizon_and_clearance(demo):
    today = RiskScore.objects.filter(mission=demo, date=TODAY)
    assert today.count() == 385 * 2 * 3
    assert not RecomputeRequest.objects.exists()
    for score in RiskScore.objects.filter(mission=demo).iterator():
        assert sum(score.contributions.values()) == pytest.approx(score.expected, abs=1e-9)
        assert score.probability == pytest.approx(-np.expm1(-score.expected), abs=1e-12)


def test_a_report_changes_the_scores_nearby_as_a_full_run_would(mission, places, member):
    analyst = member(Role.ANALYST)
    full(mission)
    before = Community.objects.visible_to(analyst).with_risk(analyst).get(pk=places[0].pk)
    incident = report_incident(
        user=analyst, mission=mission, kind="killing", longitude=20.0, latitude=5.0,
        start_date=TODAY - datetime.timedelta(days=40),
    )  # fmt: skip
    recompute_pending()
    after = Community.objects.visible_to(analyst).with_risk(analyst).get(pk=places[0].pk)
    assert after.probability > before.probability
    assert stored(mission) == full(mission)

    edit_incident(incident, user=analyst, longitude=21.4, start_date=TODAY, end_date=TODAY)
    recompute_pending()
    assert stored(mission) == full(mission)

    withdraw_incident(incident, user=analyst, reason="a rumour")
    recompute_pending()
    assert stored(mission) == full(mission)
    again = Community.objects.visible_to(analyst).with_risk(analyst).get(pk=places[0].pk)
    assert again.probability == before.probability


def test_each_clearance_has_scores_from_what_it_may_see(mission, places, member):
    IncidentFactory(mission=mission, classification=2)
    IncidentFactory(mission=mission, classification=1)
    full(mission)
    low, middle, high = (
        Community.objects.visible_to(user).with_risk(user).get(pk=places[0].pk).probability
        for user in (member(clearance=level) for level in (0, 1, 2))
    )
    assert low < middle < high


def test_unclassified_scores_do_not_know_of_secrets(mission, places):
    without = [row for row in full(mission) if row[3] == 0]
    IncidentFactory(mission=mission, classification=1)
    assert [row for row in full(mission) if row[3] == 0] == without


def test_the_explanation_names_only_what_the_reader_may_see(mission, places, member):
    secret = IncidentFactory(mission=mission, classification=2)
    known = IncidentFactory(mission=mission, longitude=20.1)
    full(mission)
    for level, expected in ((0, {known}), (2, {known, secret})):
        user = member(clearance=level)
        score = RiskScore.objects.visible_to(user).get(community=places[0], date=TODAY, horizon=30)
        leading = leading_incidents(places[0], score, user)
        assert {row.incident for row in leading} == expected
        named = sum(row.expected for row in leading)
        background = score.contributions["background"]
        assert named + background == pytest.approx(score.expected, abs=1e-9)
        assert sum(row.expected for row in contributions(score)) == pytest.approx(score.expected)


def test_a_repeated_or_empty_run_changes_nothing(mission, places):
    first = full(mission)
    assert recompute_mission(mission.pk) == 0
    assert full(mission) == first


def test_places_known_only_to_the_country_count_nowhere(mission, places):
    before = full(mission)
    IncidentFactory(mission=mission, place_precision="country")
    IncidentFactory(mission=mission, longitude=None, latitude=None)
    assert full(mission) == before


def test_a_new_day_asks_for_scores_once(mission, places):
    full(mission)
    assert mission.pk not in _asked(request_daily_scores)
    mission.reference_date = TODAY + datetime.timedelta(days=1)
    mission.save()
    assert mission.pk in _asked(request_daily_scores)
    recompute_pending()
    current = RiskScore.objects.filter(mission=mission, is_current=True)
    assert {score.date for score in current} == {mission.reference_date}
    assert mission.pk not in _asked(request_daily_scores)


def test_a_mission_without_communities_is_left_alone(db):
    empty = MissionFactory()
    assert empty.pk not in _asked(request_daily_scores)


def test_the_management_command_recomputes_at_once(mission, places):
    call_command("recompute_risk", mission=mission.code)
    assert RiskScore.objects.filter(mission=mission, is_current=True).count() == 6 * 2 * 3


def _asked(function):
    RecomputeRequest.objects.all().delete()
    function()
    return set(RecomputeRequest.objects.values_list("mission_id", flat=True))
