from threats.models.actor import ActorIdentifier, ArmedActor
from threats.models.assessment import Assessment
from threats.models.community import Community
from threats.models.incident import Incident, IncidentActor, IncidentSource
from threats.models.informant import Informant
from threats.models.risk import RecomputeRequest, RiskModel, RiskScore
from threats.models.threat import Threat

__all__ = [
    "ActorIdentifier",
    "ArmedActor",
    "Assessment",
    "Community",
    "Incident",
    "IncidentActor",
    "IncidentSource",
    "Informant",
    "RecomputeRequest",
    "RiskModel",
    "RiskScore",
    "Threat",
]
