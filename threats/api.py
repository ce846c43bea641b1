from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from missions.models import Component
from missions.rest import (
    COMMON,
    OWNED,
    MissionField,
    MissionViewSet,
    RecordSerializer,
    RecordViewSet,
    VisibleField,
)
from poc_portal.api.viewsets import SelectableFields
from threats.choices import ActorPart, AlertDecision, Verification
from threats.explanations import terms_of
from threats.filters import (
    ActorIdentifierFilterSet,
    AlertFilterSet,
    ArmedActorFilterSet,
    AssessmentFilterSet,
    CommunityFilterSet,
    IncidentFilterSet,
    IncidentSourceFilterSet,
    RiskBacktestFilterSet,
    RiskHistoryFilterSet,
    RiskModelFilterSet,
    RiskScoreFilterSet,
    ThreatFilterSet,
)
from threats.models import (
    ActorIdentifier,
    Alert,
    AlertStep,
    ArmedActor,
    Assessment,
    Community,
    Incident,
    IncidentActor,
    IncidentSource,
    RiskBacktest,
    RiskHistory,
    RiskModel,
    RiskScore,
    Threat,
    ThreatDecision,
)
from threats.services.alerts import edit_alert, report_alert, take_step, withdraw_alert
from threats.services.incidents import (
    add_source,
    edit_incident,
    report_incident,
    save_community,
    withdraw_community,
    withdraw_incident,
)
from threats.services.threats import assess_threat, edit_threat, report_threat

AUTHORED = ("is_demonstration", "created_by")  # set by the services


class CommunitySerializer(RecordSerializer):
    probability = serializers.FloatField(
        read_only=True, help_text="Of violence against civilians within 25 km in 30 days."
    )
    band = serializers.IntegerField(read_only=True, help_text="Likelihood, 1 to 5.")
    change = serializers.FloatField(read_only=True, help_text="Of the probability in a week.")
    is_silent = serializers.BooleanField(
        read_only=True, help_text="Nothing heard for about eight weeks while the area is active."
    )
    scored_for = serializers.DateField(read_only=True)

    class Meta:
        model = Community
        fields = (
            *COMMON, "name", "aliases", "kind", "longitude", "latitude", "admin_area",
            "admin_area_is_nearest", "field_office", "population", "displaced_population",
            "vulnerable_groups", "access", "source", "source_id", "probability", "band", "change",
            "is_silent", "scored_for",
        )  # fmt: skip
        read_only_fields = (*AUTHORED, "admin_area", "admin_area_is_nearest", "field_office")


class CommunityViewSet(MissionViewSet):
    queryset = Community.objects.all()
    serializer_class = CommunitySerializer
    filterset_class = CommunityFilterSet
    related = ("mission", "admin_area", "field_office", "created_by")
    search_fields = ("name", "sort_name")
    ordering_fields = ("id", "name", "sort_name", "population", "modified_at", "probability")
    create_service = staticmethod(save_community)
    withdraw_service = staticmethod(withdraw_community)

    @staticmethod
    def update_service(record, **values):
        return save_community(community=record, **values)

    def annotate(self, queryset):
        return queryset.with_risk(self.request.user)


class ArmedActorSerializer(RecordSerializer):
    class Meta:
        model = ArmedActor
        fields = (*COMMON, "name", "aliases", "kind", "parent", "members")
        read_only_fields = AUTHORED


class ArmedActorViewSet(MissionViewSet):
    queryset = ArmedActor.objects.all()
    serializer_class = ArmedActorSerializer
    filterset_class = ArmedActorFilterSet
    related = ("mission", "parent", "created_by")
    many = ("members",)
    search_fields = ("name", "sort_name")
    ordering_fields = ("id", "name", "sort_name", "modified_at")


class ActorIdentifierSerializer(RecordSerializer):
    class Meta:
        model = ActorIdentifier
        fields = (*OWNED, "actor", "dataset", "value")


class ActorIdentifierViewSet(MissionViewSet):
    queryset = ActorIdentifier.objects.all()
    serializer_class = ActorIdentifierSerializer
    filterset_class = ActorIdentifierFilterSet
    related = ("mission", "actor")
    search_fields = ("value",)
    ordering_fields = ("id", "modified_at")


class PartSerializer(RecordSerializer):
    mission = None

    class Meta:
        model = IncidentActor
        fields = ("actor", "part")


class IncidentSerializer(RecordSerializer):
    parts = PartSerializer(many=True, required=False)
    against_civilians = serializers.BooleanField(
        required=False, help_text="By default decided by the kind."
    )
    end_date = serializers.DateField(required=False, help_text="By default the start date.")

    class Meta:
        model = Incident
        fields = (
            *COMMON, "kind", "against_civilians", "start_date", "end_date", "time_of_day",
            "date_precision", "place_name", "longitude", "latitude", "place_precision",
            "admin_area", "admin_area_is_nearest", "field_office", "deaths_low", "deaths_best",
            "deaths_high", "civilian_deaths", "injured", "abducted", "displaced", "victims",
            "notes", "attribution", "parts", "dataset", "external_id",
        )  # fmt: skip
        read_only_fields = (
            *AUTHORED, "admin_area", "admin_area_is_nearest", "field_office", "attribution",
            "dataset", "external_id",
        )  # fmt: skip

    def to_representation(self, instance):
        data = super().to_representation(instance)
        if "parts" in data:  # an actor the reader may not see has no part in it
            data["parts"] = [part for part in data["parts"] if part["actor"] is not None]
        return data

    def validate_parts(self, parts):
        return [(part["actor"], ActorPart(part["part"])) for part in parts]


class IncidentViewSet(MissionViewSet):
    queryset = Incident.objects.all()
    serializer_class = IncidentSerializer
    filterset_class = IncidentFilterSet
    related = ("mission", "admin_area", "field_office", "created_by")
    many = ("parts__actor",)
    search_fields = ("place_name", "notes")
    ordering_fields = ("id", "start_date", "modified_at")
    create_service = staticmethod(report_incident)
    update_service = staticmethod(edit_incident)
    withdraw_service = staticmethod(withdraw_incident)


class IncidentSourceSerializer(RecordSerializer):
    mission = MissionField(read_only=True)

    class Meta:
        model = IncidentSource
        fields = (*OWNED, "incident", "kind", "reliability", "credibility")


class IncidentSourceViewSet(MissionViewSet):
    """Gradings of sources. Who a source is stays sealed: no resource tells."""

    queryset = IncidentSource.objects.all()
    serializer_class = IncidentSourceSerializer
    filterset_class = IncidentSourceFilterSet
    related = ("mission", "incident")
    ordering_fields = ("id", "modified_at")
    create_service = staticmethod(add_source)


class ThreatDecisionSerializer(serializers.ModelSerializer):
    class Meta:
        model = ThreatDecision
        fields = (
            "day", "status", "phase", "suggested_status", "suggested_phase", "reason",
            "decided_by",
        )  # fmt: skip


class ThreatSerializer(RecordSerializer):
    decisions = ThreatDecisionSerializer(
        many=True, read_only=True, help_text="Status and phase over time, the first one first."
    )
    likelihood = serializers.IntegerField(read_only=True, help_text="Current assessment, 1 to 5.")
    impact = serializers.IntegerField(read_only=True, help_text="Current assessment, 1 to 5.")
    risk = serializers.IntegerField(read_only=True, help_text="Likelihood × impact.")
    evidence_likelihood = serializers.IntegerField(
        read_only=True,
        help_text="The highest likelihood, 1 to 5, the risk model gives any of its communities.",
    )
    disagrees = serializers.BooleanField(
        read_only=True, help_text="People and evidence are two steps of likelihood or more apart."
    )
    assessed_at = serializers.DateTimeField(read_only=True)

    class Meta:
        model = Threat
        fields = (
            *COMMON, "title", "kind", "status", "phase", "phase_since", "phase_reason", "trend",
            "perpetrators", "communities", "incidents", "admin_area", "description", "motive",
            "modus_operandi", "time_frame", "suggested_phase", "suggested_likelihood", "likelihood",
            "impact", "risk", "assessed_at", "evidence_likelihood", "disagrees", "decisions",
        )  # fmt: skip
        read_only_fields = (
            *AUTHORED, "status", "phase_since", "suggested_phase", "suggested_likelihood",
        )  # fmt: skip


class ThreatViewSet(MissionViewSet):
    queryset = Threat.objects.all()
    serializer_class = ThreatSerializer
    filterset_class = ThreatFilterSet
    related = ("mission", "admin_area", "created_by")
    many = ("perpetrators", "communities", "incidents", "decisions")
    search_fields = ("title", "description")
    ordering_fields = ("id", "title", "risk", "modified_at")
    create_service = staticmethod(report_threat)
    update_service = staticmethod(edit_threat)

    def annotate(self, queryset):
        user = self.request.user
        return queryset.with_current_assessment(user).with_evidence(user)


class AssessmentSerializer(RecordSerializer):
    mission = MissionField(read_only=True)

    class Meta:
        model = Assessment
        fields = (
            *COMMON, "threat", "likelihood", "impact", "intent", "capability", "opportunity",
            "confidence", "rationale", "incidents", "endorsed_by", "endorsed_at",
        )  # fmt: skip
        read_only_fields = (*AUTHORED, "endorsed_by", "endorsed_at")


class AssessmentViewSet(MissionViewSet):
    """Append-only: an assessment is added, never changed or withdrawn."""

    http_method_names = ["get", "head", "post", "options"]
    queryset = Assessment.objects.all()
    serializer_class = AssessmentSerializer
    filterset_class = AssessmentFilterSet
    related = ("mission", "threat", "created_by", "endorsed_by")
    many = ("incidents",)
    ordering_fields = ("id", "created_at")
    create_service = staticmethod(assess_threat)


class AlertStepSerializer(serializers.ModelSerializer):
    """A step taken, and what it takes to take one."""

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

    class Meta:
        model = AlertStep
        fields = (
            "step", "note", "taken_at", "taken_by", "verification", "decision",
            "responding_component",
        )  # fmt: skip
        read_only_fields = ("taken_at", "taken_by")


class AlertSerializer(RecordSerializer):
    steps = AlertStepSerializer(many=True, read_only=True)

    class Meta:
        model = Alert
        fields = (
            *COMMON, "kind", "imminence", "details", "received_at", "mission_day", "place_name",
            "longitude", "latitude", "place_precision", "admin_area", "field_office",
            "source_kind", "reliability", "credibility", "communities", "threats", "incidents",
            "stage", "acknowledged_at", "verified_at", "verification", "decided_at", "decision",
            "responding_component", "responded_at", "reported_back_at", "closed_at", "steps",
        )  # fmt: skip
        read_only_fields = (
            *AUTHORED, "mission_day", "admin_area", "field_office", "stage", "acknowledged_at",
            "verified_at", "verification", "decided_at", "decision", "responding_component",
            "responded_at", "reported_back_at", "closed_at",
        )  # fmt: skip


class AlertViewSet(MissionViewSet):
    queryset = Alert.objects.all()
    serializer_class = AlertSerializer
    filterset_class = AlertFilterSet
    related = ("mission", "admin_area", "field_office", "responding_component", "created_by")
    many = ("communities", "threats", "incidents", "steps")
    search_fields = ("details", "place_name")
    ordering_fields = ("id", "received_at", "modified_at")
    create_service = staticmethod(report_alert)
    update_service = staticmethod(edit_alert)
    withdraw_service = staticmethod(withdraw_alert)

    @extend_schema(request=AlertStepSerializer, responses=AlertSerializer)
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def steps(self, request, **kwargs):
        """Take a step: acknowledge, verify, decide, respond, report back, close or reopen."""
        alert = self.get_object()
        step = AlertStepSerializer(data=request.data, context=self.get_serializer_context())
        step.is_valid(raise_exception=True)
        take_step(alert, user=request.user, **step.validated_data)
        return Response(self.get_serializer(self._reread(alert.pk)).data)


class RiskScoreSerializer(SelectableFields):
    mission = MissionField(read_only=True)
    is_prior = serializers.SerializerMethodField(
        help_text="From the shipped model: the mission has none of its own yet."
    )
    contributions = serializers.SerializerMethodField(
        help_text="Expected incidents by named term; they sum to expected."
    )

    class Meta:
        model = RiskScore
        fields = (
            "id", "mission", "community", "date", "horizon", "expected", "probability", "band",
            "week_before", "is_silent", "contributions", "model", "is_prior", "computed_at",
        )  # fmt: skip

    def get_is_prior(self, score: RiskScore) -> bool:
        return score.model.mission_id is None

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


resources = {
    "communities": CommunityViewSet,
    "armed-actors": ArmedActorViewSet,
    "actor-identifiers": ActorIdentifierViewSet,
    "incidents": IncidentViewSet,
    "incident-sources": IncidentSourceViewSet,
    "threats": ThreatViewSet,
    "assessments": AssessmentViewSet,
    "alerts": AlertViewSet,
    "risk-scores": RiskScoreViewSet,
    "risk-history": RiskHistoryViewSet,
    "risk-models": RiskModelViewSet,
    "risk-backtests": RiskBacktestViewSet,
}
