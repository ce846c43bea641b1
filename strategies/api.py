from missions.rest import COMMON, MissionViewSet, RecordSerializer
from strategies.filters import ActivityFilterSet
from strategies.models import Activity
from strategies.services import edit_activity, plan_activity


class ActivitySerializer(RecordSerializer):
    class Meta:
        model = Activity
        fields = (
            *COMMON, "title", "tier", "phase", "lead_component", "supporting_components",
            "threats", "communities", "status", "start", "due", "completed_on", "description",
            "outcome",
        )  # fmt: skip
        read_only_fields = ("is_demonstration", "created_by")


class ActivityViewSet(MissionViewSet):
    queryset = Activity.objects.all()
    serializer_class = ActivitySerializer
    filterset_class = ActivityFilterSet
    related = ("mission", "lead_component", "created_by")
    many = ("supporting_components", "threats", "communities")
    search_fields = ("title", "description")
    ordering_fields = ("id", "title", "start", "due", "modified_at")
    create_service = staticmethod(plan_activity)
    update_service = staticmethod(edit_activity)


resources = {"activities": ActivityViewSet}
