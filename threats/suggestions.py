"""What the evidence suggests of a threat's phase and likelihood, and why.

Written rules, not a model: people decide, and can check the reasons by counting.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from missions.choices import Phase
from threats.models import Community
from threats.risk import bands

MEMORY = 365  # days of evidence a draft looks back on
HALF_LIFE = 90.0  # days, of the rate behind the likelihood
RECENT = 30  # days: violence this fresh is happening
SUBSIDED = 180  # days: violence this old has subsided


@dataclass(frozen=True)
class Suggestion:
    """``expected``: incidents in 30 days at the present rate; ``figures``: what was counted."""

    phase: Phase
    likelihood: int
    expected: float
    figures: dict


def suggest(
    against_civilians: Sequence[datetime.date],
    other_violence: Sequence[datetime.date],
    today: datetime.date,
    cut_points: Sequence[float],
) -> Suggestion:
    """Suggest from the end dates of an actor's incidents in an area up to ``today``.

    The rate is the exponentially decayed count per day, half-life 90 days: ``Σ 2^(−age/90) ×
    ln 2 / 90``. Phase: response when civilians were harmed in the last 30 days; consolidation
    when the last harm is older and the actor has been quiet for 30 days too, up to 180 days;
    pre-emption when the actor fights in the area or the likelihood is 4 or more; else
    prevention.
    """
    ages = sorted((today - date).days for date in against_civilians if date <= today)
    others = sorted((today - date).days for date in other_violence if date <= today)
    rate = sum(2 ** (-age / HALF_LIFE) for age in ages) * math.log(2) / HALF_LIFE
    expected = rate * 30
    likelihood = int(bands.likelihood(1 - math.exp(-expected), cut_points))
    if ages and ages[0] <= RECENT:
        phase = Phase.RESPONSE
    elif (others and others[0] <= RECENT) or likelihood >= 4:
        phase = Phase.PREEMPTION
    elif ages and ages[0] <= SUBSIDED:
        phase = Phase.CONSOLIDATION
    else:
        phase = Phase.PREVENTION
    figures = {
        "incidents": len(ages),
        "latest_days_ago": ages[0] if ages else None,
        "other_violence": len(others),
        "other_latest_days_ago": others[0] if others else None,
        "expected_30_days": round(expected, 4),
    }
    return Suggestion(phase, likelihood, expected, figures)


def suggest_impact(communities: Iterable[Community]) -> int | None:
    """Impact 1–5 by the largest known exposure among the communities; None where none is known."""
    levels = [
        bands.impact(
            community.population, community.displaced_population, len(community.vulnerable_groups)
        )
        for community in communities
    ]
    return max((level for level in levels if level is not None), default=None)
