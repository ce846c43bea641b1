from exchange.models import Notification
from exchange.notifications.filters import NotificationFilterSet
from poc_portal.api.viewsets import SelectableFields
from records.api import MissionField
from records.feed.api import FollowedViewSet


class NotificationSerializer(SelectableFields):
    mission = MissionField(read_only=True)

    class Meta:
        model = Notification
        fields = ("id", "mission", "kind", "path", "created_at", "read_at")


class NotificationViewSet(FollowedViewSet):
    """One's own notifications: what kind of thing happened, and where to look."""

    queryset = Notification.objects.all()
    serializer_class = NotificationSerializer
    filterset_class = NotificationFilterSet
    ordering_fields = ("id", "created_at")

    def get_queryset(self):
        return super().get_queryset().select_related("mission")
