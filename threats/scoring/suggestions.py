"""What the evidence suggests of a threat's phase and likelihood, and why.

Written rules, not a model: people decide, and can check the reasons by counting.
"""

from __future__ import annotations

import datetime
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.db.models import Value

from missions.access import Reader
from missions.models import Mission
from threats.choices import (
    ActorPart,
    CommunityKind,
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
from threats.risk import bands, kernels
from threats.rules.kinds import GRAVE_KINDS, ORGANISED_VIOLENCE, WARNINGS
from threats.scoring.feared import by_risk, feared
from threats.scoring.linked import standing_links
from threats.scoring.record import record_for
from threats.scoring.signs import Reassurance, Sign, places_of, reassurance
from threats.scoring.suggestion import Suggestion
from threats.spans import evidence_span

MEMORY = 365  # days of evidence a draft looks back on
HALF_LIFE = 90.0  # days, of the rate behind the likelihood
RECENT = 30  # days: violence this fresh is happening
CALM = (Phase.CONSOLIDATION, Phase.PREVENTION)
NO_SIGN = Reassurance()
Span = tuple[datetime.date, datetime.date]  # first and last day
Day = datetime.date | Span
DAYS = ("incident__start_date", "incident__end_date", "incident__date_precision")
WHAT = ("incident__kind", "incident__against_civilians", *DAYS)
SUBSIDED = 180  # days: violence this old has subsided
INDICATING = 14  # days: a warning sign this fresh is an indicator of what is imminent


@dataclass(frozen=True)
class _Happened:
    """Ages in days of the first and last day an incident may have happened on."""

    oldest: int
    newest: int

    @property
    def middle(self) -> float:
        return (self.oldest + self.newest) / 2

    @property
    def weight(self) -> float:
        """Of its decayed rate: the mean over its days."""
        days = self.oldest - self.newest + 1
        return 2 ** (-self.oldest / HALF_LIFE) * float(kernels.over_span(days, HALF_LIFE))


def _happened(days: Iterable[Day], day: datetime.date) -> list[_Happened]:
    """Those begun by ``day``, the latest first; of a span what lies after ``day`` is left out."""
    found = []
    for one in days:
        first, last = one if isinstance(one, tuple) else (one, one)
        if first <= day:
            found.append(_Happened((day - first).days, max((day - last).days, 0)))
    return sorted(found, key=lambda it: (it.middle, it.oldest))


def _latest(happened: list[_Happened], name: str) -> dict:
    """Figures of the latest of some incidents."""
    if not happened:
        return {f"{name}_days_ago": None}
    latest = happened[0]
    found = {f"{name}_days_ago": round(latest.middle)}
    if latest.oldest != latest.newest:
        found[f"{name}_at_least_days_ago"] = latest.newest
        found[f"{name}_at_most_days_ago"] = latest.oldest
    return found


@dataclass(frozen=True)
class _Told:
    """What an incident tells of a threat: of harm to civilians, other violence, or violence to come."""

    days: Span
    kind: str
    against: bool
    is_theirs: bool = True  # done by those the threat names, who were not merely a side

    @classmethod
    def of(cls, kind: str, against: bool, *days) -> _Told:
        return cls(evidence_span(*days), kind, against)

    @property
    def harmed(self) -> bool:
        return self.against and self.is_theirs

    @property
    def is_violence(self) -> bool:
        return not self.harmed and (self.against or self.kind in ORGANISED_VIOLENCE)

    @property
    def is_warning(self) -> bool:
        return not self.against and self.kind in WARNINGS


def suggest(
    against_civilians: Sequence[Day],
    other_violence: Sequence[Day],
    today: datetime.date,
    cut_points: Sequence[float],
    *,
    warnings: Sequence[Day] = (),
    imminent_alerts: int = 0,
    status: str = "",
    phase: str = "",
    record_end: datetime.date | None = None,
    reassured: Reassurance = NO_SIGN,
) -> Suggestion:
    """Suggest from the days of an actor's incidents in an area up to ``today``.

    A day, or the first and last it may have been: such an incident counts spread over them, and is as
    old as their middle. ``record_end``: where the record ends before today, by which ages are told
    then. The rate is the exponentially decayed count per day, half-life 90 days: ``Σ 2^(−age/90) ×
    ln 2 / 90``. Phase: response when civilians were harmed in the last 30 days; consolidation
    when the last harm is older, the actor has been quiet for 30 days too, up to 180 days, and there
    is a good sign since (``scoring.signs``), else pre-emption, or the calmer ``phase`` that stands;
    pre-emption when the actor fights in the area, the likelihood is 4 or more, or an imminent
    alert is open; else prevention. Likelihood 5, imminent, needs a warning beside the rate: an
    imminent alert, or an incident that tells of violence to come (``warnings``) of the 14 days up to
    today, wherever the record ends; a rate alone gives 4 at most. Status: an active threat without any violence for 180 days,
    nor an alert, and with a good sign, may be closed; a closed one with harm in the last 30 days is
    open again.
    """
    day = min(record_end or today, today)
    harm, others = _happened(against_civilians, day), _happened(other_violence, day)
    expected = 30 * sum(one.weight for one in harm) * math.log(2) / HALF_LIFE
    by_rate = int(bands.likelihood(1 - math.exp(-expected), cut_points))
    # Imminent is said of a warning, never of a rate alone.
    # It is told from today: an old warning warns of nothing because the record ended long ago.
    indicators = sum(one.middle <= INDICATING for one in _happened(warnings, today))
    is_warned = imminent_alerts or indicators
    likelihood = by_rate if is_warned else min(by_rate, Likelihood.VERY_LIKELY.value)
    violence = [*harm, *others]
    newest = min((one.newest for one in violence), default=None)
    last = None if newest is None else day - datetime.timedelta(days=newest)
    sign = reassured.since(last, today)
    latest = min((one.middle for one in violence), default=float(MEMORY))
    quiet = latest > SUBSIDED and not imminent_alerts
    figures = {
        "incidents": len(harm),
        **_latest(harm, "latest"),
        "other_violence": len(others),
        **_latest(others, "other_latest"),
        "expected_30_days": round(expected, 4),
    }
    if imminent_alerts:
        figures["imminent_alerts"] = imminent_alerts
    if indicators:
        figures["indicators"] = indicators
    if day < today:
        figures["no_record_since"] = day.isoformat()
    suggested_phase, rests_on_quiet = _phase(harm, others, likelihood, imminent_alerts, sign)
    if rests_on_quiet and sign is None and phase in CALM:
        suggested_phase = Phase(phase)  # which people chose; nothing has happened since
    may_close = status == ThreatStatus.ACTIVE and quiet
    rests_on_quiet |= may_close
    if rests_on_quiet and sign is None:
        figures["silent" if reassured.is_silent else "unconfirmed"] = True
    suggested = ""
    if may_close and sign is not None:
        suggested = ThreatStatus.CLOSED
    elif status == ThreatStatus.CLOSED and suggested_phase == Phase.RESPONSE:
        suggested = ThreatStatus.ACTIVE
    return Suggestion(
        suggested_phase, likelihood, expected, figures, suggested, sign if rests_on_quiet else None
    )


def _phase(
    harm: list[_Happened], others: list[_Happened], likelihood: int, alerts: int, sign: Sign | None
) -> tuple[Phase, bool]:
    """The phase, and whether it rests on quiet."""
    if harm and harm[0].middle <= RECENT:
        return Phase.RESPONSE, False
    if (others and others[0].middle <= RECENT) or likelihood >= 4 or alerts:
        return Phase.PREEMPTION, False
    if harm and harm[0].middle <= SUBSIDED:
        return (Phase.CONSOLIDATION if sign is not None else Phase.PREEMPTION), True
    return Phase.PREVENTION, False


def suggestions_for(mission: Mission, user, threats: Sequence[Threat]) -> dict[int, Suggestion]:
    """A suggestion for each threat by its id, from the evidence the user may see; however many
    threats, the same number of queries.

    A threat's evidence: in the last twelve months and in its area, violence of which its
    perpetrators are recorded as such, other fighting they were a side of, and fighting between the
    sides it names; and the incidents linked to it (``scoring.linked``). What is disproved is none,
    nor what waits to be verified. Of other kinds, only signs of violence to come count, as indicators. Open alerts linked
    to it count when they are imminent. A draft made for the risk of places says what that is now.
    """
    user = Reader.counting(user)
    record = record_for(mission, user)
    since = record.day - datetime.timedelta(days=MEMORY)
    recent = (
        Incident.objects.visible_to(user)
        .counted()
        .filter(mission=mission, end_date__range=(since, mission.today))
        .order_by()
    )
    ids = [threat.pk for threat in threats]
    found: dict[int, dict[int, _Told]] = defaultdict(dict)
    for threat, incident, is_theirs, *what in standing_links(
        user, threat__in=ids, incident__in=recent
    ).values_list("threat_id", "incident_id", "is_theirs", *WHAT):
        found[threat][incident] = replace(_Told.of(*what), is_theirs=is_theirs)
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
        .values_list("actor_id", "incident__admin_area_id", "incident_id", "part", *WHAT)
    )
    fighting: dict[tuple[int, int], set[int]] = defaultdict(set)
    fought: dict[int, _Told] = {}
    for actor, area, incident, part, *what in acts:
        told = _Told.of(*what)
        for threat in by_actor.get((actor, area), ()):
            if actor in sides[threat]:
                fighting[threat, incident].add(actor)
                fought[incident] = told
            elif part == ActorPart.PERPETRATOR or incident not in found[threat]:
                is_theirs = part == ActorPart.PERPETRATOR
                found[threat][incident] = replace(told, is_theirs=is_theirs)
    for (threat, incident), actors in fighting.items():
        if len(actors) > 1:
            found[threat][incident] = fought[incident]
    warned: dict[int, int] = defaultdict(int)
    alerts = Alert.objects.visible_to(user).imminent().counted()
    for threat in Alert.threats.through.objects.filter(
        threat__in=ids, alert__in=alerts.order_by()
    ).values_list("threat_id", flat=True):
        warned[threat] += 1
    reassured = reassurance(mission, user, places_of(threats, user))
    cut_points = ThreatRules.of(mission).risk_cut_points["30"]
    suggested = {
        threat.pk: suggest(
            [told.days for told in found[threat.pk].values() if told.harmed],
            [told.days for told in found[threat.pk].values() if told.is_violence],
            mission.today,
            cut_points,
            warnings=[told.days for told in found[threat.pk].values() if told.is_warning],
            imminent_alerts=warned[threat.pk],
            status=threat.status,
            phase=threat.phase,
            record_end=record.end,
            reassured=reassured[threat.pk],
        )
        for threat in threats
    }
    accused = {threat for named in by_actor.values() for threat in named}
    bare = [one for one in threats if one.pk not in accused and not found[one.pk]]
    for pk, risk in feared(mission, user, bare).items():
        suggested[pk] = by_risk(suggested[pk], risk, cut_points)
    if record.is_far_past:
        return {threat.pk: _withheld(suggested[threat.pk], threat.phase) for threat in threats}
    return suggested


def _withheld(suggestion: Suggestion, phase: str) -> Suggestion:
    """Nothing is suggested from a record that ended long ago, but by an alert."""
    if suggestion.figures.get("imminent_alerts"):
        return suggestion
    return replace(
        suggestion, phase=Phase(phase), status="", sign=None,
        figures=suggestion.figures | {"withheld": True},
    )  # fmt: skip


def suggest_impact(incidents: Iterable[Incident], communities: Iterable[Community]) -> int | None:
    """Impact 1–5 by the harm of the incidents against civilians and by who is exposed to more.

    None where no harm is known. See ``threats.risk.bands.impact``.
    """
    attacks = [
        incident
        for incident in incidents
        if incident.against_civilians and not incident.awaits_verification
    ]
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
