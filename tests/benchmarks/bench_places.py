"""Uncovered places among 20,000 communities, beside PostgreSQL's own list of them.

The yardstick is one statement written by hand that joins and counts whole tables and gives the same
places in the same order; the portal's method also counts, groups neighbours and reads the records
it shows. Also the pages that lead with it, and the list of communities by it.
"""

import random
import statistics
import time
from collections.abc import Callable
from typing import Any

from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from missions.models import Component, Mission, User
from missions.need_to_know import LAYERS
from missions.services import add_member, create_mission
from strategies.coverage.places import LISTED, uncovered
from strategies.models import Activity
from tests.benchmarks.bench_pages import DAY, TODAY, _fill, _level, _point
from threats.choices import Phase, ThreatKind
from threats.models import Community, RiskModel, RiskScore, RiskState, Threat
from threats.risk import intensity
from threats.risk.kernels import TERMS

CODE = "BENCHPLACES"
COMMUNITIES, THREATS, ACTIVITIES = 20_000, 2_000, 20_000
CLEARANCE = 1
ROUNDS = 9
PAGES = {
    "coverage": "coverage/", "communities that are a gap": "communities/?gap=true",
    "communities by gap": "communities/?sort=-gap",
}  # fmt: skip
BY_HAND = """
    WITH threat AS (
        SELECT id FROM threats_threat WHERE mission_id = %(mission)s AND status = 'active'
            AND classification <= %(clearance)s AND withdrawn_at IS NULL
    ), live AS (
        SELECT id FROM strategies_activity WHERE mission_id = %(mission)s
            AND status IN ('planned', 'under_way') AND classification <= %(clearance)s
            AND withdrawn_at IS NULL
    ), named AS (
        SELECT community_id, threat_id FROM threats_threat_communities
        JOIN threat ON threat.id = threat_id
    ), served AS (
        SELECT community_id FROM strategies_activity_communities JOIN live ON live.id = activity_id
        UNION
        SELECT community_id FROM named
        JOIN strategies_activity_threats against USING (threat_id)
        JOIN live ON live.id = against.activity_id
    )
    SELECT place.id, place.longitude, place.latitude
    FROM threats_community place JOIN threats_riskscore score ON score.community_id = place.id
    WHERE place.mission_id = %(mission)s AND place.classification <= %(clearance)s
        AND place.withdrawn_at IS NULL AND score.horizon = 30
        AND score.clearance = %(clearance)s AND score.band >= 4
        AND (place.id NOT IN (SELECT community_id FROM named)
            OR place.id NOT IN (SELECT community_id FROM served))
    ORDER BY score.expected DESC, place.id
"""


def run() -> None:
    print(f"\nuncovered places among {COMMUNITIES:,} communities")
    mission, user = generate()
    parameters = {"mission": mission.pk, "clearance": CLEARANCE}

    def by_hand() -> list[tuple]:
        with connection.cursor() as cursor:
            cursor.execute(BY_HAND, parameters)
            return cursor.fetchall()

    alone, rows = middle(by_hand)
    taken, found = middle(lambda: uncovered(mission, user))
    assert found.total == len(rows) > 0, (found.total, len(rows))
    assert found.rows[0].community.pk == rows[0][0]
    assert len(found.rows) == LISTED
    print(f"  {found.total:,} uncovered places {1000 * taken:7.0f} ms = {taken / alone:4.2f} × one "
          f"statement by hand ({1000 * alone:.0f} ms); asked: at most 4")  # fmt: skip
    client = Client(HTTP_HOST="localhost")
    client.force_login(user)
    for name, path in {"overview": "", **PAGES}.items():
        spent, answer = middle(lambda path=path: client.get(f"/{CODE}/{path}"))
        assert answer.status_code == 200, (path, answer.status_code)
        print(f"  {name:26}{1000 * spent:7.0f} ms = {spent / alone:5.2f} × the statement")


def middle(call: Callable[[], Any]) -> tuple[float, Any]:
    """Median of the seconds a call takes, and what it gave last."""
    taken, answer = [], None
    for _round in range(ROUNDS):
        started = time.perf_counter()
        answer = call()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken), answer


def generate() -> tuple[Mission, User]:
    """A mission alone in its database: a fifth of its places in the upper two bands."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE missions_mission CASCADE")
    mission = create_mission(code=CODE, name="Benchmark", countries=["CAF"], reference_date=TODAY)
    user, _created = User.objects.get_or_create(username="bench-places")
    add_member(member=user, mission=mission, role="adviser", clearance=CLEARANCE)
    dice = random.Random(7)
    with transaction.atomic():
        places = _places(mission, dice)
        _plan(mission, places, dice)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return mission, user


def _places(mission: Mission, dice: random.Random) -> list[Community]:
    places = _fill(Community, [
        Community(mission=mission, name=f"Place {n}", sort_name=f"place {n}",
                  classification=_level(dice), **_point(dice))
        for n in range(COMMUNITIES)
    ])  # fmt: skip
    model = RiskModel.objects.create(
        version=f"bench-{mission.pk}", coefficients=intensity.prior_coefficients()
    )
    RiskState.objects.create(
        mission=mission, landmark=TODAY, until=TODAY, model=model, terms=list(TERMS)
    )
    scores = []
    for place in places:
        expected = dice.random() ** 3
        band = dice.choices((1, 2, 3, 4, 5), (40, 25, 15, 12, 8))[0]
        scores += [
            RiskScore(id=(place.pk * 2 + (horizon == 90)) * LAYERS + clearance, mission=mission,
                      community=place, date=TODAY, horizon=horizon, clearance=clearance,
                      expected=expected, probability=expected / 2, band=band,
                      week_before=expected / 2, model=model, computed_at=timezone.now())
            for horizon in (30, 90) for clearance in (0, 1, 2)
        ]  # fmt: skip
    _fill(RiskScore, scores)
    return places


def _plan(mission: Mission, places: list[Community], dice: random.Random) -> None:
    component = Component.objects.filter(mission=mission).first()
    threats = _fill(Threat, [
        Threat(mission=mission, classification=_level(dice), title=f"Threat {n}",
               status=dice.choice(("active", "active", "closed")), kind=ThreatKind.values[0],
               phase=dice.choice(Phase.values), phase_since=TODAY)
        for n in range(THREATS)
    ])  # fmt: skip
    activities = _fill(Activity, [
        Activity(mission=mission, classification=_level(dice), title=f"Activity {n}", tier=2,
                 phase=dice.choice(Phase.values), lead_component=component, start=TODAY,
                 status=dice.choice(("planned", "under_way", "done")), due=TODAY + 30 * DAY)
        for n in range(ACTIVITIES)
    ])  # fmt: skip
    named, own, against = (
        Threat.communities.through, Activity.communities.through, Activity.threats.through,
    )  # fmt: skip
    _fill(named, [
        named(threat=threat, community=place)
        for threat in threats for place in dice.sample(places, 6)
    ])  # fmt: skip
    _fill(
        own, [own(activity=activity, community=dice.choice(places)) for activity in activities[::3]]
    )
    _fill(
        against,
        [against(activity=activity, threat=dice.choice(threats)) for activity in activities[::2]],
    )
