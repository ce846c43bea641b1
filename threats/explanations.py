"""Why a community's score is what it is: read from the same evidence and model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from missions.geography import distance_km
from threats.models import Community, Incident, RiskScore
from threats.risk import intensity, kernels
from threats.services.scores import load_evidence

LISTED = 8  # incidents named on a page
FAMILY_NAMES = {
    "civilians": gettext_lazy("Violence against civilians"),
    "organised": gettext_lazy("Other organised violence"),
}
MEMORY_NAMES = {
    "14d": gettext_lazy("of the last weeks"),
    "90d": gettext_lazy("of the last months"),
    "730d": gettext_lazy("of the last years"),
}


@dataclass(frozen=True)
class Contribution:
    """A named part of the expected number; ``share`` of the whole, 0–1."""

    label: str
    expected: float
    share: float


@dataclass(frozen=True)
class IncidentShare:
    incident: Incident
    distance: float  # km
    expected: float
    share: float


def contributions(score: RiskScore) -> list[Contribution]:
    """The score's terms by family and memory, largest first; they sum to ``expected``."""
    grouped: dict[str, float] = {}
    for term, value in score.contributions.items():
        if term == "background":
            label = _("Background: what happens without any evidence nearby")
        else:
            family, memory, _scale = term.split("_")
            label = f"{FAMILY_NAMES[family]} {MEMORY_NAMES[memory]}"
        grouped[label] = grouped.get(label, 0.0) + value
    whole = score.expected or 1.0
    rows = [Contribution(label, value, value / whole) for label, value in grouped.items()]
    return sorted(rows, key=lambda row: -row.expected)


def leading_incidents(community: Community, score: RiskScore, user) -> list[IncidentShare]:
    """The incidents that add most to a score, among those the user may see."""
    near = (
        Incident.objects.visible_to(user)
        .filter(mission=community.mission)
        .known_by(score.date)
        .around(community.longitude, community.latitude, kernels.CUT)
    )
    evidence, ids = load_evidence(near)
    model = intensity.load(score.model.coefficients)[score.horizon]
    terms = kernels.terms_of_each(
        evidence, community.longitude, community.latitude, score.date.toordinal()
    )
    each = model.contribution_of_each(terms)
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
        rows.append(IncidentShare(incident, float(away), value, value / (score.expected or 1.0)))
    return rows
