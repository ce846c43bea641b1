"""Why a community's score is what it is: read from the same sums, evidence and model."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext_lazy

from missions.geography import distance_km
from threats.models import Community, Incident, RiskHistory, RiskModel, RiskScore
from threats.models.nearby import box
from threats.risk import intensity, kernels
from threats.risk.evidence import Evidence
from threats.scoring.evidence import joined, load_evidence
from threats.scoring.families import ORIGINS, ROWS, Origin
from threats.scoring.rows import in_todays_order

LISTED = 8  # incidents named on a page
# Groups an explanation counts incidents in: at most so many days old, at most so many km away.
AGES = (30, 365, None)
RINGS = (25.0, kernels.CUT)
COMPARED = 7  # days
OF_SOME_DAY = ngettext_lazy(
    "%(n)s incident of recent weeks, its day unknown",
    "%(n)s incidents of recent weeks, their days unknown",
    "number",
)


@dataclass(frozen=True)
class Contribution:
    """A named part of the expected number; ``share`` of the whole, 0–1."""

    label: str
    expected: float
    share: float


@dataclass(frozen=True)
class IncidentShare:
    """What one incident adds: expected incidents, and its share of the whole, 0–1."""

    incident: Incident
    distance: float  # km
    expected: float
    share: float


@dataclass(frozen=True)
class Explanation:
    """A score taken apart. Parts and changes each sum exactly to what they explain.

    ``parts`` sum to the expected number; ``changes`` to its difference from ``week_before``, which
    is None where none was kept.
    """

    score: RiskScore
    parts: list[Contribution]
    leading: list[IncidentShare]
    multiplier: float
    week_before: float | None
    changes: list[Contribution]

    @property
    def community(self) -> Community:
        """Whose score is explained."""
        return self.score.community


def terms_of(score: RiskScore) -> dict[str, float]:
    """Expected incidents by named term, from the stored sums; they sum to ``expected``.

    Reads ``score.community.sums`` and ``score.mission.risk_state``, which lists prefetch.
    """
    state = score.mission.risk_state
    total = np.zeros(len(kernels.TERMS))
    for row in score.community.sums.all():
        if row.classification <= score.clearance:
            total += in_todays_order(np.array(row.values), state.terms)
    sums = kernels.moved(total, (score.date - state.landmark).days)
    return _model(score.model, score.horizon).contributions(sums)


def explain(score: RiskScore, community: Community, user) -> Explanation:
    """Take a score apart, from the evidence the user may see on the score's day."""
    loaded = [load_evidence(_near(origin, community, user, score.date)) for origin in ORIGINS]
    evidence = joined([found for found, _ids in loaded])
    ids = loaded[0][1]  # of the incidents, which stand first
    model = _model(score.model, score.horizon)
    day = score.date.toordinal()
    square = kernels.squared_distance(
        evidence.longitude, evidence.latitude, community.longitude, community.latitude
    )
    terms = kernels.terms_of_each(evidence, community.longitude, community.latitude, day)
    total = terms.sum(axis=0)
    each = model.contribution_of_each(terms, total)
    factor = float(model.multiplier(total))
    background = factor * model.background
    parts = _grouped(evidence, each, np.sqrt(square), day)
    parts.append(
        Contribution(gettext("Background: what happens with no evidence nearby"), background, 0.0)
    )
    rest = score.expected - float(each.sum()) - background
    if abs(rest) > 1e-9:  # the worker is about to count it
        parts.append(
            Contribution(gettext("Reports of the last seconds, not counted yet"), rest, 0.0)
        )
    whole = score.expected or 1.0
    earlier = _week_before(score)
    return Explanation(
        score=score,
        parts=[Contribution(p.label, p.expected, p.expected / whole) for p in parts],
        leading=_leading(community, each[: len(ids)], ids, whole),
        multiplier=factor,
        week_before=None if earlier is None else earlier.expected,
        changes=[]
        if earlier is None
        else _changes(
            score,
            earlier,
            model,
            evidence,
            community,
            each,
            background,
            [len(found) for _evidence, found in loaded],
        ),
    )


def _near(origin: Origin, community: Community, user, until: datetime.date):
    """Records the user's figures count, known by a day, that can reach the community."""
    records: Any = origin.model._default_manager
    return records.for_figures(user).filter(
        box(community.longitude, community.latitude, kernels.CUT),
        mission=community.mission,
        **{f"{origin.day}__lte": until},
    )


def _model(stored: RiskModel, horizon: int) -> intensity.IntensityModel:
    return intensity.load_as_it_was(stored.coefficients)[horizon]


def _grouped(evidence: Evidence, each: np.ndarray, away: np.ndarray, day: int) -> list:
    """Contributions by family, distance and age, largest first; empty groups left out."""
    rows = []
    free = np.ones(len(each), bool)
    middle = (evidence.first + evidence.day) / 2  # of the days it may have happened on
    for ring in RINGS:
        for age in AGES:
            fits = free & (away <= ring)
            if age is not None:
                fits &= day - middle < age
            free &= ~fits
            for number, family in enumerate(ROWS):
                mine = fits & (evidence.family == number)
                if mine.any():
                    what = family.in_words(int(mine.sum()))
                    rows.append(
                        Contribution(_in_words(what, ring, age), float(each[mine].sum()), 0.0)
                    )
    return sorted(rows, key=lambda row: -row.expected)


def _in_words(what: str, ring: float, age: int | None) -> str:
    """“3 attacks on civilians within 25 km in the last 30 days”."""
    if ring == RINGS[0]:
        where = gettext("within %(km)d km") % {"km": ring}
    else:
        where = gettext("%(near)d to %(far)d km away") % {"near": RINGS[0], "far": ring}
    when = {
        AGES[0]: gettext("in the last 30 days"),
        AGES[1]: gettext("in the eleven months before"),
        None: gettext("in earlier years"),
    }[age]
    return gettext("%(what)s %(where)s %(when)s") % {"what": what, "where": where, "when": when}


def _leading(community: Community, each: np.ndarray, ids: np.ndarray, whole: float) -> list:
    leading = np.argsort(-each, kind="stable")[:LISTED]
    incidents = Incident.objects.with_place().in_bulk(ids[leading].tolist())
    rows = []
    for place in leading.tolist():
        if each[place] <= 0:
            continue
        incident = incidents[int(ids[place])]
        away = distance_km(
            community.longitude, community.latitude, incident.longitude, incident.latitude
        )
        value = float(each[place])
        rows.append(IncidentShare(incident, float(away), value, value / whole))
    return rows


def _counted(words: Any, which: np.ndarray) -> str:
    number = int(which.sum())
    return words % {"number": number, "n": number_format(number)}


def _week_before(score: RiskScore) -> RiskHistory | None:
    return (
        RiskHistory.objects.filter(
            community=score.community_id,
            horizon=score.horizon,
            clearance=score.clearance,
            date=score.date - datetime.timedelta(days=COMPARED),
        )
        .select_related("model")
        .first()
    )


def _changes(
    score: RiskScore,
    earlier: RiskHistory,
    model: intensity.IntensityModel,
    evidence: Evidence,
    community: Community,
    each: np.ndarray,
    background: float,
    lengths: list[int],
) -> list[Contribution]:
    """What made the difference to a week ago; the parts sum to it.

    New incidents count what they contribute today; one that may have happened before the week is
    told apart, for it is no news of it. What was known a week ago has faded since.
    The rest is reports that came late or were corrected, and a model trained anew. ``lengths``: how
    much of the evidence is of each of ORIGINS, in their order.
    """
    then = earlier.date.toordinal()
    new = evidence.day > then
    known = evidence.take(~new)
    old_terms = kernels.terms_of_each(known, community.longitude, community.latitude, then)
    old_sums = old_terms.sum(axis=0)
    by_this_model = float(model.expected(old_sums))
    by_that_model = float(_model(earlier.model, score.horizon).expected(old_sums))
    dated = new & (evidence.first > then)
    faded = float(each[~new].sum()) + background - by_this_model
    late = by_that_model - earlier.expected
    retrained = by_this_model - by_that_model
    origin = np.repeat(np.arange(len(ORIGINS)), lengths)
    rows = [
        *(
            Contribution(_counted(one.of_the_week, mine), float(each[mine].sum()), 0.0)
            for number, one in enumerate(ORIGINS)
            if (mine := dated & (origin == number)).any()
        ),
        Contribution(_counted(OF_SOME_DAY, new & ~dated), float(each[new & ~dated].sum()), 0.0),
        Contribution(gettext("What was known a week ago has aged"), faded, 0.0),
        Contribution(
            gettext("Older reports that came in late, or were corrected or merged"), late, 0.0
        ),
        Contribution(gettext("A risk model trained anew"), retrained, 0.0),
    ]
    rest = float(each.sum()) + background - earlier.expected
    return [
        Contribution(row.label, row.expected, row.expected / (rest or 1.0))
        for row in rows
        if abs(row.expected) > 5e-13
    ]
