"""Who is told of new scores: those who follow lists, and webhooks that asked for bands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import numpy as np

from exchange.webhooks.services import emit, has_listeners
from missions.models import Mission
from missions.need_to_know import sight_of_layer
from records.feed.reading import tell_of
from threats.choices import EventKind
from threats.models import Community, RiskScore, Threat


@contextmanager
def telling_of_bands(mission: Mission, communities: np.ndarray) -> Iterator[None]:
    """Tell other systems, by clearance, of communities whose 30-day band is another afterwards."""
    if not has_listeners(mission, EventKind.BAND_CHANGED):
        yield
        return
    scores = RiskScore.objects.filter(
        mission=mission, horizon=30, community__in=communities.tolist()
    )
    before = dict(_bands(scores))
    yield
    changed: dict[int, list[int]] = defaultdict(list)
    for (community, clearance), band in _bands(scores):
        if before.get((community, clearance), band) != band:
            changed[clearance].append(community)
    for clearance, keys in changed.items():
        found = Community.objects.filter(pk__in=keys)
        emit(mission, EventKind.BAND_CHANGED, found, level=clearance)


def _bands(scores) -> list[tuple[tuple[int, int], int]]:
    rows = scores.values_list("community", "clearance", "band")
    return [((community, clearance), band) for community, clearance, band in rows]


def tell_followers(mission: Mission, moved: Mapping[int, np.ndarray]) -> None:
    """Tell who follows communities and threats of new figures.

    ``moved``: ids of communities by the lowest clearance for which a figure of theirs is new.
    """
    for level, communities in moved.items():
        found = Community.objects.filter(mission=mission, pk__in=communities.tolist())
        tell_of(found, sight_of_layer(level))
        named = Threat.objects.filter(mission=mission, communities__in=found)
        tell_of(named, sight_of_layer(level))
