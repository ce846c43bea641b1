"""What a draft made for the risk of places says: their scores of now, at the draft's own classification."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.db.models import F

from missions.models import Mission
from threats.choices import Likelihood, Phase, ThreatStatus
from threats.models import Community, RiskScore, Threat
from threats.risk import bands
from threats.scoring.suggestion import Suggestion

UPPER_BAND = 4  # of 1 to 5
HORIZON = 30  # days


@dataclass(frozen=True)
class Feared:
    """``places``: how many the draft names and scores tell of; ``expected``: incidents in 30 days at
    the most endangered; ``band``: the highest of theirs, 1–5."""

    places: int
    expected: float
    band: int


def is_for_risk(threat: Threat) -> bool:
    """Whether it is a draft made for the risk of places, and not decided on yet."""
    return threat.status == ThreatStatus.PROPOSED and "communities" in threat.suggestion


def feared(mission: Mission, user, threats: Iterable[Threat]) -> dict[int, Feared]:
    """Of the drafts made for the risk, by id, what it is now; those without scores are left out.

    One query, and none without such drafts.
    """
    ids = [threat.pk for threat in threats if is_for_risk(threat)]
    if not ids:
        return {}
    rows = RiskScore.objects.filter(
        mission=mission, horizon=HORIZON, community__threats__in=ids,
        clearance=F("community__threats__classification"),
        community__in=Community.objects.visible_to(user).order_by(),
    ).order_by()  # fmt: skip
    found: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for threat, expected, band in rows.values_list("community__threats", "expected", "band"):
        found[threat].append((expected, band))
    return {
        threat: Feared(
            len(scores),
            max(expected for expected, _band in scores),
            max(band for _, band in scores),
        )
        for threat, scores in found.items()
    }


def by_risk(suggestion: Suggestion, risk: Feared, cut_points: Sequence[float]) -> Suggestion:
    """A suggestion for a draft without incidents, from the risk of its places beside its alerts."""
    by_rate = int(bands.likelihood(1 - math.exp(-risk.expected), cut_points))
    if not suggestion.figures.get("imminent_alerts"):
        by_rate = min(by_rate, Likelihood.VERY_LIKELY.value)  # imminent is said of a warning
    return replace(
        suggestion,
        phase=Phase.PREEMPTION if risk.band >= UPPER_BAND else suggestion.phase,
        expected=risk.expected,
        likelihood=max(by_rate, suggestion.likelihood),
        figures=suggestion.figures | {"feared_at": risk.places},
    )
