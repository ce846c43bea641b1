"""What hazards add to communities: a column, a filter, a sort key, a field and a panel."""

import django_filters
import django_tables2 as tables
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from poc_portal.declarations.extensions import Extension, Panel
from tests.plugin.hazards.models import Hazard


def known_to(user):
    """Hazards not cleared yet, those the user may see."""
    return Hazard.objects.visible_to(user).filter(cleared_on__isnull=True)


def with_hazards(queryset, user):
    own = known_to(user).filter(community=OuterRef("pk")).order_by().values("community")
    count = Subquery(own.annotate(count=Count("pk")).values("count"))
    return queryset.annotate(open_hazards=Coalesce(count, 0))


def panel(community, request):
    found = known_to(request.user).filter(community=community).select_related("mission")
    return {"hazards": found} if found else None


extensions = [
    Extension(
        "threats.Community",
        annotate=with_hazards,
        columns={"open_hazards": tables.Column(verbose_name=_("Hazards"))},
        filters={
            "hazards_min": django_filters.NumberFilter(
                field_name="open_hazards", lookup_expr="gte", label=_("Hazards, at least")
            )
        },
        ordering=("open_hazards",),
        fields={
            "open_hazards": serializers.IntegerField(
                read_only=True, help_text="Explosive hazards not cleared yet."
            )
        },
        hxl={"open_hazards": "#indicator+hazards+num"},
        panels=(Panel("hazards/panel.html", panel),),
        after="band",
    )
]
