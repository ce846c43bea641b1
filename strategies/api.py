from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from missions.rest import COMMON, MissionViewSet, RecordSerializer
from poc_portal.api.viewsets import ReadViewSet, SelectableFields
from strategies.filters import ActivityFilterSet, BriefFilterSet, CatalogueFilterSet
from strategies.models import Activity, Brief, CatalogueActivity, StatusChange
from strategies.services.activities import edit_activity, plan_activity
from strategies.services.briefs import LANGUAGES, edit_brief, issue_brief, pdf_of, prepare_brief


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
            "threats", "communities", "status", "start", "due", "completed_on", "description",
            "outcome", "blockers", "history",
        )  # fmt: skip
        read_only_fields = ("is_demonstration", "created_by")


class ActivityViewSet(MissionViewSet):
    queryset = Activity.objects.all()
    serializer_class = ActivitySerializer
    filterset_class = ActivityFilterSet
    related = ("mission", "lead_component", "created_by")
    many = ("supporting_components", "threats", "communities", "history")
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


resources = {
    "briefs": BriefViewSet,
    "activities": ActivityViewSet,
    "catalogue-activities": CatalogueActivityViewSet,
}
