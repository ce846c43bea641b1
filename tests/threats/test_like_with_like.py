"""An assessment is compared with the evidence of the same event, and with nothing else."""

import datetime

import pytest

from missions.choices import Role
from strategies.coverage.mission import Coverage
from strategies.reading.overview import overview
from tests.factories import (
    AdminAreaFactory,
    AlertFactory,
    ArmedActorFactory,
    AssessmentFactory,
    CommunityFactory,
    IncidentActorFactory,
    IncidentFactory,
    RiskScoreFactory,
    ThreatFactory,
)
from threats.alerts.choices import Imminence
from threats.choices import ThreatStatus
from threats.models import Incident, Threat, ThreatRules
from threats.scoring.comparison import with_evidence
from threats.scoring.suggestions import suggest, suggestions_for

TODAY = datetime.date(2022, 12, 31)


@pytest.fixture
def threat(mission):
    """Of an actor that attacked ten days ago in its area, near a community in the top band."""
    area, actor = AdminAreaFactory(mission=mission), ArmedActorFactory(mission=mission)
    made = ThreatFactory(mission=mission, status=ThreatStatus.ACTIVE, admin_area=area)
    made.perpetrators.add(actor)
    place = CommunityFactory(mission=mission)
    made.communities.add(place)
    RiskScoreFactory(community=place, mission=mission, horizon=30, band=5, probability=0.6)
    day = mission.today - datetime.timedelta(days=10)
    incident = IncidentFactory(
        mission=mission, start_date=day, end_date=day, against_civilians=True, admin_area=area
    )
    IncidentActorFactory(incident=incident, actor=actor, part="perpetrator")
    made.incidents.add(incident)
    return made


def read(threat, user):
    return with_evidence(Threat.objects.with_current_assessment(user), user).get(pk=threat.pk)


def test_the_evidence_figure_is_the_suggestion_and_not_the_risk_of_a_place(mission, member, threat):
    user = member(Role.ANALYST)
    suggested = suggestions_for(mission, user, [threat])[threat.pk].likelihood
    assert suggested != 5
    assert read(threat, user).evidence_likelihood == suggested


def test_an_analyst_who_took_the_suggestion_does_not_disagree_with_the_evidence(
    mission, member, api, threat
):
    user = member(Role.ANALYST)
    suggested = suggestions_for(mission, user, [threat])[threat.pk].likelihood
    AssessmentFactory(threat=threat, mission=mission, likelihood=suggested)
    assert read(threat, user).disagrees is False
    assert overview(mission, user)["figures"].disagreements == 0
    told = api(user).get(f"/api/v1/threats/{threat.pk}/").json()
    assert (told["evidence_likelihood"], told["disagrees"]) == (suggested, False)


def test_two_steps_apart_of_the_same_event_are_told(mission, member, threat):
    user = member(Role.ANALYST)
    suggested = suggestions_for(mission, user, [threat])[threat.pk].likelihood
    AssessmentFactory(
        threat=threat, mission=mission, likelihood=suggested + 2 if suggested < 4 else suggested - 2
    )
    assert read(threat, user).disagrees is True
    assert overview(mission, user)["figures"].disagreements == 1


def test_a_threat_no_record_speaks_of_has_no_evidence_figure(mission, member):
    user = member(Role.ANALYST)
    silent = ThreatFactory(mission=mission, status=ThreatStatus.ACTIVE)
    place = CommunityFactory(mission=mission)
    silent.communities.add(place)
    RiskScoreFactory(community=place, mission=mission, horizon=30, band=5, probability=0.6)
    AssessmentFactory(threat=silent, mission=mission, likelihood=1)
    found = read(silent, user)
    assert (found.evidence_likelihood, found.disagrees) == (None, None)
    assert Coverage(mission, user).ids
    assert overview(mission, user)["figures"].disagreements == 0


def test_evidence_above_the_reader_gives_no_figure(mission, member, threat):
    threat.incidents.update(classification=2)
    assert read(threat, member(Role.ANALYST, clearance=0)).evidence_likelihood is None


def test_a_rate_alone_is_never_imminent(mission):
    cuts = ThreatRules.of(mission).risk_cut_points["30"]
    often = [TODAY - datetime.timedelta(days=n) for n in range(1, 60)]
    assert suggest(often, [], TODAY, cuts).likelihood == 4
    assert suggest(often, [], TODAY, cuts, imminent_alerts=1).likelihood == 5


@pytest.mark.parametrize(
    ("kind", "days", "likelihood"),
    [("tension", 13, 5), ("troop_movement", 2, 5), ("tension", 15, 4), ("unrest", 2, 4)],
)
def test_a_sign_of_violence_to_come_is_a_warning_while_it_is_fresh(
    mission, member, threat, kind, days, likelihood
):
    for n in range(1, 60):
        day = TODAY - datetime.timedelta(days=n)
        threat.incidents.add(IncidentFactory(mission=mission, start_date=day, end_date=day))
    day = TODAY - datetime.timedelta(days=days)
    sign = IncidentFactory(
        mission=mission, kind=kind, against_civilians=False, start_date=day, end_date=day
    )
    threat.incidents.add(sign)
    found = suggestions_for(mission, member(Role.ANALYST), [threat])[threat.pk]
    assert found.likelihood == likelihood
    assert found.figures["other_violence"] == 0
    assert any("sign of violence to come" in reason for reason in found.reasons) == (
        likelihood == 5
    )
    assert suggestions_for(mission, member(), [threat])[threat.pk].likelihood == likelihood
    Incident.objects.filter(pk=sign.pk).update(classification=2)
    assert suggestions_for(mission, member(clearance=0), [threat])[threat.pk].likelihood == 4


def test_a_prefecture_quiet_for_73_days_is_not_imminent(mission):
    cuts = ThreatRules.of(mission).risk_cut_points["30"]
    before = [TODAY - datetime.timedelta(days=n) for n in range(73, 200)]
    assert suggest(before, [], TODAY, cuts).likelihood < 5


def test_an_open_imminent_alert_is_a_warning(mission, member, threat):
    alert = AlertFactory(mission=mission, imminence=Imminence.IMMINENT)
    alert.threats.add(threat)
    user = member(Role.ANALYST)
    assert suggestions_for(mission, user, [threat])[threat.pk].figures["imminent_alerts"] == 1
