"""Its resource, to read, write, follow, map and bring in by the sheet; and what is searched."""

from django.utils.translation import gettext_lazy as _

from poc_portal.api.filters import BaseFilterSet
from records.api import AUTHORED, COMMON, RecordSerializer
from records.bulk.api import BulkViewSet
from records.search import Source
from tests.plugin.hazards.models import Hazard


class HazardFilterSet(BaseFilterSet):
    class Meta:
        model = Hazard
        fields = ("kind", "community")


class HazardSerializer(RecordSerializer):
    example = {
        "mission": "MINUSCA", "name": "Bridge at Ippy", "kind": "mine", "community": 1,
        "longitude": 21.2, "latitude": 6.25, "found_on": "2022-12-01",
    }  # fmt: skip

    class Meta:
        model = Hazard
        fields = (
            *COMMON, "name", "kind", "community", "longitude", "latitude", "found_on", "cleared_on",
        )  # fmt: skip
        read_only_fields = AUTHORED


class HazardViewSet(BulkViewSet):
    queryset = Hazard.objects.all()
    serializer_class = HazardSerializer
    filterset_class = HazardFilterSet
    related = ("mission", "community", "created_by")
    search_fields = ("name",)
    ordering_fields = ("id", "name", "found_on")
    times = ("found_on", "cleared_on")


resources = {"hazards": HazardViewSet}
sources = [
    Source(
        "hazards", _("Explosive hazards"), Hazard.objects.select_related("mission"), ("name",),
        lambda record: record.get_kind_display(),
    )
]  # fmt: skip
