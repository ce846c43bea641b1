from dataclasses import asdict
from typing import ClassVar, cast

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from missions.access import grants, missions_with, require
from missions.members import confirm_clearance, refuse_clearance
from missions.models import AdminArea, Component, FieldOffice, Membership, Mission, User
from missions.roles import Capability
from poc_portal.api.viewsets import SelectableFields
from records.api import OWNED, MissionViewSet, RecordSerializer
from records.feed.api import FollowedViewSet
from records.figures import MISSION, FiguresViewSet
from records.organisation import members
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
    once: ClassVar[tuple[str, ...]] = ("member",)

    class Meta:
        model = Membership
        fields = (
            *OWNED, "member", "role", "clearance", "compartments", "asked_clearance", "asked_by",
            "component", "field_offices",
        )  # fmt: skip
        read_only_fields = ("asked_clearance", "asked_by")

    def get_fields(self):
        fields = super().get_fields()
        if self.instance is not None and "member" in fields and not self.parent:
            fields["member"].read_only = True
        return fields


class MembershipViewSet(MissionViewSet):
    """One's own memberships; an administrator sees the whole mission's, and changes others'.

    Nobody grants above their own clearance, or a need-to-know (``compartments``) they do not hold. Strictly confidential is asked for by one administrator
    (``asked_clearance``) and holds once another so cleared confirms. Who was withdrawn is made a
    member again by POST.
    """

    queryset = Membership.objects.all()
    serializer_class = MembershipSerializer
    filterset_class = MembershipFilterSet
    related = ("mission", "component", "member")
    many = ("field_offices",)
    ordering_fields = ("id", "role", "modified_at")
    create_service = staticmethod(members.create_membership)
    update_service = staticmethod(members.update_membership)
    withdraw_service = staticmethod(members.end_membership)
    without_body = ("confirm", "refuse")

    def create(self, request: Request, *args, **kwargs) -> Response:
        # Before the body is looked at: its messages tell which accounts there are.
        require(bool(missions_with(request.user, Capability.ADMINISTER)))
        return super().create(request, *args, **kwargs)

    @extend_schema(request=None, responses=MembershipSerializer)
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def confirm(self, request: Request, **kwargs) -> Response:
        """Grant the clearance another administrator asked for."""
        found = confirm_clearance(self.get_object(), by=cast(User, request.user))
        return self.tagged(self._reread(found.pk))

    @extend_schema(request=None, responses=MembershipSerializer)
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def refuse(self, request: Request, **kwargs) -> Response:
        """Refuse the clearance that is asked for, or take back that one asked."""
        found = refuse_clearance(self.get_object(), by=cast(User, request.user))
        return self.tagged(self._reread(found.pk))

    def cleared(self):
        """Whoever loses a membership of their own begins anew; others' are an administrator's."""
        held = grants(self.request.user).values()
        return {
            grant.mission_id: grant.sights for grant in held if grant.can(Capability.ADMINISTER)
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
