from typing import ClassVar

from django.http import HttpResponse
from django.utils.translation import gettext
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from records.api import AUTHORED, COMMON, MissionViewSet, RecordSerializer
from strategies.filters import BriefFilterSet
from strategies.models import Brief
from strategies.services.briefs import LANGUAGES, edit_brief, issue_brief, pdf_of, prepare_brief


class BriefSerializer(RecordSerializer):
    example: ClassVar[dict] = {
        "mission": "MINUSCA", "week": "2022-12-12", "asked": "Approve the base at Ippy.",
    }  # fmt: skip

    # What it is the brief of: given once, when it is made.
    once: ClassVar[tuple[str, ...]] = ("week", "field_office", "classification")

    class Meta:
        model = Brief
        fields = (
            *COMMON, "week", "field_office", "edition", "asked", "issued_at", "issued_by",
            "documents",
        )  # fmt: skip
        read_only_fields = (
            *AUTHORED, "compartments", "edition", "issued_at", "issued_by", "documents",
        )  # fmt: skip

    def get_fields(self):
        fields = super().get_fields()
        if self.instance is not None and not self.parent:
            for name in self.once:
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
    without_body = ("issue",)
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
        if language not in brief.languages:
            raise serializers.ValidationError(
                {"language": gettext("“%(value)s” is not one of %(choices)s.")
                 % {"value": language, "choices": ", ".join(brief.languages)}}
            )  # fmt: skip
        return HttpResponse(pdf_of(brief, language), content_type="application/pdf")
