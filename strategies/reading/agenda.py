"""What a meeting of the POC working group has before it, from what one clearance may see.

It is kept as it was, so what the portal says of a record is kept as codes: ``told`` puts them into
the reader's language. Agendas kept as words are read as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext

from missions.access import Reader
from missions.models import Component, Mission
from missions.models.component import name_to_show
from records.titles import Form, MadeTitle, in_words
from strategies.coverage.mission import Coverage
from strategies.coverage.places import uncovered
from strategies.models import Activity, Decision
from strategies.models.titles import ACTIVITY_FORMS, ALERT_FORMS, alert_title
from threats.alerts.choices import Verification
from threats.models import Alert, Community, Threat
from threats.scoring.neighbours import grouped
from threats.scoring.record import record_of

LISTED = 10  # of each
CODES = frozenset({"title_made_of", "component_kind", "is_demonstration"})
FORMS: dict[str, Mapping[str, Form]] = {
    "alerts": ALERT_FORMS, "gaps": Threat.title_forms, "overdue": ACTIVITY_FORMS,
}  # fmt: skip


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
            {
                **alert_title(alert), "imminence": alert.imminence, "path": alert.get_absolute_url(),
            }
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
                **_titled(gap.threat), "tier": gap.cell.tier, "phase": gap.cell.phase,
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
                **_titled(activity), **_component(activity.lead_component),
                "due": activity.due.isoformat(), "path": activity.get_absolute_url(),
            }
            for activity in overdue[:LISTED]
        ],
        "decisions": [
            {
                "title": decision.text, "is_demonstration": decision.is_demonstration,
                **_component(decision.owner),
                "due": decision.due.isoformat(), "path": decision.get_absolute_url(),
            }
            for decision in decisions[:LISTED]
        ],
    }  # fmt: skip


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
