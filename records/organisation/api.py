from dataclasses import asdict
from typing import ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from missions.access import grants
from missions.models import AdminArea, Component, FieldOffice, Membership, Mission
from missions.roles import Capability
from poc_portal.api.viewsets import SelectableFields
from records.api import (
    MISSION,
    OWNED,
    FiguresViewSet,
    MissionViewSet,
    RecordSerializer,
)
from records.feed.api import FollowedViewSet
from records.organisation.filters import (
    AdminAreaFilterSet,
    ComponentFilterSet,
    FieldOfficeFilterSet,
    MembershipFilterSet,
)
from records.search import search


class MissionSerializer(SelectableFields):
    class Meta:
        model = Mission
        fields = (
            "id", "code", "name", "countries", "languages", "reference_date", "time_zone", "today",
            "created_at", "modified_at",
        )  # fmt: skip


class MissionsViewSet(FollowedViewSet):
    """Missions the caller belongs to. They are made on the command line."""

    queryset = Mission.objects.all()
    serializer_class = MissionSerializer
    ordering_fields = ("id", "code")


class ComponentSerializer(RecordSerializer):
    example: ClassVar[dict] = {"mission": "MINUSCA", "kind": "other", "name": "Quick impact projects"}  # fmt: skip

    class Meta:
        model = Component
        fields = (*OWNED, "kind", "name", "pillar")
        read_only_fields = ("pillar",)


class ComponentViewSet(MissionViewSet):
    queryset = Component.objects.all()
    serializer_class = ComponentSerializer
    filterset_class = ComponentFilterSet
    related = ("mission",)
    search_fields = ("name",)
    ordering_fields = ("id", "name", "modified_at")


class FieldOfficeSerializer(RecordSerializer):
    example: ClassVar[dict] = {
        "mission": "MINUSCA", "name": "Zemio", "longitude": 25.14, "latitude": 5.03,
    }  # fmt: skip

    class Meta:
        model = FieldOffice
        fields = (*OWNED, "name", "longitude", "latitude")


class FieldOfficeViewSet(MissionViewSet):
    queryset = FieldOffice.objects.all()
    serializer_class = FieldOfficeSerializer
    filterset_class = FieldOfficeFilterSet
    related = ("mission",)
    search_fields = ("name",)
    ordering_fields = ("id", "name", "modified_at")
    times = ()


class AdminAreaSerializer(RecordSerializer):
    example: ClassVar[dict] = {
        "mission": "MINUSCA", "code": "CF-HM-1", "name": "Zemio", "level": 2,
        "polygon": {"type": "Polygon", "coordinates": [[[24.5, 4.8], [25.6, 4.8], [25.6, 6.0], [24.5, 4.8]]]},
    }  # fmt: skip

    class Meta:
        model = AdminArea
        fields = (
            *OWNED, "code", "name", "level", "parent", "field_office", "polygon", "is_approximate",
        )  # fmt: skip


class AdminAreaViewSet(MissionViewSet):
    queryset = AdminArea.objects.all()
    serializer_class = AdminAreaSerializer
    filterset_class = AdminAreaFilterSet
    related = ("mission", "parent", "field_office")
    search_fields = ("name", "code")
    times = ()
    ordering_fields = ("id", "name", "code", "modified_at")


class MembershipSerializer(RecordSerializer):
    example: ClassVar[dict] = {
        "mission": "MINUSCA", "member": 9, "role": "analyst", "clearance": 1,
    }  # fmt: skip

    class Meta:
        model = Membership
        fields = (*OWNED, "member", "role", "clearance", "component", "field_offices")


class MembershipViewSet(MissionViewSet):
    """One's own memberships; an administrator sees and changes the whole mission's."""

    queryset = Membership.objects.all()
    serializer_class = MembershipSerializer
    filterset_class = MembershipFilterSet
    related = ("mission", "component", "member")
    many = ("field_offices",)
    ordering_fields = ("id", "role", "modified_at")

    def cleared(self):
        """Whoever loses a membership of their own begins anew; others' are an administrator's."""
        held = grants(self.request.user).values()
        return {
            grant.mission_id: grant.clearance for grant in held if grant.can(Capability.ADMINISTER)
        }


class HitSerializer(serializers.Serializer):
    kind = serializers.CharField(help_text="The resource it belongs to.")
    id = serializers.IntegerField()
    title = serializers.CharField()
    note = serializers.CharField(help_text="What tells it from another of the same name.")
    path = serializers.CharField(help_text="Its page.")


class HitsSerializer(serializers.Serializer):
    results = HitSerializer(many=True)


class SearchViewSet(FiguresViewSet):
    """Words, beginnings of words and misspelt names, over everything the caller may see."""

    @extend_schema(
        parameters=[
            MISSION,
            OpenApiParameter("q", str, required=True, description="What is looked for."),
        ],
        responses=HitsSerializer,
    )
    def list(self, request: Request) -> Response:
        found = search(self.mission(), request.user, request.query_params.get("q", ""))
        rows = [{"kind": part.source.kind, **asdict(hit)} for part in found for hit in part.hits]
        return Response({"results": HitSerializer(rows, many=True).data})


resources = {
    "missions": MissionsViewSet,
    "components": ComponentViewSet,
    "field-offices": FieldOfficeViewSet,
    "admin-areas": AdminAreaViewSet,
    "search": SearchViewSet,
    "memberships": MembershipViewSet,
}
# Of parameters, for the schema.
examples = {
    "mission": "MINUSCA",
    "search": "Bria",
    "q": "Bria",
    "code": "CF-HK",
    "level": 1,
}
