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
