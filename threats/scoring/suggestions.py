"""What the evidence suggests of a threat's phase and likelihood, and why.

Written rules, not a model: people decide, and can check the reasons by counting.
"""

from __future__ import annotations

import datetime
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Value
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext

from missions.models import Mission
from threats.choices import (
    ActorPart,
    CommunityKind,
    Imminence,
    IncidentKind,
    Likelihood,
    Phase,
    StandardOfProof,
    ThreatStatus,
)
from threats.models import (
    Alert,
    ArmedActor,
    Community,
    Incident,
    IncidentActor,
    Threat,
    ThreatParty,
    ThreatPerpetrator,
    ThreatRules,
)
from threats.risk import bands

MEMORY = 365  # days of evidence a draft looks back on
HALF_LIFE = 90.0  # days, of the rate behind the likelihood
RECENT = 30  # days: violence this fresh is happening
SUBSIDED = 180  # days: violence this old has subsided
# Grave whatever the number of those harmed.
GRAVE_KINDS = frozenset(
    {
        IncidentKind.SEXUAL_VIOLENCE,
        IncidentKind.CHILD_RIGHTS_VIOLATION,
        IncidentKind.ABDUCTION,
    }
)


@dataclass(frozen=True)
class Suggestion:
    """``expected``: incidents in 30 days at the present rate; ``figures``: what was counted.

    ``status``: empty where the present one stands to reason.
    """

    phase: Phase
    likelihood: int
    expected: float
    figures: dict
    status: str = ""

    @property
    def reasons(self) -> list[str]:
        """What was counted, in sentences."""
        counted, latest = self.figures["incidents"], self.figures["latest_days_ago"]
        lines = [
            ngettext(
                "%(n)d incident against civilians in twelve months, the latest %(d)d days ago.",
                "%(n)d incidents against civilians in twelve months, the latest %(d)d days ago.",
                counted,
            )
            % {"n": counted, "d": latest}
            if counted
            else gettext("No incident against civilians in twelve months.")
        ]
        other, when = self.figures["other_violence"], self.figures["other_latest_days_ago"]
        if other:
            lines.append(
                ngettext(
                    "%(n)d other violent incident, the latest %(d)d days ago.",
                    "%(n)d other violent incidents, the latest %(d)d days ago.",
                    other,
                )
                % {"n": other, "d": when}
            )
        alerts = self.figures.get("imminent_alerts", 0)
        if alerts:
            lines.append(
                ngettext(
                    "%(n)d open alert of an imminent danger is linked to it.",
                    "%(n)d open alerts of an imminent danger are linked to it.",
                    alerts,
                )
                % {"n": alerts}
            )
        lines.append(
            gettext("At the present rate %(e)s incidents are to be expected in 30 days.")
            % {"e": number_format(round(self.expected, 1), 1)}
        )
        return lines


def suggest(
    against_civilians: Sequence[datetime.date],
    other_violence: Sequence[datetime.date],
    today: datetime.date,
    cut_points: Sequence[float],
    *,
    imminent_alerts: int = 0,
    status: str = "",
) -> Suggestion:
    """Suggest from the end dates of an actor's incidents in an area up to ``today``.

    The rate is the exponentially decayed count per day, half-life 90 days: ``Σ 2^(−age/90) ×
    ln 2 / 90``. Phase: response when civilians were harmed in the last 30 days; consolidation
    when the last harm is older and the actor has been quiet for 30 days too, up to 180 days;
    pre-emption when the actor fights in the area, the likelihood is 4 or more, or an imminent
    alert is open; else prevention. Likelihood 5, imminent, needs an imminent alert: a rate alone
    gives 4 at most. Status: an active threat without any violence for 180 days,
    nor an alert, may be closed; a closed one with harm in the last 30 days is open again.
    """
    ages = sorted((today - date).days for date in against_civilians if date <= today)
    others = sorted((today - date).days for date in other_violence if date <= today)
    rate = sum(2 ** (-age / HALF_LIFE) for age in ages) * math.log(2) / HALF_LIFE
    expected = rate * 30
    by_rate = int(bands.likelihood(1 - math.exp(-expected), cut_points))
    # Imminent is said of a warning, never of a rate alone.
    likelihood = by_rate if imminent_alerts else min(by_rate, Likelihood.VERY_LIKELY.value)
    if ages and ages[0] <= RECENT:
        phase = Phase.RESPONSE
    elif (others and others[0] <= RECENT) or likelihood >= 4 or imminent_alerts:
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
    if imminent_alerts:
        figures["imminent_alerts"] = imminent_alerts
    quiet = min([*ages[:1], *others[:1]], default=MEMORY) > SUBSIDED and not imminent_alerts
    suggested = ""
    if status == ThreatStatus.ACTIVE and quiet:
        suggested = ThreatStatus.CLOSED
    elif status == ThreatStatus.CLOSED and phase == Phase.RESPONSE:
        suggested = ThreatStatus.ACTIVE
    return Suggestion(phase, likelihood, expected, figures, suggested)


def suggestions_for(mission: Mission, user, threats: Sequence[Threat]) -> dict[int, Suggestion]:
    """A suggestion for each threat by its id, from the evidence the user may see; 4 queries.

    A threat's evidence: in the last twelve months and in its area, violence of which its
    perpetrators are recorded as such, other fighting they were a side of, and fighting between the
    sides it names; and the incidents linked to it. What is disproved is none. Open alerts linked to it count when they are imminent.
    """
    since = mission.today - datetime.timedelta(days=MEMORY)
    recent = (
        Incident.objects.visible_to(user)
        .filter(mission=mission, end_date__range=(since, mission.today))
        .order_by()
    )
    ids = [threat.pk for threat in threats]
    found: dict[int, dict[int, tuple[datetime.date, bool]]] = defaultdict(dict)
    for threat, incident, day, against in (
        Threat.incidents.through.objects.filter(threat__in=ids, incident__in=recent)
    ).values_list("threat_id", "incident_id", "incident__end_date", "incident__against_civilians"):
        found[threat][incident] = (day, against)
    by_actor: dict[tuple[int, int | None], list[int]] = defaultdict(list)
    areas = {threat.pk: threat.admin_area_id for threat in threats if threat.admin_area_id}
    seen = ArmedActor.objects.visible_to(user).filter(mission=mission).order_by()
    links = [
        model.objects.filter(threat__in=list(areas), actor__in=seen)
        .exclude(standard=StandardOfProof.DISPROVED)
        .order_by()
        .annotate(is_side=Value(model is ThreatParty))
        .values_list("threat_id", "actor_id", "is_side")
        for model in (ThreatPerpetrator, ThreatParty)
    ]
    sides: dict[int, set[int]] = defaultdict(set)
    for threat, actor, is_side in links[0].union(links[1], all=True):
        by_actor[actor, areas[threat]].append(threat)
        if is_side:
            sides[threat].add(actor)
    acts = (
        IncidentActor.objects.filter(
            part__in=[ActorPart.PERPETRATOR, ActorPart.PARTY],
            actor__in={actor for actor, _area in by_actor},
            incident__in=recent,
        )
        .exclude(standard=StandardOfProof.DISPROVED)
        .values_list(
            "actor_id", "incident__admin_area_id", "incident_id", "incident__end_date",
            "incident__against_civilians", "part",
        )
    )  # fmt: skip
    fighting: dict[tuple[int, int], set[int]] = defaultdict(set)
    days: dict[int, tuple[datetime.date, bool]] = {}
    for actor, area, incident, day, against, part in acts:
        for threat in by_actor.get((actor, area), ()):
            if actor in sides[threat]:
                fighting[threat, incident].add(actor)
                days[incident] = (day, against)
            elif part == ActorPart.PERPETRATOR or incident not in found[threat]:
                found[threat][incident] = (day, against and part == ActorPart.PERPETRATOR)
    for (threat, incident), actors in fighting.items():
        if len(actors) > 1:
            found[threat][incident] = days[incident]
    warned: dict[int, int] = defaultdict(int)
    alerts = Alert.objects.visible_to(user).open().filter(imminence=Imminence.IMMINENT)
    for threat in Alert.threats.through.objects.filter(
        threat__in=ids, alert__in=alerts.order_by()
    ).values_list("threat_id", flat=True):
        warned[threat] += 1
    return {
        threat.pk: suggest(
            [day for day, against in found[threat.pk].values() if against],
            [day for day, against in found[threat.pk].values() if not against],
            mission.today,
            ThreatRules.of(mission).risk_cut_points["30"],
            imminent_alerts=warned[threat.pk],
            status=threat.status,
        )
        for threat in threats
    }


def suggest_impact(incidents: Iterable[Incident], communities: Iterable[Community]) -> int | None:
    """Impact 1–5 by the harm of the incidents against civilians and by who is exposed to more.

    None where no harm is known. See ``threats.risk.bands.impact``.
    """
    attacks = [incident for incident in incidents if incident.against_civilians]
    return bands.impact(
        [_harmed(incident) for incident in attacks],
        is_grave=any(incident.kind in GRAVE_KINDS for incident in attacks),
        is_vulnerable=any(
            community.displaced_population
            or community.vulnerable_groups
            or community.kind in (CommunityKind.DISPLACEMENT_SITE, CommunityKind.POC_SITE)
            for community in communities
        ),
    )


def _harmed(incident: Incident) -> int | None:
    """Civilians killed or injured, as far as known; None where nothing is."""
    known = [n for n in (incident.civilian_deaths, incident.injured) if n is not None]
    return sum(known) if known else None
