from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response

from records.api import (
    AUTHORED,
    COMMON,
    OWNED,
    DependentSerializer,
    MissionViewSet,
    RecordSerializer,
)
from strategies.filters import (
    IndicatorFilterSet,
    MeasurementFilterSet,
    ObjectiveFilterSet,
    StrategyFilterSet,
)
from strategies.models import Indicator, Measurement, Objective, Strategy
from strategies.services.strategies import (
    add_indicator,
    add_objective,
    approve_strategy,
    create_strategy,
    edit_indicator,
    edit_objective,
    edit_strategy,
    endorse_strategy,
    measure,
    new_version,
    withdraw_part,
)


class StrategySerializer(RecordSerializer):
    example: ClassVar[dict] = {
        "mission": "MINUSCA", "title": "Protection strategy 2023", "start": "2023-01-01",
        "end": "2023-12-31", "summary": "What the mission does about its gravest threats.",
    }  # fmt: skip

    class Meta:
        model = Strategy
        fields = (
            *COMMON, "title", "start", "end", "summary", "threats", "status", "version",
            "previous", "endorsed_at", "endorsed_by", "approved_at", "approved_by",
        )  # fmt: skip
        read_only_fields = (
            *AUTHORED, "status", "version", "previous", "endorsed_at",
            "endorsed_by", "approved_at", "approved_by",
        )  # fmt: skip


class StrategyViewSet(MissionViewSet):
    queryset = Strategy.objects.all()
    serializer_class = StrategySerializer
    filterset_class = StrategyFilterSet
    related = ("mission", "created_by", "endorsed_by", "approved_by", "previous")
    many = ("threats",)
    search_fields = ("title", "summary")
    ordering_fields = ("id", "start", "end", "modified_at")
    without_body = ("endorse", "approve", "versions")
    create_service = staticmethod(create_strategy)
    update_service = staticmethod(edit_strategy)

    @extend_schema(request=None, responses=StrategySerializer)
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def endorse(self, request, **kwargs):
        """Clear the version as POC adviser; it does not change afterwards. Then it is approved."""
        strategy = endorse_strategy(self.get_object(), user=request.user)
        return Response(self.get_serializer(self._reread(strategy.pk)).data)

    @extend_schema(request=None, responses=StrategySerializer)
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def approve(self, request, **kwargs):
        """Approve a cleared version as head of mission; it takes the place of the one before."""
        strategy = approve_strategy(self.get_object(), user=request.user)
        return Response(self.get_serializer(self._reread(strategy.pk)).data)

    @extend_schema(request=None, responses={201: StrategySerializer})
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def versions(self, request, **kwargs):
        """Begin the next version of a cleared or approved strategy."""
        draft = new_version(self.get_object(), user=request.user)
        return Response(self.get_serializer(self._reread(draft.pk)).data, status=201)


class ObjectiveSerializer(DependentSerializer):
    example: ClassVar[dict] = {"strategy": 1, "title": "Roads are safe by day"}  # fmt: skip

    class Meta:
        model = Objective
        fields = (*OWNED, "strategy", "title", "description")


class ObjectiveViewSet(MissionViewSet):
    queryset = Objective.objects.all()
    serializer_class = ObjectiveSerializer
    filterset_class = ObjectiveFilterSet
    related = ("mission", "strategy")
    create_service = staticmethod(add_objective)
    update_service = staticmethod(edit_objective)
    withdraw_service = staticmethod(withdraw_part)


class IndicatorSerializer(DependentSerializer):
    example: ClassVar[dict] = {
        "objective": 1, "title": "Attacks on the road in a month", "unit": "attacks",
        "baseline": 9, "target": 2,
    }  # fmt: skip

    class Meta:
        model = Indicator
        fields = (*OWNED, "objective", "title", "unit", "baseline", "target", "first")
        read_only_fields = ("first",)


class IndicatorViewSet(MissionViewSet):
    """``first``: the indicator of an earlier version it continues, which holds the measurements."""

    queryset = Indicator.objects.all()
    serializer_class = IndicatorSerializer
    filterset_class = IndicatorFilterSet
    related = ("mission", "objective__strategy", "first__objective__strategy")
    create_service = staticmethod(add_indicator)
    update_service = staticmethod(edit_indicator)
    withdraw_service = staticmethod(withdraw_part)


class MeasurementSerializer(DependentSerializer):
    example: ClassVar[dict] = {
        "indicator": 1, "day": "2022-12-30", "value": 6, "note": "Counted by JMAC.",
    }  # fmt: skip

    class Meta:
        model = Measurement
        fields = (*OWNED, "indicator", "day", "value", "note", "created_by")
        read_only_fields = ("created_by",)


class MeasurementViewSet(MissionViewSet):
    """What was measured; added and withdrawn, never changed."""

    http_method_names = ["get", "head", "post", "delete", "options"]
    queryset = Measurement.objects.all()
    serializer_class = MeasurementSerializer
    filterset_class = MeasurementFilterSet
    related = ("mission", "indicator__objective__strategy", "created_by")
    ordering_fields = ("id", "day")
    create_service = staticmethod(measure)
