"""Twins of the figures of a week's brief."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.figures import record, spread
from tests.figures.plain import Row, World, received_on
from tests.figures.twins import (
    DAY,
    OVERVIEW,
    Twin,
    matrix,
    open_alerts,
    score_of,
    times,
    uncovered_places,
)


@dataclass(frozen=True)
class Weekly:
    """Of the week that begins on the Monday ``week``."""

    week: datetime.date

    def twins(self) -> dict[str, Twin]:
        """By the name ``told.of_brief`` gives each."""
        return {
            "days": self._in_weeks(lambda w, first, last: (last - first).days + 1),
            "on_record": self._in_weeks(record.told_days),
            "incidents": self._count(lambda row: row["against_civilians"]),
            "clashes": self._count(lambda row: not row["against_civilians"]),
            "civilian_deaths": self._happened(
                lambda row: row["civilian_deaths"] or 0, is_toll=True
            ),
            "inexact": self._spread(lambda row: 1, spread.inexact),
            "unverified": self._spread(lambda row: 1, spread.unverified),
            "alerts": self._warned(len),
            "answered": self._warned(
                lambda rows: sum(row["responded_at"] is not None for row in rows)
            ),
            "to_decision": self._warned(lambda rows: times(rows)[0]),
            "to_response": self._warned(lambda rows: times(rows)[1]),
            "undecided": lambda w: sum(
                row["decided_at"] is None
                and row["verification"] != "false"
                and received_on(row, w) <= self.last(w)
                for row in open_alerts(w)
            ),
            "proposed": OVERVIEW["threats_proposed"],
            "alerts_ever": OVERVIEW["alerts"],
            "activities_ever": OVERVIEW["activities"],
            "scored": self.scored,
            "all_incidents": self.happened,
            "all_alerts": lambda w: sum(
                self.week <= received_on(row, w) <= self.last(w) for row in w.alerts
            ),
            "all_gaps": self._then(OVERVIEW["gaps"]),
            "all_moves": self.moved,
            "all_overdue": self._then(OVERVIEW["overdue"]),
            "all_decisions": self.decided,
            "all_threats": self._then(OVERVIEW["threats_active"]),
            "all_risen": self.risen,
            "matrix": self._then(matrix),
            "matrix_before": lambda w: matrix(w.on(self.week - DAY)),
            "uncovered_total": self.lacking,
            "at_risk": lambda w: sorted(
                (place["longitude"], place["latitude"], score_of(w, place)["band"])
                for place in w.communities
                if score_of(w, place)["band"] is not None
            ),
        }

    def last(self, world: World) -> datetime.date:
        return min(self.week + 6 * DAY, world.today)

    def _here(self, world: World, rows: list[Row], name: str) -> list[Row]:
        return [row for row in rows if self.week <= row[name] <= self.last(world)]

    def _each_week(self, figure: Callable[[World, Callable[[datetime.date], bool]], Any]) -> Twin:
        """Of this week and the four before it, the nearest first."""

        def twin(world: World) -> list:
            found = []
            for n in range(5):
                first = self.week - 7 * n * DAY
                end = min(first + 6 * DAY, self.last(world))
                found.append(figure(world, lambda day, first=first, end=end: first <= day <= end))
            return found

        return twin

    def _count(self, is_one: Callable[[Row], bool]) -> Twin:
        return self._happened(lambda row: int(is_one(row)))

    def _happened(self, weight: Callable[[Row], int], *, is_toll: bool = False) -> Twin:
        """What is None where no source tells of any day."""

        def count(world: World, first: datetime.date, last: datetime.date) -> int | None:
            total = spread.total(world, weight, first, last, is_toll=is_toll)
            return record.or_untold(world, total, first, last)

        return self._in_weeks(count)

    def _spread(self, weight: Callable[[Row], int], count: Callable) -> Twin:
        """Of this week and the four before it, by the share of days an incident may be of."""
        return self._in_weeks(lambda w, first, last: count(w, weight, first, last))

    def _in_weeks(self, figure: Callable[[World, datetime.date, datetime.date], Any]) -> Twin:
        """Of this week and the four before it, the nearest first."""

        def twin(world: World) -> list:
            found = []
            for n in range(5):
                first = self.week - 7 * n * DAY
                end = min(first + 6 * DAY, self.last(world))
                found.append(figure(world, first, end))
            return found

        return twin

    def _warned(self, figure: Callable[[list[Row]], Any]) -> Twin:
        return self._each_week(
            lambda w, holds: figure([row for row in w.alerts if holds(received_on(row, w))])
        )

    def _then(self, figure: Twin) -> Twin:
        return lambda w: figure(w.on(self.last(w)))

    def happened(self, world: World) -> int:
        """Incidents the week tells of: gone on in it, or, where the day is not known, half of it there."""
        here = self.week, self.last(world)
        return sum(spread.share(row, *here, world.mission.today) >= 0.5 for row in world.incidents)

    def moved(self, world: World) -> int:
        """Activities planned or moved on in the week."""
        ours = World.by_id(world.activities)
        moves = self._here(world, world.changes, "day")
        return len({row["activity_id"] for row in moves} & set(ours))

    def decided(self, world: World) -> int:
        """Decisions about threats, proposals left out."""
        ours = World.by_id(world.threats)
        return sum(
            row["threat_id"] in ours and row["status"] != "proposed"
            for row in self._here(world, world.decisions, "day")
        )

    def scored(self, world: World) -> tuple[datetime.date, datetime.date] | None:
        """The two days compared: the last one with scores, and the last a week before it."""
        standing = {row["date"] for row in world.scores}
        kept = {row["date"] for row in world.history}

        def newest(day: datetime.date) -> datetime.date | None:
            return max((one for one in kept if day - 6 * DAY <= one <= day), default=None)

        day = self.last(world) if self.last(world) in standing else newest(self.last(world))
        before = newest(day - 7 * DAY) if day else None
        return (before, day) if before and day else None

    def risen(self, world: World) -> int:
        """Communities whose probability rose between those days."""
        days = self.scored(world)
        if days is None:
            return 0
        before, day = days
        standing = [row for row in world.scores if row["date"] == day]
        later = standing or [row for row in world.history if row["date"] == day]
        earlier = {
            row["community_id"]: row["probability"]
            for row in world.history
            if row["date"] == before
        }
        return sum(row["probability"] > earlier.get(row["community_id"], 1.0) for row in later)

    def lacking(self, world: World) -> int:
        """Uncovered places by the scores that stood, or were kept last, at the week's end."""
        day = self.last(world)
        if day >= world.today:
            return len(uncovered_places(world))
        then = world.on(day)
        if not any(row["date"] == day for row in world.scores):
            near = {row["date"] for row in world.history if day - 6 * DAY <= row["date"] <= day}
            newest = max(near, default=None)
            then.scores = [row for row in world.history if row["date"] == newest]
        return len(uncovered_places(then))
