"""From stored evidence to stored scores.

The sums of a mission hold every countable incident known by a day, per community and
classification. A change of an incident changes them by difference; a later day needs no change of
theirs, for they decay as they are read. A whole recompute makes them anew from the evidence, and
comes to the same numbers. Requests, sums, scores and the removal of the requests share one
transaction, and one mission is computed by one worker at a time, so work may be repeated,
interrupted or run beside another without harm.

One lane's worker and another's, or a command's, wait for each other by an advisory lock beside the
lane's lease (``scoring.lanes``): a snapshot must begin after the one before has been committed, and
to wait for a row from within one ends in a serialization failure.
"""

from __future__ import annotations

import datetime

import numpy as np
from django.db import connection
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from missions.models import Mission
from poc_portal.postgres.copy_columns import split_by_null, write_columns
from poc_portal.postgres.locks import Lock, locked
from poc_portal.postgres.snapshots import snapshot
from records.feed.reading import this_transaction
from threats.choices import HORIZONS
from threats.models import (
    Community,
    EvidenceChange,
    EvidenceSums,
    RecomputeLane,
    RecomputeRequest,
    RiskModel,
    RiskScore,
    RiskState,
)
from threats.models.nearby import box
from threats.risk import kernels
from threats.risk.evidence import NUMBERS
from threats.risk.silence import silent
from threats.risk.sums import decayed_sums
from threats.scoring import history
from threats.scoring.evidence import columns_of, evidence_of, load_changes
from threats.scoring.lanes import SHORT, WHOLE, recompute_lanes
from threats.scoring.record import scored_days
from threats.scoring.requests import LONG_SCOPES, Scope, request_recompute, wake_worker
from threats.scoring.rows import (
    LAYERS,
    PLACE_KINDS,
    POSTGRES_EPOCH,
    TERMS,
    days_of_postgres,
    flattened,
    model_for,
    score_columns,
    stored_sums,
    upsert,
)
from threats.scoring.standing import moved_clearances, moved_rows, standing_scores
from threats.scoring.telling import tell_followers, telling_of_bands

REBASED_AFTER = 1_000  # days; by then a term of the shortest memory has grown by 2¹⁰⁰
UPDATED = ("date", "expected", "probability", "band", "is_silent", "computed_at")
FEW_POINTS = 40  # changed points looked up by boxes; more, and the whole mission is read


def recompute_pending() -> int:
    """Do what takes a moment: scores near a change, or of a new day. Returns how many were written.

    Safe to run twice at once: what another is at is left to it, for it looks again when it is done.
    """
    left: set[int] = set()

    def recompute(lane: RecomputeLane) -> int:
        with locked(Lock.SCORES, lane.mission_id, wait=False) as is_mine:
            if not is_mine:
                left.add(lane.mission_id)
                SHORT.give_back(lane)
                return 0
            with snapshot():
                SHORT.hold(lane)
                run = _Run(lane.mission_id, whole=False)
                written = run.do()
                SHORT.done(lane, again_in=0)
        if run.is_left:
            left.add(lane.mission_id)
        return written

    return recompute_lanes(SHORT, recompute, left)


def recompute_whole() -> int:
    """Do the whole recomputes asked for, and those of earlier days; safe to run twice at once."""
    return recompute_lanes(WHOLE, lambda lane: recompute_mission(lane.mission_id, lane), set())


def recompute_mission(mission_id: int, lane: RecomputeLane | None = None) -> int:
    """Do all of one mission's requests, waiting for another worker that is at it.

    ``lane``: claimed, for whole recomputes. Raises Lost where it is no longer.
    """
    with locked(Lock.SCORES, mission_id), snapshot():
        if lane is not None:
            WHOLE.hold(lane)
        written = _Run(mission_id).do()
        if lane is not None:
            WHOLE.renew(lane)
    put_off = RecomputeLane.objects.filter(mission=mission_id, tries__gt=0, leased_until=None)
    put_off.update(tries=0, due_at=Now())  # what held it up is mended
    wake_worker()  # for what the lock held up
    with locked(Lock.SCORES, mission_id), snapshot():
        if lane is not None:
            WHOLE.hold(lane)
        history.reconstruct_if_requested(mission_id)
        if lane is not None:
            WHOLE.done(lane, again_in=0)
    return written


def request_daily_scores() -> int:
    """Ask for scores wherever today has none yet, or the record has come to end on another day.

    Returns the number of missions.
    """
    requested = 0
    for mission in Mission.objects.all():
        state = RiskState.objects.filter(mission=mission).first()
        if state is None:
            if Community.objects.current().filter(mission=mission).exists():
                request_recompute(mission)
                requested += 1
        elif not _is_of_todays_terms(state):
            request_recompute(mission)
            requested += 1
        elif state.until != mission.today or state.ends != scored_days(mission):
            request_recompute(mission, Scope.DAY)
            requested += 1
    return requested


def _is_of_todays_terms(state: RiskState) -> bool:
    return tuple(state.terms) == kernels.TERMS


class _Run:
    """One recompute of one mission; lives inside one snapshot.

    Not ``whole``: leaves what only a whole recompute can do, having asked for one.
    """

    def __init__(self, mission_id: int, *, whole: bool = True):
        self.mission = Mission.objects.get(pk=mission_id)
        self.today = self.mission.today
        self.whole, self.is_left = whole, False
        others = (Scope.HISTORY,) if whole else LONG_SCOPES
        self.requests = list(
            RecomputeRequest.objects.filter(mission=mission_id).exclude(scope__in=others)
        )
        self.changes, self.change_ids = load_changes(mission_id)
        self.state = RiskState.objects.filter(mission=mission_id).first()
        self.ends = scored_days(self.mission)

    def do(self) -> int:
        if not self.requests and not len(self.change_ids):
            return 0
        model = model_for(self.mission)
        before = self.state
        if (
            before is None
            or before.until > self.today
            or self._goes_back(before)
            or not _is_of_todays_terms(before)
            or self._is_requested(Scope.WHOLE)
        ):
            if not self.whole:
                self._leave()
                return 0
            written = self._all_anew(model)
        elif before.until < self.today or before.model_id != model.pk or before.ends != self.ends:
            history.keep(self.mission)
            written = self._everywhere(model)
        else:
            written = self._nearby(model)
        RecomputeRequest.objects.filter(pk__in=[request.pk for request in self.requests]).delete()
        # A difference of a family that is no more is in no sum.
        done = Q(pk__in=self.change_ids.tolist()) | ~Q(family__in=NUMBERS)
        EvidenceChange.objects.filter(done, mission=self.mission).delete()
        return written

    def _leave(self) -> None:
        self.is_left = True
        requested = RecomputeRequest.objects.filter(mission=self.mission, scope=Scope.WHOLE)
        if not requested.exists():
            request_recompute(self.mission)

    def _goes_back(self, before: RiskState) -> bool:
        """Whether the record of some clearance ends earlier than it did: sums moved back in time
        would blow up what rounding left of evidence that is gone."""
        earlier = zip(self.ends, before.ends or (), strict=False)
        return any(now < then for now, then in earlier)

    def _is_requested(self, scope: str) -> bool:
        return any(request.scope == scope for request in self.requests)

    # -- the three ways ------------------------------------------------------------------

    def _all_anew(self, model: RiskModel) -> int:
        """Sums of every community from all the evidence."""
        if self.state is not None:
            history.keep(self.mission)
        places = self._places()
        evidence = evidence_of(self.mission, until=self.today)
        landmark = self.today.toordinal()
        sums = decayed_sums(
            evidence, places["longitude"], places["latitude"], landmark, layers=LAYERS
        )
        self._stand(landmark, model)
        self._store_sums(places["pk"], sums)
        return self._store_scores(places["pk"], sums, model)

    def _everywhere(self, model: RiskModel) -> int:
        """Sums of every community by difference, on a later day or with another model."""
        assert self.state is not None
        places = self._places()
        landmark, until = self.state.landmark.toordinal(), self.state.until
        sums = stored_sums(places["pk"], mission=self.mission)
        fresh = evidence_of(self.mission, until=self.today, after=until)
        settled = self.changes.take(self.changes.day <= until.toordinal())
        for evidence in (settled, fresh):
            sums += decayed_sums(
                evidence, places["longitude"], places["latitude"], landmark, layers=LAYERS
            )
        self._renew(places, sums, landmark)
        today = self.today.toordinal()
        if today - landmark > REBASED_AFTER:
            sums, landmark = kernels.moved(sums, today - landmark), today
        self._stand(landmark, model)
        self._store_sums(places["pk"], sums)
        return self._store_scores(places["pk"], sums, model)

    def _nearby(self, model: RiskModel) -> int:
        """Sums of the communities near what changed, by difference."""
        assert self.state is not None
        places = self._places(self._affected())
        if not len(places["pk"]):
            return 0
        landmark = self.state.landmark.toordinal()
        sums = stored_sums(places["pk"], mission=self.mission)
        stored = (sums != 0).any(axis=2)
        change = decayed_sums(
            self.changes, places["longitude"], places["latitude"], landmark, layers=LAYERS
        )
        sums += change
        self._renew(places, sums, landmark)
        layers = np.unique(self.changes.layer)
        if requested := [request.community_id for request in self.requests if request.community_id]:
            layers = np.arange(LAYERS)
        self._store_sums(places["pk"], sums, layers, stored)
        # What happened near a community is told to those who see it, and to nobody below.
        reached = np.where(change.any(axis=2), np.arange(LAYERS), LAYERS).min(axis=1)
        reached[np.isin(places["pk"], requested)] = 0
        return self._store_scores(places["pk"], sums, model, reached)

    # -- reading -------------------------------------------------------------------------

    def _places(self, condition: Q | None = None) -> dict[str, np.ndarray]:
        communities = Community.objects.current().filter(condition or Q(), mission=self.mission)
        places = columns_of(communities, PLACE_KINDS)
        order = np.argsort(places["pk"])
        return {name: values[order] for name, values in places.items()}

    def _affected(self) -> Q:
        condition = Q(pk__in=[r.community_id for r in self.requests if r.community_id])
        points = set(
            zip(self.changes.longitude.tolist(), self.changes.latitude.tolist(), strict=True)
        )
        if len(points) > FEW_POINTS:
            return Q()
        for longitude, latitude in points:
            condition |= box(longitude, latitude, kernels.CUT)
        return condition

    def _renew(self, places: dict[str, np.ndarray], sums: np.ndarray, landmark: int) -> None:
        """Put in the sums of communities that are new or moved, from the evidence around them."""
        requested = [r.community_id for r in self.requests if r.community_id]
        which = np.flatnonzero(np.isin(places["pk"], requested))
        for number in which.tolist():
            longitude, latitude = places["longitude"][number], places["latitude"][number]
            evidence = evidence_of(
                self.mission, until=self.today, around=(float(longitude), float(latitude))
            )
            sums[number] = decayed_sums(
                evidence, np.array([longitude]), np.array([latitude]), landmark, layers=LAYERS
            )[0]

    # -- storing -------------------------------------------------------------------------

    def _stand(self, landmark: int, model: RiskModel) -> None:
        self.state, _created = RiskState.objects.update_or_create(
            mission=self.mission,
            defaults={
                "landmark": datetime.date.fromordinal(landmark),
                "until": self.today,
                "ends": self.ends,
                "terms": list(kernels.TERMS),
                "model": model,
            },
        )

    def _store_sums(
        self,
        communities: np.ndarray,
        sums: np.ndarray,
        layers: np.ndarray | None = None,
        stored: np.ndarray | bool = False,
    ) -> None:
        """Store the mission's sums; or, given ``layers``, only these layers' of some communities.

        ``stored``: (m, LAYERS), which rows are there already, to be overwritten even by zeros.
        """
        number, layer = np.nonzero((sums != 0).any(axis=2) | stored)
        if layers is not None:
            chosen = np.isin(layer, layers)
            number, layer = number[chosen], layer[chosen]
        owner = communities[number]
        columns = {
            "id": ("int8", owner * LAYERS + layer),
            "mission_id": ("int8", np.full(len(owner), self.mission.pk)),
            "community_id": ("int8", owner),
            "classification": ("int2", layer),
            "values": (f"float8[{TERMS}]", sums[number, layer]),
        }
        if layers is None:
            self._replace(EvidenceSums, columns)
        else:
            upsert(EvidenceSums, columns, ("values",))

    def _store_scores(
        self,
        communities: np.ndarray,
        sums: np.ndarray,
        model: RiskModel,
        reached: np.ndarray | None = None,
    ) -> int:
        """Store the mission's scores, or some communities'. Returns how many were computed, or moved.

        ``reached``: (m,), the lowest clearance that sees what changed near each of the
        communities; None for the mission's all.
        """
        assert self.state is not None
        # Each clearance's scores are of the last day its record speaks of.
        age = np.array([day.toordinal() for day in self.ends]) - self.state.landmark.toordinal()
        # Sums add up over classifications: each clearance sees one level more.
        seen = kernels.moved(sums.cumsum(axis=1), age)
        shape = (len(HORIZONS), len(communities), LAYERS)
        slots = np.arange(len(HORIZONS) * LAYERS).reshape(len(HORIZONS), 1, LAYERS)
        moment = (timezone.now() - POSTGRES_EPOCH) // datetime.timedelta(microseconds=1)
        own = {
            "id": ("int8", communities[None, :, None] * (len(HORIZONS) * LAYERS) + slots),
            "date": ("int4", np.array([days_of_postgres(day) for day in self.ends])),
            "is_silent": ("bool", silent(seen)),
            "computed_at": ("int8", np.array(moment)),
        }
        if reached is None:
            own["changed_in"] = ("int8", np.array(this_transaction()))
            earlier = history.week_before(self.mission, communities, self.ends)
            own["week_before"] = ("float8", earlier.transpose(1, 0, 2))
        rows = flattened(score_columns(seen, model, self.mission, communities), own)
        moved = moved_rows(rows, standing_scores(communities, mission=self.mission))
        if reached is not None:
            moved &= rows["clearance"][1] >= np.broadcast_to(reached[:, None], shape).ravel()
        tell_followers(self.mission, moved_clearances(rows, moved))
        with telling_of_bands(self.mission, communities):
            if reached is None:
                self._replace(RiskScore, *split_by_null(rows, "week_before"))
                return int(np.prod(shape))
            rows = {name: (kind, values[moved]) for name, (kind, values) in rows.items()}
            upsert(RiskScore, rows, UPDATED)
            return int(moved.sum())

    def _replace(self, model, *blocks: dict) -> None:
        table = model._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(f'DELETE FROM "{table}" WHERE mission_id = %s', [self.mission.pk])
            write_columns(cursor, table, *blocks)
