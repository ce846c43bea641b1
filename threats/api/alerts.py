import re
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import BooleanField, ExpressionWrapper
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from missions.models import Component
from poc_portal.api.strict import Strict
from records.api import AUTHORED, COMMON, RecordSerializer, VisibleField
from records.bulk.api import BulkViewSet
from records.bulk.extra import Extra
from records.figures import COUNTED, MISSION, FiguresViewSet
from records.moments import MomentField
from records.said import must_say
from threats.alerts.cap import ATOM_TYPE, CAP_TYPE, SEVERITIES, atom_feed, cap_message, of_severity
from threats.alerts.choices import (
    AlertDecision,
    AlertKind,
    AlertOutcome,
    Imminence,
    Verification,
)
from threats.alerts.figures import alert_figures
from threats.api.source_kind import SourceKindField
from threats.choices import PlacePrecision
from threats.filters import AlertFilterSet
from threats.lookup import locator
from threats.models import Alert, AlertStep
from threats.rules.classifying import USUAL_LEVEL, usual_level_of
from threats.rules.grading import ALERT_AWAITS, AWAITS_HELP
from threats.services.alert_steps import correct_step
from threats.services.alerts import edit_alert, report_alert, take_step, withdraw_alert

GRADE = re.compile(r"([A-F])[ -]?([1-6])")  # of source and information, the Admiralty code
FEED = 100  # entries a page
GRADE_HELP = "Left out of both: F6, and no score moves until a step confirms the alert."


class CAPRenderer(JSONRenderer):
    """Chosen by who asks for CAP; the message comes ready made, and errors stay JSON."""

    media_type, format = CAP_TYPE, "cap"


class AtomRenderer(JSONRenderer):
    media_type, format = ATOM_TYPE, "atom"


class AlertStepSerializer(Strict, serializers.ModelSerializer):
    """A step taken, and what it takes to take one."""

    example: ClassVar[dict] = {"step": "acknowledged", "note": "Called back the chief."}
    verification = serializers.ChoiceField(
        choices=Verification.choices, required=False, write_only=True,
        help_text="With the step “verified”.",
    )  # fmt: skip
    decision = serializers.ChoiceField(
        choices=AlertDecision.choices, required=False, write_only=True,
        help_text="With the step “decided”.",
    )  # fmt: skip
    responding_component = VisibleField(
        queryset=Component.objects.all(), required=False, write_only=True,
        help_text="With the decision to respond.",
    )  # fmt: skip

    outcome = serializers.ChoiceField(
        choices=AlertOutcome.choices, required=False, write_only=True,
        help_text="With the step “closed”: what came of it; by default unknown.",
    )  # fmt: skip
    taken_at = MomentField(required=False, help_text="When it happened; by default now.")

    class Meta:
        model = AlertStep
        fields = (
            "id", "step", "note", "taken_at", "recorded_at", "taken_by",
            "corrects", "never_happened", "verification", "decision", "responding_component",
            "outcome",
        )  # fmt: skip
        read_only_fields = (
            "id", "recorded_at", "taken_by", "corrects", "never_happened",
        )  # fmt: skip


class CorrectionSerializer(Strict, serializers.Serializer):
    """When a step truly happened, or that it never did; the wrong one is kept."""

    example: ClassVar[dict] = {"corrects": 1, "taken_at": "2022-12-30T18:05:00Z"}

    corrects = serializers.IntegerField(min_value=1, help_text="The id of a step of the alert.")
    taken_at = MomentField(required=False)
    never_happened = serializers.BooleanField(required=False, default=False)
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=5_000)


class AwaitsField(serializers.BooleanField):
    """Whether an alert counts for nothing until a step confirms it."""

    def __init__(self, **kwargs: Any):
        super().__init__(read_only=True, help_text=AWAITS_HELP, **kwargs)

    def expression(self, model: type, source: str) -> tuple[Any, str]:
        """The same for PostgreSQL, which writes whole lists itself."""
        return ExpressionWrapper(ALERT_AWAITS, output_field=BooleanField()), "boolean"


class AlertSerializer(RecordSerializer):
    usual_level = USUAL_LEVEL
    awaits_verification = AwaitsField()
    source_kind = SourceKindField()
    steps = AlertStepSerializer(many=True, read_only=True)

    hxl: ClassVar[dict] = RecordSerializer.hxl | {
        "kind": "#event+type", "imminence": "#severity+imminence", "details": "#description",
        "received_at": "#date+reported", "place_name": "#loc+name", "admin_area": "#adm1+id",
        "stage": "#status",
    }  # fmt: skip

    example: ClassVar[dict] = {
        "mission": "MINUSCA", "kind": "attack", "imminence": "days", "place_name": "Ippy",
        "longitude": 21.21, "latitude": 6.25, "place_precision": "exact", "source_kind": "community",
        "details": "Armed men gather two hours north of the town.",
    }  # fmt: skip

    class Meta:
        model = Alert
        fields = (
            *COMMON, "kind", "imminence", "details", "received_at", "mission_day", "place_name",
            "longitude", "latitude", "place_precision", "admin_area", "field_office",
            "source_kind", "reliability", "credibility", "communities", "threats", "incidents",
            "stage", "acknowledged_at", "verified_at", "verification",
            "awaits_verification", "decided_at", "decision", "responding_component",
            "responded_at", "reported_back_at", "closed_at", "outcome", "steps",
        )  # fmt: skip
        read_only_fields = (
            *AUTHORED, "mission_day", "admin_area", "field_office", "stage", "acknowledged_at",
            "verified_at", "verification", "decided_at", "decision", "responding_component",
            "responded_at", "reported_back_at", "closed_at", "outcome",
        )  # fmt: skip
        # Nothing is feared, imminent or exactly known because a caller left it out.
        extra_kwargs: ClassVar[dict] = {
            "kind": must_say("kind", AlertKind.values),
            "imminence": must_say(
                "imminence", Imminence.values, help_text="With unknown no score moves."
            ),
            "place_precision": must_say(
                "place_precision", PlacePrecision.values, help_text="Without any place: country."
            ),
            "reliability": {"help_text": GRADE_HELP},
            "credibility": {"help_text": GRADE_HELP},
        }


def _put_grade(row: dict, code: str) -> None:
    """“B2”, “B-2” or “b 2”; what is none stands as a reliability, and is refused there."""
    found = GRADE.fullmatch(str(code).strip().upper())
    if found is None:
        row["reliability"] = code
    else:
        row["reliability"], row["credibility"] = found[1], int(found[2])


class AlertViewSet(BulkViewSet):
    queryset = Alert.objects.all()
    serializer_class = AlertSerializer
    filterset_class = AlertFilterSet
    related = ("mission", "admin_area", "field_office", "responding_component", "created_by")
    many = ("communities", "threats", "incidents", "steps")
    search_fields = ("details", "place_name")
    times = ("received_at",)
    ordering_fields = ("id", "received_at", "modified_at")
    create_service = staticmethod(report_alert)
    update_service = staticmethod(edit_alert)
    withdraw_service = staticmethod(withdraw_alert)
    locator = staticmethod(locator)
    usual_level_of = staticmethod(usual_level_of)
    extras: ClassVar[dict[str, Extra]] = {
        "grade": Extra(
            _("Grade of source and information, such as B2"), serializers.CharField(), _put_grade
        ),
    }

    def _clocks_of(self, alert: Alert) -> dict[str, Any]:
        """Context for what is said of an alert: moments by the clocks of its mission."""
        return {**self.get_serializer_context(), "mission": alert.mission}

    @extend_schema(request=AlertStepSerializer, responses=AlertSerializer)
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def steps(self, request, **kwargs):
        """Take a step: acknowledge, verify, decide, respond, report back, close or reopen."""
        alert = self.get_object()
        step = AlertStepSerializer(data=request.data, context=self._clocks_of(alert))
        step.is_valid(raise_exception=True)
        take_step(alert, user=request.user, **step.validated_data)
        return Response(self.get_serializer(self._reread(alert.pk)).data)

    @extend_schema(request=CorrectionSerializer, responses=AlertSerializer)
    @action(
        detail=True, methods=["post"], filterset_class=None, pagination_class=None,
        url_path="correct-step",
    )  # fmt: skip
    def correct_step(self, request, **kwargs):
        """Correct when a step happened, or say that it never did."""
        alert = self.get_object()
        given = CorrectionSerializer(data=request.data, context=self._clocks_of(alert))
        given.is_valid(raise_exception=True)
        values = dict(given.validated_data)
        step = alert.steps.filter(pk=values.pop("corrects")).first()
        if step is None:
            raise serializers.ValidationError(
                {"corrects": gettext("The alert has no such step. Its steps tell their ids.")}
            )
        correct_step(step, user=request.user, **values)
        return Response(self.get_serializer(self._reread(alert.pk)).data)

    @extend_schema(responses={(200, CAP_TYPE): OpenApiTypes.STR})
    @action(detail=True, renderer_classes=[CAPRenderer], filterset_class=None)
    def cap(self, request, **kwargs):
        """The alert as a CAP 1.2 message, in the languages of its mission."""
        alert = self.get_object()
        spoken = [code for code, _name in settings.LANGUAGES if code in alert.mission.languages]
        message = cap_message(
            alert,
            sender=f"poc-portal@{request.get_host().replace(',', '')}",
            page=request.build_absolute_uri(alert.get_absolute_url()),
            languages=spoken or ["en"],
        )
        return HttpResponse(message, content_type=CAP_TYPE)

    @extend_schema(
        parameters=[
            OpenApiParameter("severity", str, enum=SEVERITIES, description="As CAP has it."),
            OpenApiParameter("cursor", str, description="Taken from the link “next”."),
        ],
        responses={(200, ATOM_TYPE): OpenApiTypes.STR},
        filters=True,
    )
    @action(detail=False, renderer_classes=[AtomRenderer], pagination_class=None)
    def feed(self, request, **kwargs):
        """An Atom feed of the newest alerts the caller may see, each with its CAP message.

        Takes the filters of the list: mission, field_office and the others.
        """
        queryset = self.filter_queryset(self.get_queryset()).order_by("-pk")
        given = request.query_params.get
        if given("severity"):
            if given("severity") not in SEVERITIES:
                raise serializers.ValidationError(
                    {"severity": gettext("One of %(names)s.") % {"names": ", ".join(SEVERITIES)}}
                )
            queryset = queryset.filter(of_severity(given("severity")))
        if given("cursor"):
            if not given("cursor").isdecimal() or int(given("cursor")) >= 2**63:
                raise serializers.ValidationError(
                    {"cursor": gettext("Take the cursor from the link “next”.")}
                )
            queryset = queryset.filter(pk__lt=int(given("cursor")))
        alerts = list(queryset[: FEED + 1])
        address = request.build_absolute_uri()
        following = None
        if len(alerts) > FEED:
            alerts.pop()
            following = replace_query_param(address, "cursor", str(alerts[-1].pk))

        def page(alert, kind: str) -> str:
            path = alert.get_absolute_url()
            if kind == "cap":
                path = reverse("alerts-cap", args=[alert.pk])
            return request.build_absolute_uri(path)

        feed = atom_feed(
            alerts, title=gettext("Alerts"), address=address, following=following, page=page
        )
        return HttpResponse(feed, content_type=ATOM_TYPE)


class AlertGroupSerializer(serializers.Serializer):
    """Times are medians; null: none yet."""

    name = serializers.CharField(allow_blank=True)
    alerts = serializers.IntegerField()
    answered = serializers.IntegerField(help_text="Responded to.")
    refused = serializers.IntegerField(help_text="Decided against, with a reason.")
    share = serializers.FloatField(allow_null=True, help_text="Responded to, 0 to 1.")
    to_decision = serializers.DurationField(allow_null=True)
    to_response = serializers.DurationField(allow_null=True)


class AlertOutcomeSerializer(serializers.Serializer):
    outcome = serializers.ChoiceField(choices=AlertOutcome.choices)
    name = serializers.CharField()
    alerts = serializers.IntegerField()


class AlertFiguresSerializer(serializers.Serializer):
    need_to_know_counted = serializers.BooleanField(help_text=COUNTED)
    recorded = serializers.IntegerField(
        help_text="Alerts ever recorded; where there is none, there is nothing to judge."
    )
    open = serializers.IntegerField()
    open_imminent = serializers.IntegerField()
    undecided = serializers.IntegerField()
    whole = AlertGroupSerializer()
    by_office = AlertGroupSerializer(many=True)
    by_component = AlertGroupSerializer(many=True)
    by_month = AlertGroupSerializer(many=True)
    lag = serializers.DurationField(
        allow_null=True,
        help_text="How much later than they happened steps were recorded, the median.",
    )
    outcomes = AlertOutcomeSerializer(many=True, help_text="Of those that are closed.")


class AlertFiguresViewSet(FiguresViewSet):
    @extend_schema(parameters=[MISSION], responses=AlertFiguresSerializer)
    def list(self, request):
        """How fast alerts were answered in the last 90 days, as the caller may see them."""
        mission = self.mission()
        counted = {"need_to_know_counted": self.counts_all(mission)}
        found = vars(alert_figures(mission, request.user)) | counted
        return Response(AlertFiguresSerializer(found).data)
