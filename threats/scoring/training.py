"""Training and judging the risk model on a mission's own record.

Both use unclassified evidence locked: the weights and figures that come of it are shown to every
member, whatever their clearance.
"""

from __future__ import annotations

import datetime
import logging
from dataclasses import dataclass

import numpy as np
import shapely
from django.db import transaction
from shapely.geometry import shape

from missions.choices import Classification
from missions.geography import country_outline
from missions.models import AdminArea, Mission
from poc_portal.postgres.locks import Lock, locked
from poc_portal.postgres.snapshots import snapshot
from threats.choices import HORIZONS, SETTLED, PlacePrecision
from threats.models import Community, Incident, RiskBacktest, RiskModel
from threats.risk import backtest, intensity
from threats.risk.evidence import Evidence
from threats.risk.fitting import FEWEST_OUTCOMES
from threats.risk.targets import (
    CELL,
    CELL_TERMS,
    TERMS,
    Outcomes,
    Places,
    cell_probes,
    cells,
    communities,
    within,
)
from threats.rules.kinds import AGAINST_CIVILIANS
from threats.scoring import record as told_of
from threats.scoring.evidence import columns_of, load_evidence
from threats.scoring.families import as_evidence
from threats.scoring.requests import Scope, request_recompute
from threats.sources.formats import FORMATS

log = logging.getLogger(__name__)

EVERYWHERE = 0  # no mission's number
AT_PLACE = 1.0  # km: an incident this near a community's point names it
NEVER = 10_000_000  # an ordinal no date reaches
LEARNT_MONTHS = 240  # of history; older outcomes are not learnt from
LEARNT_PLACES = 2_000  # communities drawn at random where a mission has more
WARMING = 365  # days of evidence before the first origin
JUDGED_YEARS = 5  # by the scheduled backtest
RETRAINED_AFTER = 30  # days
IN_CELL = (*SETTLED, PlacePrecision.DISTRICT, PlacePrecision.PROVINCE)
CELL_MONTH = "cell_month"


class TooLittleHistory(Exception):
    """There is not enough on record to learn from; the message says what is missing."""


@dataclass(frozen=True)
class Record:
    """A mission's unclassified record up to a day: what training and judging see.

    ``told``: of which days it speaks. ``last``: the last of them, or the day itself before that.
    """

    evidence: Evidence
    struck: Outcomes  # violence against civilians, placed exactly or nearly
    one_sided: Outcomes  # one-sided violence, placed to the province or better
    first: int
    last: int
    told: told_of.Record

    @classmethod
    def of(cls, mission: Mission, until: datetime.date) -> Record:
        """What the mission's record held at the end of ``until``, or where it ends before."""
        told = told_of.record_of(mission, Classification.UNCLASSIFIED)
        until = min(until, told.day)
        incidents = (
            Incident.objects.current()
            .counted()
            .filter(
                mission=mission,
                classification=Classification.UNCLASSIFIED,
                compartments=[],
                end_date__lte=until,
            )
        )
        evidence, _ids = load_evidence(incidents)
        civilians = incidents.filter(against_civilians=True, longitude__isnull=False)
        struck = _outcomes(civilians.filter(place_precision__in=SETTLED))
        one_sided = civilians.filter(kind__in=AGAINST_CIVILIANS, place_precision__in=IN_CELL)
        first = int(evidence.day.min()) if len(evidence) else until.toordinal()
        return cls(evidence, struck, _outcomes(one_sided), first, until.toordinal(), told)

    def complete(self, days: np.ndarray, until: np.ndarray) -> np.ndarray:
        """Mask of the origins all of whose days, those after ``days`` up to ``until``, are told of."""
        return (until <= self.last) & self.told.covers(days + 1, until)


@transaction.atomic
def train(mission: Mission, *, until: datetime.date | None = None) -> RiskModel:
    """Fit a mission's own model on its record up to ``until`` (the mission's today) and store it.

    Days no source speaks of are not learnt from. Scores follow with the next run. Raises TooLittleHistory.
    """
    record = Record.of(mission, min(until or mission.today, mission.today))
    until = datetime.date.fromordinal(record.last)
    places = known_communities(mission)
    if len(places) > LEARNT_PLACES:
        dice = np.random.default_rng(1)
        places = places.take(np.sort(dice.choice(len(places), LEARNT_PLACES, replace=False)))
    prior = prior_at(until.toordinal())
    coefficients: dict = {"horizons": {}}
    learnt: dict = {}
    origins = _month_ends(record, record.first + WARMING, record.last)
    for horizon in HORIZONS:
        days = origins[record.complete(origins, origins + horizon)][-LEARNT_MONTHS:]
        followed = _followed(record.struck, days, horizon)
        if followed < FEWEST_OUTCOMES or not len(places):
            raise TooLittleHistory(
                f"{mission}: {followed} incidents followed a month on record within {horizon} days "
                f"and {len(places)} communities are known; {FEWEST_OUTCOMES} incidents are needed. "
                "The prior model stays in use."
            )
        panel = backtest.Panel.build(places, record.evidence, record.struck, days, days + horizon)
        model = backtest.learn(panel, record.last, prior.get(str(horizon)))
        rows = panel.outcome[panel.known]
        coefficients["horizons"][str(horizon)] = model.as_json()
        learnt[str(horizon)] = {
            "rows": len(rows),
            "positives": int(rows.sum()),
            "base_rate": float(rows.mean()) if len(rows) else None,
        }
    number = RiskModel.objects.filter(mission=mission).count() + 1
    stored = RiskModel.objects.create(
        mission=mission,
        version=f"{mission.code}-{until.isoformat()}-{number}",
        coefficients=coefficients,
        trained_from=datetime.date.fromordinal(record.first),
        trained_until=until,
        validation=learnt,
    )
    request_recompute(mission, Scope.DAY)
    return stored


def judge(mission: Mission, *, first: datetime.date, last: datetime.date) -> RiskBacktest:
    """Roll the forecasts from ``first`` to ``last`` month by month and store their figures.

    Each forecast knows only what was known on its day; what came of it counts only where some source
    speaks of all its days. Raises ValueError for an empty period, or one after the end of the record.
    """
    record = Record.of(mission, min(last, mission.today))
    last = datetime.date.fromordinal(record.last)
    if first >= last:
        raise ValueError(f"the period {first} to {last} is empty")
    months = _month_ends(record, min(record.first + WARMING, first.toordinal() - 1), record.last)
    begin = first.toordinal() - 1  # the last day known to the first forecast
    found = {}
    places = known_communities(mission)
    for horizon in HORIZONS:
        days = months[record.complete(months, months + horizon)]
        found[f"community_{horizon}"] = _judged(
            places, record, record.struck, days, days + horizon, begin, str(horizon)
        ) | {"unit": "community", "horizon": horizon}
    until = np.array([_end_of_next_month(day) for day in months], int)
    complete = record.complete(months, until)
    found[CELL_MONTH] = _judged(
        country_cells(mission), record, record.one_sided, months[complete], until[complete], begin,
        CELL_MONTH,
    ) | {"unit": "cell", "horizon": None}  # fmt: skip
    return RiskBacktest.objects.create(
        mission=mission, first_day=first, last_day=last, figures={"targets": found}
    )


def _judged(
    places: Places, record: Record, outcomes: Outcomes, days, until, begin: int, name: str
) -> dict:
    panel = backtest.Panel.build(places, record.evidence, outcomes, days, until)
    rolled = backtest.roll(panel, record.evidence, begin, lambda day: prior_at(day).get(name))
    return backtest.report(rolled)


def keep_models_current() -> int:
    """Train and judge wherever a month has passed; how many models are new.

    One worker at a time, so that other long work has the others.
    """
    trained = 0
    with locked(Lock.TRAINING, EVERYWHERE, wait=False) as is_mine:
        for mission in Mission.objects.all() if is_mine else ():
            trained += train_if_due(mission) is not None
            judge_if_due(mission)
    return trained


def train_if_due(mission: Mission) -> RiskModel | None:
    """Train a mission without a model of its own, with one a month behind its today or with one
    of other terms than are summed now.

    None where that is not so, or where there is too little history.
    """
    with locked(Lock.TRAINING, mission.pk, wait=False) as held, snapshot():
        if not held:
            return None
        newest = RiskModel.objects.filter(mission=mission).order_by("-pk").first()
        if (
            newest is not None
            and not _is_behind(_speaks_until(mission), newest.trained_until)
            and intensity.knows_todays_terms(newest.coefficients)
        ):
            return None
        try:
            return train(mission)
        except TooLittleHistory as reason:
            log.info("%s", reason)
            return None


def judge_if_due(mission: Mission) -> RiskBacktest | None:
    """Judge the last five years where that was not done for a month; else None."""
    with locked(Lock.TRAINING, mission.pk, wait=False) as held, snapshot():
        if not held:
            return None
        newest = RiskBacktest.objects.filter(mission=mission).order_by("-last_day").first()
        until = _speaks_until(mission)
        if newest is not None and not _is_behind(until, newest.last_day):
            return None
        if not Incident.objects.current().filter(mission=mission).exists():
            return None
        first = until.replace(day=1)
        first = first.replace(year=first.year - JUDGED_YEARS)
        return judge(mission, first=first, last=until)


def _speaks_until(mission: Mission) -> datetime.date:
    """The last day that can be learnt from; the mission's today where nothing speaks."""
    return told_of.record_of(mission, Classification.UNCLASSIFIED).day


def _is_behind(until: datetime.date, day: datetime.date | None) -> bool:
    return day is None or until > day + datetime.timedelta(days=RETRAINED_AFTER)


def prior_at(day: int) -> dict[str, intensity.IntensityModel]:
    """The shipped prior's models by target, if it had been trained by then; else none."""
    stored = intensity.prior_coefficients()
    if datetime.date.fromisoformat(stored["provenance"]["trained_until"]).toordinal() > day:
        return {}
    return {
        name: intensity.from_json(values, TERMS + CELL_TERMS if name == CELL_MONTH else TERMS)
        for name, values in (stored["horizons"] | stored["cells"]).items()
    }


def known_communities(mission: Mission) -> Places:
    """The mission's unclassified communities, each with the day it was first known.

    One made from a dataset's events was not known before the first of them. A site that only its
    events name stands where its host town does, and would have the same forecast judged twice: it
    is left out.
    """
    rows = list(
        Community.objects.current()
        .filter(mission=mission, classification=Classification.UNCLASSIFIED, compartments=[])
        .exclude(source__in=[f"{name}_site" for name in FORMATS])
        .order_by("pk")
        .values_list("longitude", "latitude", "source")
    )
    longitude, latitude = (np.array([row[n] for row in rows], float) for n in (0, 1))
    named_by_events = {f"{name}_place" for name in FORMATS}
    derived = np.flatnonzero([row[2] in named_by_events for row in rows])
    known = np.zeros(len(rows), int)
    known[derived] = NEVER
    naming = Incident.objects.current().filter(
        mission=mission,
        classification=Classification.UNCLASSIFIED,
        compartments=[],
        place_precision__in=SETTLED,
        longitude__isnull=False,
    )
    kinds = {"longitude": "float8", "latitude": "float8", "day": "int4"}
    found = columns_of(as_evidence(naming), kinds)
    near = within(
        longitude[derived], latitude[derived], found["longitude"], found["latitude"], AT_PLACE
    ).tocoo()
    np.minimum.at(known, derived[near.row], found["day"][near.col])
    return communities(longitude, latitude, known)


def country_cells(mission: Mission) -> Places:
    """The half-degree cells that intersect the mission's polygons, else its countries' outlines."""
    polygons = [
        shape(polygon)
        for polygon in AdminArea.objects.current()
        .filter(mission=mission)
        .values_list("polygon", flat=True)
    ] or [shape(country_outline(code)) for code in mission.countries]
    country = shapely.union_all([shapely.make_valid(polygon) for polygon in polygons])
    shapely.prepare(country)
    west, south, east, north = country.bounds if polygons else (0, 0, 0, 0)
    grid = np.meshgrid(
        np.arange(np.floor(west / CELL) * CELL, east, CELL),
        np.arange(np.floor(south / CELL) * CELL, north, CELL),
    )
    x, y = (axis.ravel() for axis in grid)
    hit = shapely.intersects(country, shapely.box(x, y, x + CELL, y + CELL))
    probes = cell_probes(x[hit], y[hit])
    inside = shapely.contains_xy(country, probes[..., 0], probes[..., 1])
    return cells(x[hit], y[hit], inside)


def _outcomes(incidents) -> Outcomes:
    rows = list(incidents.order_by("pk").values_list("longitude", "latitude", "start_date"))
    return Outcomes(
        np.array([row[0] for row in rows], float),
        np.array([row[1] for row in rows], float),
        np.array([row[2].toordinal() for row in rows], int),
    )


def _followed(outcomes: Outcomes, days: np.ndarray, horizon: int) -> int:
    """How many incidents began within the horizon of any of the days."""
    if not len(days):
        return 0
    return int(((outcomes.start > days[0]) & (outcomes.start <= days[-1] + horizon)).sum())


def _month_ends(record: Record, first: int, last: int) -> np.ndarray:
    """Ordinals of the last day of every month from ``first`` to ``last``."""
    day = datetime.date.fromordinal(max(first, 1)).replace(day=1).toordinal() - 1
    found = []
    while day <= last:
        if day >= first:
            found.append(day)
        day = _end_of_next_month(day)
    return np.array(found, int)


def _end_of_next_month(day: int) -> int:
    """The last day of the month that holds the next day."""
    begins = datetime.date.fromordinal(day + 1).replace(day=1)
    return (begins + datetime.timedelta(days=32)).replace(day=1).toordinal() - 1
