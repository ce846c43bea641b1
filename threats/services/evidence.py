"""Evidence from the database as arrays, by one definition for every reader of it."""

from __future__ import annotations

import numpy as np
from django.db import connection

from poc_portal.binary import read_columns
from threats.choices import PlacePrecision
from threats.models import EvidenceChange
from threats.risk.evidence import Evidence
from threats.risk.kernels import SPREAD, severity

KINDS = {
    "longitude": "float8", "latitude": "float8", "day": "int4", "family": "int2",
    "precision": "int2", "deaths": "int4", "layer": "int2",
}  # fmt: skip
SPREADS = np.array([SPREAD.get(precision, np.nan) for precision in PlacePrecision.values])


def columns_of(queryset, kinds: dict[str, str]) -> dict[str, np.ndarray]:
    """Columns of a queryset of values as arrays; ``kinds`` as for ``read_columns``."""
    sql, parameters = queryset.order_by().values_list(*kinds).query.sql_with_params()
    with connection.cursor() as cursor:
        query = cursor.mogrify(sql, parameters).decode() if parameters else sql
        return read_columns(cursor, query, kinds)


def load_evidence(incidents) -> tuple[Evidence, np.ndarray]:
    """The queryset's countable incidents as arrays, and their ids.

    An incident known only to the country counts for no place.
    """
    columns = columns_of(incidents.as_evidence(), KINDS | {"pk": "int8"})
    return as_arrays(columns), columns["pk"]


def load_changes(mission_id: int) -> tuple[Evidence, np.ndarray]:
    """What is to be added to the stored sums, weights negative where taken away, and the ids."""
    changes = EvidenceChange.objects.filter(mission=mission_id)
    columns = columns_of(changes, KINDS | {"sign": "int2", "pk": "int8"})
    return as_arrays(columns, columns["sign"]), columns["pk"]


def as_arrays(columns: dict[str, np.ndarray], sign: np.ndarray | int = 1) -> Evidence:
    return Evidence(
        longitude=columns["longitude"],
        latitude=columns["latitude"],
        day=columns["day"].astype(np.int64),
        family=columns["family"].astype(np.int64),
        spread=SPREADS[columns["precision"]],
        weight=severity(columns["deaths"]) * sign,
        layer=columns["layer"].astype(np.int64),
    )
