"""Scores of earlier days: what was said, kept thinner the older it is.

Kept for each community, horizon and clearance: every day of the last 31, every Monday of the
last year, the first day of every month of the last ten years; nothing older. That is at most
31 + 52 + 120 rows, however long a mission lasts. A score is kept as it was said; for days before
the portal was there to say anything, it is reconstructed from the evidence now on record, once for
each first of a month of two years, for the Sundays of five weeks and for a week ago.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from functools import reduce
from operator import or_

import numpy as np
from django.db import connection
from django.db.models import Q

from missions.models import Mission
from poc_portal.postgres.copy_columns import write_columns
from threats.choices import HORIZONS
from threats.models import Community, RecomputeRequest, RiskHistory, RiskScore
from threats.risk import kernels
from threats.risk.sums import decayed_sums
from threats.scoring.evidence import columns_of, evidence_of
from threats.scoring.record import scored_days
from threats.scoring.rows import (
    LAYERS,
    PLACE_KINDS,
    TERMS,
    days_of_postgres,
    flattened,
    model_for,
    score_columns,
)

DAILY = 31  # days
WEEKLY = 366  # days
MONTHLY = 3_653  # days
RECONSTRUCTED_MONTHS = 24
COMPARED = 7  # days before today, so that a rise can be shown from the first run on
RECONSTRUCTED_WEEKS = 5  # their Sundays, which weekly briefs compare
COPIED = (
    "mission_id", "community_id", "date", "horizon", "clearance", "expected", "probability",
    "band", "model_id",
)  # fmt: skip


def keep(mission: Mission) -> None:
    """Keep the stored scores of days that have passed, and thin what is old."""
    names = ", ".join(COPIED)
    updated = ", ".join(f"{name} = excluded.{name}" for name in COPIED[5:])
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {RiskHistory._meta.db_table} ({names}, is_reconstructed) "
            f"SELECT {names}, false FROM {RiskScore._meta.db_table} "
            "WHERE mission_id = %s AND date < %s "
            "ON CONFLICT (community_id, horizon, clearance, date) DO UPDATE "
            f"SET {updated}, is_reconstructed = false",
            [mission.pk, mission.today],
        )
    thin(mission)


def thin(mission: Mission) -> int:
    """Drop what is older than its resolution. Returns how many rows went."""
    today = mission.today
    rows = RiskHistory.objects.filter(mission=mission)
    old = Q(date__lt=today - datetime.timedelta(days=MONTHLY))
    old |= Q(date__lt=today - datetime.timedelta(days=DAILY)) & ~(
        Q(date__day=1) | Q(date__iso_week_day=1, date__gte=today - datetime.timedelta(days=WEEKLY))
    )
    return rows.filter(old).delete()[0]


def week_before(
    mission: Mission, communities: np.ndarray, ends: Sequence[datetime.date]
) -> np.ndarray:
    """Probabilities kept for a week before: (len(communities), horizons, clearances), else NaN.

    ``communities``: ids, rising. ``ends``: by clearance, the day its scores are of.
    """
    found = np.full((len(communities), len(HORIZONS), LAYERS), np.nan)
    rows = RiskHistory.objects.filter(
        reduce(
            or_,
            [
                Q(clearance=clearance, date=day - datetime.timedelta(days=COMPARED))
                for clearance, day in enumerate(ends)
            ],
        ),
        mission=mission,
    )
    if len(communities) < 5_000:
        rows = rows.filter(community__in=communities.tolist())
    for community, horizon, clearance, probability in rows.order_by().values_list(
        "community_id", "horizon", "clearance", "probability"
    ):
        place = int(np.searchsorted(communities, community))
        if place < len(communities) and communities[place] == community:
            found[place, HORIZONS.index(horizon), clearance] = probability
    return found


def reconstruct_if_requested(mission_id: int) -> int:
    """Do the mission's requests for earlier days. Returns how many scores were written."""
    requests = RecomputeRequest.objects.filter(
        mission=mission_id, scope=RecomputeRequest.Scope.HISTORY
    )
    if not requests:
        return 0
    written = _reconstruct(Mission.objects.get(pk=mission_id))
    requests.delete()
    return written


def reconstructed_days(mission: Mission, ends: Sequence[datetime.date] = ()) -> list[datetime.date]:
    """Days whose scores are computed after the fact: Sundays, firsts of months, and a week ago.

    ``ends``: the days scores are of, whose week before is compared with.
    """
    today = mission.today
    months = (today.year * 12 + today.month - 1 - back for back in range(RECONSTRUCTED_MONTHS))
    firsts = {datetime.date(month // 12, month % 12 + 1, 1) for month in months}
    week_ago = {day - datetime.timedelta(days=COMPARED) for day in (today, *ends)}
    sunday = today - datetime.timedelta(days=today.isoweekday() % 7)
    sundays = {sunday - datetime.timedelta(days=7 * back) for back in range(RECONSTRUCTED_WEEKS)}
    return sorted(day for day in firsts | sundays | week_ago if day < today)


def _reconstruct(mission: Mission) -> int:
    RiskHistory.objects.filter(mission=mission, is_reconstructed=True).delete()
    said = set(
        RiskHistory.objects.filter(mission=mission).values_list("date", flat=True).distinct()
    )
    ends = scored_days(mission)
    days = [
        day for day in reconstructed_days(mission, ends) if day not in said and day <= max(ends)
    ]
    communities = Community.objects.current().filter(mission=mission)
    places = columns_of(communities, PLACE_KINDS)
    if not days or not len(places["pk"]):
        return 0
    model = model_for(mission)
    evidence = evidence_of(mission)
    order = np.argsort(places["pk"])
    longitude, latitude = places["longitude"][order], places["latitude"][order]
    ids = places["pk"][order]
    sums = np.zeros((len(ids), LAYERS, TERMS))
    before = np.iinfo(np.int64).min
    landmark = days[0].toordinal()
    written = 0
    for day in days:
        number = day.toordinal()
        fresh = evidence.take((evidence.day > before) & (evidence.day <= number))
        sums = kernels.moved(sums, number - landmark)
        landmark = before = number
        sums += decayed_sums(fresh, longitude, latitude, landmark, layers=LAYERS)
        columns = score_columns(sums.cumsum(axis=1), model, mission, ids)
        shape = columns["expected"][1].shape
        own = {
            "date": ("int4", np.full(shape, days_of_postgres(day))),
            "is_reconstructed": ("bool", np.ones(shape, bool)),
        }
        rows = flattened(columns, own)
        spoken = np.array([day <= end for end in ends])[rows["clearance"][1]]
        rows = {name: (kind, values[spoken]) for name, (kind, values) in rows.items()}
        with connection.cursor() as cursor:
            write_columns(cursor, RiskHistory._meta.db_table, rows)
        written += int(spoken.sum())
    _compare(mission)
    return written


def _compare(mission: Mission) -> None:
    """Put a week ago's probability beside today's."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {RiskScore._meta.db_table} s SET week_before = h.probability "
            f"FROM {RiskHistory._meta.db_table} h WHERE s.mission_id = %s AND h.mission_id = %s "
            "AND h.date = s.date - %s AND s.community_id = h.community_id AND s.horizon = h.horizon "
            "AND s.clearance = h.clearance AND s.week_before IS DISTINCT FROM h.probability",
            [mission.pk, mission.pk, COMPARED],
        )
