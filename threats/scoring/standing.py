"""Which stored scores a recompute moves: those whose values are other ones, and no other.

A row that is written anew carries a new time and is told of to who follows it. Were all rows near
a report written, the times would tell where something happened to readers who may not see what.
"""

from __future__ import annotations

import numpy as np
from django.db import connection

from missions.models import Mission
from poc_portal.postgres.copy_columns import read_columns
from threats.models import RiskScore
from threats.scoring.rows import FEW, LAYERS, Columns

# Relative difference up to which two values are the same: sums of the same evidence differ by
# what adding them up in another order rounds.
ROUNDING = 1e-9
STANDING = {
    "id": "int8", "date": "int4", "expected": "float8", "probability": "float8", "band": "int2",
    "is_silent": "bool", "model_id": "int8", "computed_at": "int8", "changed_in": "int8",
    "week_before": "float8",
}  # fmt: skip
EXACT = ("date", "band", "is_silent", "model_id")
NEAR = ("expected", "week_before")


def standing_scores(communities: np.ndarray, *, mission: Mission) -> dict[str, np.ndarray]:
    """The stored scores of communities (ids), by ``STANDING`` columns, their ids rising."""
    few = len(communities) < FEW
    names = ", ".join(
        "coalesce(week_before, 'NaN') AS week_before" if name == "week_before" else f'"{name}"'
        for name in STANDING
    )
    with connection.cursor() as cursor:
        query = cursor.mogrify(
            f"SELECT {names} FROM {RiskScore._meta.db_table} WHERE "
            + ("community_id = ANY(%s)" if few else "mission_id = %s"),
            [communities.tolist() if few else mission.pk],
        ).decode()
        found = read_columns(cursor, query, STANDING)
    order = np.argsort(found["id"])
    return {name: values[order] for name, values in found.items()}


def moved_rows(rows: Columns, standing: dict[str, np.ndarray]) -> np.ndarray:
    """Which of the rows to be stored say something else than what stands: bools, by row.

    The others get what stands, to the last bit, with the time it was computed at and the
    transaction it was written in.
    """
    ids = rows["id"][1]
    if not len(standing["id"]):
        return np.ones(len(ids), bool)
    place = np.minimum(np.searchsorted(standing["id"], ids), len(standing["id"]) - 1)
    stands = {name: values[place] for name, values in standing.items()}
    same = stands["id"] == ids
    for name in EXACT:
        same &= stands[name] == rows[name][1]
    for name in NEAR:
        if name in rows:
            same &= np.isclose(stands[name], rows[name][1], rtol=ROUNDING, atol=0.0, equal_nan=True)
    for name in (*NEAR, "probability", "computed_at", "changed_in"):
        if name in rows:
            kind, values = rows[name]
            rows[name] = kind, np.where(same, stands[name], values)
    return ~same


def moved_clearances(rows: Columns, moved: np.ndarray) -> dict[int, np.ndarray]:
    """Ids of communities by the lowest clearance that sees one of its scores moved."""
    lowest: dict[int, int] = {}
    communities, clearances = rows["community_id"][1][moved], rows["clearance"][1][moved]
    for clearance in range(LAYERS - 1, -1, -1):
        lowest |= dict.fromkeys(communities[clearances == clearance].tolist(), clearance)
    return {
        clearance: np.array([key for key, level in lowest.items() if level == clearance])
        for clearance in sorted(set(lowest.values()))
    }
