from strategies.models.activity import Activity, StatusChange
from strategies.models.brief import Brief, BriefPdf
from strategies.models.catalogue import CatalogueActivity
from strategies.models.meeting import Decision, Meeting
from strategies.models.rules import CoverageRules
from strategies.models.strategy import Indicator, Measurement, Objective, Strategy

__all__ = [
    "Activity", "Brief", "BriefPdf", "CatalogueActivity", "CoverageRules", "Decision", "Indicator", "Measurement",
    "Meeting", "Objective", "StatusChange", "Strategy",
]  # fmt: skip
