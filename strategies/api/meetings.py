from typing import ClassVar

from rest_framework import serializers

from poc_portal.api.projection import Unknown
from records.api import (
    AUTHORED,
    COMMON,
    DependentSerializer,
    MissionViewSet,
    RecordSerializer,
    TitleField,
)
from strategies.filters import DecisionFilterSet, MeetingFilterSet
from strategies.models import Decision, Meeting
from strategies.reading.agenda import told
from strategies.services.meetings import call_meeting, decide, edit_meeting


class AgendaField(serializers.JSONField):
    """What stood open when it was called, in the reader's language."""

    def to_representation(self, value):
        return told(value)

    def expression(self, model, source: str):
        raise Unknown  # only Python knows the words


class MeetingSerializer(RecordSerializer):
    title = TitleField()
    agenda = AgendaField(
        read_only=True,
        help_text="What stood open when it was called; titles and components in the language of "
        "Accept-Language.",
    )

    example: ClassVar[dict] = {
        "mission": "MINUSCA", "title": "POC working group", "day": "2022-12-30",
    }  # fmt: skip

    class Meta:
        model = Meeting
        fields = (*COMMON, "title", "day", "notes", "agenda")
        read_only_fields = (*AUTHORED, "agenda")


class MeetingViewSet(MissionViewSet):
    queryset = Meeting.objects.all()
    serializer_class = MeetingSerializer
    filterset_class = MeetingFilterSet
    related = ("mission", "created_by")
    ordering_fields = ("id", "day", "modified_at")
    create_service = staticmethod(call_meeting)
    update_service = staticmethod(edit_meeting)


class DecisionSerializer(DependentSerializer):
    example: ClassVar[dict] = {
        "meeting": 1, "text": "Patrol the road to Ippy twice a week.", "owner": 1, "due": "2023-01-15",
    }  # fmt: skip

    class Meta:
        model = Decision
        fields = (*COMMON, "meeting", "text", "owner", "due", "done_on", "activity")
        read_only_fields = (*AUTHORED, "done_on", "activity")


class DecisionViewSet(MissionViewSet):
    """Decisions of meetings; ``activity``: what one became."""

    queryset = Decision.objects.all()
    serializer_class = DecisionSerializer
    filterset_class = DecisionFilterSet
    related = ("mission", "meeting", "owner", "activity", "created_by")
    ordering_fields = ("id", "due", "modified_at")
    create_service = staticmethod(decide)
