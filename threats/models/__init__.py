from threats.models.actor import ActorIdentifier, ArmedActor, CoalitionMember
from threats.models.alert import Alert, AlertStep
from threats.models.assessment import Assessment
from threats.models.attributed import ProofSetting
from threats.models.community import Community
from threats.models.decision import ThreatDecision
from threats.models.incident import Incident, IncidentActor, SeparateIncidents
from threats.models.informant import Informant
from threats.models.pull import Pull, PullRun
from threats.models.record import RecordSpan
from threats.models.risk import (
    EvidenceChange,
    EvidenceSums,
    RecomputeLane,
    RecomputeRequest,
    RiskBacktest,
    RiskHistory,
    RiskModel,
    RiskScore,
    RiskState,
)
from threats.models.rules import ThreatRules
from threats.models.source import IncidentSource
from threats.models.threat import Threat, ThreatParty, ThreatPerpetrator
from threats.presence.models import Post

__all__ = [
    "ActorIdentifier",
    "Alert",
    "AlertStep",
    "ArmedActor",
    "Assessment",
    "CoalitionMember",
    "Community",
    "EvidenceChange",
    "EvidenceSums",
    "Incident",
    "IncidentActor",
    "IncidentSource",
    "Informant",
    "Post",
    "ProofSetting",
    "Pull",
    "PullRun",
    "RecomputeLane",
    "RecomputeRequest",
    "RecordSpan",
    "RiskBacktest",
    "RiskHistory",
    "RiskModel",
    "RiskScore",
    "RiskState",
    "SeparateIncidents",
    "Threat",
    "ThreatDecision",
    "ThreatParty",
    "ThreatPerpetrator",
    "ThreatRules",
]
