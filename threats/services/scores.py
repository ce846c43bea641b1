"""From stored evidence to stored scores.

A score is a function of the mission's evidence, its model and the date; nothing else. So a
recompute may be repeated, interrupted or run beside another without harm: requests, scores and
their removal share one transaction, and one mission is computed by one worker at a time.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Iterator

import numpy as np
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from missions.choices import HORIZONS, Classification
from missions.geography import degrees_around
from missions.models import Mission
from poc_portal.bulk import copy_rows
from threats.choices import ORGANISED_VIOLENCE
from threats.models import Community, Incident, RecomputeRequest, RiskModel, RiskScore
from threats.risk import bands, intensity, kernels
from threats.risk.evidence import Evidence
from threats.services.requests import request_recompute

LOCK = 5_211  # advisory lock space of score recomputes
HISTORY_MONTHS = 24
DAILY_KEPT = 31  # days; older scores are kept for the first of each month
COMPARED = 7  # days before today, so that a rise can be shown from the first run on
COLUMNS = (
    "mission_id", "community_id", "date", "horizon", "clearance", "expected", "probability",
    "band", "week_before", "is_current", "contributions", "model_id", "computed_at",
)  # fmt: skip


def recompute_pending() -> int:
    """Do all recomputes asked for. Returns how many scores were written."""
    missions = RecomputeRequest.objects.values_list("mission_id", flat=True).distinct()
    return sum(recompute_mission(mission_id) for mission_id in sorted(set(missions)))


@transaction.atomic
def recompute_mission(mission_id: int) -> int:
    """Do one mission's requests, waiting for another worker that is at it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, mission_id])
    requests = list(RecomputeRequest.objects.filter(mission_id=mission_id))
    if not requests:
        return 0
    mission = Mission.objects.get(pk=mission_id)
    if any(request.longitude is None for request in requests):
        written = _recompute(mission, Community.objects.all(), since=None)
        _forget_old_dates(mission)
    else:
        near = Q()
        points = {(request.longitude, request.latitude) for request in requests}
        for longitude, latitude in points:
            assert longitude is not None
            assert latitude is not None
            wide, tall = degrees_around(latitude, kernels.CUT)
            near |= Q(
                longitude__range=(longitude - wide, longitude + wide),
                latitude__range=(latitude - tall, latitude + tall),
            )
        starts = [request.since for request in requests]
        since = None if None in starts else min(start for start in starts if start)
        written = _recompute(mission, Community.objects.filter(near), since=since)
    RecomputeRequest.objects.filter(pk__in=[request.pk for request in requests]).delete()
    return written


def request_daily_scores() -> int:
    """Ask for a full run wherever today has no scores yet. Returns the number of missions."""
    asked = 0
    for mission in Mission.objects.all():
        communities = Community.objects.current().filter(mission=mission)
        scored = RiskScore.objects.filter(mission=mission, date=mission.today)
        if communities.exists() and not scored.exists():
            request_recompute(mission)
            asked += 1
    return asked


def model_for(mission: Mission) -> RiskModel:
    """The mission's newest model, else the prior one shipped with the portal."""
    own = RiskModel.objects.filter(mission=mission).order_by("-pk").first()
    if own is not None:
        return own
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


def score_dates(mission: Mission) -> list[datetime.date]:
    """Days a mission's scores are kept for: today, a week ago, and the first of each month."""
    today = mission.today
    months = {
        datetime.date((today.year * 12 + today.month - 1 - back) // 12,
                      (today.year * 12 + today.month - 1 - back) % 12 + 1, 1)
        for back in range(HISTORY_MONTHS)
    }  # fmt: skip
    stored = set(
        RiskScore.objects.filter(mission=mission)
        .order_by()
        .values_list("date", flat=True)
        .distinct()
    )
    week_ago = today - datetime.timedelta(days=COMPARED)
    return sorted(date for date in months | stored | {today, week_ago} if date <= today)


def load_evidence(incidents) -> tuple[Evidence, np.ndarray]:
    """Arrays of the queryset's countable incidents, and their ids, in the order of ids.

    An incident known only to the country counts for no place.
    """
    rows = list(
        incidents.filter(
            Q(against_civilians=True) | Q(kind__in=ORGANISED_VIOLENCE),
            place_precision__in=kernels.SPREAD,
            longitude__isnull=False,
        )
        .order_by("pk")
        .values_list(
            "longitude", "latitude", "end_date", "against_civilians", "place_precision", "pk"
        )
    )
    columns = list(zip(*rows, strict=True)) or [()] * 6
    evidence = Evidence(
        longitude=np.array(columns[0], float),
        latitude=np.array(columns[1], float),
        day=np.array([day.toordinal() for day in columns[2]], int),
        family=np.array([0 if civilians else 1 for civilians in columns[3]], int),
        spread=np.array([kernels.SPREAD[precision] for precision in columns[4]], float),
    )
    return evidence, np.array(columns[5], int)


def _recompute(mission: Mission, communities, *, since: datetime.date | None) -> int:
    chosen = list(
        communities.current()
        .filter(mission=mission)
        .order_by("pk")
        .values_list("pk", "longitude", "latitude")
    )
    known = score_dates(mission)
    dates = [date for date in known if since is None or date >= since]
    if not chosen or not dates:
        return 0
    week_before = {date: date - datetime.timedelta(days=COMPARED) for date in dates}
    needed = sorted({*dates, *(set(known) & set(week_before.values()))})
    ids, longitude, latitude = (np.array(column) for column in zip(*chosen, strict=True))
    reach_wide, reach_tall = degrees_around(float(np.abs(latitude).max()), kernels.CUT)
    incidents = Incident.objects.current().filter(
        mission=mission,
        end_date__lte=dates[-1],
        longitude__range=(longitude.min() - reach_wide, longitude.max() + reach_wide),
        latitude__range=(latitude.min() - reach_tall, latitude.max() + reach_tall),
    )
    days = np.array([date.toordinal() for date in needed])
    place_of = {date: place for place, date in enumerate(needed)}
    compared = [(date, place_of[date], place_of.get(week_before[date])) for date in dates]
    model = model_for(mission)
    sums = np.zeros((len(needed), len(ids), len(kernels.TERMS)))
    written = 0
    RiskScore.objects.filter(mission=mission, community__in=ids.tolist(), is_current=True).exclude(
        date=mission.today
    ).update(is_current=False)
    for clearance in Classification.values:
        # Sums add up over classifications: each clearance sees one level more.
        evidence, _ids = load_evidence(incidents.filter(classification=clearance))
        sums += kernels.decayed_sums(evidence, longitude, latitude, days)
        written += _store(_rows(mission, model, ids.tolist(), compared, clearance, sums))
    return written


def _rows(
    mission: Mission,
    model: RiskModel,
    ids: list[int],
    dates: list[tuple[datetime.date, int, int | None]],
    clearance: int,
    sums: np.ndarray,
) -> Iterator[tuple]:
    """Rows to store; ``dates`` with their places in ``sums``, and those of the week before."""
    now = timezone.now().isoformat()
    models = intensity.load(model.coefficients)
    for horizon in HORIZONS:
        expected = models[horizon].expected(sums)
        probability = intensity.probability(expected)
        band = bands.likelihood(probability, mission.risk_cut_points[str(horizon)])
        for date, d, earlier in dates:
            for c, community in enumerate(ids):
                yield (
                    mission.pk, community, date, horizon, clearance,
                    repr(float(expected[d, c])), repr(float(probability[d, c])), int(band[d, c]),
                    None if earlier is None else repr(float(probability[earlier, c])),
                    date == mission.today,
                    json.dumps(models[horizon].contributions(sums[d, c])), model.pk, now,
                )  # fmt: skip


def _store(rows: Iterable[tuple]) -> int:
    names = ", ".join(COLUMNS)
    updated = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS[5:])
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE IF NOT EXISTS fresh_scores ON COMMIT DROP AS "
            f"SELECT {names} FROM threats_riskscore WITH NO DATA"
        )
        cursor.execute("TRUNCATE fresh_scores")
        copy_rows(cursor, "fresh_scores", COLUMNS, rows)
        cursor.execute(
            f"INSERT INTO threats_riskscore ({names}) SELECT {names} FROM fresh_scores "
            "ON CONFLICT (community_id, horizon, clearance, date) DO UPDATE SET " + updated
        )
        return cursor.rowcount


def _forget_old_dates(mission: Mission) -> None:
    today = mission.today
    scores = RiskScore.objects.filter(mission=mission)
    scores.filter(date__gt=today).delete()
    last_daily = today - datetime.timedelta(days=DAILY_KEPT)
    scores.filter(date__lt=last_daily).exclude(date__day=1).delete()
