"""Asking for scores to be recomputed. Knows nothing of how they are."""

from __future__ import annotations

import datetime

from django.db import transaction

from missions.models import Mission
from poc_portal.celery import wake
from threats.models import RecomputeRequest


def request_recompute(
    mission: Mission,
    *,
    point: tuple[float, float] | None = None,
    since: datetime.date | None = None,
) -> None:
    """Ask for the scores near ``point`` (longitude, latitude), or the whole mission's.

    The request commits with its cause; the message that wakes the worker may be lost, for a
    sweep finds the request anyhow.
    """
    longitude, latitude = point or (None, None)
    RecomputeRequest.objects.create(
        mission=mission, longitude=longitude, latitude=latitude, since=since
    )
    transaction.on_commit(lambda: wake("threats.tasks.recompute_pending"))
