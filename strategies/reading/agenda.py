"""What a meeting of the POC working group has before it, from what one clearance may see.

It is kept as it was, so what the portal says of a record is kept as codes: ``told`` puts them into
the reader's language. Agendas kept as words are read as they are.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Max, Q
from django.utils.translation import gettext

from missions.access import Reader
from missions.models import Component, Mission
from missions.models.component import name_to_show
from records.titles import Form, MadeTitle, in_words
from strategies.coverage.mission import Coverage
from strategies.coverage.places import uncovered
from strategies.models import Activity, Decision
from strategies.models.activity import judged_at
from strategies.models.titles import ACTIVITY_FORMS, ALERT_FORMS, alert_title
from strategies.reading.as_of import activities_on, overdue_on
from strategies.reading.rises import rises_until
from threats.models import Alert, Community, Threat
from threats.scoring.neighbours import grouped
from threats.scoring.record import record_of

LISTED = 10  # of each
CODES = frozenset({"title_made_of", "component_kind", "is_demonstration"})
FORMS: dict[str, Mapping[str, Form]] = {
    "alerts": ALERT_FORMS, "gaps": Threat.title_forms, "overdue": ACTIVITY_FORMS,
}  # fmt: skip


def agenda(
    mission: Mission, clearance: int, day: datetime.date | None = None
) -> dict[str, list[dict]]:
    """``uncovered``, ``gaps``, ``risen``, ``overdue``, ``alerts`` and ``decisions``: plain values with
    ``path``, each list the gravest first, at most ten; ``more``: one row that counts those left out.
    ``judged``: one row that counts what they were looked for in; where that is nothing, an empty list
    says nothing. ``record``: one row where the record ends before the meeting's day, with the last day
    it speaks of.

    With a ``day`` before the mission's today, all of it as things stood at the end of that day, which
    ``judged`` names as ``as_of``; what keeps no history is taken as it is now.
    """
    reader = Reader.cleared(mission, clearance)
    if day is not None and day >= mission.today:
        day = None
    on, moment = judged_at(mission, day)
    alerts = Alert.objects.visible_to(reader).filter(mission=mission)
    waiting = alerts.undecided(None if day is None else moment).select_related(
        "mission", "admin_area"
    )
    coverage = Coverage(mission, reader, day)
    gaps = coverage.gaps(LISTED)
    places = uncovered(mission, reader, day=day, limit=LISTED)
    risen = _risen(mission, reader, day)
    overdue = overdue_on(on, mission, reader)
    decisions = (
        Decision.objects.visible_to(reader)
        .filter(Q(done_on=None) | Q(done_on__gt=on), mission=mission)
        .select_related("meeting__mission", "owner")
    )
    if day is not None:  # that day's own meetings had decided nothing when they began
        decisions = decisions.filter(meeting__day__lt=day)
        alerts = alerts.filter(received_at__lte=moment)
    activities = Activity.objects.visible_to(reader).filter(mission=mission)
    judged: dict[str, Any] = {
        "scored": places.judged, "required": int(coverage.required.sum()),
        "activities": activities.count() if day is None else len(activities_on(day, activities)),
        "alerts": alerts.count(),
    }  # fmt: skip
    if day is not None:
        judged |= {"as_of": day.isoformat(), "compared": risen.compared}
    end = record_of(mission, clearance).end
    return {
        "judged": [judged],
        "record": [{"no_record_since": end.isoformat()}] if end and end < on else [],
        "alerts": [
            {
                **alert_title(alert), "imminence": alert.imminence, "path": alert.get_absolute_url(),
            }
            for alert in waiting.triage(as_open=True)[:LISTED]
        ],
        "uncovered": [
            {
                "title": str(row.community), "community": row.community.pk,
                "probability": row.community.probability, "lack": row.lack,  # type: ignore
                "neighbours": len(row.neighbours), "path": row.community.get_absolute_url(),
            }
            for row in places.rows
        ],
        "gaps": [
            {
                **_titled(gap.threat), "tier": gap.cell.tier, "phase": gap.cell.phase,
                "people": gap.people, "path": gap.threat.get_absolute_url(),
            }
            for gap in gaps
        ],
        "risen": risen.rows,
        "overdue": [
            {
                **_titled(activity), **_component(activity.lead_component),
                "due": activity.due.isoformat(), "path": activity.get_absolute_url(),
            }
            for activity in overdue[:LISTED]
        ],
        "decisions": [
            {
                "title": decision.text, "is_demonstration": decision.is_demonstration,
                **_component(decision.owner), "due": decision.due.isoformat(),
                "is_overdue": decision.due < on, "path": decision.get_absolute_url(),
            }
            for decision in decisions[:LISTED]
        ],
        "more": [
            {
                "alerts": _beyond(waiting.count()),
                "uncovered": places.total - places.listed,
                "gaps": _beyond(coverage.gap_total()),
                "risen": risen.more,
                "overdue": _beyond(len(overdue)),
                "decisions": _beyond(decisions.count()),
            }
        ],
    }  # fmt: skip


def demanded_level(mission: Mission, clearance: int) -> int:
    """The highest classification, up to a clearance, of what stands open for an agenda now."""
    reader = Reader.cleared(mission, clearance)
    open_now = (
        Alert.objects.visible_to(reader).undecided(),
        Threat.objects.visible_to(reader).active(),
        Activity.objects.visible_to(reader).overdue(mission),
        Decision.objects.visible_to(reader).filter(done_on=None),
    )
    found = (
        records.filter(mission=mission).order_by().aggregate(level=Max("classification"))["level"]
        for records in open_now
    )
    return max((level for level in found if level is not None), default=0)


def _beyond(total: int) -> int:
    return max(0, total - LISTED)


@dataclass(frozen=True)
class _Risen:
    """``more``: risen communities in no row. ``compared``: 0 where no two days have scores."""

    rows: list[dict]
    more: int
    compared: int


def _risen(mission: Mission, reader: Reader, day: datetime.date | None) -> _Risen:
    """Communities whose probability rose in a week, the nearest of each as one row with it."""
    communities = Community.objects.visible_to(reader).filter(mission=mission)
    if day is None:
        scored = communities.with_risk(reader)
        rises = list(
            scored.filter(change__gt=0)
            .order_by("-change", "pk")
            .values_list("pk", "longitude", "latitude", "change")
        )
        latest = dict(scored.filter(change__gt=0).values_list("pk", "probability"))
        compared = scored.exclude(band=None).count()
    else:
        found = rises_until(mission, reader, day)
        if found is None:
            return _Risen([], 0, 0)
        rises, compared = found.rows, len(found.before)
        latest = dict(found.scores.values_list("community_id", "probability"))
    groups = grouped(rises, LISTED)
    changes = {pk: change for pk, _longitude, _latitude, change in rises}
    shown = communities.select_related("mission").in_bulk([head for head, _others in groups])
    rows = [
        {
            "title": str(shown[head]), "probability": latest[head], "change": changes[head],
            "neighbours": len(others), "path": shown[head].get_absolute_url(),
        }
        for head, others in groups
    ]  # fmt: skip
    listed = sum(1 + len(others) for _head, others in groups)
    return _Risen(rows, len(rises) - listed, compared)


def _titled(record: MadeTitle) -> dict[str, Any]:
    return {"title": record.title, "title_made_of": record.title_made_of}


def _component(component: Component) -> dict[str, str]:
    return {"component": component.name, "component_kind": component.kind}


def told(agenda: dict[str, list[dict]]) -> dict[str, list[dict]]:
    """An agenda as the reader is shown it; without the codes."""
    return {
        part: [_told(row, FORMS.get(part, {})) for row in rows] for part, rows in agenda.items()
    }


def _told(row: dict, forms: Mapping[str, Form]) -> dict:
    plain = {name: value for name, value in row.items() if name not in CODES}
    if row.get("title_made_of"):
        plain["title"] = in_words(forms, row["title_made_of"], row["title"])
    if row.get("is_demonstration"):
        plain["title"] = gettext(row["title"])
    if "component_kind" in row:
        plain["component"] = name_to_show(row["component_kind"], row["component"])
    return plain
