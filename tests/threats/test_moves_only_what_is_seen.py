"""Times, entity tags and feeds of a reader move only by what that reader may see."""

import numpy as np
import pytest
from django.utils import timezone

from missions.choices import Role
from missions.geography import distance_km
from records.services import EditConflict
from records.versions import version_of
from tests.factories import (
    ArmedActorFactory,
    CommunityFactory,
    IncidentFactory,
    RiskModelFactory,
)
from tests.proof import size
from threats.models import Incident, RiskScore
from threats.scoring.recompute import recompute_mission, recompute_pending
from threats.scoring.requests import note_evidence, request_recompute
from threats.services.actors import edit_actor
from threats.services.incidents import edit_incident, report_incident

TRIES = size(4, 20)
RANK = {"rank": None}


@pytest.fixture
def country(mission):
    """Twelve by eight communities, 60 km apart, scored."""
    RiskModelFactory(mission=mission)
    places = [
        CommunityFactory(mission=mission, longitude=15.0 + 0.55 * x, latitude=3.0 + 0.55 * y)
        for x in range(12)
        for y in range(8)
    ]
    request_recompute(mission)
    recompute_mission(mission.pk)
    return places


def told(client, mission) -> dict:
    """What an unclassified reader is told of every community and score."""
    rows = client.get(f"/api/v1/risk-scores/?mission={mission.code}&page_size=1000").json()
    return {row["id"]: row for row in rows["results"]}


def report(mission, user, longitude, latitude, classification=0, **more):
    return report_incident(
        user=user, mission=mission, kind="killing", start_date=mission.today, end_date=mission.today,
        longitude=longitude, latitude=latitude, classification=classification, **more,
    )  # fmt: skip


@pytest.mark.prove
def test_a_secret_incident_beside_an_open_one_is_found_no_better_than_by_chance(
    mission, country, member, api, figure
):
    """Recovered to within 6 km in 3 of 3 tries from ``computed_at``, before."""
    secretive, open_ = member(Role.ANALYST, clearance=2), member(Role.ANALYST, clearance=0)
    reader = api(member(Role.VIEWER, clearance=0))
    dice = np.random.default_rng(7)
    apart = 0
    for _try in range(TRIES):
        before = told(reader, mission)
        here = (float(dice.uniform(15.2, 17)), float(dice.uniform(3.2, 6.6)))
        there = (float(dice.uniform(19, 21)), float(dice.uniform(3.2, 6.6)))
        report(mission, secretive, *there, classification=2)
        report(mission, open_, *here)
        recompute_pending()
        after = told(reader, mission)
        # Its rank follows from others' scores, which the reader sees.
        moved = {row["community"] for key, row in after.items() if row | RANK != before[key] | RANK}
        assert moved
        for place in country:
            if place.pk in moved:
                assert distance_km(place.longitude, place.latitude, *here) <= 155
            elif distance_km(place.longitude, place.latitude, *there) <= 150:
                apart += 1
    assert apart  # some lay near the secret one, and none of them moved
    figure("tries", TRIES)
    figure("communities near a secret incident that moved", 0, "0")


def test_a_secret_change_alone_moves_nothing_even_where_all_is_computed_anew(
    mission, country, member, api
):
    reader, cleared = (api(member(Role.VIEWER, clearance=level)) for level in (0, 2))
    before, above = told(reader, mission), told(cleared, mission)
    report(mission, member(Role.ANALYST, clearance=2), 18.1, 5.0, classification=2)
    for again in (recompute_pending, lambda: recompute_mission(mission.pk)):
        if again is not recompute_pending:
            request_recompute(mission)
        again()
        assert told(reader, mission) == before
        assert told(cleared, mission) != above


def test_scores_that_come_out_the_same_are_not_written_anew(mission, country):
    rows = dict(RiskScore.objects.values_list("pk", "changed_in"))
    times = dict(RiskScore.objects.values_list("pk", "computed_at"))
    incident = IncidentFactory(mission=mission, longitude=16.0, latitude=5.0, classification=1)
    note_evidence(incident, +1)
    note_evidence(incident, -1)
    Incident.objects.update(withdrawn_at=timezone.now())
    recompute_pending()
    request_recompute(mission)
    recompute_mission(mission.pk)
    assert dict(RiskScore.objects.values_list("pk", "changed_in")) == rows
    assert dict(RiskScore.objects.values_list("pk", "computed_at")) == times


def test_a_hidden_actor_added_to_an_open_incident_moves_nothing_that_is_shown_of_it(
    mission, member, api
):
    incident = IncidentFactory(mission=mission, created_by=member(Role.ANALYST))
    seen, hidden = (ArmedActorFactory(mission=mission, classification=level) for level in (0, 2))
    low, high = member(Role.ANALYST, clearance=0), member(Role.ANALYST, clearance=2)
    address = f"/api/v1/incidents/{incident.pk}/"

    def shown(user):
        answer = api(user).get(address)
        return answer["ETag"], answer.json()

    edit_incident(incident, user=high, parts=[(seen, "perpetrator")])
    before, above = shown(low), shown(high)
    edit_incident(incident, user=high, parts=[(seen, "perpetrator"), (hidden, "party")])
    assert shown(low) == before
    assert shown(high) != above
    edit_incident(incident, user=high, parts=[(hidden, "party")])
    assert shown(low) != before  # what all may see was taken away


def test_hiding_a_move_loses_no_edit(mission, member):
    """An old form of somebody cleared for the hidden actor would take it away again."""
    incident = IncidentFactory(mission=mission, created_by=member(Role.ANALYST))
    hidden = ArmedActorFactory(mission=mission, classification=2)
    low, high = member(Role.ANALYST, clearance=0), member(Role.ANALYST, clearance=2)
    theirs, mine = version_of(incident, high), version_of(incident, low)
    edit_incident(incident, user=high, parts=[(hidden, "party")])
    incident.refresh_from_db()
    assert version_of(incident, low) == mine
    assert version_of(incident, high) != theirs
    with pytest.raises(EditConflict):
        edit_incident(incident, user=high, expected=theirs, parts=[])
    edit_incident(incident, user=low, expected=mine, notes="By a reader who sees less.", parts=[])
    assert [part.actor for part in incident.parts.all()] == [hidden]


def test_a_hidden_parent_stays_where_a_lower_reader_saves_the_form(mission, member):
    parent = ArmedActorFactory(mission=mission, classification=2)
    actor = ArmedActorFactory(mission=mission, parent=parent)
    edit_actor(actor, user=member(Role.ANALYST, clearance=0), name="Renamed", parent=None)
    actor.refresh_from_db()
    assert (actor.name, actor.parent) == ("Renamed", parent)
