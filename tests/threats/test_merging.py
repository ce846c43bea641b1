import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from missions.choices import Role
from records.services import EditConflict
from tests.factories import (
    TODAY,
    ArmedActorFactory,
    CommunityFactory,
    IncidentFactory,
    IncidentSourceFactory,
    MissionFactory,
    ThreatFactory,
)
from threats.models import Incident, IncidentActor, RiskScore
from threats.scoring.recompute import recompute_mission
from threats.scoring.requests import request_recompute
from threats.services.merging import keep_separate, likely_pairs, merge_incidents

HERE = {"longitude": 20.0, "latitude": 5.0, "start_date": TODAY, "end_date": TODAY}


@pytest.fixture
def analyst(member):
    return member(Role.ANALYST)


@pytest.fixture
def pair(mission):
    return (
        IncidentFactory(mission=mission, dataset="ucdp", external_id="1", deaths_best=4, **HERE),
        IncidentFactory(mission=mission, notes="Seen by a patrol.", deaths_best=None, **HERE),
    )


def test_a_merged_pair_counts_once(mission, analyst, pair):
    CommunityFactory(mission=mission, longitude=20.0, latitude=5.0)
    first, second = pair
    Incident.objects.filter(pk=second.pk).update(withdrawn_at=datetime.datetime.now(datetime.UTC))
    request_recompute(mission)
    recompute_mission(mission.pk)
    alone = list(RiskScore.objects.filter(mission=mission).values_list("expected", flat=True))
    Incident.objects.filter(pk=second.pk).update(withdrawn_at=None)
    request_recompute(mission)
    recompute_mission(mission.pk)
    merge_incidents(user=analyst, keep=first, other=second)
    recompute_mission(mission.pk)
    merged = list(RiskScore.objects.filter(mission=mission).values_list("expected", flat=True))
    assert merged == pytest.approx(alone, abs=1e-12)


def test_the_record_kept_learns_what_the_other_knew(mission, analyst, pair):
    first, second = pair
    actor = ArmedActorFactory(mission=mission)
    IncidentActor.objects.create(incident=second, actor=actor, part="perpetrator")
    source = IncidentSourceFactory(mission=mission, incident=second)
    threat = ThreatFactory(mission=mission)
    threat.incidents.add(second)
    Incident.objects.filter(pk=second.pk).update(injured=7, deaths_best=9)
    second.refresh_from_db()
    kept = merge_incidents(user=analyst, keep=first, other=second)
    second.refresh_from_db()
    source.refresh_from_db()
    assert (kept.injured, kept.deaths_best) == (7, 4)  # what it knew itself stands
    assert "Seen by a patrol." in kept.notes
    assert kept.parts.filter(actor=actor).exists()
    assert source.incident_id == kept.pk
    assert list(threat.incidents.visible_to(analyst)) == [kept]
    assert second.withdrawn_at
    assert second.merged_into_id == kept.pk
    assert str(kept.pk) in second.withdrawn_reason


def test_a_secret_record_lends_nothing_to_a_less_secret_one(mission, analyst, pair):
    first, _second = pair
    secret = IncidentFactory(
        mission=mission, classification=2, notes="From the informant.", injured=3, **HERE
    )
    source = IncidentSourceFactory(mission=mission, incident=secret)
    kept = merge_incidents(user=analyst, keep=first, other=secret)
    source.refresh_from_db()
    assert kept.injured is None
    assert "informant" not in kept.notes
    assert source.incident_id == secret.pk


def test_who_may_not_edit_may_not_merge(mission, member, pair):
    first, second = pair
    for role in (Role.VIEWER, Role.REPORTER):
        with pytest.raises(PermissionDenied):
            merge_incidents(user=member(role), keep=first, other=second)
    hidden = IncidentFactory(mission=mission, classification=2, **HERE)
    with pytest.raises(PermissionDenied):
        merge_incidents(user=member(Role.ANALYST, clearance=0), keep=first, other=hidden)
    assert not Incident.objects.filter(mission=mission, withdrawn_at__isnull=False).exists()


def test_only_two_standing_incidents_of_one_mission_merge(mission, analyst, pair):
    first, second = pair
    with pytest.raises(ValidationError, match="two different"):
        merge_incidents(user=analyst, keep=first, other=first)
    elsewhere = IncidentFactory(mission=MissionFactory(), **HERE)
    with pytest.raises(ValidationError, match="one mission"):
        merge_incidents(user=analyst, keep=first, other=elsewhere)
    merge_incidents(user=analyst, keep=first, other=second)
    with pytest.raises(ValidationError, match="merged already"):
        merge_incidents(user=analyst, keep=first, other=second)
    third = IncidentFactory(mission=mission, **HERE)
    with pytest.raises(EditConflict):
        merge_incidents(user=analyst, keep=first, other=third, expected="an older version")


def test_likely_pairs_are_close_alike_and_not_decided(mission, analyst, pair):
    IncidentFactory(mission=mission, **HERE | {"longitude": 21.0})
    IncidentFactory(mission=mission, kind="looting", **HERE)
    IncidentFactory(
        mission=mission,
        **HERE | {"start_date": TODAY - datetime.timedelta(days=9), "end_date": TODAY},
    )
    found = likely_pairs(mission, analyst)
    assert [{p.first.pk, p.second.pk} for p in found] == [{incident.pk for incident in pair}]
    assert "from different sources" in found[0].reasons
    assert [p.second.pk for p in likely_pairs(mission, analyst, incident=pair[0])] == [pair[1].pk]
    keep_separate(user=analyst, first=pair[1], second=pair[0])
    assert likely_pairs(mission, analyst) == []


def test_events_of_one_dataset_pair_only_where_they_coincide(mission, analyst):
    for number, longitude in enumerate((20.0, 20.0, 20.05)):
        IncidentFactory(
            mission=mission, dataset="ucdp", external_id=str(number),
            **HERE | {"longitude": longitude},
        )  # fmt: skip
    assert len(likely_pairs(mission, analyst)) == 1


def test_pairs_show_only_what_the_reader_may_see(mission, member, pair):
    IncidentFactory(mission=mission, classification=2, **HERE)
    assert len(likely_pairs(mission, member(Role.ANALYST, clearance=2))) == 3
    assert len(likely_pairs(mission, member(Role.ANALYST, clearance=0))) == 1


def test_the_page_merges_either_way_and_remembers_separate_events(
    mission, analyst, signed_in, pair
):
    client = signed_in(analyst)
    page = client.get(f"/{mission.code}/incidents/pairs/")
    assert page.status_code == 200
    assert b"Likely the same event" in page.content
    decide = f"/{mission.code}/incidents/pairs/decide/"
    first, second = pair
    body = {"keep": first.pk, "other": second.pk}
    answer = client.post(decide, body | {"separate": "1"}, follow=True)
    assert b"two events" in answer.content
    assert b"No likely pair" in answer.content
    client.post(decide, body | {"swap": "1"})
    first.refresh_from_db()
    assert first.merged_into_id == second.pk
    assert client.post(decide, body).status_code == 404  # one of them has left every list
    assert signed_in(analyst).post(decide, {"keep": "x", "other": ""}).status_code == 404


def test_the_list_of_pairs_takes_a_fixed_number_of_queries(
    mission, analyst, signed_in, django_assert_num_queries, pair
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = signed_in(analyst)
    counts = []
    for _round in range(3):
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get(f"/{mission.code}/incidents/pairs/").status_code == 200
        counts.append(len(captured))
        IncidentFactory.create_batch(3, mission=mission, **HERE)
    assert counts[1] == counts[2]
