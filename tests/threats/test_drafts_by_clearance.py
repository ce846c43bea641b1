"""Each clearance has drafts of its own, and what a person gave a draft stays."""

import pytest

from missions.access import Reader
from missions.choices import Role
from tests.factories import (
    AdminAreaFactory,
    ArmedActorFactory,
    CommunityFactory,
    IncidentActorFactory,
    IncidentFactory,
    RiskModelFactory,
    RiskScoreFactory,
    ThreatFactory,
)
from threats.choices import ActorKind, Phase, ThreatStatus
from threats.models import ArmedActor, Incident, RiskScore, Threat
from threats.services.proposals import propose_threats
from threats.services.threats import assess_threat, decide_on_suggestion, edit_threat

TITLE = "Threat against those who testified"


@pytest.fixture
def area(mission):
    return AdminAreaFactory(mission=mission, name="Ouham")


@pytest.fixture
def band(mission):
    return ArmedActorFactory(mission=mission, name="3R", kind=ActorKind.NON_STATE_ARMED_GROUP)


@pytest.fixture
def attack(mission, area, band):
    def make(classification=0, **values):
        incident = IncidentFactory(
            mission=mission, admin_area=area, classification=classification, **values
        )
        IncidentActorFactory(incident=incident, actor=values.get("actor", band))
        return incident

    return make


@pytest.fixture
def endanger(mission, area):
    model = RiskModelFactory()

    def make(bands=(4, 4, 4), **values):
        place = CommunityFactory(mission=mission, **values)
        type(place).objects.filter(pk=place.pk).update(admin_area=area)
        for clearance, band in enumerate(bands):
            RiskScoreFactory(community=place, clearance=clearance, band=band, model=model)
        return place

    return make


@pytest.fixture
def analyst(member):
    return member(Role.ANALYST, clearance=2)


def seen(mission, clearance) -> list[tuple]:
    """All that a clearance can tell of the threats it sees."""
    return [
        (
            threat.pk, threat.title, threat.status, threat.classification, threat.phase,
            threat.suggestion, threat.suggested_likelihood,
            sorted(threat.incidents.values_list("pk", flat=True)),
            sorted(threat.communities.values_list("pk", flat=True)),
            threat.modified_at if threat.status != ThreatStatus.PROPOSED else None,
        )
        for threat in Threat.objects.visible_to(Reader.cleared(mission, clearance))
        .filter(mission=mission)
        .order_by("pk")
    ]  # fmt: skip


# -- What secret records tell the low: nothing ------------------------------------------------------


@pytest.mark.parametrize("secret", [1, 2])
def test_a_secret_incident_joining_takes_no_draft_from_a_low_reader(mission, attack, secret):
    open_one = attack()
    (draft,) = propose_threats(mission)
    before = seen(mission, 0)
    hidden = attack(secret)
    low, high = propose_threats(mission)
    assert seen(mission, 0) == before
    assert (low.pk, low.classification, list(low.incidents.all())) == (draft.pk, 0, [open_one])
    assert (high.classification, set(high.incidents.all())) == (secret, {open_one, hidden})
    assert (low.suggestion["incidents"], high.suggestion["incidents"]) == (1, 2)
    assert [each.pk for each in propose_threats(mission)] == [low.pk, high.pk]


def test_a_higher_draft_is_made_only_where_it_says_more(mission, attack, endanger):
    attack()
    endanger()
    hidden = attack(2)
    assert sorted(each.classification for each in propose_threats(mission)) == [0, 2]
    Incident.objects.filter(pk=hidden.pk).update(classification=0)
    (draft,) = propose_threats(mission)
    assert (draft.classification, draft.incidents.count()) == (0, 2)
    assert Threat.objects.current().filter(mission=mission).count() == 1


@pytest.mark.parametrize("status", ["proposed", "active", "rejected"])
def test_a_secret_threat_takes_no_draft_of_the_evidence_from_a_low_reader(
    mission, area, band, attack, status
):
    attack()
    propose_threats(mission)
    before = seen(mission, 0)
    secret = ThreatFactory(mission=mission, admin_area=area, classification=2, status=status)
    secret.perpetrators.set([band])
    propose_threats(mission)
    assert seen(mission, 0) == before
    Threat.objects.filter(drafted_for=0).update(withdrawn_at=mission.now)
    (again,) = propose_threats(mission)  # nor is one not made because of it
    assert again.classification == 0


def test_a_secret_threat_takes_no_draft_of_the_risk_from_a_low_reader(mission, endanger):
    place = endanger()
    (draft,) = propose_threats(mission)
    before = seen(mission, 0)
    ThreatFactory(mission=mission, classification=2).communities.add(place)
    assert [each.pk for each in propose_threats(mission)] == [draft.pk]
    assert seen(mission, 0) == before
    ThreatFactory(mission=mission, classification=0).communities.add(place)
    assert propose_threats(mission) == []


def test_a_secret_draft_of_the_evidence_takes_no_draft_of_the_risk_from_a_low_reader(
    mission, attack, endanger
):
    place = endanger()
    (draft,) = propose_threats(mission)
    before = seen(mission, 0)
    attack(2)
    secret, again = propose_threats(mission)
    assert (secret.classification, place in secret.communities.all()) == (2, True)
    assert (again.pk, seen(mission, 0)) == (draft.pk, before)


def test_a_secret_place_stands_on_no_draft_that_the_low_read(mission, attack, endanger):
    attack()
    hidden = endanger(classification=2)
    (draft,) = (each for each in propose_threats(mission) if each.classification == 0)
    assert hidden not in draft.communities.all()


def test_a_draft_whose_evidence_became_secret_accuses_nobody_before_the_low(mission, attack, band):
    incident = attack()
    (draft,) = propose_threats(mission)
    Incident.objects.filter(pk=incident.pk).update(classification=2)
    (high,) = propose_threats(mission)
    assert (high.pk != draft.pk, high.classification, seen(mission, 0)) == (True, 2, [])


def test_a_draft_whose_actor_became_secret_names_it_to_nobody_else(mission, attack, band):
    attack()
    propose_threats(mission)
    ArmedActor.objects.filter(pk=band.pk).update(classification=2)
    (high,) = propose_threats(mission)
    assert (high.classification, seen(mission, 0)) == (2, [])


# -- What a person gave -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["evidence", "risk"])
def test_the_secrecy_and_title_a_person_gave_a_draft_stay(mission, analyst, attack, endanger, kind):
    attack() if kind == "evidence" else endanger()
    (draft,) = propose_threats(mission)
    edit_threat(draft, user=analyst, classification=2, title=TITLE)
    before = seen(mission, 2)
    assert propose_threats(mission) == []
    assert seen(mission, 2) == before
    assert seen(mission, 0) == []  # it was raised, and is not remade open
    draft.refresh_from_db()
    assert (draft.classification, draft.title, draft.withdrawn_at) == (2, TITLE, None)


def test_whatever_a_person_gave_a_draft_stays(mission, analyst, attack, endanger):
    attack()
    place, mine = endanger(), CommunityFactory(mission=mission)
    (draft,) = propose_threats(mission)
    assert place in draft.communities.all()
    edit_threat(
        draft,
        user=analyst,
        kind="sexual_violence",
        classification=0,
        phase=Phase.PREVENTION,
        communities=[mine],
        incidents=[],
    )
    attack()
    propose_threats(mission)
    draft.refresh_from_db()
    assert (draft.kind, draft.phase) == ("sexual_violence", Phase.PREVENTION)
    assert list(draft.communities.all()) == [mine]
    assert not draft.incidents.exists()


def test_a_phase_kept_against_the_suggestion_stays(mission, analyst, attack):
    attack()
    (draft,) = propose_threats(mission)
    Threat.objects.filter(pk=draft.pk).update(phase=Phase.PREVENTION)
    decide_on_suggestion(
        user=analyst, threat=draft, follow=False, phase=Phase.RESPONSE, reason="They have left."
    )
    propose_threats(mission)
    draft.refresh_from_db()
    assert draft.phase == Phase.PREVENTION


def test_a_draft_a_person_assessed_is_not_withdrawn(mission, analyst, endanger):
    endanger()
    (draft,) = propose_threats(mission)
    assess_threat(user=analyst, threat=draft, likelihood=3, impact=3, rationale="Seen there.")
    RiskScore.objects.update(band=1)
    propose_threats(mission)
    assert Threat.objects.current().filter(pk=draft.pk).exists()


def test_a_title_of_an_earlier_version_that_nobody_recognises_is_left(mission, attack):
    attack()
    (draft,) = propose_threats(mission)
    Threat.objects.filter(pk=draft.pk).update(title=TITLE, title_made_of={})
    (again,) = propose_threats(mission)
    assert (again.pk, again.title) == (draft.pk, TITLE)


def test_a_draft_that_says_the_same_keeps_its_time(mission, attack, endanger):
    endanger()
    attack()
    drafts = {draft.pk: draft.modified_at for draft in propose_threats(mission)}
    assert drafts
    again = propose_threats(mission)
    assert {draft.pk for draft in again} == set(drafts)
    for draft in again:
        draft.refresh_from_db()
        assert draft.modified_at == drafts[draft.pk]
    attack()
    moved = [
        draft for draft in propose_threats(mission) if draft.modified_at != drafts.get(draft.pk)
    ]
    assert moved


def test_what_people_give_a_draft_above_its_readers_heads_does_not_stop_it(
    mission, analyst, attack, band
):
    """Else its readers could tell from a draft that stands still that somebody is at work."""
    first = attack()
    (draft,) = propose_threats(mission)
    secret = ArmedActorFactory(mission=mission, classification=2)
    assess_threat(
        user=analyst,
        threat=draft,
        likelihood=5,
        impact=5,
        rationale="Told twice.",
        classification=2,
    )
    edit_threat(draft, user=analyst, perpetrators=[band, secret])
    second = attack()
    (same,) = propose_threats(mission)
    assert same.pk == draft.pk
    assert set(same.incidents.all()) == {first, second}
    assert set(same.perpetrators.all()) == {band, secret}  # nor is their work undone
    Incident.objects.filter(pk__in=[first.pk, second.pk]).update(withdrawn_at=mission.now)
    assert propose_threats(mission) == []
    assert seen(mission, 0) == []
    draft.refresh_from_db()
    assert (draft.withdrawn_at, draft.classification) == (None, 2)
    assert seen(mission, 2) != []


def test_what_its_readers_see_of_a_person_s_hand_stops_it(mission, analyst, attack, band):
    attack()
    (draft,) = propose_threats(mission)
    other = ArmedActorFactory(mission=mission)
    edit_threat(draft, user=analyst, perpetrators=[band, other])
    draft.refresh_from_db()
    assert draft.edited_by_hand
