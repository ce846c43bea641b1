from typing import ClassVar

from rest_framework import serializers

from poc_portal.api.viewsets import ReadViewSet, SelectableFields
from records.api import AUTHORED, COMMON, RecordSerializer, TitleField
from records.bulk.api import BulkViewSet
from strategies.filters import ActivityFilterSet, CatalogueFilterSet
from strategies.models import Activity, CatalogueActivity, StatusChange
from strategies.services.activities import edit_activity, plan_activity


class StatusChangeSerializer(serializers.ModelSerializer):
    class Meta:
        model = StatusChange
        fields = ("status", "day", "changed_at", "changed_by", "note")


class ActivitySerializer(RecordSerializer):
    title = TitleField()
    history = StatusChangeSerializer(many=True, read_only=True)

    hxl: ClassVar[dict] = RecordSerializer.hxl | {
        "title": "#activity+name", "status": "#status", "start": "#date+start", "due": "#date+end",
        "place_name": "#loc+name", "description": "#description",
    }  # fmt: skip

    example: ClassVar[dict] = {
        "mission": "MINUSCA", "title": "Night patrols around the market", "tier": 2,
        "phase": "preemption", "lead_component": 1, "threats": [1], "start": "2022-12-20",
        "due": "2023-01-15",
    }  # fmt: skip

    class Meta:
        model = Activity
        fields = (
            *COMMON, "title", "tier", "phase", "lead_component", "supporting_components",
            "threats", "communities", "alerts", "objectives", "status", "start", "due", "due_at", "completed_on",
            "place_name", "longitude", "latitude", "description", "outcome", "blockers",
            "due_diligence_on", "due_diligence_note", "history",
        )  # fmt: skip
        read_only_fields = AUTHORED
        extra_kwargs: ClassVar[dict] = {
            "completed_on": {
                "help_text": "With the status “done”: the day it was done, by default the mission's "
                "today."
            },
        }


class ActivityViewSet(BulkViewSet):
    queryset = Activity.objects.all()
    serializer_class = ActivitySerializer
    filterset_class = ActivityFilterSet
    related = ("mission", "lead_component", "created_by")
    many = (
        "supporting_components", "threats", "communities", "alerts", "objectives__strategy", "history",
    )  # fmt: skip
    search_fields = ("title", "description")
    times = ("start", "due")
    ordering_fields = ("id", "title", "start", "due", "modified_at")
    create_service = staticmethod(plan_activity)
    update_service = staticmethod(edit_activity)


class CatalogueActivitySerializer(SelectableFields):
    class Meta:
        model = CatalogueActivity
        fields = (
            "id", "code", "tier", "phase", "components", "threat_kinds", "perpetrators",
            "cautions", "titles",
        )  # fmt: skip


class CatalogueActivityViewSet(ReadViewSet):
    """Typical activities by tier and phase, with the components that usually do them."""

    queryset = CatalogueActivity.objects.all()
    serializer_class = CatalogueActivitySerializer
    filterset_class = CatalogueFilterSet
