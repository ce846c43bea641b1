from typing import ClassVar

from records.api import (
    AUTHORED,
    COMMON,
    OWNED,
    MissionViewSet,
    RecordSerializer,
    SeenList,
    VisibleField,
)
from threats.filters import ActorIdentifierFilterSet, ArmedActorFilterSet
from threats.models import ActorIdentifier, ArmedActor, CoalitionMember
from threats.services.actors import Belonging, add_actor, edit_actor


class BelongingSerializer(RecordSerializer):
    mission = None  # type: ignore[assignment]  # it is the coalition's
    only_with = ("member",)  # an actor the reader may not see belongs to nothing

    class Meta:
        model = CoalitionMember
        fields = ("member", "since", "until")
        list_serializer_class = SeenList


class ArmedActorSerializer(RecordSerializer):
    # Through a model of its own, which Django REST framework takes for read-only.
    members = VisibleField(
        many=True, queryset=ArmedActor.objects.all(), required=False,
        label="Members of the coalition",
    )  # fmt: skip
    belongings = BelongingSerializer(
        many=True, required=False, help_text="The same members, since when and until when."
    )

    example: ClassVar[dict] = {
        "mission": "MINUSCA", "name": "Self-defence of Ippy", "kind": "self_defence_group",
    }  # fmt: skip

    class Meta:
        model = ArmedActor
        fields = (
            *COMMON, "name", "aliases", "kind", "parent", "members", "belongings", "review",
            "kind_decided_by", "kind_decided_at",
        )  # fmt: skip
        read_only_fields = (*AUTHORED, "review", "kind_decided_by", "kind_decided_at")

    def validate_belongings(self, rows):
        return [Belonging(**row) for row in rows]


class ArmedActorViewSet(MissionViewSet):
    queryset = ArmedActor.objects.all()
    serializer_class = ArmedActorSerializer
    filterset_class = ArmedActorFilterSet
    related = ("mission", "parent", "created_by", "kind_decided_by")
    many = ("members", "belongings__member")
    search_fields = ("name", "sort_name")
    ordering_fields = ("id", "name", "sort_name", "modified_at")
    create_service = staticmethod(add_actor)
    update_service = staticmethod(edit_actor)


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
