import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from missions.choices import Role
from records.services import EditConflict
from tests.factories import (
    TODAY,
    AdminAreaFactory,
    AlertFactory,
    ArmedActorFactory,
    CommunityFactory,
    FieldOfficeFactory,
    IncidentFactory,
    IncidentSourceFactory,
    MissionFactory,
    ThreatFactory,
)
from threats.models import Incident, IncidentActor, ProofSetting, RiskScore
from threats.scoring.recompute import recompute_mission
from threats.scoring.requests import request_recompute
from threats.services.attribution import set_standard, with_settings
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


def part(incident, actor, part="perpetrator", **values):
    return IncidentActor.objects.create(incident=incident, actor=actor, part=part, **values)


def test_what_was_disproved_stays_disproved_in_the_record_kept(mission, analyst, pair):
    first, second = pair
    actor = ArmedActorFactory(mission=mission)
    set_standard(user=analyst, link=part(second, actor), standard="disproved")
    before = [
        (row.standard, row.set_by, row.set_at)
        for row in ProofSetting.objects.filter(incident=second)
    ]
    kept = merge_incidents(user=analyst, keep=first, other=second)
    link = kept.parts.get()
    assert (link.standard, link.standard_set_by) == ("disproved", analyst)
    assert [(row.standard, row.set_by, row.set_at) for row in kept.proof_settings.all()] == before
    (shown,) = with_settings(kept, [link])
    assert [row.standard for row in shown.earlier] == ["allegation"]


@pytest.mark.parametrize(
    ("mine", "theirs", "expected"),
    [
        (None, "disproved", "disproved"),
        ("disproved", None, "disproved"),
        ("disproved", "verified", "disproved"),
        ("verified", "disproved", "disproved"),
        ("verified", None, "verified"),
        (None, "verified", "verified"),
        ("verified", "reasonable_grounds", "reasonable_grounds"),  # set later
    ],
)
def test_of_a_part_both_know_what_people_set_stands(mission, analyst, pair, mine, theirs, expected):
    actor = ArmedActorFactory(mission=mission)
    for incident, standard in zip(pair, (mine, theirs), strict=True):
        link = part(incident, actor)
        if standard:
            set_standard(user=analyst, link=link, standard=standard)
    kept = merge_incidents(user=analyst, keep=pair[0], other=pair[1])
    link = kept.parts.get()
    assert link.standard == expected
    (shown,) = with_settings(kept, [link])
    assert {row.standard for row in shown.earlier} == (
        {mine, theirs, "allegation"} - {expected, None}
    )


@pytest.mark.parametrize(
    "harm",
    [
        {"kind": "clash", "said_against_civilians": True},
        {"kind": "killing"},
        {"kind": "clash", "injured": 2},
        {"kind": "clash", "civilian_deaths": 1},
    ],
)
@pytest.mark.parametrize("said", [None, False])
def test_harm_to_civilians_is_not_lost_by_merging(mission, analyst, harm, said):
    keep = IncidentFactory(mission=mission, kind="clash", said_against_civilians=said, **HERE)
    other = IncidentFactory(mission=mission, **harm, **HERE)
    merge_incidents(user=analyst, keep=keep, other=other)
    harmed = Incident.objects.visible_to(analyst).against_civilians()
    assert [incident.pk for incident in harmed] == [keep.pk]


def test_a_report_nobody_verified_lends_no_harm(mission, analyst):
    keep = IncidentFactory(mission=mission, kind="clash", **HERE)
    other = IncidentFactory(mission=mission, kind="killing", awaits_verification=True, **HERE)
    assert not merge_incidents(user=analyst, keep=keep, other=other).against_civilians


# Of every field of an incident: how the record kept comes by it.
STAYS = {
    "id", "mission", "kind", "classification", "start_date", "end_date", "date_precision", "dataset", "external_id",
    "import_digest", "namesake", "submission", "created_at", "created_by", "withdrawn_at", "withdrawn_by",
    "withdrawn_reason", "is_demonstration", "merged_into", "awaits_verification", "verified_at", "verified_by",
    "compartments",
}  # fmt: skip
FOLLOWS = {"against_civilians", "modified_at", "changed_in", "edited_by_hand"}


def test_every_field_the_record_kept_leaves_empty_is_learnt(mission, analyst):
    place = AdminAreaFactory(mission=mission)
    office = FieldOfficeFactory(mission=mission)
    known = {
        "place_name": "Kaga", "deaths_low": 1, "deaths_best": 2, "deaths_high": 3, "civilian_deaths": 1,
        "injured": 4, "abducted": 5, "displaced": 6, "victims": {"girls": 1},
        "attribution": "A paper", "notes": "Seen.", "time_of_day": "night", "longitude": 20.0,
        "latitude": 5.0, "place_precision": "near", "admin_area": place, "field_office": office,
        "admin_area_is_nearest": True, "said_against_civilians": True,
        "grave_violations": ["schools_hospitals", "recruitment"],
    }  # fmt: skip
    days = {"start_date": TODAY, "end_date": TODAY}
    other = IncidentFactory(
        mission=mission, kind="child_recruitment", **known | {"grave_violations": ["schools_hospitals"]}, **days
    )  # fmt: skip
    keep = IncidentFactory(
        mission=mission, kind="clash", longitude=None, latitude=None, place_precision="country",
        place_name="", deaths_best=None, **days,
    )  # fmt: skip
    kept = merge_incidents(user=analyst, keep=keep, other=other)
    kept.refresh_from_db()
    assert {name: getattr(kept, name) for name in known} == known | {
        "grave_violations": kept.grave_violations
    }
    assert set(kept.grave) >= set(known["grave_violations"])
    fields = {field.name for field in Incident._meta.concrete_fields}
    assert fields - STAYS - FOLLOWS == set(known)


def test_alerts_of_the_other_lead_to_the_record_kept(mission, analyst, pair):
    first, second = pair
    alert = AlertFactory(mission=mission)
    alert.incidents.add(second)
    kept = merge_incidents(user=analyst, keep=first, other=second)
    assert list(alert.incidents.visible_to(analyst)) == [kept]


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


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (("2022-12-01", "day"), ("2022-12-01", "day"), "the same day"),
        (("2022-12-01", "day"), ("2022-12-02", "day"), "1 day apart"),
        (("2022-12-01", "day"), ("2022-12-04", "day"), "3 days apart"),
        (("2022-12-01", "day"), ("2022-12-05", "day"), None),
        (("2022-12-01", "day"), ("2022-12-01", "month"), "may be the same day"),
        (("2022-12-22", "day"), ("2022-12-01", "month"), "may be the same day"),
        (("2022-12-01", "month"), ("2022-12-01", "month"), "may be the same day"),
        (("2022-11-28", "day"), ("2022-12-15", "month"), "at least 3 days apart"),
        (("2022-11-30", "day"), ("2022-12-15", "month"), "at least 1 day apart"),
        (("2022-11-27", "day"), ("2022-12-15", "month"), None),
        (("2022-12-12", "week"), ("2022-12-18", "day"), "may be the same day"),
        (("2022-12-12", "week"), ("2022-12-21", "day"), "at least 3 days apart"),
        (("2022-12-12", "week"), ("2022-12-22", "day"), None),
        (("2022-12-12", "week"), ("2022-12-08", "day"), None),
    ],
)
def test_pairs_are_compared_by_the_days_they_may_have_been(mission, analyst, first, second, said):
    for (day, precision), kind in ((first, ""), (second, "ucdp")):
        IncidentFactory(
            mission=mission, dataset=kind, external_id=kind, date_precision=precision,
            **HERE | {"start_date": day, "end_date": day},
        )  # fmt: skip
    one, other = Incident.objects.filter(mission=mission).order_by("pk")
    for found in (
        likely_pairs(mission, analyst),
        likely_pairs(mission, analyst, incident=one),
        likely_pairs(mission, analyst, incident=other),
    ):
        assert [pair.reasons[0] for pair in found] == ([said] if said else [])


def test_a_long_event_does_not_pair_with_all_that_happened_meanwhile(mission, analyst):
    IncidentFactory(mission=mission, **HERE | {"start_date": "2022-12-01"})
    IncidentFactory(mission=mission, **HERE)
    assert likely_pairs(mission, analyst) == []
    Incident.objects.filter(mission=mission, start_date="2022-12-01").update(
        date_precision="longer"
    )
    (pair,) = likely_pairs(mission, analyst)
    assert pair.reasons[0] == "may be the same day"


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


def test_a_hidden_actor_makes_no_pair_for_who_does_not_see_it(mission, analyst, member):
    secret = ArmedActorFactory(mission=mission, classification=2)
    pair = [
        IncidentFactory(mission=mission, kind=kind, start_date=datetime.date(2022, 12, day), dataset="")
        for kind, day in (("killing", 10), ("looting", 11))
    ]  # fmt: skip
    for incident in pair:
        IncidentActor.objects.create(incident=incident, actor=secret, part="perpetrator")
    reader = member(clearance=0)
    since = datetime.date(2022, 12, 1)
    assert likely_pairs(mission, reader, since=since) == []
    assert likely_pairs(mission, reader, incident=pair[0]) == []
    (found,) = likely_pairs(mission, member(clearance=2), since=since)
    assert "the same armed actor" in found.reasons
    for incident in pair:  # of one kind they are a pair for all, but not because of the actor
        incident.kind = "killing"
        incident.save()
    (found,) = likely_pairs(mission, reader, since=since)
    assert "the same armed actor" not in found.reasons


def test_no_open_report_is_merged_into_one_under_need_to_know(mission, member):
    analyst = member(Role.ANALYST, 2, compartments=["children"])
    kept, other = (
        IncidentFactory(mission=mission, compartments=held) for held in (["children"], [])
    )
    with pytest.raises(ValidationError, match="would vanish for the rest"):
        merge_incidents(user=analyst, keep=kept, other=other)
    merge_incidents(user=analyst, keep=other, other=kept)
    assert Incident.objects.current().get(mission=mission) == other
