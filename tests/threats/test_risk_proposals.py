"""Drafts from the risk: places the model finds endangered and no threat names."""

import pytest
from django.core.management import call_command

from tests.factories import (
    AdminAreaFactory,
    AlertFactory,
    CommunityFactory,
    RiskModelFactory,
    RiskScoreFactory,
    ThreatFactory,
)
from threats.choices import Phase
from threats.models import RiskScore, Threat
from threats.scoring.suggestions import suggestions_for
from threats.services.proposals import propose_threats


@pytest.fixture
def place(mission):
    model = RiskModelFactory()

    def make(area, bands, **values):
        made = CommunityFactory(mission=mission, **values)
        type(made).objects.filter(pk=made.pk).update(admin_area=area)
        for clearance, band in enumerate(bands):
            RiskScoreFactory(community=made, clearance=clearance, band=band, model=model)
        return made

    return make


def test_endangered_places_without_a_threat_are_drafted_and_nobody_is_accused(mission, place):
    area, other = AdminAreaFactory(mission=mission), AdminAreaFactory(mission=mission)
    first, second = place(area, (4, 4, 4)), place(area, (5, 5, 5))
    place(area, (3, 3, 3))
    named = place(other, (5, 5, 5))
    ThreatFactory(mission=mission).communities.add(named)
    (draft,) = propose_threats(mission)
    assert (draft.status, draft.admin_area, draft.classification) == ("proposed", area, 0)
    assert set(draft.communities.all()) == {first, second}
    assert not draft.perpetrators.exists()
    third = place(area, (4, 4, 4))
    (again,) = propose_threats(mission)
    assert again.pk == draft.pk
    assert set(again.communities.all()) == {first, second, third}
    draft.status = "rejected"
    draft.save()
    assert propose_threats(mission) == []
    assert Threat.objects.filter(mission=mission).count() == 2


def test_a_draft_from_secret_evidence_is_as_secret(mission, place):
    secret = place(AdminAreaFactory(mission=mission), (1, 1, 4))
    (draft,) = propose_threats(mission)
    assert (draft.classification, list(draft.communities.all())) == (2, [secret])


def test_a_command_that_proposes_nothing_says_why_and_what_to_do_next(mission, capsys):
    call_command("propose_threats", mission=mission.code)
    said = capsys.readouterr().out
    assert "0 threats proposed." in said
    assert "no incident is on record. Next: import_incidents." in said


def test_a_draft_that_endangers_nobody_any_more_is_withdrawn(mission, place):
    areas = AdminAreaFactory.create_batch(3, mission=mission)
    calmed, named, standing = (place(area, (4, 4, 4)) for area in areas)
    drafts = {draft.admin_area: draft for draft in propose_threats(mission)}
    RiskScore.objects.filter(community=calmed).update(band=1)
    ThreatFactory(mission=mission).communities.add(named)
    assert [draft.admin_area for draft in propose_threats(mission)] == [areas[2]]
    assert list(Threat.objects.current().filter(mission=mission, status="proposed")) == [
        drafts[areas[2]]
    ]
    gone = Threat.objects.get(pk=drafts[areas[0]].pk)
    assert "No community here is both endangered" in gone.withdrawn_reason
    assert list(drafts[areas[2]].communities.all()) == [standing]


@pytest.mark.parametrize("touched", ["rejected", "active", "closed"])
def test_what_a_person_decided_on_is_not_withdrawn(mission, place, touched):
    calmed = place(AdminAreaFactory(mission=mission), (4, 4, 4))
    (draft,) = propose_threats(mission)
    Threat.objects.filter(pk=draft.pk).update(status=touched)
    RiskScore.objects.filter(community=calmed).update(band=1)
    propose_threats(mission)
    assert Threat.objects.current().filter(pk=draft.pk).exists()


def test_without_scores_nobody_is_said_to_be_safe(mission, place):
    place(AdminAreaFactory(mission=mission), (4, 4, 4))
    (draft,) = propose_threats(mission)
    RiskScore.objects.filter(mission=mission).delete()
    propose_threats(mission)
    assert Threat.objects.current().filter(pk=draft.pk).exists()


def test_a_draft_made_for_the_risk_suggests_what_the_risk_says(mission, place, member):
    place(AdminAreaFactory(mission=mission), (4, 4, 4))
    RiskScore.objects.update(expected=0.2, probability=0.18)
    (draft,) = propose_threats(mission)
    found = suggestions_for(mission, member(), [draft])[draft.pk]
    assert (found.phase, found.likelihood, found.expected) == (Phase.PREEMPTION, 4, 0.2)
    assert found.reasons == [
        "No incident is linked to it: it is proposed for the risk of 1 place, where 0.20 violent "
        "incidents against civilians are expected within 25 km in 30 days."
    ]


def test_the_demonstration_names_a_threat_for_every_endangered_place(demo):
    first = RiskScore.objects.filter(mission=demo, horizon=30, clearance=0).latest("expected")
    assert first.community.name == "Ouadda"
    drafts = Threat.objects.current().filter(mission=demo, status="proposed")
    assert drafts.filter(communities=first.community).exists()
    named = Threat.objects.current().filter(mission=demo).values("communities")
    for clearance in (0, 1, 2):
        upper = RiskScore.objects.filter(mission=demo, horizon=30, clearance=clearance, band__gte=4)
        assert upper.exists()
        assert not upper.exclude(community__in=named).exists()


def test_a_draft_made_for_the_risk_says_what_the_risk_is_now(mission, place, member):
    area = AdminAreaFactory(mission=mission)
    place(area, (5, 5, 5)), place(area, (4, 4, 4))
    RiskScore.objects.update(expected=2.34)
    (draft,) = propose_threats(mission)
    RiskScore.objects.update(expected=0.01, band=1)
    found = suggestions_for(mission, member(), [draft])[draft.pk]
    assert (found.phase, found.likelihood, found.expected) == (Phase.PREVENTION, 1, 0.01)
    assert found.reasons == [
        "No incident is linked to it: it is proposed for the risk of 2 places; near the most "
        "endangered 0.01 violent incidents against civilians are expected in 30 days."
    ]


def test_what_a_draft_made_for_the_risk_says_is_of_its_own_classification(mission, place, member):
    place(AdminAreaFactory(mission=mission), (4, 4, 5))
    (draft,) = propose_threats(mission)
    for clearance, expected in enumerate((0.2, 0.3, 1.5)):
        RiskScore.objects.filter(clearance=clearance).update(expected=expected)
    for reader in (member(clearance=0), member(clearance=2)):
        assert suggestions_for(mission, reader, [draft])[draft.pk].expected == 0.2


def test_an_imminent_alert_is_told_beside_the_risk(mission, place, member):
    place(AdminAreaFactory(mission=mission), (5, 5, 5))
    RiskScore.objects.update(expected=0.9)
    (draft,) = propose_threats(mission)
    AlertFactory(mission=mission, imminence="imminent").threats.set([draft])
    found = suggestions_for(mission, member(), [draft])[draft.pk]
    assert (found.phase, found.likelihood) == (Phase.PREEMPTION, 5)
    assert found.reasons[-1] == "1 open alert of an imminent danger is linked to it."
