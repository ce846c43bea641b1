from missions.models import AdminArea, Component, FieldOffice, Membership
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
