from __future__ import annotations

from typing import ClassVar

from django.utils.translation import gettext
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from exchange.intake.filters import IntakeFilterSet
from exchange.intake.mapping import Taker, targets
from exchange.models import Intake
from poc_portal.tabular import Report
from records.api import AUTHORED, COMMON, MissionViewSet, RecordSerializer
from records.bulk.api import OutcomeSerializer
from records.bulk.writer import MOST


class IntakeSerializer(RecordSerializer):
    resource = serializers.CharField(help_text="Of the API, one that takes rows.")

    example: ClassVar[dict] = {
        "mission": "MINUSCA", "name": "Protection form", "resource": "incidents",
        "mapping": {
            "kind": {"from": "event/type", "values": {"attaque": "attack", "pillage": "looting"}},
            "start_date": {"from": "event/day"}, "date_precision": {"always": "day"},
            "point": {"from": "event/where"}, "place_precision": {"always": "near"},
        },
    }  # fmt: skip

    class Meta:
        model = Intake
        fields = (*COMMON, "name", "resource", "mapping")
        read_only_fields = AUTHORED

    def validate_resource(self, value: str) -> str:
        if value not in targets():
            raise serializers.ValidationError(
                gettext("“%(value)s” is none of %(names)s.")
                % {"value": value[:40], "names": ", ".join(targets())}
            )
        return value


class TakenSerializer(serializers.Serializer):
    rows = serializers.ListField(
        child=serializers.DictField(allow_null=True), help_text="Each as it was understood."
    )
    attachments = serializers.IntegerField(help_text="Named, and neither fetched nor kept.")
    results = OutcomeSerializer(many=True)


KOBO = OpenApiExample(
    "KoboToolbox",
    value={"_uuid": "d1f2", "event/type": "pillage", "event/day": "2022-12-30",
           "event/where": "6.54 21.99 0 12"},
    request_only=True,
)  # fmt: skip


class IntakeViewSet(MissionViewSet):
    """How rows of forms and spreadsheets kept elsewhere become records."""

    queryset = Intake.objects.all()
    serializer_class = IntakeSerializer
    filterset_class = IntakeFilterSet
    related = ("mission", "created_by")
    search_fields = ("name",)
    ordering_fields = ("id", "name", "modified_at")

    @extend_schema(
        request=OpenApiTypes.OBJECT, responses={200: TakenSerializer, 422: TakenSerializer},
        examples=[KOBO],
    )  # fmt: skip
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def submissions(self, request: Request, **kwargs) -> Response:
        """Take a submission, or several, as KoboToolbox or ODK send them.

        One sent again changes nothing. 422 when none could be stored.
        """
        report = self._take(request, dry_run=False)
        return Response(_body(report), status=200 if report.refused < report.read else 422)

    @extend_schema(request=OpenApiTypes.OBJECT, responses=TakenSerializer, examples=[KOBO])
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def preview(self, request: Request, **kwargs) -> Response:
        """What would become of submissions; nothing is stored."""
        return Response(_body(self._take(request, dry_run=True)))

    def _take(self, request: Request, dry_run: bool) -> Report:
        intake = self.get_object()
        given = request.data if isinstance(request.data, list) else [request.data]
        if not given or len(given) > MOST:
            raise serializers.ValidationError(
                {
                    "non_field_errors": gettext("Send from 1 to %(most)d submissions.")
                    % {"most": MOST}
                }
            )
        return Taker(intake, request.user).take(given, dry_run=dry_run)


def _body(report: Report) -> dict:
    return {
        "rows": [outcome.values for outcome in report.outcomes],
        "attachments": report.attachments,
        "results": [outcome.as_json() for outcome in report.outcomes],
    }
