"""What a brief tells of a week, as numbers and records; its words are put elsewhere.

All of it from what the reader's clearance may see. A week is its seven days; one that has not
ended is told up to the mission's today, called its last day here.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import Generic, TypeVar

from django.db.models import Count, F, Q, Sum

from missions.access import Reader
from missions.choices import Classification
from missions.models import FieldOffice, Mission
from strategies.coverage.cells import MissionCell
from strategies.coverage.mission import Coverage, Gap
from strategies.coverage.places import Uncovered, uncovered
from strategies.models import Activity, StatusChange
from strategies.models.activity import judged_at
from strategies.reading.as_of import overdue_on
from strategies.reading.rises import rises_until
from threats.choices import ThreatStatus
from threats.models import Alert, Incident, RiskScore, Threat, ThreatDecision
from threats.models.days import counted_in, newest_first, share_of_days
from threats.rules.grading import COUNTED
from threats.rules.harm import known_deaths
from threats.scoring.explanations import Explanation, explain
from threats.scoring.neighbours import grouped
from threats.scoring.record import Record, record_of

T = TypeVar("T")
LONGEST_MONTH = 31  # days by which a day known to its month may lie away from the one given
LONGEST = datetime.timedelta(days=LONGEST_MONTH)
COUNTS = 0.5  # of an incident of unknown day, for the week to tell of it
BEFORE = 4  # weeks compared with
HORIZON = 30  # days
UNCOVERED = 6  # rows at most
INCIDENTS, RISEN, THREATS, ALERTS, GAPS, PLANS, OVERDUE = 8, 8, 9, 6, 11, 9, 9  # rows at most


@dataclass(frozen=True)
class Week:
    """What happened in some days: counts of what is on record, deaths where known.

    An incident whose day is not known counts by the share of its days that lie there; ``inexact``:
    how many do. ``on_record``: of its ``days``, those that some source speaks of; where that is none,
    what happened is None, not 0.
    """

    days: int
    on_record: int
    incidents: int | None  # against civilians
    clashes: int | None  # other violent or tense incidents
    civilian_deaths: int | None
    inexact: int
    unverified: int  # graded F6 and verified by nobody: in none of the counts before
    alerts: int
    answered: int  # alerts responded to
    to_decision: datetime.timedelta | None  # medians; None: none yet
    to_response: datetime.timedelta | None


@dataclass(frozen=True)
class Listed(Generic[T]):
    """The first of some records, and how many more there are."""

    rows: list[T]
    cut: int

    @classmethod
    def of(cls, found: Iterable[T], limit: int) -> Listed[T]:
        found = list(found)
        return cls(found[:limit], max(0, len(found) - limit))


@dataclass(frozen=True)
class Risen:
    """A community whose risk rose: probabilities of 30 days, and why."""

    score: RiskScore
    reader: Reader
    before: float
    after: float
    others: int = 0  # within 25 km, that rose at least half as much

    @property
    def explanation(self) -> Explanation:
        """Made anew each time: a brief is composed in several languages."""
        return explain(self.score, self.score.community, self.reader)


@dataclass(frozen=True)
class Facts:
    mission: Mission
    office: FieldOffice | None
    clearance: Classification
    first: datetime.date
    last: datetime.date  # the week's Sunday, or the mission's today before it
    until: datetime.datetime  # the end of that day, or the mission's now
    uncovered: Uncovered
    week: Week
    before: list[Week]  # the four weeks before, the nearest first
    incidents: Listed[Incident]
    risen: Listed[Risen]
    scored: tuple[datetime.date, datetime.date] | None  # days of the two scores compared
    matrix: list[MissionCell]
    matrix_before: list[MissionCell]
    threats: Listed[tuple[Threat, int, int]]  # with required cells, and gaps among them
    decisions: Listed[ThreatDecision]
    alerts: Listed[Alert]
    gaps: Listed[Gap]
    moves: Listed[StatusChange]  # activities planned or moved on
    overdue: Listed[Activity]
    undecided: int  # alerts open without a decision, not found false
    proposed: int  # threats
    alerts_ever: (
        int  # in the whole mission, as are activities: without any there is nothing to judge
    )
    activities_ever: int
    record: Record
    at_risk: list[tuple[float, float, int]]  # longitude, latitude, band; for the map


def gather(
    mission: Mission, clearance: int, week: datetime.date, office: FieldOffice | None = None
) -> Facts:
    """Facts of the week that begins on the Monday ``week``."""
    reader = Reader.cleared(mission, clearance)
    last = min(week + datetime.timedelta(days=6), mission.today)
    here = _in(office)
    record = record_of(mission, clearance)
    weeks = [
        _week(mission, reader, record, here, first, min(first + datetime.timedelta(days=6), last))
        for first in (week - datetime.timedelta(days=7 * n) for n in range(BEFORE + 1))
    ]
    coverage = Coverage(mission, reader, last, office)
    earlier = Coverage(mission, reader, week - datetime.timedelta(days=1), office)
    risen, scored = _risen(mission, reader, office, last)
    alerts = Alert.objects.visible_to(reader).filter(here, mission=mission)
    threats = Threat.objects.visible_to(reader).filter(mission=mission)
    if office:
        threats = threats.filter(admin_area__field_office=office)
    return Facts(
        mission=mission,
        office=office,
        clearance=Classification(clearance),
        first=week,
        last=last,
        until=judged_at(mission, last)[1],
        uncovered=uncovered(mission, reader, day=last, office=office, limit=UNCOVERED),
        week=weeks[0],
        before=weeks[1:],
        incidents=Listed.of(_gravest(mission, reader, here, week, last), INCIDENTS),
        risen=risen,
        scored=scored,
        matrix=coverage.matrix(),
        matrix_before=earlier.matrix(),
        threats=Listed(coverage.gravest(THREATS), max(0, len(coverage.ids) - THREATS)),
        decisions=Listed.of(
            ThreatDecision.objects.filter(threat__in=threats, day__range=(week, last))
            .exclude(status=ThreatStatus.PROPOSED)
            .select_related("threat", "decided_by")
            .order_by("day", "pk"),
            THREATS,
        ),
        alerts=Listed.of(
            alerts.filter(mission_day__range=(week, last))
            .select_related("mission", "admin_area", "field_office", "responding_component")
            .triage(),
            ALERTS,
        ),
        gaps=Listed(coverage.gaps(GAPS), max(0, coverage.gap_total() - GAPS)),
        moves=Listed.of(_moves(mission, reader, office, week, last), PLANS),
        overdue=Listed.of(overdue_on(last, mission, reader, _of_office(office)), OVERDUE),
        undecided=alerts.undecided().filter(mission_day__lte=last).count(),
        proposed=threats.filter(status=ThreatStatus.PROPOSED).count(),
        alerts_ever=Alert.objects.visible_to(reader).filter(mission=mission).count(),
        activities_ever=Activity.objects.visible_to(reader).filter(mission=mission).count(),
        record=record,
        at_risk=_at_risk(mission, reader, office),
    )


def _in(office: FieldOffice | None, path: str = "") -> Q:
    return Q(**{f"{path}field_office": office}) if office else Q()


def _week(
    mission, reader, record: Record, here: Q, first: datetime.date, last: datetime.date
) -> Week:
    counted = (
        Incident.objects.visible_to(reader)
        .filter(
            here,
            mission=mission,
            start_date__lt=last + LONGEST,
        )
        .filter(end_date__gt=first - LONGEST)
        .annotate(
            counted=counted_in(first, last, mission.today),
            share=share_of_days(first, last, mission.today),
        )
        .aggregate(
            against=Sum("counted", filter=COUNTED & Q(against_civilians=True)),
            other=Sum("counted", filter=COUNTED & Q(against_civilians=False)),
            deaths=Sum(F("share") * F("civilian_deaths"), filter=COUNTED),
            inexact=Count("pk", filter=COUNTED & Q(counted__gt=0, counted__lt=1)),
            unverified=Count("pk", filter=~COUNTED & Q(counted__gt=0)),
        )
    )
    alerts = list(
        Alert.objects.visible_to(reader)
        .filter(here, mission=mission, mission_day__range=(first, last))
        .values_list("received_at", "decided_at", "responded_at")
    )
    decided = [row[1] - row[0] for row in alerts if row[1]]
    responded = [row[2] - row[0] for row in alerts if row[2]]
    return Week(
        days=(last - first).days + 1,
        on_record=record.days_told(first, last),
        incidents=record.count(counted["against"], first, last),
        clashes=record.count(counted["other"], first, last),
        civilian_deaths=record.count(counted["deaths"], first, last),
        inexact=counted["inexact"],
        unverified=counted["unverified"],
        alerts=len(alerts),
        answered=len(responded),
        to_decision=_median(decided),
        to_response=_median(responded),
    )


def _median(durations: list[datetime.timedelta]) -> datetime.timedelta | None:
    if not durations:
        return None
    seconds = [duration.total_seconds() for duration in durations]
    return datetime.timedelta(seconds=median(seconds))


def _gravest(mission, reader, here: Q, first: datetime.date, last: datetime.date):
    """Incidents of the week: against civilians first, the deadliest first.

    Of those whose day is not known, the ones that count in the week at least by half.
    """
    return (
        Incident.objects.visible_to(reader)
        .filter(here, mission=mission, start_date__lte=last + LONGEST)
        .filter(end_date__gte=first - LONGEST)
        .annotate(counted=counted_in(first, last, mission.today))
        .filter(counted__gte=COUNTS)
        .select_related("mission", "admin_area")
        .order_by(
            F("against_civilians").desc(),
            F("civilian_deaths").desc(nulls_last=True),
            known_deaths().desc(nulls_last=True),
            *newest_first(mission.today),
        )
    )


def _risen(mission, reader, office: FieldOffice | None, last: datetime.date):
    """Communities whose probability rose most in a week, and the two days compared.

    Scores of the last day and of a week before; where a past week kept them thinner, those of the
    nearest earlier days that were kept.
    """
    found_rises = rises_until(mission, reader, last, _in(office, "community__"))
    if found_rises is None:
        return Listed([], 0), None
    rises, earlier = found_rises.rows, found_rises.before
    groups = grouped(rises, RISEN)
    top = [key for key, _others in groups]
    scores = {
        score.community_id: score
        for score in found_rises.scores.filter(community__in=top).select_related(
            "model", "community", "community__mission", "community__admin_area", "mission"
        )
    }
    found = []
    for key, others in groups:
        score = scores[key]
        found.append(Risen(score, reader, earlier[key], score.probability, len(others)))
    told = sum(1 + len(others) for _key, others in groups)
    return Listed(found, len(rises) - told), found_rises.days


def _of_office(office: FieldOffice | None) -> Q:
    """Activities that concern an office: by their communities or their threats' areas."""
    if office is None:
        return Q()
    return Q(communities__field_office=office) | Q(threats__admin_area__field_office=office)


def _moves(mission, reader, office, first: datetime.date, last: datetime.date):
    """Activities planned or moved on in the week: the last change of each, newest first."""
    activities = Activity.objects.visible_to(reader).filter(_of_office(office), mission=mission)
    changes = (
        StatusChange.objects.filter(
            activity__in=activities.order_by().values("pk"), day__range=(first, last)
        )
        .select_related("activity__mission", "activity__lead_component")
        .order_by("pk")
    )
    last_of = {change.activity_id: change for change in changes}  # what was recorded last
    return sorted(last_of.values(), key=lambda change: (change.day, change.pk), reverse=True)


def _at_risk(mission, reader, office: FieldOffice | None) -> list[tuple[float, float, int]]:
    here = _in(office, "community__")
    return list(
        RiskScore.objects.visible_to(reader)
        .filter(here, mission=mission, horizon=HORIZON)
        .order_by("band", "community_id")
        .values_list("community__longitude", "community__latitude", "band")
    )
