"""The states of all cells of many threats at once, where PostgreSQL does the work.

Five thousand threats and fifty thousand activities take one query and come back as one number a
threat; the rules stand here once, for a threat's page and the mission's matrix alike.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence

import numpy as np
from django.db import connection

from missions.models import Mission
from strategies.choices import ActivityStatus, CellState
from strategies.coverage.cells import KEYS
from strategies.models import Activity, CoverageRules
from strategies.models.activity import LIVE, judged_at
from threats.choices import Phase

# What an activity makes of its cell, worst first: the bit its kind sets.
STATES: tuple[str, ...] = (
    CellState.OVERDUE, CellState.UNDER_WAY, CellState.PLANNED, CellState.DONE,
)  # fmt: skip
BITS = len(STATES)  # of a cell in a threat's number: 12 cells take 48
COLUMNS = ("pk", "tier", "phase", "status", "due", "due_at", "completed_on")
# An activity's status on an earlier day, from its history; one planned later is left out, one
# without any history is taken as it is now.
AS_OF = """
    SELECT a.id, a.tier, a.phase, COALESCE(h.status, a.status) AS status, a.due, a.due_at,
           CASE WHEN h.status IS NULL THEN a.completed_on
                WHEN h.status = 'done' THEN h.day END AS completed_on
    FROM ({visible}) AS a (id, tier, phase, status, due, due_at, completed_on)
    LEFT JOIN (
        SELECT DISTINCT ON (activity_id) activity_id, status, day
        FROM (
            SELECT activity_id, id, status, day,
                   status = 'done' AND COALESCE(lead(status) OVER later = 'done', false) AS corrected
            FROM strategies_statuschange
            WINDOW later AS (PARTITION BY activity_id ORDER BY id)
        ) s
        WHERE day <= %s AND NOT corrected
        ORDER BY activity_id, id DESC
    ) h ON h.activity_id = a.id
    WHERE h.status IS NOT NULL
       OR NOT EXISTS (SELECT FROM strategies_statuschange s WHERE s.activity_id = a.id)
"""
QUERY = """
    SELECT t.id, bit_or(
        CASE
            WHEN a.status = ANY(%s) THEN
                CASE WHEN a.due < %s OR a.due_at < %s THEN 1 WHEN a.status = 'under_way' THEN 2 ELSE 4 END
            WHEN a.status = 'done' AND a.completed_on >= t.since THEN 8
            ELSE 0
        END::bigint << ({bits} * a.place)
    )
    FROM unnest(%s::bigint[], %s::date[]) AS t (id, since)
    JOIN strategies_activity_threats l ON l.threat_id = t.id
    JOIN (
        SELECT id, status, due, due_at, completed_on,
               (tier - 1) * {phases} + array_position(%s::text[], phase::text) - 1 AS place
        FROM ({activities}) AS seen (id, tier, phase, status, due, due_at, completed_on)
        WHERE status = ANY(%s) OR completed_on >= %s
    ) a ON a.id = l.activity_id
    GROUP BY t.id
"""
# The worst state by what a cell's bits say; 0: no activity that counts.
WORST = np.array(
    [0] + [(bits & -bits).bit_length() for bits in range(1, 2**BITS)], dtype=np.int8
)  # fmt: skip


def state_codes(
    mission: Mission,
    user,
    threats: Sequence[int],
    since: Sequence[datetime.date],
    day: datetime.date | None = None,
) -> np.ndarray:
    """Codes of the 12 cells, in the order of KEYS, of each threat: shape (n, 12).

    0 where no activity counts, else the place of the worst state in STATES, from 1.

    ``since``: when each threat's phase began. From the activities the user may see; with a ``day``
    as they stood at its end. One query.
    """
    activities = Activity.objects.visible_to(user).filter(mission=mission)
    if day is None:
        activities = activities.exclude(status=ActivityStatus.CANCELLED)
    sql, inner = activities.order_by().values_list(*COLUMNS).query.sql_with_params()
    if day is not None:
        sql, inner = AS_OF.format(visible=sql), (*inner, day)
    codes = np.zeros((len(threats), len(KEYS)), dtype=np.int8)
    if not threats:
        return codes
    live = [str(status) for status in LIVE]
    with connection.cursor() as cursor:
        cursor.execute(
            QUERY.format(bits=BITS, phases=len(Phase.values), activities=sql),
            [
                live, *judged_at(mission, day), _literal(threats), _literal(since),
                list(Phase.values), *inner, live, min(since),
            ],
        )  # fmt: skip
        found = cursor.fetchall()
    places = {threat: row for row, threat in enumerate(threats)}
    rows = np.array([places[threat] for threat, _bits in found], dtype=np.intp)
    packed = np.array([bits for _threat, bits in found], dtype=np.int64)
    for place in range(len(KEYS)):
        codes[rows, place] = WORST[(packed >> (BITS * place)) & (2**BITS - 1)]
    return codes


def _literal(values: Sequence) -> str:
    """Numbers or days as one array literal: thousands of parameters are slow to parse."""
    return "{" + ",".join(map(str, values)) + "}"


def required_cells(mission: Mission, phases: Sequence[str]) -> np.ndarray:
    """Whether each cell is called for, given the threats' phases: shape (n, 12)."""
    called = {
        phase: np.array([key[1] in calls for key in KEYS])
        for phase, calls in CoverageRules.of(mission).required_phases.items()
    }
    return np.array([called[phase] for phase in phases], dtype=bool).reshape(len(phases), len(KEYS))


def state_of(code: int, is_required: bool) -> str:
    """The state a cell shows."""
    if code:
        return STATES[code - 1]
    return CellState.GAP if is_required else CellState.NOT_REQUIRED
