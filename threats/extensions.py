"""What this floor adds to the resources of the floors below."""

from poc_portal.declarations.extensions import Extension
from records.rules import RulesNumber, RulesObject
from threats.models import ThreatRules

extensions = [
    Extension(
        "missions.Mission",
        annotate=lambda queryset, user: queryset.select_related("threatrules"),
        fields={
            "risk_cut_points": RulesObject(ThreatRules),
            "travel_speed": RulesNumber(ThreatRules),
            "reach_hours": RulesNumber(ThreatRules),
        },
        after="today",
    ),
]
