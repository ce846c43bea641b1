import django_filters
from django import forms
from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from missions.choices import ComponentKind
from missions.models import Component, FieldOffice, Mission
from poc_portal.api.filters import BaseFilterSet, Filters
from records.titles import titled
from strategies.choices import WITHHELD, ActivityStatus
from strategies.models import (
    Activity,
    Brief,
    CatalogueActivity,
    Decision,
    Indicator,
    Measurement,
    Meeting,
    Objective,
    Strategy,
)
from strategies.models.activity import LIVE, late_in
from threats.choices import ActorFamily
from threats.filters import in_mission


class ActivityFilterSet(BaseFilterSet):
    lead_component = django_filters.ModelChoiceFilter(
        queryset=in_mission(Component), label=_("Lead component")
    )
    status = django_filters.ChoiceFilter(choices=ActivityStatus.choices, label=_("Status"))
    due_before = django_filters.DateFilter(
        field_name="due",
        lookup_expr="lt",
        label=_("Due before"),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    due_until = django_filters.DateFilter(
        field_name="due",
        lookup_expr="lte",
        label=_("Due until"),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    overdue = django_filters.BooleanFilter(method="is_overdue", label=_("Overdue"))
    live = django_filters.BooleanFilter(method="is_live", label=_("Still to be finished"))
    placed = django_filters.BooleanFilter(
        field_name="longitude", lookup_expr="isnull", exclude=True, label=_("At a place")
    )
    q = django_filters.CharFilter(method=titled, label=_("Words"))

    class Meta:
        model = Activity
        fields = ("tier", "phase", "threats", "objectives")

    def is_overdue(self, queryset, name, value):
        missions = Mission.objects.visible_to(self.request.user)
        overdue = Q(late_in(missions), status__in=LIVE)
        return queryset.filter(overdue) if value else queryset.exclude(overdue)

    def is_live(self, queryset, name, value):
        return queryset.filter(status__in=LIVE) if value else queryset.exclude(status__in=LIVE)


class CatalogueFilterSet(Filters):
    component = django_filters.ChoiceFilter(
        choices=ComponentKind.choices, method="done_by", label=_("Component")
    )
    perpetrator = django_filters.ChoiceFilter(
        choices=ActorFamily.choices, method="against", label=_("Perpetrator")
    )
    q = django_filters.CharFilter(method="containing", label=_("Words"))

    class Meta:
        model = CatalogueActivity
        fields = ("tier", "phase")

    def done_by(self, queryset, name, value):
        return queryset.filter(components__contains=[value])

    def against(self, queryset, name, value):
        found = queryset.filter(Q(perpetrators=[]) | Q(perpetrators__contains=[value]))
        withheld = Q(cautions__overlap=list(WITHHELD)) if value == ActorFamily.STATE else Q(pk=None)
        return found.exclude(withheld)

    def containing(self, queryset, name, value):
        in_any = Q()
        for language, _name in settings.LANGUAGES:
            in_any |= Q(**{f"titles__{language}__icontains": value})
        return queryset.filter(in_any)


class BriefFilterSet(BaseFilterSet):
    field_office = django_filters.ModelChoiceFilter(
        queryset=in_mission(FieldOffice), label=_("Field office")
    )
    issued = django_filters.BooleanFilter(
        field_name="issued_at", lookup_expr="isnull", exclude=True, label=_("Issued")
    )

    class Meta:
        model = Brief
        fields = ("classification",)


class StrategyFilterSet(BaseFilterSet):
    q = django_filters.CharFilter(field_name="title", lookup_expr="icontains", label=_("Words"))

    class Meta:
        model = Strategy
        fields = ("status",)


class ObjectiveFilterSet(BaseFilterSet):
    class Meta:
        model = Objective
        fields = ("strategy",)


class IndicatorFilterSet(BaseFilterSet):
    class Meta:
        model = Indicator
        fields = ("objective",)


class MeasurementFilterSet(BaseFilterSet):
    class Meta:
        model = Measurement
        fields = ("indicator", "day")


class MeetingFilterSet(BaseFilterSet):
    day = django_filters.DateFilter(widget=forms.DateInput(attrs={"type": "date"}))

    class Meta:
        model = Meeting
        fields = ("day",)


class DecisionFilterSet(BaseFilterSet):
    open = django_filters.BooleanFilter(
        field_name="done_on", lookup_expr="isnull", label=_("Still to be carried out")
    )

    class Meta:
        model = Decision
        fields = ("meeting", "owner")
