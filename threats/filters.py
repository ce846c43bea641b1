"""Filters of the threats floor, for list pages and API alike."""

import django_filters
from django import forms
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework.serializers import ValidationError

from missions.models import AdminArea, Component, FieldOffice
from poc_portal.api.filters import BaseFilterSet, WholeNumberFilter
from poc_portal.tabular.names import sort_key
from records.moments import MomentFilter
from records.titles import titled
from threats.alerts.choices import AlertStage, Imminence
from threats.choices import SOURCE_GROUPS, GraveViolation, RiskLevel, SourceKind, ThreatStatus
from threats.models import (
    ActorIdentifier,
    Alert,
    ArmedActor,
    Assessment,
    Community,
    Incident,
    IncidentSource,
    RiskBacktest,
    RiskHistory,
    RiskModel,
    RiskScore,
    Threat,
)
from threats.rules.grading import ALERT_AWAITS
from threats.rules.source_kinds import is_of_kind

LEVEL_FLOORS = {
    RiskLevel.LOW: (1, 4),
    RiskLevel.MEDIUM: (5, 9),
    RiskLevel.HIGH: (10, 14),
    RiskLevel.VERY_HIGH: (15, 19),
    RiskLevel.CRITICAL: (20, 25),
}


def in_mission(model):
    """Queryset for a choice of related records: those of the page's mission the user may see."""

    def queryset(request):
        found = model.objects.visible_to(request.user)
        mission = getattr(request, "mission", None)
        return found.filter(mission=mission) if mission else found

    return queryset


class CommunityFilterSet(BaseFilterSet):
    admin_area = django_filters.ModelChoiceFilter(
        queryset=in_mission(AdminArea), label=_("Administrative area")
    )
    field_office = django_filters.ModelChoiceFilter(
        queryset=in_mission(FieldOffice), label=_("Field office")
    )
    band = extend_schema_field({"type": "integer", "minimum": 1, "maximum": 5})(WholeNumberFilter)(
        label=_("Watch band, 1 to 5"), min_value=1, max_value=5
    )
    is_silent = django_filters.BooleanFilter(label=_("Silent in an active area"))
    q = django_filters.CharFilter(method="named", label=_("Name"))

    class Meta:
        model = Community
        fields = ("kind", "access")

    def named(self, queryset, name, value):
        return queryset.filter(Q(sort_name__contains=sort_key(value)) | Q(aliases__icontains=value))


class ArmedActorFilterSet(BaseFilterSet):
    under_review = django_filters.BooleanFilter(
        method="to_decide", label=_("Waiting for a decision on its kind")
    )
    parent = django_filters.ModelChoiceFilter(queryset=in_mission(ArmedActor), label=_("Part of"))
    q = django_filters.CharFilter(method="named", label=_("Name"))

    class Meta:
        model = ArmedActor
        fields = ("kind", "parent")

    def to_decide(self, queryset, name, value):
        return queryset.exclude(review="") if value else queryset.filter(review="")

    def named(self, queryset, name, value):
        return queryset.filter(Q(sort_name__contains=sort_key(value)) | Q(aliases__icontains=value))


class ActorIdentifierFilterSet(BaseFilterSet):
    class Meta:
        model = ActorIdentifier
        fields = ("dataset", "value", "actor")


class IncidentFilterSet(BaseFilterSet):
    since = django_filters.DateFilter(
        field_name="start_date",
        lookup_expr="gte",
        label=_("From"),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    until = django_filters.DateFilter(
        field_name="start_date",
        lookup_expr="lte",
        label=_("Until"),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    actor = extend_schema_field(OpenApiTypes.INT)(django_filters.ModelChoiceFilter)(
        queryset=in_mission(ArmedActor), method="by_actor", label=_("Armed actor")
    )
    admin_area = django_filters.ModelChoiceFilter(
        queryset=in_mission(AdminArea), label=_("Administrative area")
    )
    field_office = django_filters.ModelChoiceFilter(
        queryset=in_mission(FieldOffice), label=_("Field office")
    )
    grave_violation = django_filters.ChoiceFilter(
        choices=GraveViolation.choices,
        method="of_grave_violation",
        label=_("Grave violation against children"),
    )
    q = django_filters.CharFilter(method="containing", label=_("Words"))

    class Meta:
        model = Incident
        fields = (
            "kind", "against_civilians", "awaits_verification", "dataset", "place_precision",
        )  # fmt: skip

    def by_actor(self, queryset, name, value: ArmedActor):
        return queryset.filter(pk__in=value.parts.values("incident"))

    def of_grave_violation(self, queryset, name, value):
        return queryset.with_grave_violation(value)

    def containing(self, queryset, name, value):
        return queryset.filter(Q(place_name__icontains=value) | Q(notes__icontains=value))


class IncidentSourceFilterSet(BaseFilterSet):
    kind = django_filters.ChoiceFilter(choices=SourceKind.choices, method="told_as")

    class Meta:
        model = IncidentSource
        fields = ("incident", "reliability", "credibility")

    def told_as(self, queryset, name, value):
        condition = is_of_kind(self.request.user, name, value)
        if condition is None:
            raise ValidationError(
                {"kind": gettext("You are told the group of a source alone; one of %(names)s.")
                 % {"names": ", ".join(SOURCE_GROUPS)}}
            )  # fmt: skip
        return queryset.filter(condition)


class ThreatFilterSet(BaseFilterSet):
    level = django_filters.ChoiceFilter(
        choices=RiskLevel.choices, method="by_level", label=_("Risk")
    )
    admin_area = django_filters.ModelChoiceFilter(
        queryset=in_mission(AdminArea), label=_("Administrative area")
    )
    perpetrator = django_filters.ModelChoiceFilter(
        queryset=in_mission(ArmedActor), field_name="perpetrators", label=_("Perpetrator")
    )
    status = django_filters.ChoiceFilter(choices=ThreatStatus.choices, label=_("Status"))
    disagrees = django_filters.BooleanFilter(label=_("People and evidence disagree"))
    q = django_filters.CharFilter(method=titled, label=_("Words"))

    class Meta:
        model = Threat
        fields = ("kind", "phase")

    def by_level(self, queryset, name, value):
        return queryset.filter(risk__range=LEVEL_FLOORS[RiskLevel(value)])


class AssessmentFilterSet(BaseFilterSet):
    class Meta:
        model = Assessment
        fields = ("threat", "likelihood", "impact", "confidence")


class AlertFilterSet(BaseFilterSet):
    stage = django_filters.ChoiceFilter(choices=AlertStage.choices, label=_("Stage"))
    imminence = django_filters.ChoiceFilter(choices=Imminence.choices, label=_("Imminence"))
    open = django_filters.BooleanFilter(method="is_open", label=_("Still open"))
    field_office = django_filters.ModelChoiceFilter(
        queryset=in_mission(FieldOffice), label=_("Field office")
    )
    responding_component = django_filters.ModelChoiceFilter(
        queryset=in_mission(Component), label=_("Responding component")
    )
    awaits_verification = django_filters.BooleanFilter(
        method="waits", label=_("Waits to be verified")
    )
    received_since = MomentFilter(
        field_name="received_at", lookup_expr="gte", label=_("Received at or after this moment")
    )
    q = django_filters.CharFilter(method="containing", label=_("Words"))

    class Meta:
        model = Alert
        fields = ("kind", "verification", "decision", "outcome")

    def is_open(self, queryset, name, value):
        closed = Q(stage=AlertStage.CLOSED)
        return queryset.filter(~closed if value else closed)

    def waits(self, queryset, name, value):
        return queryset.awaiting() if value else queryset.exclude(ALERT_AWAITS)

    def containing(self, queryset, name, value):
        return queryset.filter(Q(place_name__icontains=value) | Q(details__icontains=value))


class RiskScoreFilterSet(BaseFilterSet):
    class Meta:
        model = RiskScore
        fields = ("community", "date", "horizon", "band")


class RiskHistoryFilterSet(BaseFilterSet):
    since = django_filters.DateFilter(field_name="date", lookup_expr="gte")
    until = django_filters.DateFilter(field_name="date", lookup_expr="lte")

    class Meta:
        model = RiskHistory
        fields = ("community", "date", "horizon", "band")


class RiskBacktestFilterSet(BaseFilterSet):
    class Meta:
        model = RiskBacktest
        fields = ("first_day", "last_day")


class RiskModelFilterSet(BaseFilterSet):
    class Meta:
        model = RiskModel
        fields = ("version",)
