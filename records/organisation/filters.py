import django_filters
from django.utils.translation import gettext_lazy as _

from missions.models import AdminArea, Component, FieldOffice, Membership, User
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


def accounts(request):
    """Those whose membership the reader may see; whether another account exists is told to nobody."""
    seen = Membership.objects.visible_to(request.user)
    return User.objects.filter(memberships__in=seen.order_by()).distinct()


class MembershipFilterSet(BaseFilterSet):
    member = django_filters.ModelChoiceFilter(queryset=accounts, label=_("member"))

    class Meta:
        model = Membership
        fields = ("role", "clearance", "member")
