from typing import ClassVar

from rest_framework import serializers

from records.api import (
    AUTHORED,
    COMMON,
    MissionField,
    MissionViewSet,
    RecordSerializer,
    SeenList,
    TitleField,
    VisibleField,
)
from threats.api.attribution import SetsStandard
from threats.filters import AssessmentFilterSet, ThreatFilterSet
from threats.models import (
    ArmedActor,
    Assessment,
    Threat,
    ThreatDecision,
    ThreatParty,
    ThreatPerpetrator,
)
from threats.rules.classifying import USUAL_LEVEL
from threats.scoring.comparison import with_evidence
from threats.services.threats import assess_threat, edit_threat, report_threat


class ThreatDecisionSerializer(serializers.ModelSerializer):
    class Meta:
        model = ThreatDecision
        fields = (
            "day", "status", "phase", "suggested_status", "suggested_phase", "reason",
            "decided_by",
        )  # fmt: skip

    def to_representation(self, instance):
        return super().to_representation(instance.as_read_by(self.context["request"].user))


class AccusedSerializer(RecordSerializer):
    mission = None  # type: ignore[assignment]  # it is the threat's
    only_with = ("actor",)

    class Meta:
        model = ThreatPerpetrator
        fields = ("actor", "standard", "standard_set_by", "standard_set_at")
        list_serializer_class = SeenList


class SideSerializer(AccusedSerializer):
    class Meta(AccusedSerializer.Meta):
        model = ThreatParty  # type: ignore[assignment]


class ThreatSerializer(RecordSerializer):
    usual_level = USUAL_LEVEL
    title = TitleField()
    # Through a model of its own, which Django REST framework takes for read-only.
    perpetrators = VisibleField(
        many=True, queryset=ArmedActor.objects.all(), required=False, label="Perpetrators"
    )
    parties = VisibleField(
        many=True, queryset=ArmedActor.objects.all(), required=False,
        label="Sides of fighting, without blame",
    )  # fmt: skip
    accused = AccusedSerializer(
        many=True, read_only=True, help_text="The perpetrators, each with its standard of proof."
    )
    sides = SideSerializer(
        many=True, read_only=True, help_text="The parties, each with its standard of proof."
    )
    decisions = ThreatDecisionSerializer(
        many=True, read_only=True, help_text="Status and phase over time, the first one first."
    )
    likelihood = serializers.IntegerField(
        read_only=True, allow_null=True, help_text="Current assessment, 1 to 5."
    )
    impact = serializers.IntegerField(
        read_only=True, allow_null=True, help_text="Current assessment, 1 to 5."
    )
    risk = serializers.IntegerField(
        read_only=True, allow_null=True, help_text="Likelihood × impact."
    )
    evidence_likelihood = serializers.IntegerField(
        read_only=True,
        allow_null=True,
        help_text="Of the same event as the assessment: by what its perpetrators did in its area, 1 to 5.",
    )
    disagrees = serializers.BooleanField(
        read_only=True,
        allow_null=True,
        help_text="People and evidence are two steps of likelihood or more apart.",
    )
    assessed_at = serializers.DateTimeField(read_only=True, allow_null=True)

    example: ClassVar[dict] = {
        "mission": "MINUSCA", "title": "Attacks on the road to Ippy", "kind": "attacks",
        "phase": "preemption", "phase_reason": "Three attacks in a week.", "perpetrators": [1],
        "communities": [1, 2],
    }  # fmt: skip

    class Meta:
        model = Threat
        fields = (
            *COMMON, "title", "kind", "status", "phase", "phase_since", "phase_reason", "trend",
            "perpetrators", "accused", "parties", "sides", "communities", "incidents", "admin_area", "description", "motive",
            "modus_operandi", "time_frame", "suggested_phase", "suggested_likelihood", "likelihood",
            "impact", "risk", "assessed_at", "evidence_likelihood", "disagrees", "decisions",
        )  # fmt: skip
        read_only_fields = (
            *AUTHORED, "status", "phase_since", "suggested_phase", "suggested_likelihood",
        )  # fmt: skip


class ThreatViewSet(SetsStandard, MissionViewSet):
    queryset = Threat.objects.all()
    serializer_class = ThreatSerializer
    filterset_class = ThreatFilterSet
    related = ("mission", "admin_area", "created_by")
    many = (
        "perpetrators",
        "accused__actor",
        "parties",
        "sides__actor",
        "communities",
        "incidents",
        "decisions",
    )
    search_fields = ("title", "description")
    ordering_fields = ("id", "title", "risk", "modified_at")
    create_service = staticmethod(report_threat)
    update_service = staticmethod(edit_threat)

    def annotate(self, queryset):
        user = self.request.user
        return with_evidence(queryset.with_current_assessment(user), user)


class AssessmentSerializer(RecordSerializer):
    mission = MissionField(read_only=True)

    example: ClassVar[dict] = {
        "threat": 1, "likelihood": 4, "impact": 3, "confidence": "moderate",
        "rationale": "The group has moved closer and taxes the road.",
    }  # fmt: skip

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
