from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from missions.rest import COMMON, OWNED, MissionField, MissionViewSet, RecordSerializer
from poc_portal.api.viewsets import ReadViewSet, SelectableFields
from strategies.filters import (
    ActivityFilterSet,
    BriefFilterSet,
    CatalogueFilterSet,
    DecisionFilterSet,
    IndicatorFilterSet,
    MeasurementFilterSet,
    MeetingFilterSet,
    ObjectiveFilterSet,
    StrategyFilterSet,
)
from strategies.models import (
    Activity,
    Brief,
    CatalogueActivity,
    Decision,
    Indicator,
    Measurement,
    Meeting,
    Objective,
    StatusChange,
    Strategy,
)
from strategies.services.activities import edit_activity, plan_activity
from strategies.services.briefs import LANGUAGES, edit_brief, issue_brief, pdf_of, prepare_brief
from strategies.services.meetings import call_meeting, decide, edit_meeting
from strategies.services.strategies import (
    add_indicator,
    add_objective,
    create_strategy,
    edit_part,
    edit_strategy,
    endorse_strategy,
    measure,
    new_version,
    withdraw_part,
)


class StatusChangeSerializer(serializers.ModelSerializer):
    class Meta:
        model = StatusChange
        fields = ("status", "day", "changed_at", "changed_by", "note")


class ActivitySerializer(RecordSerializer):
    history = StatusChangeSerializer(many=True, read_only=True)

    class Meta:
        model = Activity
        fields = (
            *COMMON, "title", "tier", "phase", "lead_component", "supporting_components",
            "threats", "communities", "objectives", "status", "start", "due", "completed_on",
            "place_name", "longitude", "latitude", "description", "outcome", "blockers", "history",
        )  # fmt: skip
        read_only_fields = ("is_demonstration", "created_by")


class ActivityViewSet(MissionViewSet):
    queryset = Activity.objects.all()
    serializer_class = ActivitySerializer
    filterset_class = ActivityFilterSet
    related = ("mission", "lead_component", "created_by")
    many = ("supporting_components", "threats", "communities", "objectives__strategy", "history")
    search_fields = ("title", "description")
    ordering_fields = ("id", "title", "start", "due", "modified_at")
    create_service = staticmethod(plan_activity)
    update_service = staticmethod(edit_activity)


class CatalogueActivitySerializer(SelectableFields):
    class Meta:
        model = CatalogueActivity
        fields = (
            "id", "code", "tier", "phase", "components", "threat_kinds", "title_en", "title_fr",
        )  # fmt: skip


class CatalogueActivityViewSet(ReadViewSet):
    """Typical activities by tier and phase, with the components that usually do them."""

    queryset = CatalogueActivity.objects.all()
    serializer_class = CatalogueActivitySerializer
    filterset_class = CatalogueFilterSet


class BriefSerializer(RecordSerializer):
    class Meta:
        model = Brief
        fields = (
            *COMMON, "week", "field_office", "edition", "asked", "issued_at", "issued_by",
            "documents",
        )  # fmt: skip
        read_only_fields = (
            "is_demonstration", "created_by", "edition", "issued_at", "issued_by", "documents",
        )  # fmt: skip

    def get_fields(self):
        fields = super().get_fields()
        if self.instance is not None and not self.parent:
            for name in ("week", "field_office", "classification"):  # what it is the brief of
                if name in fields:
                    fields[name].read_only = True
        return fields


class BriefViewSet(MissionViewSet):
    """Weekly briefs, prepared, then issued; what they say, by language, in ``documents``."""

    queryset = Brief.objects.all()
    serializer_class = BriefSerializer
    filterset_class = BriefFilterSet
    related = ("mission", "field_office", "created_by", "issued_by")
    ordering_fields = ("id", "week", "issued_at", "modified_at")
    create_service = staticmethod(prepare_brief)
    update_service = staticmethod(edit_brief)

    @extend_schema(request=None, responses=BriefSerializer)
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def issue(self, request, **kwargs):
        """Put one's name to the brief; it never changes afterwards."""
        brief = self.get_object()
        issue_brief(brief, user=request.user)
        return Response(self.get_serializer(self._reread(brief.pk)).data)

    @extend_schema(
        parameters=[OpenApiParameter("language", enum=LANGUAGES, default="en")],
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
    )
    @action(detail=True, filterset_class=None, pagination_class=None)
    def pdf(self, request, **kwargs):
        """The brief as a PDF."""
        brief = self.get_object()
        language = request.query_params.get("language", "en")
        if language not in LANGUAGES:
            raise serializers.ValidationError(
                {"language": _("“%(value)s” is not one of %(choices)s.")
                 % {"value": language, "choices": ", ".join(LANGUAGES)}}
            )  # fmt: skip
        return HttpResponse(pdf_of(brief, language), content_type="application/pdf")


class StrategySerializer(RecordSerializer):
    class Meta:
        model = Strategy
        fields = (
            *COMMON, "title", "start", "end", "summary", "threats", "status", "version",
            "previous", "endorsed_at", "endorsed_by",
        )  # fmt: skip
        read_only_fields = (
            "is_demonstration", "created_by", "status", "version", "previous", "endorsed_at",
            "endorsed_by",
        )  # fmt: skip


class StrategyViewSet(MissionViewSet):
    queryset = Strategy.objects.all()
    serializer_class = StrategySerializer
    filterset_class = StrategyFilterSet
    related = ("mission", "created_by", "endorsed_by", "previous")
    many = ("threats",)
    search_fields = ("title", "summary")
    ordering_fields = ("id", "start", "end", "modified_at")
    create_service = staticmethod(create_strategy)
    update_service = staticmethod(edit_strategy)

    @extend_schema(request=None, responses=StrategySerializer)
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def endorse(self, request, **kwargs):
        """Put one's name to the version as POC adviser; it does not change afterwards."""
        strategy = endorse_strategy(self.get_object(), user=request.user)
        return Response(self.get_serializer(self._reread(strategy.pk)).data)

    @extend_schema(request=None, responses={201: StrategySerializer})
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def versions(self, request, **kwargs):
        """Begin the next version of an endorsed strategy."""
        draft = new_version(self.get_object(), user=request.user)
        return Response(self.get_serializer(self._reread(draft.pk)).data, status=201)


class PartSerializer(RecordSerializer):
    """Of a part, whose mission is that of what it belongs to."""

    mission = MissionField(read_only=True)


class ObjectiveSerializer(PartSerializer):
    class Meta:
        model = Objective
        fields = (*OWNED, "strategy", "title", "description")


class ObjectiveViewSet(MissionViewSet):
    queryset = Objective.objects.all()
    serializer_class = ObjectiveSerializer
    filterset_class = ObjectiveFilterSet
    related = ("mission", "strategy")
    create_service = staticmethod(add_objective)
    update_service = staticmethod(edit_part)
    withdraw_service = staticmethod(withdraw_part)


class IndicatorSerializer(PartSerializer):
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
    update_service = staticmethod(edit_part)
    withdraw_service = staticmethod(withdraw_part)


class MeasurementSerializer(PartSerializer):
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


class MeetingSerializer(RecordSerializer):
    class Meta:
        model = Meeting
        fields = (*COMMON, "title", "day", "notes", "agenda")
        read_only_fields = ("is_demonstration", "created_by", "agenda")


class MeetingViewSet(MissionViewSet):
    queryset = Meeting.objects.all()
    serializer_class = MeetingSerializer
    filterset_class = MeetingFilterSet
    related = ("mission", "created_by")
    ordering_fields = ("id", "day", "modified_at")
    create_service = staticmethod(call_meeting)
    update_service = staticmethod(edit_meeting)


class DecisionSerializer(PartSerializer):
    class Meta:
        model = Decision
        fields = (*COMMON, "meeting", "text", "owner", "due", "done_on", "activity")
        read_only_fields = ("is_demonstration", "created_by", "done_on", "activity")


class DecisionViewSet(MissionViewSet):
    """Decisions of meetings; ``activity``: what one became."""

    queryset = Decision.objects.all()
    serializer_class = DecisionSerializer
    filterset_class = DecisionFilterSet
    related = ("mission", "meeting", "owner", "activity", "created_by")
    ordering_fields = ("id", "due", "modified_at")
    create_service = staticmethod(decide)


resources = {
    "activities": ActivityViewSet,
    "briefs": BriefViewSet,
    "catalogue-activities": CatalogueActivityViewSet,
    "decisions": DecisionViewSet,
    "indicators": IndicatorViewSet,
    "measurements": MeasurementViewSet,
    "meetings": MeetingViewSet,
    "objectives": ObjectiveViewSet,
    "strategies": StrategyViewSet,
}
