from typing import ClassVar

from records.api import AUTHORED, COMMON, OWNED, MissionViewSet, RecordSerializer
from threats.filters import ActorIdentifierFilterSet, ArmedActorFilterSet
from threats.models import ActorIdentifier, ArmedActor


class ArmedActorSerializer(RecordSerializer):
    example: ClassVar[dict] = {
        "mission": "MINUSCA", "name": "Self-defence of Ippy", "kind": "self_defence_group",
    }  # fmt: skip

    class Meta:
        model = ArmedActor
        fields = (*COMMON, "name", "aliases", "kind", "parent", "members")
        read_only_fields = AUTHORED


class ArmedActorViewSet(MissionViewSet):
    queryset = ArmedActor.objects.all()
    serializer_class = ArmedActorSerializer
    filterset_class = ArmedActorFilterSet
    related = ("mission", "parent", "created_by")
    many = ("members",)
    search_fields = ("name", "sort_name")
    ordering_fields = ("id", "name", "sort_name", "modified_at")


class ActorIdentifierSerializer(RecordSerializer):
    example: ClassVar[dict] = {
        "mission": "MINUSCA", "actor": 1, "dataset": "own", "value": "A-17",
    }  # fmt: skip

    class Meta:
        model = ActorIdentifier
        fields = (*OWNED, "actor", "dataset", "value")


class ActorIdentifierViewSet(MissionViewSet):
    queryset = ActorIdentifier.objects.all()
    serializer_class = ActorIdentifierSerializer
    filterset_class = ActorIdentifierFilterSet
    related = ("mission", "actor")
    search_fields = ("value",)
    ordering_fields = ("id", "modified_at")
