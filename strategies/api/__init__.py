"""API resources of the strategies floor."""

from strategies.api.activities import ActivityViewSet, CatalogueActivityViewSet
from strategies.api.briefs import BriefViewSet
from strategies.api.figures import CoverageViewSet, OverviewViewSet
from strategies.api.meetings import DecisionViewSet, MeetingViewSet
from strategies.api.strategies import (
    IndicatorViewSet,
    MeasurementViewSet,
    ObjectiveViewSet,
    StrategyViewSet,
)

resources = {
    "activities": ActivityViewSet,
    "briefs": BriefViewSet,
    "catalogue-activities": CatalogueActivityViewSet,
    "coverage": CoverageViewSet,
    "decisions": DecisionViewSet,
    "indicators": IndicatorViewSet,
    "measurements": MeasurementViewSet,
    "meetings": MeetingViewSet,
    "objectives": ObjectiveViewSet,
    "overview": OverviewViewSet,
    "strategies": StrategyViewSet,
}

# Of parameters, for the schema.
examples = {"day": "2022-12-31", "due_before": "2023-01-15", "due_until": "2023-01-15"}
