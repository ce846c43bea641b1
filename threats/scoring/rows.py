"""What a stored score is made of: columns ready for COPY, and the sums behind them."""

from __future__ import annotations

import datetime
import logging
from collections.abc import Sequence

import numpy as np
from django.db import connection

from missions.models import Mission
from missions.need_to_know import LAYERS
from poc_portal.postgres.copy_columns import read_columns, write_columns
from threats.choices import HORIZONS
from threats.models import EvidenceSums, RiskModel, ThreatRules
from threats.risk import bands, intensity, kernels

log = logging.getLogger(__name__)

TERMS = len(kernels.TERMS)
FEW = 5_000  # communities looked up one by one; more, and the whole mission is read
PLACE_KINDS = {"pk": "int8", "longitude": "float8", "latitude": "float8"}
Columns = dict[str, tuple[str, np.ndarray]]
POSTGRES_EPOCH = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)


def days_of_postgres(day: datetime.date) -> int:
    """A date as PostgreSQL's binary format has it."""
    return (day - POSTGRES_EPOCH.date()).days


def score_columns(
    sums: np.ndarray, model: RiskModel, mission: Mission, communities: np.ndarray
) -> Columns:
    """Columns of scores for sums (m, LAYERS, TERMS) by reader's layer: (horizons, m, LAYERS)."""
    models = intensity.load(model.coefficients)
    cut_points = ThreatRules.of(mission).risk_cut_points
    expected = np.stack([models[horizon].expected(sums) for horizon in HORIZONS])
    probability = intensity.probability(expected)
    band = np.stack(
        [
            bands.likelihood(probability[number], cut_points[str(horizon)])
            for number, horizon in enumerate(HORIZONS)
        ]
    )
    return {
        "mission_id": ("int8", np.array(mission.pk)),
        "community_id": ("int8", communities[None, :, None]),
        "horizon": ("int2", np.array(HORIZONS)[:, None, None]),
        "clearance": ("int2", np.arange(LAYERS)),
        "expected": ("float8", expected),
        "probability": ("float8", probability),
        "band": ("int2", band),
        "model_id": ("int8", np.array(model.pk)),
    }


def flattened(columns: Columns, own: Columns) -> Columns:
    """All columns at the full shape of ``columns["expected"]``, as rows."""
    shape = columns["expected"][1].shape
    return {
        name: (kind, np.broadcast_to(values, shape).ravel())
        for name, (kind, values) in (columns | own).items()
    }


def in_todays_order(values: np.ndarray, terms: Sequence[str]) -> np.ndarray:
    """Sums (…, len(terms)) as (…, TERMS): a term that is new is 0, one that is gone left out."""
    if tuple(terms) == kernels.TERMS:
        return values
    place = {term: number for number, term in enumerate(kernels.TERMS)}
    found = np.zeros((*values.shape[:-1], TERMS))
    for number, term in enumerate(terms):
        if term in place:
            found[..., place[term]] = values[..., number]
    return found


def stored_sums(communities: np.ndarray, *, mission: Mission) -> np.ndarray:
    """Stored sums of communities (ids, rising): (m, LAYERS, TERMS), relative to the landmark.

    Only where ``RiskState.terms`` are today's. Raises ValueError for sums of another number.
    """
    sums = np.zeros((len(communities), LAYERS, TERMS))
    if not len(communities):
        return sums
    table = EvidenceSums._meta.db_table
    with connection.cursor() as cursor:
        query = cursor.mogrify(
            f'SELECT community_id, classification, "values" FROM {table} WHERE '
            + ("community_id = ANY(%s)" if len(communities) < FEW else "mission_id = %s"),
            [communities.tolist() if len(communities) < FEW else mission.pk],
        ).decode()
        kinds = {"community_id": "int8", "classification": "int2", "values": f"float8[{TERMS}]"}
        found = read_columns(cursor, query, kinds)
    place = np.minimum(np.searchsorted(communities, found["community_id"]), len(communities) - 1)
    mine = communities[place] == found["community_id"]
    sums[place[mine], found["classification"][mine]] = found["values"][mine]
    return sums


def model_for(mission: Mission) -> RiskModel:
    """The mission's newest model, else the prior one shipped with the portal.

    A model that was trained on other terms than are summed today waits for the next training.
    """
    own = RiskModel.objects.filter(mission=mission).order_by("-pk").first()
    if own is not None and not intensity.knows_todays_terms(own.coefficients):
        log.warning(
            "%s: the risk model %s was trained on other families of evidence than are counted "
            "today; the prior model is used until it is trained anew.", mission, own.version
        )  # fmt: skip
        own = None
    return own or prior_model()


def prior_model() -> RiskModel:
    """The shipped prior model, stored the first time it is used."""
    coefficients = intensity.prior_coefficients()
    provenance = coefficients["provenance"]
    prior, _created = RiskModel.objects.get_or_create(
        mission=None,
        version=coefficients["version"],
        defaults={
            "coefficients": coefficients,
            "trained_from": provenance["trained_from"],
            "trained_until": provenance["trained_until"],
        },
    )
    return prior


def upsert(model, columns: dict, updated: tuple[str, ...]) -> None:
    """Store rows by their id; of those already there, only the columns ``updated``."""
    table, fresh = model._meta.db_table, f"fresh_{model._meta.model_name}"
    names = ", ".join(f'"{name}"' for name in columns)
    changes = ", ".join(f'"{name}" = excluded."{name}"' for name in updated)
    with connection.cursor() as cursor:
        cursor.execute(
            f'CREATE TEMP TABLE IF NOT EXISTS "{fresh}" (LIKE "{table}" INCLUDING DEFAULTS) ON COMMIT DELETE ROWS'
        )
        cursor.execute(f'TRUNCATE "{fresh}"')
        write_columns(cursor, fresh, columns)
        cursor.execute(
            f'INSERT INTO "{table}" ({names}) SELECT {names} FROM "{fresh}" '
            f"ON CONFLICT (id) DO UPDATE SET {changes}"
        )
