"""Two records of one event: finding likely pairs, and joining them when a person says so."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext, ngettext

from missions.access import is_visible, require
from missions.models import Mission, User
from records.services import lock, update_record, withdraw_record
from threats.choices import SETTLED, TimeOfDay
from threats.models import Incident, IncidentActor, SeparateIncidents
from threats.scoring.requests import note_evidence
from threats.services.grading import settle

DAYS_APART = 3
DEGREES_APART = 0.1  # about 11 km
LOOKED_BACK = 90  # days before today
LISTED = 50
# What the record kept takes over from the other where it knows nothing itself.
TAKEN_OVER = (
    "place_name", "deaths_low", "deaths_best", "deaths_high", "civilian_deaths", "injured",
    "abducted", "displaced", "victims", "attribution",
)  # fmt: skip


@dataclass(frozen=True)
class Pair:
    """Two incidents that may be one; ``reasons`` in words."""

    first: Incident
    second: Incident
    reasons: list[str]

    @property
    def incidents(self) -> tuple[Incident, Incident]:
        """Both, as they are listed."""
        return self.first, self.second


def likely_pairs(
    mission: Mission, user, *, since: datetime.date | None = None, incident: Incident | None = None
) -> list[Pair]:
    """Pairs at most three days and some ten kilometres apart that share an actor or a kind.

    Pairs from different sources come first, then the newest; at most 50. Looks at incidents that
    began since ``since`` (90 days before the mission's today), or at those beside ``incident``.
    What people have called separate is left out.
    """
    since = since or mission.today - datetime.timedelta(days=LOOKED_BACK)
    visible = Incident.objects.visible_to(user).filter(mission=mission, place_precision__in=SETTLED)
    if incident is None:
        ids = visible.filter(start_date__gte=since)
    else:
        ids = visible.filter(pk=incident.pk)
    own, parameters = ids.values("pk").order_by().query.sql_with_params()
    other, more = visible.values("pk").order_by().query.sql_with_params()
    ordered = "a.id < b.id" if incident is None else "a.id <> b.id"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT a.id, b.id, a.dataset <> b.dataset AS crosses, EXISTS (
                SELECT 1 FROM threats_incidentactor p JOIN threats_incidentactor q
                ON q.actor_id = p.actor_id
                WHERE p.incident_id = a.id AND q.incident_id = b.id) AS shares
            FROM threats_incident a JOIN threats_incident b ON {ordered}
                AND b.mission_id = a.mission_id
                AND b.start_date BETWEEN a.start_date - %s AND a.start_date + %s
                AND b.latitude BETWEEN a.latitude - %s AND a.latitude + %s
                AND b.longitude BETWEEN a.longitude - %s AND a.longitude + %s
            WHERE a.mission_id = %s AND a.id IN ({own}) AND b.id IN ({other})
                AND (a.dataset <> b.dataset OR a.dataset = '' OR
                     (a.start_date = b.start_date AND a.longitude = b.longitude
                      AND a.latitude = b.latitude))
                AND (a.kind = b.kind OR EXISTS (
                    SELECT 1 FROM threats_incidentactor p JOIN threats_incidentactor q
                    ON q.actor_id = p.actor_id
                    WHERE p.incident_id = a.id AND q.incident_id = b.id))
                AND NOT EXISTS (SELECT 1 FROM threats_separateincidents s
                    WHERE s.first_id = least(a.id, b.id) AND s.second_id = greatest(a.id, b.id))
            ORDER BY crosses DESC, a.start_date DESC, a.id, b.id LIMIT %s
            """,
            [DAYS_APART, DAYS_APART, *[DEGREES_APART] * 4, mission.pk, *parameters, *more, LISTED],
        )
        rows = cursor.fetchall()
    found = Incident.objects.with_place().in_bulk({pk for row in rows for pk in row[:2]})
    return [
        Pair(found[first], found[second], _reasons(found[first], found[second], crosses, shares))
        for first, second, crosses, shares in rows
    ]


def _reasons(first: Incident, second: Incident, crosses: bool, shares: bool) -> list[str]:
    days = abs((first.start_date - second.start_date).days)
    apart = ngettext("%(n)d day apart", "%(n)d days apart", days) % {"n": days}
    reasons = [apart if days else gettext("the same day")]
    if crosses:
        reasons.append(gettext("from different sources"))
    if shares:
        reasons.append(gettext("the same armed actor"))
    if first.kind == second.kind:
        reasons.append(gettext("the same kind of incident"))
    return reasons


@transaction.atomic
def merge_incidents(
    *, user, keep: Incident, other: Incident, expected: str | None = None
) -> Incident:
    """Join ``other`` into ``keep``: the event then counts once. Returns the record kept.

    The record kept takes over what it does not know itself, the actors and the sources, but
    nothing of a record more secret than itself. The other is withdrawn and stays stored. Raises
    PermissionDenied, ValidationError, or EditConflict where ``keep`` has changed.
    """
    first, second = sorted([keep.pk, other.pk])
    locked = {pk: lock(Incident(pk=pk)) for pk in (first, second)}
    keep, other = locked[keep.pk], locked[other.pk]
    if keep.pk == other.pk or keep.mission_id != other.mission_id:
        raise ValidationError(gettext("Choose two different incidents of one mission."))
    if keep.withdrawn_at or other.withdrawn_at:
        raise ValidationError(gettext("One of the two has been withdrawn or merged already."))
    require(is_visible(user, keep) and is_visible(user, other))
    is_secret = other.classification > keep.classification
    if keep.awaits_verification and is_secret and not other.awaits_verification:
        raise ValidationError(
            gettext(
                "Graded F6, the report kept counts for nothing yet, and the other is more secret: "
                "verify the report kept, or keep the other one."
            )
        )
    note_evidence(keep, -1)
    note_evidence(other, -1)
    values = {}
    if not is_secret:
        values = {
            name: getattr(other, name)
            for name in TAKEN_OVER
            if getattr(keep, name) in (None, "", {}) and getattr(other, name) not in (None, "", {})
        }
        if keep.time_of_day == TimeOfDay.UNKNOWN:
            values["time_of_day"] = other.time_of_day
        if other.notes and other.notes not in keep.notes:
            values["notes"] = "\n\n".join(text for text in (keep.notes, other.notes) if text)
            keep.check_texts({"notes": other.notes}, user)
            other.check_texts({"notes": keep.notes}, user)
        _take_over_parts(keep, other)
        other.sources.update(incident=keep)
        for threat in other.threats.all():
            threat.incidents.add(keep)
    reason = gettext("Merged into incident %(number)s.") % {"number": keep.pk}
    keep = update_record(keep, user=user, expected=expected, edited_by_hand=True, **values)
    other = withdraw_record(other, user=user, reason=reason)
    Incident.objects.filter(pk=other.pk).update(merged_into=keep)
    if keep.awaits_verification:  # what counted is not undone by what joins it
        settle(keep)
    note_evidence(keep, +1)
    return keep


@transaction.atomic
def keep_separate(*, user: User, first: Incident, second: Incident) -> SeparateIncidents:
    """Record that two incidents are two events, so that nobody is asked again."""
    require(is_visible(user, first) and is_visible(user, second))
    low, high = sorted([first, second], key=lambda incident: incident.pk)
    decided, _created = SeparateIncidents.objects.get_or_create(
        first=low, second=high, defaults={"decided_by": user}
    )
    return decided


def _take_over_parts(keep: Incident, other: Incident) -> None:
    known = set(keep.parts.values_list("actor_id", "part"))
    IncidentActor.objects.bulk_create(
        [
            IncidentActor(incident=keep, actor_id=row.actor_id, part=row.part)
            for row in other.parts.all()
            if (row.actor_id, row.part) not in known
        ]
    )
