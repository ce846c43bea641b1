from typing import Any, ClassVar

from django.db.models import Case, F, IntegerField, When
from django.db.models.functions import Coalesce, Greatest
from rest_framework import serializers

from records.api import AUTHORED, COMMON, RecordSerializer
from records.bulk.api import BulkViewSet
from threats.api.record import NoRecordSince
from threats.choices import BANDS
from threats.filters import CommunityFilterSet
from threats.models import Community
from threats.rules.people import SITES
from threats.services.communities import add_community, edit_community, withdraw_community


class PeopleField(serializers.IntegerField):
    """Residents and displaced together, each counted once; null where neither is known."""

    def __init__(self, **kwargs: Any):
        super().__init__(
            read_only=True, allow_null=True, source="people.total",
            help_text="Residents and displaced together, each counted once; null where neither is "
            "known. The people of a site are its displaced.",
            **kwargs,
        )  # fmt: skip

    def expression(self, model: type, source: str) -> tuple[Case, str]:
        """The same for PostgreSQL, which writes whole lists itself."""
        residents, displaced = F("population"), F("displaced_population")
        either = Coalesce(residents, 0) + Coalesce(displaced, 0)
        return Case(
            When(population=None, displaced_population=None, then=None),
            When(kind__in=SITES, then=Greatest(residents, displaced)),
            default=either,
            output_field=IntegerField(),
        ), "value"


class CommunitySerializer(RecordSerializer):
    probability = serializers.FloatField(
        read_only=True,
        allow_null=True,
        help_text="Of recorded deadly violence against civilians within 25 km in 30 days.",
    )
    band = serializers.IntegerField(
        read_only=True, allow_null=True, help_text=f"Watch band: {BANDS}."
    )
    change = serializers.FloatField(
        read_only=True, allow_null=True, help_text="Of the probability in a week."
    )
    is_silent = serializers.BooleanField(
        read_only=True,
        allow_null=True,
        help_text="Nothing heard for about eight weeks while the area is active.",
    )
    people = PeopleField()
    scored_for = serializers.DateField(
        read_only=True, allow_null=True, help_text="The day the score is of."
    )
    no_record_since = NoRecordSince()

    hxl: ClassVar[dict] = RecordSerializer.hxl | {
        "name": "#loc+name", "aliases": "#loc+alt_name+list", "kind": "#loc+type",
        "admin_area": "#adm1+id", "population": "#population",
        "displaced_population": "#affected+idps", "access": "#access+status",
        "source": "#meta+source", "source_id": "#loc+id", "probability": "#indicator+risk+num",
        "band": "#indicator+risk+level", "scored_for": "#date+risk",
    }  # fmt: skip

    example: ClassVar[dict] = {
        "mission": "MINUSCA", "name": "Ndah", "kind": "village", "longitude": 22.41, "latitude": 6.12,
        "population": 1200, "access": "limited", "source": "field office", "source_id": "B-112",
    }  # fmt: skip

    class Meta:
        model = Community
        fields = (
            *COMMON, "name", "aliases", "kind", "longitude", "latitude", "admin_area",
            "admin_area_is_nearest", "field_office", "population", "displaced_population",
            "people", "vulnerable_groups", "access", "source", "source_id", "probability", "band", "change",
            "is_silent", "scored_for", "no_record_since",
        )  # fmt: skip
        read_only_fields = (*AUTHORED, "admin_area", "admin_area_is_nearest", "field_office")


class CommunityViewSet(BulkViewSet):
    queryset = Community.objects.all()
    serializer_class = CommunitySerializer
    filterset_class = CommunityFilterSet
    related = ("mission", "admin_area", "field_office", "created_by")
    search_fields = ("name", "sort_name")
    times = ()
    ordering_fields = ("id", "name", "sort_name", "population", "modified_at", "probability")
    create_service = staticmethod(add_community)
    update_service = staticmethod(edit_community)
    withdraw_service = staticmethod(withdraw_community)

    def annotate(self, queryset):
        return queryset.with_risk(self.request.user)
