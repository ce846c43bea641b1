"""Evidence from the database as arrays, by one definition for every reader of it."""

from __future__ import annotations

import datetime
from dataclasses import fields

import numpy as np
from django.db import connection

from poc_portal.postgres.copy_columns import read_columns
from threats.choices import PlacePrecision
from threats.models import EvidenceChange
from threats.models.nearby import box
from threats.risk.evidence import Evidence
from threats.risk.kernels import CUT, SPREAD, severity
from threats.scoring.families import ORIGINS, as_evidence, numbered_changes

KINDS = {
    "longitude": "float8", "latitude": "float8", "day": "int4", "first": "int4",
    "family_number": "int2", "precision": "int2", "deaths": "int4", "layer": "int2",
}  # fmt: skip
SPREADS = np.array([SPREAD.get(precision, np.nan) for precision in PlacePrecision.values])


def columns_of(queryset, kinds: dict[str, str]) -> dict[str, np.ndarray]:
    """Columns of a queryset of values as arrays; ``kinds`` as for ``read_columns``."""
    sql, parameters = queryset.order_by().values_list(*kinds).query.sql_with_params()
    with connection.cursor() as cursor:
        query = cursor.mogrify(sql, parameters).decode() if parameters else sql
        return read_columns(cursor, query, kinds)


def load_evidence(records) -> tuple[Evidence, np.ndarray]:
    """The countable of a queryset of one model's records as arrays, and their ids.

    What is known only to the country counts for no place.
    """
    columns = columns_of(as_evidence(records), KINDS | {"pk": "int8"})
    return as_arrays(columns), columns["pk"]


def evidence_of(
    mission,
    *,
    until: datetime.date | None = None,
    after: datetime.date | None = None,
    around: tuple[float, float] | None = None,
) -> Evidence:
    """All a mission's countable evidence, of every model that is any.

    ``until``, ``after``: days it became known by, and after. ``around``: longitude and latitude of
    a place; what cannot reach it is left out.
    """
    parts = []
    for origin in ORIGINS:
        queryset = origin.model._default_manager.filter(mission=mission)
        if until is not None:
            queryset = queryset.filter(**{f"{origin.day}__lte": until})
        if after is not None:
            queryset = queryset.filter(**{f"{origin.day}__gt": after})
        if around is not None:
            queryset = queryset.filter(box(*around, CUT))
        parts.append(load_evidence(queryset)[0])
    return joined(parts)


def joined(parts: list[Evidence]) -> Evidence:
    """Several bodies of evidence as one."""
    return Evidence(
        *(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Evidence))
    )


def load_changes(mission_id: int) -> tuple[Evidence, np.ndarray]:
    """What is to be added to the stored sums, weights negative where taken away, and the ids."""
    changes = numbered_changes(EvidenceChange.objects.filter(mission=mission_id))
    columns = columns_of(changes, KINDS | {"sign": "int2", "pk": "int8"})
    return as_arrays(columns, columns["sign"]), columns["pk"]


def as_arrays(columns: dict[str, np.ndarray], sign: np.ndarray | int = 1) -> Evidence:
    """Columns as read from PostgreSQL as evidence of ``threats.risk``; ``sign`` -1 takes it away."""
    return Evidence(
        longitude=columns["longitude"],
        latitude=columns["latitude"],
        day=columns["day"].astype(np.int64),
        first=columns["first"].astype(np.int64),
        family=columns["family_number"].astype(np.int64),
        spread=SPREADS[columns["precision"]],
        weight=severity(columns["deaths"]) * sign,
        layer=columns["layer"].astype(np.int64),
    )
