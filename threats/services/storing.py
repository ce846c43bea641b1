"""What every way of storing incidents shares, be it a form, many rows of a call, or a file.

Where they lie, which a person's hand keeps as they are, what their change means for the scores, and
who is told of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from django.db.models import Q

from exchange.webhooks.services import Told, emit, has_listeners, told_before
from missions.geography import NOWHERE, AreaIndex, Place
from missions.models import Mission
from threats.choices import EventKind
from threats.models import Incident
from threats.scoring.requests import note_evidence_of, request_recompute

Point = tuple[float, float]  # longitude, latitude
# Columns of a table that say where a record's point lies.
PLACE_COLUMNS = ("admin_area_id", "field_office_id", "admin_area_is_nearest")
FEW = 500  # records up to which each one's effect on the scores is noted, instead of a whole pass
# Nothing a person stored is overwritten by what comes in: such a record is held back.
IS_HELD = Q(edited_by_hand=True) | Q(withdrawn_at__isnull=False)
HELD_SQL = "({0}.edited_by_hand OR {0}.withdrawn_at IS NOT NULL)"  # of a table's alias


def places_of(areas: AreaIndex, points: Sequence[Point | None]) -> list[Place]:
    """Area and field office of each point, in degrees; of nowhere where there is none."""
    distinct = sorted({point for point in points if point is not None})
    if not distinct:
        return [NOWHERE] * len(points)
    longitudes, latitudes = zip(*distinct, strict=True)
    found = dict(zip(distinct, areas.place(longitudes, latitudes), strict=True))
    return [NOWHERE if point is None else found[point] for point in points]


class Stored:
    """Brackets the storing of some incidents: ``before`` what changes, ``after`` it is stored.

    Of a few records each one's effect on the scores is noted; of many the mission's scores are
    asked for as a whole. ``few``: whether they are a few; decided once, for both ends must agree.
    """

    def __init__(self, mission: Mission, *, few: bool):
        self.mission, self.few = mission, few
        self._was: Told = {}

    def before(self, changed: Iterable[int]) -> None:
        """Take away the evidence of records as they stand before they change."""
        standing = Incident.objects.filter(pk__in=list(changed))
        self._was = told_before(self.mission, EventKind.INCIDENT_CHANGED, standing)
        if self.few:
            note_evidence_of(standing, -1)

    def after(self, *, created: Collection[int] = (), changed: Collection[int] = ()) -> None:
        """Add the evidence of records as they stand now, and tell who asked to be told."""
        if self.few:
            note_evidence_of(Incident.objects.filter(pk__in=[*created, *changed]), +1)
        elif created or changed:
            request_recompute(self.mission)
        tell(self.mission, created=created, changed=changed, was=self._was)


def tell(
    mission: Mission,
    *,
    created: Collection[int] = (),
    changed: Collection[int] = (),
    was: Told | None = None,
) -> None:
    """Tell other systems of incidents that were filed or changed."""
    for kind, keys, known in (
        (EventKind.INCIDENT_CREATED, created, None),
        (EventKind.INCIDENT_CHANGED, changed, was),
    ):
        if keys and has_listeners(mission, kind):
            emit(mission, kind, Incident.objects.filter(pk__in=list(keys)), was=known)


def are_listened_to(mission: Mission) -> bool:
    """Whether any webhook listens to incidents, so that a file need not gather what nobody asks."""
    kinds = (EventKind.INCIDENT_CREATED, EventKind.INCIDENT_CHANGED)
    return any(has_listeners(mission, kind) for kind in kinds)
