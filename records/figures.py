"""Figures of a mission over REST: what is computed, and for whom what is counted."""

from __future__ import annotations

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter
from rest_framework import viewsets

from missions.access import layer_in
from missions.models import Mission
from missions.need_to_know import KEPT_APART
from poc_portal.api.strict import StrictView

MISSION = OpenApiParameter("mission", str, required=True, description="Code of the mission.")


COUNTED = "Whether records under need-to-know are counted: for callers who hold all compartments."


class FiguresViewSet(StrictView, viewsets.ViewSet):
    """What is computed of one mission, named by ``mission=``, from what the caller may see."""

    is_costly = True
    is_one_object = True  # in the schema, though its action is “list”

    def mission(self) -> Mission:
        code = self.request.query_params.get("mission", "")
        return get_object_or_404(Mission.objects.visible_to(self.request.user), code=code)

    def counts_all(self, mission: Mission) -> bool:
        """Whether records under need-to-know are counted for the caller, as ``COUNTED`` tells."""
        return layer_in(self.request.user, mission) == KEPT_APART
