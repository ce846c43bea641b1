"""What a meeting of the POC working group has before it, from what one clearance may see."""

from __future__ import annotations

from typing import Any

from missions.access import Reader
from missions.models import Mission
from strategies.coverage.mission import Coverage
from strategies.coverage.places import uncovered
from strategies.models import Activity, Decision
from threats.alerts.choices import Verification
from threats.models import Alert, Community
from threats.scoring.neighbours import grouped
from threats.scoring.record import record_of

LISTED = 10  # of each


def agenda(mission: Mission, clearance: int) -> dict[str, list[dict]]:
    """``uncovered``, ``gaps``, ``risen``, ``overdue``, ``alerts`` and ``decisions``: plain values with
    ``path``, each list the gravest first, at most ten. ``judged``: one row that counts what they were
    looked for in; where that is nothing, an empty list says nothing. ``record``: one row where the
    record ends before the meeting's day, with the last day it speaks of."""
    reader = Reader.cleared(mission, clearance)
    risen = (
        Community.objects.visible_to(reader)
        .filter(mission=mission)
        .with_risk(reader)
        .filter(change__gt=0)
        .select_related("mission")
        .order_by("-change", "pk")
    )
    groups = grouped(risen.values_list("pk", "longitude", "latitude", "change"), LISTED)
    shown: Any = risen.in_bulk([head for head, _others in groups])
    overdue = (
        Activity.objects.visible_to(reader)
        .filter(mission=mission)
        .overdue(mission)
        .select_related("mission", "lead_component")
        .order_by("due", "pk")
    )
    alerts = (
        Alert.objects.visible_to(reader)
        .filter(mission=mission, decided_at__isnull=True)
        .open()
        .exclude(verification=Verification.FALSE)
        .select_related("mission", "admin_area")
        .triage()
    )
    coverage = Coverage(mission, reader)
    places = uncovered(mission, reader, limit=LISTED)
    activities = Activity.objects.visible_to(reader).filter(mission=mission)
    judged = {
        "scored": places.judged, "required": int(coverage.required.sum()),
        "activities": activities.count(),
        "alerts": Alert.objects.visible_to(reader).filter(mission=mission).count(),
    }  # fmt: skip
    decisions = (
        Decision.objects.visible_to(reader)
        .filter(mission=mission, done_on__isnull=True)
        .select_related("meeting__mission", "owner")
    )
    since = record_of(mission, clearance).no_record_since
    return {
        "judged": [judged],
        "record": [] if since is None else [{"no_record_since": since.isoformat()}],
        "alerts": [
            {"title": str(alert), "imminence": alert.imminence, "path": alert.get_absolute_url()}
            for alert in alerts[:LISTED]
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
                "title": str(gap.threat), "tier": gap.cell.tier, "phase": gap.cell.phase,
                "people": gap.people, "path": gap.threat.get_absolute_url(),
            }
            for gap in coverage.gaps(LISTED)
        ],
        "risen": [
            {
                "title": str(shown[head]), "probability": shown[head].probability,
                "change": shown[head].change, "neighbours": len(others),
                "path": shown[head].get_absolute_url(),
            }
            for head, others in groups
        ],
        "overdue": [
            {
                "title": str(activity), "component": str(activity.lead_component),
                "due": activity.due.isoformat(), "path": activity.get_absolute_url(),
            }
            for activity in overdue[:LISTED]
        ],
        "decisions": [
            {
                "title": str(decision), "component": str(decision.owner),
                "due": decision.due.isoformat(), "path": decision.get_absolute_url(),
            }
            for decision in decisions[:LISTED]
        ],
    }  # fmt: skip
