"""What this floor adds to the resources of the floors below."""

from poc_portal.declarations.extensions import Extension
from records.rules import RulesLevel, RulesNumber, RulesObject
from threats.models import ThreatRules

extensions = [
    Extension(
        "missions.Mission",
        annotate=lambda queryset, user: queryset.select_related("threatrules"),
        fields={
            "risk_cut_points": RulesObject(ThreatRules, "risk_cut_points"),
            "travel_speed": RulesNumber(ThreatRules, "travel_speed"),
            "reach_hours": RulesNumber(ThreatRules, "reach_hours"),
            "source_kinds_from": RulesLevel(ThreatRules, "source_kinds_from"),
            "peoples": RulesObject(ThreatRules, "peoples"),
        },
        after="today",
    ),
]
