"""Finding places and actors by the names people type: accents, case and aliases aside."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import Q, QuerySet

from missions.models import Mission
from poc_portal.tabular.names import sort_key
from threats.models import ArmedActor, Community

LIKE = 0.3  # trigram similarity from which a name is worth proposing


def named(model, mission: Mission, user, name: str) -> QuerySet:
    """Records with exactly this name or alias."""
    return (
        model.objects.visible_to(user)
        .filter(mission=mission)
        .filter(Q(sort_name=sort_key(name)) | Q(aliases__contains=[name.strip()]))
        .order_by("sort_name", "pk")
    )


def similar(model, mission: Mission, user, name: str, limit: int = 8) -> QuerySet:
    """Records whose name begins with or resembles what was typed, best first."""
    key = sort_key(name)
    return (
        model.objects.visible_to(user)
        .filter(mission=mission)
        .annotate(likeness=TrigramSimilarity("sort_name", key))
        .filter(Q(sort_name__startswith=key) | Q(sort_name__contains=key) | Q(likeness__gte=LIKE))
        .order_by("-likeness", "sort_name", "pk")[:limit]
    )


def locator(mission: Mission, user) -> Callable[[str], tuple[float, float] | None]:
    """Finds the point of the one community of a name; see ``BulkViewSet.locator``."""

    @lru_cache(maxsize=10_000)
    def locate(name: str) -> tuple[float, float] | None:
        found = list(named(Community, mission, user, name)[:2])
        return (found[0].longitude, found[0].latitude) if len(found) == 1 else None

    return locate


SUGGESTED = {"places": Community, "actors": ArmedActor}
