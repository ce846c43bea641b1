"""Whose scores are next: a lane for each mission and kind of recompute.

A mission whose recompute fails is put off, longer and longer up to a bound, and holds up no other.
It is never given up, and what was asked for stays: its scores come right once the cause is mended.
"""

from __future__ import annotations

from collections.abc import Callable

from records.queue import Queue
from threats.models import EvidenceChange, RecomputeLane, RecomputeRequest
from threats.risk.evidence import NUMBERS
from threats.scoring.requests import LONG_SCOPES

# Leases last until the recompute's own transaction holds the lane.
SHORT = Queue(
    "scores of mission", lease=5, waits=(1, 5, 30, 120, 600),
    is_endless=True, named_by="mission_id",
)  # fmt: skip
WHOLE = Queue(
    "all scores of mission", lease=10, waits=(15, 60, 300, 1_800),
    is_endless=True, named_by="mission_id",
)  # fmt: skip


def recompute_lanes(queue: Queue, recompute: Callable[[RecomputeLane], int], left: set[int]) -> int:
    """Do one mission after the other, but for those ``left``; the sum of what ``recompute`` returns.

    ``queue``: SHORT or WHOLE. ``recompute`` settles its lane, and may add to ``left``.
    """
    total, is_whole = 0, queue is WHOLE
    while missions := _missions_with_requests(is_whole) - left:
        lanes = RecomputeLane.objects.filter(is_whole=is_whole, mission__in=missions)
        claimed = queue.claim(lanes, 1)
        if not claimed:  # others are at them, they are put off, or it is the first time
            RecomputeLane.objects.bulk_create(
                [RecomputeLane(mission_id=key, is_whole=is_whole) for key in sorted(missions)],
                ignore_conflicts=True,
            )
            claimed = queue.claim(lanes.all(), 1)
        if not claimed:
            break
        total += queue.attempt(claimed[0], recompute)
    return total


def _missions_with_requests(is_whole: bool) -> set[int]:
    """Missions with requests for long work; or with any other, and those whose evidence changed."""
    requests = RecomputeRequest.objects.order_by()
    if is_whole:
        return set(requests.filter(scope__in=LONG_SCOPES).values_list("mission_id", flat=True))
    # Differences of a family that is no more are nobody's to do.
    changed = EvidenceChange.objects.filter(family__in=NUMBERS).order_by()
    requested = requests.exclude(scope__in=LONG_SCOPES).values_list("mission_id", flat=True)
    return set(requested.union(changed.values_list("mission_id", flat=True)))
