from typing import ClassVar

from drf_spectacular.utils import extend_schema_serializer

from records.api import (
    AUTHORED,
    COMMON,
    RecordSerializer,
)
from records.bulk.api import BulkViewSet
from threats.presence.filters import PostFilterSet
from threats.presence.models import Post
from threats.presence.services import add_post


@extend_schema_serializer(component_name="Base")  # the resource's own word
class PostSerializer(RecordSerializer):
    example: ClassVar[dict] = {
        "mission": "MINUSCA", "name": "Ippy", "kind": "temporary_operating_base", "component": 1,
        "longitude": 21.21, "latitude": 6.25, "strength": "platoon", "since": "2022-12-01",
    }  # fmt: skip

    class Meta:
        model = Post
        fields = (
            *COMMON, "name", "kind", "component", "longitude", "latitude", "strength", "since",
            "until",
        )  # fmt: skip
        read_only_fields = AUTHORED


class PostViewSet(BulkViewSet):
    queryset = Post.objects.all()
    serializer_class = PostSerializer
    create_service = staticmethod(add_post)
    filterset_class = PostFilterSet
    related = ("mission", "component", "created_by")
    search_fields = ("name",)
    ordering_fields = ("id", "name", "since", "modified_at")
    times = ("since", "until")
