import pytest

from missions.choices import Classification, Role
from tests import saying
from tests.battery import (
    AppendOnly,
    Changed,
    Classified,
    Followed,
    FollowedRows,
    Listed,
    NotFollowed,
    ReadOnly,
    ResourceBattery,
)
from tests.factories import (
    ActorIdentifierFactory,
    AlertFactory,
    ArmedActorFactory,
    AssessmentFactory,
    CommunityFactory,
    IncidentActorFactory,
    IncidentFactory,
    IncidentSourceFactory,
    InformantFactory,
    RiskBacktestFactory,
    RiskHistoryFactory,
    RiskModelFactory,
    RiskScoreFactory,
    ThreatFactory,
)
from threats.models import Incident


class TestCommunities(ResourceBattery):
    resource, factory, change = "communities", CommunityFactory, {"population": 1200}

    def payload(self, mission):
        return {"mission": mission.code, "name": "Kaga", "longitude": 19.2, "latitude": 7.0}


class TestArmedActors(ResourceBattery):
    resource, factory, change = "armed-actors", ArmedActorFactory, {"kind": "militia"}

    def payload(self, mission):
        return {"mission": mission.code, "name": "A new group"}


class TestActorIdentifiers(Listed, Followed, Changed):
    resource, factory = "actor-identifiers", ActorIdentifierFactory
    change = {"value": "77"}

    def place(self, mission):
        return {"actor": ArmedActorFactory(mission=mission)}

    def payload(self, mission):
        actor = ArmedActorFactory(mission=mission)
        return {"mission": mission.code, "actor": actor.pk, "dataset": "ucdp", "value": "9"}


class TestIncidents(ResourceBattery):
    resource, factory, change = "incidents", IncidentFactory, {"deaths_best": 4}

    def payload(self, mission):
        actor = ArmedActorFactory(mission=mission)
        return saying.INCIDENT | {
            "mission": mission.code, "kind": "killing", "start_date": "2022-12-30",
            "longitude": 20.0, "latitude": 5.0,
            "parts": [{"actor": actor.pk, "part": "perpetrator"}],
        }  # fmt: skip


class TestIncidentSources(Listed, Followed, Changed):
    resource, factory = "incident-sources", IncidentSourceFactory
    change = {"reliability": "B"}

    def place(self, mission):
        return {"incident": IncidentFactory(mission=mission)}

    def payload(self, mission):
        return {"incident": IncidentFactory(mission=mission).pk, "kind": "patrol"}


class TestThreats(ResourceBattery):
    resource, factory, change = "threats", ThreatFactory, {"trend": "rising"}

    def payload(self, mission):
        return {"mission": mission.code, "title": "Attacks on the market road"}


class TestAssessments(Listed, Classified, Followed, AppendOnly):
    resource, factory = "assessments", AssessmentFactory

    def place(self, mission):
        return {"threat": ThreatFactory(mission=mission)}

    def payload(self, mission):
        return {
            "threat": ThreatFactory(mission=mission).pk, "likelihood": 4, "impact": 3,
            "rationale": "Three attacks in a week.",
        }  # fmt: skip


class TestAlerts(ResourceBattery):
    resource, factory, change = "alerts", AlertFactory, {"imminence": "imminent"}

    def payload(self, mission):
        return saying.ALERT | {
            "mission": mission.code,
            "details": "Armed men on the road.", "longitude": 20.0, "latitude": 5.0,
        }  # fmt: skip


class TestRiskHistory(Listed, NotFollowed, ReadOnly):
    resource, factory = "risk-history", RiskHistoryFactory

    def place(self, mission):
        clearance = Classification.STRICTLY_CONFIDENTIAL  # that of the reader
        return {"community": CommunityFactory(mission=mission), "clearance": clearance}


class TestRiskBacktests(Listed, FollowedRows, ReadOnly):
    resource, factory = "risk-backtests", RiskBacktestFactory


class TestRiskScores(Listed, FollowedRows, ReadOnly):
    resource, factory = "risk-scores", RiskScoreFactory

    def place(self, mission):
        clearance = Classification.STRICTLY_CONFIDENTIAL  # that of the reader
        return {"community": CommunityFactory(mission=mission), "clearance": clearance}


class TestRiskModels(Listed, FollowedRows, ReadOnly):
    resource, factory = "risk-models", RiskModelFactory


# -- what a classification must hide beside the record itself --------------------------------


@pytest.fixture
def low(member, api):
    return api(member(Role.ADVISER, clearance=Classification.UNCLASSIFIED))


def test_related_records_above_clearance_are_not_there(mission, low):
    threat = ThreatFactory(mission=mission)
    secret = CommunityFactory(mission=mission, classification=1)
    threat.communities.set([secret, CommunityFactory(mission=mission)])
    found = low.get(f"/api/v1/threats/{threat.pk}/").json()
    assert len(found["communities"]) == 1
    assert secret.pk not in found["communities"]


def test_hidden_relations_survive_an_edit(mission, low):
    threat = ThreatFactory(mission=mission)
    secret, open_one = (CommunityFactory(mission=mission, classification=n) for n in (2, 0))
    threat.communities.set([secret, open_one])
    answer = low.patch(f"/api/v1/threats/{threat.pk}/", {"communities": []})
    assert answer.status_code == 200
    assert list(threat.communities.all()) == [secret]


def test_a_secret_record_cannot_be_named(mission, low):
    secret = ThreatFactory(mission=mission, classification=2)
    answer = low.post(
        "/api/v1/assessments/",
        {"threat": secret.pk, "likelihood": 1, "impact": 1, "rationale": "x"},
    )
    unknown = low.post(
        "/api/v1/assessments/", {"threat": 10**9, "likelihood": 1, "impact": 1, "rationale": "x"}
    )
    assert answer.status_code == unknown.status_code == 400
    hide = str(secret.pk)
    assert answer.content.decode().replace(hide, "N") == unknown.content.decode().replace(
        str(10**9), "N"
    )


def test_an_actor_above_clearance_has_no_part(mission, low):
    part = IncidentActorFactory(incident__mission=mission, actor__classification=1)
    assert low.get(f"/api/v1/incidents/{part.incident_id}/").json()["parts"] == []


def test_current_assessment_is_the_newest_one_may_see(mission, low, member, api):
    threat = ThreatFactory(mission=mission)
    AssessmentFactory(threat=threat, likelihood=2, impact=2)
    AssessmentFactory(threat=threat, likelihood=5, impact=5, classification=2)
    assert low.get(f"/api/v1/threats/{threat.pk}/").json()["risk"] == 4
    assert api(member(Role.VIEWER)).get(f"/api/v1/threats/{threat.pk}/").json()["risk"] == 25


def test_nobody_classifies_above_their_own_clearance(mission, low):
    body = {"mission": mission.code, "title": "x", "classification": 2}
    answer = low.post("/api/v1/threats/", body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "classification"


def test_informants_appear_in_no_resource(mission, member, api):
    source = IncidentSourceFactory(
        incident__mission=mission, informant=InformantFactory(mission=mission)
    )
    client = api(member(Role.ADMIN))
    text = client.get(f"/api/v1/incident-sources/{source.pk}/").content.decode()
    assert "nobody may read" not in text
    assert "informant" not in text
    assert client.get("/api/v1/informants/").status_code == 404


def test_records_of_two_missions_do_not_mix(mission, member, api):
    other = ThreatFactory()
    client = api(member(Role.ADVISER))
    component = client.post(
        "/api/v1/threats/", {"mission": mission.code, "title": "x", "communities": [other.pk]}
    )
    assert component.status_code == 400


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"latitude": 95}, "latitude"),
        ({"start_date": "2023-02-30"}, "start_date"),
        ({"start_date": "2023-01-01"}, "start_date"),
        ({"deaths_best": -1}, "deaths_best"),
        ({"longitude": None}, "longitude"),
        ({"kind": "picnic"}, "kind"),
        ({"victims": {"women": -2}}, "victims"),
        ({"start_date": "2022-12-30", "end_date": "2022-12-01"}, "end_date"),
        ({"notes": "x" * 30_000}, "notes"),
    ],
)
def test_bad_values_are_named(mission, member, api, values, field):
    body = TestIncidents().payload(mission) | values
    answer = api(member(Role.REPORTER)).post("/api/v1/incidents/", body)
    assert answer.status_code == 400
    assert field in [error["field"] for error in answer.json()["errors"]]
    assert not Incident.objects.filter(mission=mission).exists()
