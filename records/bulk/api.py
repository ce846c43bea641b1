"""``POST …/bulk``: up to ten thousand records a call."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from django.http import HttpRequest
from django.utils.translation import gettext
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from missions.access import grants, may_create, require
from missions.models import Mission
from poc_portal.api.parsers import LinesParser, Parser
from poc_portal.tabular.report import REFUSED, STATUSES, Report
from records.api import MissionViewSet
from records.bulk.extra import Extra
from records.bulk.writer import MOST, Writer
from records.services import create_record

ALL, GOOD = "all_or_nothing", "keep_good"
LONGEST_SOURCE = 30


class ProblemSerializer(serializers.Serializer):
    field = serializers.CharField()
    message = serializers.CharField()


class OutcomeSerializer(serializers.Serializer):
    row = serializers.IntegerField(help_text="Counted from 0.")
    status = serializers.ChoiceField(
        choices=STATUSES, help_text="Held: somebody changed or withdrew it here; left as it is."
    )
    id = serializers.IntegerField(allow_null=True)
    external_id = serializers.CharField(allow_blank=True)
    errors = ProblemSerializer(many=True)  # type: ignore[assignment]


class ResultSerializer(serializers.Serializer):
    stored = serializers.BooleanField(help_text="False: nothing was, for a row was refused.")
    created = serializers.IntegerField()
    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    held = serializers.IntegerField()
    refused = serializers.IntegerField()
    results = OutcomeSerializer(many=True)


class BulkViewSet(MissionViewSet):
    """A resource whose records also come by the thousand."""

    writer: ClassVar[type[Writer]] = Writer
    extras: ClassVar[dict[str, Extra]] = {}  # what forms and sheets may say beside the fields
    # Made of mission and user: the point (longitude, latitude) of a place by its name, or None.
    locator: ClassVar[Callable | None] = None
    # Fields a row must say once it says one of others.
    needed_with: ClassVar[dict[str, tuple[str, ...]]] = {}
    # Of a row's values: how secret such a record usually is; None: as whoever writes says.
    usual_level_of: ClassVar[Callable | None] = None

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "mission", str, description="Code of the mission; by default the first row's."
            ),
            OpenApiParameter(
                "source", str,
                description="Who calls the records by their external_id; by default the first row's.",
            ),
            OpenApiParameter(
                "mode", str, enum=[ALL, GOOD], default=ALL,
                description="Whether a row that is refused keeps the others out.",
            ),
        ],
        responses={200: ResultSerializer, 422: ResultSerializer},
    )  # fmt: skip
    @action(
        detail=False, methods=["post"], filterset_class=None, pagination_class=None,
        parser_classes=[Parser, LinesParser],
    )  # fmt: skip
    def bulk(self, request: Request, *args, **kwargs) -> Response:
        """Make records, or bring them to what their source says now.

        A JSON array or NDJSON of at most 10,000 rows, each with the fields of one record and its
        ``external_id``. A row stands for the whole record: what it leaves out is unknown.
        """
        self._require_writer(request)  # before a body is read, which takes long
        rows = request.data
        if not isinstance(rows, list) or not rows:
            raise serializers.ValidationError(
                {"non_field_errors": gettext("Send an array of rows, or a row a line as NDJSON.")}
            )
        if len(rows) > MOST:
            raise serializers.ValidationError(
                {"non_field_errors": gettext("%(found)d rows; send at most %(most)d a call.")
                 % {"found": len(rows), "most": MOST}}
            )  # fmt: skip
        mode = request.query_params.get("mode", ALL)
        if mode not in (ALL, GOOD):
            raise serializers.ValidationError(
                {"mode": gettext("“%(value)s” is neither %(all)s nor %(good)s.")
                 % {"value": mode[:40], "all": ALL, "good": GOOD}}
            )  # fmt: skip
        writer = self.writer_for(request.user, self._mission(rows), self._source(rows))
        report = writer.store(rows, keep_good=mode == GOOD)
        return Response(_body(report), status=200 if report.stored else 422)

    @classmethod
    def writer_for(cls, user, mission: Mission, source: str) -> Writer:
        """What stores rows of one source in a user's name."""
        model = cls.queryset.model
        request = Request(HttpRequest())
        request.user = user
        serializer: Any = cls.serializer_class
        create: Callable = cls.create_service or partial(create_record, model)
        return cls.writer(
            model=model,
            user=user,
            mission=mission,
            source=source,
            serializer=partial(serializer, context={"request": request}),
            create=create,
            update=cls.update_service,
        )

    def _require_writer(self, request: Request) -> None:
        """Raises PermissionDenied for who writes such records in none of the missions asked for."""
        held = Mission.objects.filter(pk__in=grants(request.user))
        if code := request.query_params.get("mission"):
            held = held.filter(code=code)
        if held and not any(may_create(request.user, self.queryset.model, each) for each in held):
            require(False)

    def _named(self, rows: list, name: str) -> str:
        first = rows[0].get(name) if isinstance(rows[0], dict) else None
        return str(self.request.query_params.get(name) or first or "").strip()

    def _mission(self, rows: list) -> Mission:
        code = self._named(rows, "mission")
        found = Mission.objects.filter(pk__in=grants(self.request.user), code=code).first()
        if found is None:
            raise serializers.ValidationError(
                {"mission": gettext("“%(code)s” is no mission of yours.") % {"code": code[:40]}}
            )
        return found

    def _source(self, rows: list) -> str:
        source = self._named(rows, "source")
        if not source or len(source) > LONGEST_SOURCE:
            raise serializers.ValidationError(
                {"source": gettext("Name who calls the records so, in 1 to %(most)d characters.")
                 % {"most": LONGEST_SOURCE}}
            )  # fmt: skip
        return source


def _body(report: Report) -> dict:
    shown = STATUSES if report.stored else (REFUSED,)  # the others would have been, but were not
    counts = {status: report.counts[status] if status in shown else 0 for status in STATUSES}
    results = [outcome.as_json() for outcome in report.outcomes if outcome.status in shown]
    return {"stored": report.stored} | counts | {"results": results}
