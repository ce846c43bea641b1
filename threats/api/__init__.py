"""API resources of the threats floor."""

from threats.api.actors import ActorIdentifierViewSet, ArmedActorViewSet
from threats.api.alerts import AlertFiguresViewSet, AlertViewSet
from threats.api.communities import CommunityViewSet
from threats.api.incidents import IncidentSourceViewSet, IncidentViewSet
from threats.api.risk import (
    RiskBacktestViewSet,
    RiskHistoryViewSet,
    RiskModelViewSet,
    RiskScoreViewSet,
)
from threats.api.threats import AssessmentViewSet, ThreatViewSet
from threats.presence.api import PostViewSet

resources = {
    "bases": PostViewSet,
    "communities": CommunityViewSet,
    "armed-actors": ArmedActorViewSet,
    "actor-identifiers": ActorIdentifierViewSet,
    "incidents": IncidentViewSet,
    "incident-sources": IncidentSourceViewSet,
    "threats": ThreatViewSet,
    "assessments": AssessmentViewSet,
    "alerts": AlertViewSet,
    "alert-figures": AlertFiguresViewSet,
    "risk-scores": RiskScoreViewSet,
    "risk-history": RiskHistoryViewSet,
    "risk-models": RiskModelViewSet,
    "risk-backtests": RiskBacktestViewSet,
}

# Of parameters, for the schema.
examples = {
    "name": "communities",
    "since": "2022-12-01",
    "until": "2022-12-31",
    "date": "2022-12-31",
    "present_on": "2022-12-31",
    "received_since": "2022-12-31T06:00:00Z",
    "first_day": "2017-01-01",
    "last_day": "2022-12-31",
    "band": 4,
    "dataset": "ucdp",
    "source": "hotline",
    "value": "A-17",
    "version": "2022-12",
}
