"""What the evidence says of a threat beside its assessment: of the same event, or nothing.

An assessment is of one actor's violence in one area. So is the rate a suggestion goes by; the risk
of a community is of anyone's violence near it, and is never compared with an assessment.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.db.models import BooleanField, Case, F, PositiveSmallIntegerField, Value, When
from django.db.models.functions import Abs
from django.db.models.lookups import GreaterThanOrEqual

from missions.models import Mission
from threats.choices import Likelihood, ThreatStatus
from threats.models import Threat
from threats.models.threat import DISAGREEMENT, ThreatQuerySet
from threats.scoring.suggestions import Suggestion, suggestions_for

LIVE = (ThreatStatus.ACTIVE, ThreatStatus.PROPOSED)


def of_suggestion(suggestion: Suggestion) -> int | None:
    """Likelihood 1–5 by the evidence; None where no record of the last year speaks of the threat."""
    figures = suggestion.figures
    if figures.get("withheld"):
        return None
    told = figures["incidents"] or figures["other_violence"] or figures.get("imminent_alerts")
    return suggestion.likelihood if told else None


def evidence_likelihoods(mission: Mission, user, threats: Sequence[Threat]) -> dict[int, int]:
    """By threat, of those the evidence speaks of; from what the user may see, 4 queries."""
    suggestions = suggestions_for(mission, user, threats)
    found = {key: of_suggestion(suggestion) for key, suggestion in suggestions.items()}
    return {key: likelihood for key, likelihood in found.items() if likelihood is not None}


def disagree(assessed: int | None, evidence: int | None) -> bool | None:
    """Whether people and evidence are two steps or more apart; None where either is missing."""
    if assessed is None or evidence is None:
        return None
    return abs(assessed - evidence) >= DISAGREEMENT


def with_evidence(threats: ThreatQuerySet, user) -> ThreatQuerySet:
    """Annotate live threats with ``evidence_likelihood`` and ``disagrees``.

    After ``with_current_assessment``; both None where either is missing. Reads the evidence of
    each mission the user sees.
    """
    live = Threat.objects.visible_to(user).filter(status__in=LIVE).select_related("mission")
    by_mission: dict[Mission, list[Threat]] = defaultdict(list)
    for threat in live.order_by("pk"):
        by_mission[threat.mission].append(threat)
    by_likelihood: dict[int, list[int]] = defaultdict(list)
    for mission, found in by_mission.items():
        for key, likelihood in evidence_likelihoods(mission, user, found).items():
            by_likelihood[likelihood].append(key)
    whens = [
        When(pk__in=by_likelihood[step], then=Value(step))
        for step in Likelihood.values
        if by_likelihood[step]
    ]
    apart = Abs(F("likelihood") - F("evidence_likelihood"))
    return threats.annotate(
        evidence_likelihood=Case(*whens, default=None, output_field=PositiveSmallIntegerField())
    ).annotate(
        disagrees=Case(
            When(likelihood=None, then=None),
            When(evidence_likelihood=None, then=None),
            When(GreaterThanOrEqual(apart, DISAGREEMENT), then=True),
            default=False,
            output_field=BooleanField(),
        )
    )
