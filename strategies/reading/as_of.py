"""Threats and activities as they stood on an earlier day of the mission's, from their histories.

What keeps no history (dates, links, titles) is taken as it is now.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from django.db.models import Q

from missions.models import Mission
from strategies.choices import ActivityStatus
from strategies.models import Activity, StatusChange
from strategies.models.activity import LIVE, late
from threats.models import Threat, ThreatDecision


def threats_on(day: datetime.date, threats: Iterable[Threat]) -> list[Threat]:
    """The threats on record by then, with the status and phase they had; one query.

    A threat without any history is taken as it is now.
    """
    threats = list(threats)
    latest: dict[int, ThreatDecision] = {}
    since: dict[int, datetime.date] = {}
    later: set[int] = set()
    rows = ThreatDecision.objects.filter(threat__in=[threat.pk for threat in threats])
    for row in rows.order_by("day", "pk"):
        if row.day > day:
            later.add(row.threat_id)
            continue
        before = latest.get(row.threat_id)
        if before is None or before.phase != row.phase:
            since[row.threat_id] = row.day
        latest[row.threat_id] = row
    found = []
    for threat in threats:
        decided = latest.get(threat.pk)
        if decided is not None:
            threat.status, threat.phase = decided.status, decided.phase
            threat.phase_since = since[threat.pk]
        elif threat.pk in later:
            continue
        found.append(threat)
    return found


def activities_on(day: datetime.date, activities: Iterable[Activity]) -> list[Activity]:
    """The activities planned by then, with the status they had; one query.

    An activity without any history is taken as it is now.
    """
    activities = list(activities)
    latest: dict[int, StatusChange] = {}
    later: set[int] = set()
    rows = StatusChange.objects.filter(activity__in=[activity.pk for activity in activities])
    following: dict[int, StatusChange] = {}
    for row in rows.order_by("-pk"):  # what was recorded last holds
        later.add(row.activity_id)
        after = following.get(row.activity_id)
        following[row.activity_id] = row
        is_corrected = after is not None and after.status == row.status == ActivityStatus.DONE
        if row.day <= day and not is_corrected:
            latest.setdefault(row.activity_id, row)
    found = []
    for activity in activities:
        change = latest.get(activity.pk)
        if change is not None:
            activity.status = change.status
            done = change.status == ActivityStatus.DONE
            activity.completed_on = change.day if done else None
        elif activity.pk in later:
            continue
        found.append(activity)
    return found


def overdue_on(
    day: datetime.date, mission: Mission, reader, only: Q | None = None
) -> list[Activity]:
    """Live at the end of a day although due by then, the longest overdue first; ``only`` of some."""
    candidates = (
        Activity.objects.visible_to(reader)
        .filter(only or Q(), late(mission, day), mission=mission)
        .filter(Q(status__in=LIVE) | Q(history__day__gt=day))
        .select_related("mission", "lead_component")
        .order_by("due", "due_at", "pk")
        .distinct()
    )
    return [activity for activity in activities_on(day, candidates) if activity.status in LIVE]
