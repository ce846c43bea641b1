"""A mission's rows as plain dictionaries, and the rule of who sees them written down again."""

from __future__ import annotations

import datetime
from collections import defaultdict
from copy import copy
from typing import Any

from missions.models import AdminArea, Component, FieldOffice, Mission
from strategies.models import Activity, CatalogueActivity, CoverageRules, Meeting, StatusChange
from strategies.models import Decision as MeetingDecision
from threats.models import (
    Alert,
    AlertStep,
    Assessment,
    Community,
    Incident,
    Post,
    RiskHistory,
    RiskScore,
    Threat,
    ThreatDecision,
    ThreatRules,
)

Row = dict[str, Any]


class World:
    """What one clearance sees of a mission, read without any rule of the portal's.

    ``day``: the mission's today. Links stand as sets of ids in the rows.
    """

    def __init__(self, mission: Mission, clearance: int):
        self.mission, self.clearance, self.today = mission, clearance, mission.today
        self.now = mission.now
        self.communities = self._seen(Community)
        self.incidents = self._seen(Incident)
        self.threats = self._seen(Threat)
        self.activities = self._seen(Activity)
        self.alerts = self._seen(Alert)
        self.posts = self._seen(Post)
        self._link(
            self.threats, Threat.communities.through, "threat_id", "community_id", "communities"
        )
        for name, other in (
            ("threats", "threat_id"), ("communities", "community_id"),
            ("supporting_components", "component_id"),
        ):  # fmt: skip
            self._link(self.activities, getattr(Activity, name).through, "activity_id", other, name)
        self.steps = list(AlertStep.objects.filter(mission=mission).values())
        held = self.by_id(self._seen(Meeting))
        self.agreed = [row for row in self._seen(MeetingDecision) if row["meeting_id"] in held]
        self.every_score = self._scores(RiskScore)
        self.every_history = self._scores(RiskHistory)
        self.scores = [row for row in self.every_score if row["horizon"] == 30]
        self.history = [row for row in self.every_history if row["horizon"] == 30]
        self.components = sorted(
            Component.objects.filter(mission=mission).values(), key=lambda row: row["id"]
        )
        self.areas = self.by_id(AdminArea.objects.filter(mission=mission).values())
        self.offices = self.by_id(FieldOffice.objects.filter(mission=mission).values())
        self.catalogue = list(CatalogueActivity.objects.values())
        self.decisions = sorted(
            ThreatDecision.objects.filter(threat__mission=mission).values(),
            key=lambda row: (row["day"], row["id"]),
        )
        self.changes = sorted(
            StatusChange.objects.filter(activity__mission=mission).values(),
            key=lambda row: row["id"],
        )
        self.required_phases = CoverageRules.of(mission).required_phases
        self.rules = ThreatRules.of(mission)
        self._assess()

    @staticmethod
    def by_id(rows) -> dict[int, Row]:
        return {row["id"]: row for row in rows}

    def _seen(self, model) -> list[Row]:
        return sorted(
            (
                row
                for row in model.objects.filter(mission=self.mission).values()
                if row["classification"] <= self.clearance and row["withdrawn_at"] is None
            ),
            key=lambda row: row["id"],
        )

    def _scores(self, model) -> list[Row]:
        """Of either horizon, as worked out for the clearance, of places it sees."""
        places = self.by_id(self.communities)
        return [
            row
            for row in model.objects.filter(mission=self.mission).values()
            if row["clearance"] == self.clearance and row["community_id"] in places
        ]

    @staticmethod
    def _link(rows: list[Row], through, one: str, other: str, name: str) -> None:
        found = defaultdict(set)
        for link in through.objects.values():
            found[link[one]].add(link[other])
        for row in rows:
            row[name] = found[row["id"]]

    def _assess(self) -> None:
        """The newest assessment the clearance sees, as ``assessed``: (likelihood, impact) or None."""
        newest: dict[int, Row] = {}
        for row in Assessment.objects.filter(mission=self.mission).values():
            if row["classification"] > self.clearance or row.get("withdrawn_at") is not None:
                continue
            before = newest.get(row["threat_id"])
            if before is None or (row["created_at"], row["id"]) > (
                before["created_at"],
                before["id"],
            ):
                newest[row["threat_id"]] = row
        for threat in self.threats:
            found = newest.get(threat["id"])
            threat["assessed"] = None if found is None else (found["likelihood"], found["impact"])
            threat["assessed_at"] = None if found is None else found["created_at"]

    def on(self, day: datetime.date) -> World:
        """The same, with threats and activities as their histories say they stood at a day's end."""
        then = copy(self)
        then.today = min(day, self.today)
        if day < self.today:
            midnight = datetime.time(tzinfo=self.mission.zone)
            then.now = datetime.datetime.combine(day + datetime.timedelta(days=1), midnight)
        then.threats = [one for row in self.threats if (one := self._threat_on(row, day))]
        then.activities = [one for row in self.activities if (one := self._activity_on(row, day))]
        return then

    def _threat_on(self, threat: Row, day: datetime.date) -> Row | None:
        history = [row for row in self.decisions if row["threat_id"] == threat["id"]]
        until = [row for row in history if row["day"] <= day]
        if not history:
            return threat
        if not until:
            return None
        since = until[-1]["day"]
        for row in reversed(until):
            if row["phase"] != until[-1]["phase"]:
                break
            since = row["day"]
        return threat | {
            "status": until[-1]["status"], "phase": until[-1]["phase"], "phase_since": since,
        }  # fmt: skip

    def _activity_on(self, activity: Row, day: datetime.date) -> Row | None:
        """What was recorded last of what had happened; “done” said again corrects its day."""
        history = [row for row in self.changes if row["activity_id"] == activity["id"]]
        until = [
            row
            for row, after in zip(history, [*history[1:], None], strict=False)
            if row["day"] <= day and not (after and row["status"] == after["status"] == "done")
        ]
        if not history:
            return activity
        if not until:
            return None
        status = until[-1]["status"]
        done = until[-1]["day"] if status == "done" else None
        return activity | {"status": status, "completed_on": done}

    def days(self, number: int) -> datetime.date:
        """So many days before today."""
        return self.today - datetime.timedelta(days=number)


def received_on(alert: Row, world: World) -> datetime.date:
    """The day an alert reached the mission, by its clocks."""
    return alert["received_at"].astimezone(world.mission.zone).date()
