"""Until when the record speaks: the end of a file is not the beginning of peace.

Each dataset tells of some days (``RecordSpan``); the mission's own reports and alerts tell of those
from one to the next, and to today, as long as some are filed every few months; those that wait to be
verified tell of none. On a day no source tells of nothing is known: it is no day without violence to
learn from, to judge by or to be reassured by.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from django.db.models import Max, Min, QuerySet, Value
from django.db.models.functions import TruncMonth
from django.utils.formats import date_format
from django.utils.translation import gettext

from missions.access import layer_in
from missions.models import Mission
from missions.need_to_know import LAYERS, layer_column
from threats.models import Alert, Incident, RecordSpan
from threats.rules.grading import ALERT_AWAITS
from threats.scoring.requests import Scope, request_recompute
from threats.sources.formats import FORMATS, label_of
from threats.spans import whole

OWN = ""  # in place of a dataset
OWN_SPEAKS = 90  # days without any own report or alert of which they no longer speak
CLOSED_GAP = 31  # days between two spans of one dataset that are still one
DAY = datetime.timedelta(days=1)
FAR = 365  # days past the end of the record after which nothing is proposed from it any more
Span = tuple[datetime.date, datetime.date]  # first and last day


@dataclass(frozen=True)
class Told:
    """The days one source tells of, rising and apart. ``dataset``: OWN for the mission's own."""

    dataset: str
    spans: tuple[Span, ...]

    @property
    def until(self) -> datetime.date:
        """The last day it tells of."""
        return self.spans[-1][1]

    def __str__(self) -> str:
        if self.dataset == OWN:
            return gettext("own reports")
        return label_of(self.dataset)


@dataclass(frozen=True)
class Record:
    """What the sources that a reader may know of tell of, as of the mission's ``today``."""

    today: datetime.date
    sources: tuple[Told, ...] = ()

    @property
    def end(self) -> datetime.date | None:
        """The last day any source speaks of; None where none ever spoke."""
        return max((source.until for source in self.sources), default=None)

    @property
    def no_record_since(self) -> datetime.date | None:
        """The last day on record where that lies before today; else None."""
        return self.end if self.end is not None and self.end < self.today else None

    @property
    def days_past(self) -> int:
        """Days since the record ends; 0 where it does not, or where there is none."""
        return 0 if self.end is None else (self.today - self.end).days

    @property
    def is_far_past(self) -> bool:
        """Whether the record ended so long ago that it says nothing of today."""
        return self.days_past > FAR

    @property
    def day(self) -> datetime.date:
        """The day that scores and suggestions are of: the end of the record, today at the latest."""
        return self.end or self.today

    @property
    def sentence(self) -> str:
        """“No record since 31 December 2025.”; empty where some source speaks until today."""
        since = self.no_record_since
        if since is None:
            return ""
        return gettext("No record since %(day)s.") % {"day": date_format(since, "DATE_FORMAT")}

    @property
    def hole(self) -> Span | None:
        """The first and last day of the latest time of more than a month, ended in the last year,
        of which no source tells although some tell of what came after."""
        told = joined((span for source in self.sources for span in source.spans), CLOSED_GAP)
        if len(told) < 2 or (self.today - told[-1][0]).days > FAR:
            return None
        return told[-2][1] + DAY, told[-1][0] - DAY

    @property
    def hole_sentence(self) -> str:
        """“From … to … no source tells of anything, …”; empty where there is no such time."""
        if self.hole is None:
            return ""
        first, last = (date_format(day, "DATE_FORMAT") for day in self.hole)
        return gettext(
            "From %(first)s to %(last)s no source tells of anything: what happened is not known, "
            "and scores may be too low."
        ) % {"first": first, "last": last}

    @property
    def lagging(self) -> list[Told]:
        """Sources that have not spoken for more than a month, although others do."""
        return [source for source in self.sources if (self.today - source.until).days > CLOSED_GAP]

    def days_told(self, first: datetime.date, last: datetime.date) -> int:
        """Of the days from ``first`` to ``last``, those that some source or other speaks of."""
        spans = joined(span for source in self.sources for span in source.spans)
        return sum(
            max(0, (min(last, until) - max(first, since)).days + 1) for since, until in spans
        )

    def count(self, shares: float | None, first: datetime.date, last: datetime.date) -> int | None:
        """What happened in those days as a whole number; None, not 0, where no source speaks of any."""
        found = whole(shares)
        return found if found or self.days_told(first, last) else None

    def covers(self, first: np.ndarray, last: np.ndarray) -> np.ndarray:
        """Whether some source or other speaks of every day from ``first`` to ``last`` (ordinals)."""
        first, last = np.asarray(first), np.asarray(last)
        found = np.zeros(first.shape, bool)
        for since, until in joined(span for source in self.sources for span in source.spans):
            found |= (since.toordinal() <= first) & (last <= until.toordinal())
        return found


def joined(spans: Iterable[Span], gap: int = 0) -> list[Span]:
    """Spans that overlap, follow each other or lie at most ``gap`` days apart, as one."""
    found: list[Span] = []
    for since, until in sorted(spans):
        if found and (since - found[-1][1]).days <= gap + 1:
            found[-1] = (found[-1][0], max(found[-1][1], until))
        else:
            found.append((since, until))
    return found


def record_of(mission: Mission, layer: int) -> Record:
    """What readers of a layer of figures may know to be on record; one query."""
    return records_of(mission)[layer]


def record_for(mission: Mission, user) -> Record:
    """The same of a user; empty for no member."""
    layer = layer_in(user, mission)
    return Record(mission.today) if layer is None else record_of(mission, layer)


def records_of(mission: Mission) -> list[Record]:
    """By layer of figures."""
    today = mission.today
    own = Incident.objects.current().counted().exclude(dataset__in=list(FORMATS))
    rows = (
        RecordSpan.objects.filter(mission=mission)
        .order_by()
        .values_list("dataset", "classification", "since", "until")
        .union(
            _by_month(own.filter(mission=mission), "start_date", "end_date"),
            _by_month(
                Alert.objects.current().exclude(ALERT_AWAITS).filter(mission=mission),
                "mission_day",
                "mission_day",
            ),
            all=True,
        )
    )
    told = [row for row in rows if row[2] <= today]
    found = []
    for layer in range(LAYERS):
        spans: dict[str, list[Span]] = defaultdict(list)
        for dataset, lowest, since, until in told:
            if lowest <= layer:
                spans[dataset].append((since, min(until, today)))
        sources = [
            Told(dataset, tuple(_own(each, today) if dataset == OWN else joined(each)))
            for dataset, each in sorted(spans.items())
        ]
        found.append(Record(today, tuple(sources)))
    return found


def _by_month(records: QuerySet, first: str, last: str) -> QuerySet:
    """Rows of the spans of own records, one a month: within one nobody is missing for long."""
    months = records.order_by().values(layer=layer_column(), month=TruncMonth(first))
    return months.annotate(since=Min(first), newest=Max(last)).values_list(
        Value(OWN), "layer", "since", "newest"
    )


def _own(spans: list[Span], today: datetime.date) -> list[Span]:
    """From one own report to the next where none is missing for long, and so to today."""
    told = joined(spans, OWN_SPEAKS)
    since, newest = told[-1]
    return [*told[:-1], (since, today if (today - newest).days <= OWN_SPEAKS else newest)]


def scored_days(mission: Mission) -> list[datetime.date]:
    """By layer of figures, the day scores are of."""
    return [record.day for record in records_of(mission)]


def note_span(
    mission: Mission, dataset: str, since: datetime.date, until: datetime.date, classification: int
) -> None:
    """Note that a dataset tells of these days; future ones are left out. Scores follow."""
    until = min(until, mission.today)
    if until < since:
        return
    standing = RecordSpan.objects.select_for_update().filter(mission=mission, dataset=dataset)
    rows = list(standing)
    before = sorted((row.since, row.until) for row in rows)
    spans = joined([*((row.since, row.until) for row in rows), (since, until)], CLOSED_GAP)
    lowest = min([classification, *(row.classification for row in rows)])
    if spans == before and all(row.classification == lowest for row in rows):
        return
    standing.delete()
    RecordSpan.objects.bulk_create(
        [
            RecordSpan(
                mission=mission, dataset=dataset, since=first, until=last, classification=lowest
            )
            for first, last in spans
        ]
    )
    request_recompute(mission, Scope.DAY)
