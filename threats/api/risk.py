from bisect import bisect_left
from typing import Any

from rest_framework import serializers

from poc_portal.api.viewsets import SelectableFields
from records.api import MissionField, RecordViewSet
from threats.api.record import NoRecordSince
from threats.choices import BANDS
from threats.filters import (
    RiskBacktestFilterSet,
    RiskHistoryFilterSet,
    RiskModelFilterSet,
    RiskScoreFilterSet,
)
from threats.models import RiskBacktest, RiskHistory, RiskModel, RiskScore
from threats.scoring.explanations import terms_of

BAND: dict[str, Any] = {
    "read_only": True,
    "help_text": f"Watch band: {BANDS}. No word of probability.",
}
PROBABILITY: dict[str, Any] = {
    "read_only": True,
    "help_text": "Of recorded deadly violence against civilians within 25 km in the horizon.",
}


class RiskScoreSerializer(SelectableFields):
    mission = MissionField(read_only=True)
    band = serializers.IntegerField(**BAND)
    probability = serializers.FloatField(**PROBABILITY)
    is_prior = serializers.SerializerMethodField(
        help_text="From the shipped model: the mission has none of its own yet."
    )
    no_record_since = NoRecordSince()
    rank = serializers.SerializerMethodField(
        help_text="Among the mission's scores of the horizon that the caller may see; 1 for the "
        "largest expected number, the same for equal ones."
    )
    contributions = serializers.SerializerMethodField(
        help_text="Expected incidents by named term; they sum to expected."
    )

    class Meta:
        model = RiskScore
        fields = (
            "id", "mission", "community", "date", "horizon", "expected", "probability", "band",
            "rank", "week_before", "is_silent", "no_record_since", "contributions", "model", "is_prior", "computed_at",
        )  # fmt: skip

    def get_is_prior(self, score: RiskScore) -> bool:
        return score.model.mission_id is None

    def get_rank(self, score: RiskScore) -> int:
        context: Any = self.context
        ranks = context.setdefault("ranks", {})
        key = score.mission_id, score.horizon
        if key not in ranks:  # once for an answer, however many rows it has
            scores = RiskScore.objects.visible_to(self.context["request"].user)
            among = scores.filter(mission=score.mission_id, horizon=score.horizon).order_by()
            ranks[key] = sorted(-expected for expected in among.values_list("expected", flat=True))
        return bisect_left(ranks[key], -score.expected) + 1

    def get_contributions(self, score: RiskScore) -> dict[str, float]:
        return terms_of(score)


class RiskScoreViewSet(RecordViewSet):
    """Today's scores, from the evidence the caller's clearance may see; computed, never written."""

    queryset = RiskScore.objects.all()
    serializer_class = RiskScoreSerializer
    filterset_class = RiskScoreFilterSet
    related = ("mission__risk_state", "community", "model")
    many = ("community__sums",)
    ordering_fields = ("id", "date", "probability", "computed_at")


class RiskHistorySerializer(SelectableFields):
    mission = MissionField(read_only=True)
    band = serializers.IntegerField(**BAND)
    probability = serializers.FloatField(**PROBABILITY)

    class Meta:
        model = RiskHistory
        fields = (
            "id", "mission", "community", "date", "horizon", "expected", "probability", "band",
            "is_reconstructed", "model",
        )  # fmt: skip


class RiskHistoryViewSet(RecordViewSet):
    """Scores of earlier days: daily for a month, weekly for a year, monthly for ten."""

    queryset = RiskHistory.objects.all()
    serializer_class = RiskHistorySerializer
    filterset_class = RiskHistoryFilterSet
    related = ("mission",)
    ordering_fields = ("id", "date", "probability")


class RiskBacktestSerializer(SelectableFields):
    mission = MissionField(read_only=True)

    class Meta:
        model = RiskBacktest
        fields = (
            "id", "mission", "first_day", "last_day", "figures", "created_at", "modified_at",
        )  # fmt: skip


class RiskBacktestViewSet(RecordViewSet):
    """How good the forecasts would have been over past months, beside baselines."""

    queryset = RiskBacktest.objects.all()
    serializer_class = RiskBacktestSerializer
    filterset_class = RiskBacktestFilterSet
    related = ("mission",)


class RiskModelSerializer(SelectableFields):
    mission = MissionField(read_only=True)

    class Meta:
        model = RiskModel
        fields = (
            "id", "mission", "version", "coefficients", "trained_from", "trained_until",
            "validation", "created_at", "modified_at",
        )  # fmt: skip


class RiskModelViewSet(RecordViewSet):
    queryset = RiskModel.objects.all()
    serializer_class = RiskModelSerializer
    filterset_class = RiskModelFilterSet
    related = ("mission",)
