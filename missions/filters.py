import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from missions.models import (
    AdminArea,
    Base,
    Component,
    FieldOffice,
    Intake,
    Membership,
    Notification,
)
from poc_portal.api.filters import BaseFilterSet


class ComponentFilterSet(BaseFilterSet):
    class Meta:
        model = Component
        fields = ("kind", "pillar")


class FieldOfficeFilterSet(BaseFilterSet):
    class Meta:
        model = FieldOffice
        fields = ()


class AdminAreaFilterSet(BaseFilterSet):
    class Meta:
        model = AdminArea
        fields = ("code", "level", "field_office")


class MembershipFilterSet(BaseFilterSet):
    class Meta:
        model = Membership
        fields = ("role", "clearance", "member")


class BasesFilterSet(BaseFilterSet):
    present_on = django_filters.DateFilter(
        method="standing", label=_("Standing on"),
        widget=forms.DateInput(attrs={"type": "date"}),
    )  # fmt: skip

    class Meta:
        model = Base
        fields = ("kind", "component")

    def standing(self, queryset, name, value):
        return queryset.present(value)


class IntakeFilterSet(BaseFilterSet):
    class Meta:
        model = Intake
        fields = ("resource",)


class NotificationFilterSet(django_filters.FilterSet):
    mission = django_filters.CharFilter(field_name="mission__code", label=_("Code of the mission"))
    unread = django_filters.BooleanFilter(
        field_name="read_at", lookup_expr="isnull", label=_("Not read yet")
    )

    class Meta:
        model = Notification
        fields = ("kind",)
