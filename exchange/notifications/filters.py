import django_filters
from django.utils.translation import gettext_lazy as _

from exchange.models import Notification
from poc_portal.api.filters import Filters


class NotificationFilterSet(Filters):
    mission = django_filters.CharFilter(field_name="mission__code", label=_("Code of the mission"))
    unread = django_filters.BooleanFilter(
        field_name="read_at", lookup_expr="isnull", label=_("Not read yet")
    )

    class Meta:
        model = Notification
        fields = ("kind",)
