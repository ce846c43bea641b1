"""Drafts from the risk: places the model finds endangered and no threat names."""

import pytest
from django.core.management import call_command

from tests.factories import (
    AdminAreaFactory,
    CommunityFactory,
    RiskModelFactory,
    RiskScoreFactory,
    ThreatFactory,
)
from threats.models import Threat
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
