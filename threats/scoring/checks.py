"""Whether stored scores are what they claim to be: sums of what was counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from missions.models import Mission
from threats.choices import HORIZONS
from threats.models import Community, RiskModel, RiskScore, RiskState
from threats.risk import intensity, kernels
from threats.risk.evidence import FAMILIES, family_of
from threats.scoring.evidence import columns_of, evidence_of
from threats.scoring.rows import LAYERS, PLACE_KINDS, stored_sums

TOLERANCE = 1e-9  # relative to max(1, |x|)
SCORE_KINDS = {
    "community_id": "int8", "horizon": "int2", "clearance": "int2", "expected": "float8",
    "probability": "float8",
}  # fmt: skip


@dataclass
class Checked:
    """How many scores were checked, and the largest differences found."""

    scores: int = 0
    by_term: float = 0.0
    by_family: float = 0.0
    by_incident: float = 0.0
    missing: int = 0

    @property
    def holds(self) -> bool:
        """Whether every score is there and equals its parts within the tolerance."""
        worst = max(self.by_term, self.by_family, self.by_incident)
        return self.missing == 0 and worst <= TOLERANCE


def check_scores(mission: Mission) -> Checked:
    """Compare every stored score with its stored sums, and with every single incident.

    The incidents are read anew and taken one by one, community by community: slow, and on
    another way than the scores were made.
    """
    result = Checked()
    state = RiskState.objects.filter(mission=mission).first()
    if state is None:
        return result
    places = columns_of(Community.objects.current().filter(mission=mission), PLACE_KINDS)
    order = np.argsort(places["pk"])
    ids = places["pk"][order]
    if tuple(state.terms) != kernels.TERMS or not state.ends:  # a release changed what is summed
        result.missing = RiskScore.objects.filter(mission=mission).count()
        return result
    days = [day.toordinal() for day in state.ends]
    age = np.array(days) - state.landmark.toordinal()
    seen = kernels.moved(stored_sums(ids, mission=mission).cumsum(axis=1), age)
    model = RiskModel.objects.get(pk=state.model_id)
    models = intensity.load(model.coefficients)
    scores = _scores(mission, ids)
    result.missing = int(np.isnan(scores).sum())
    evidence = evidence_of(mission, until=state.until)
    for row, (longitude, latitude) in enumerate(
        zip(places["longitude"][order], places["latitude"][order], strict=True)
    ):
        square = kernels.squared_distance(
            evidence.longitude, evidence.latitude, longitude, latitude
        )
        near = evidence.take(square <= kernels.CUT**2)
        each_on = {day: kernels.terms_of_each(near, longitude, latitude, day) for day in set(days)}
        for clearance in range(LAYERS):
            each = each_on[days[clearance]]
            mine = near.layer <= clearance
            total = each[mine].sum(axis=0)
            for number, horizon in enumerate(HORIZONS):
                fitted, stored = models[horizon], scores[row, number, clearance]
                if np.isnan(stored[0]):
                    continue
                result.scores += 1
                sums = seen[row, clearance]
                named = fitted.contributions(sums)
                result.by_term = max(result.by_term, _apart(sum(named.values()), stored[0]))
                result.by_term = max(
                    result.by_term, abs(float(intensity.probability(stored[0])) - stored[1])
                )
                single = fitted.contribution_of_each(each[mine], total)
                background = named["background"]
                result.by_incident = max(
                    result.by_incident, _apart(single.sum() + background, stored[0])
                )
                for family_number, family in enumerate(FAMILIES):
                    of_terms = sum(
                        value for term, value in named.items() if family_of(term) == family.name
                    )
                    of_incidents = single[near.family[mine] == family_number].sum()
                    result.by_family = max(result.by_family, _apart(of_incidents, of_terms))
    return result


def _scores(mission: Mission, ids: np.ndarray) -> np.ndarray:
    """Expected and probability: (communities, horizons, clearances, 2); NaN where missing."""
    found = columns_of(RiskScore.objects.filter(mission=mission), SCORE_KINDS)
    scores = np.full((len(ids), len(HORIZONS), LAYERS, 2), np.nan)
    row = np.searchsorted(ids, found["community_id"])
    number = np.searchsorted(HORIZONS, found["horizon"])
    scores[row, number, found["clearance"]] = np.stack(
        [found["expected"], found["probability"]], axis=1
    )
    return scores


def _apart(value: float, other: float) -> float:
    return float(abs(value - other) / max(1.0, abs(other)))
