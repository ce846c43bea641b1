"""Two records of one event: finding likely pairs, and joining them when a person says so."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Case, F, QuerySet, When
from django.utils.translation import gettext, ngettext

from missions.access import is_visible, require
from missions.models import Mission, User
from records.services import lock, update_record, withdraw_record
from threats.choices import SETTLED, DatePrecision, TimeOfDay
from threats.models import ArmedActor, Incident, SeparateIncidents
from threats.models.days import first_day, last_day
from threats.rules.classifying import OTHERWISE
from threats.rules.kinds import require_only_referred
from threats.scoring.requests import note_evidence
from threats.services.attribution import join_parts, leave_unseen_out
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
WORDS = ("place_name", "attribution")
PLACE = (
    "longitude", "latitude", "place_precision", "admin_area", "admin_area_is_nearest",
    "field_office",
)  # fmt: skip
NOTHING: tuple[Any, ...] = (None, "", {}, [])
# One row of a source, stored beside a record that its writer did not see.
SAME_ROW = "(a.dataset = b.dataset AND a.external_id <> '' AND a.external_id = b.external_id)"
# Whether incidents a and b record one actor that the reader sees.
SHARES = """EXISTS (
    SELECT 1 FROM threats_incidentactor p JOIN threats_incidentactor q ON q.actor_id = p.actor_id
    WHERE p.incident_id = a.id AND q.incident_id = b.id AND p.actor_id IN (SELECT id FROM seen))"""


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

    Actors count as far as the user sees them. Where a day is not known, by the days it may have been. Pairs from different sources come first, then the newest; at most 50. Looks at incidents that
    began since ``since`` (90 days before the mission's today), or at those beside ``incident``.
    Before all stand pairs of one row of a source, stored beside a record that its writer did not
    see, wherever and whenever they were. What people have called separate is left out.
    """
    twice = _same_rows(mission, user, incident)
    known = {frozenset((pair.first.pk, pair.second.pk)) for pair in twice}
    since = since or mission.today - datetime.timedelta(days=LOOKED_BACK)
    visible = Incident.objects.visible_to(user).filter(mission=mission, place_precision__in=SETTLED)
    if incident is None:
        ids = visible.filter(start_date__gte=since)
    else:
        ids = visible.filter(pk=incident.pk)
    actors = ArmedActor.objects.visible_to(user).filter(mission=mission).order_by().values("pk")
    seen, seen_parameters = actors.query.sql_with_params()
    own, parameters = _with_days(ids).query.sql_with_params()
    other, more = _with_days(visible).query.sql_with_params()
    ordered = "a.id < b.id" if incident is None else "a.id <> b.id"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH seen(id) AS ({seen})
            SELECT a.id, b.id, a.dataset <> b.dataset AS crosses, {SHARES} AS shares
            FROM threats_incident a JOIN threats_incident b ON {ordered}
                AND b.mission_id = a.mission_id
                AND b.latitude BETWEEN a.latitude - %s AND a.latitude + %s
                AND b.longitude BETWEEN a.longitude - %s AND a.longitude + %s
            JOIN ({own}) own(id, first, last) ON own.id = a.id
            JOIN ({other}) other(id, first, last) ON other.id = b.id
                AND other.first BETWEEN own.first - %s - (other.last - other.first)
                    AND own.last + %s
            WHERE a.mission_id = %s
                AND (a.dataset <> b.dataset OR a.dataset = '' OR {SAME_ROW} OR
                     (a.start_date = b.start_date AND a.longitude = b.longitude
                      AND a.latitude = b.latitude))
                AND (a.kind = b.kind OR {SAME_ROW} OR {SHARES})
                AND NOT EXISTS (SELECT 1 FROM threats_separateincidents s
                    WHERE s.first_id = least(a.id, b.id) AND s.second_id = greatest(a.id, b.id))
            ORDER BY crosses DESC, a.start_date DESC, a.id, b.id LIMIT %s
            """,
            [
                *seen_parameters,
                *[DEGREES_APART] * 4,
                *parameters,
                *more,
                DAYS_APART,
                DAYS_APART,
                mission.pk,
                LISTED,
            ],
        )
        rows = cursor.fetchall()
    found = Incident.objects.with_place().in_bulk({pk for row in rows for pk in row[:2]})
    likely = [
        Pair(found[first], found[second], _reasons(found[first], found[second], crosses, shares))
        for first, second, crosses, shares in rows
        if frozenset((first, second)) not in known
    ]
    return [*twice, *likely][:LISTED]


def _same_rows(mission: Mission, user, incident: Incident | None) -> list[Pair]:
    """Incidents of one identifier of a source that the user sees, the newest first."""
    visible = Incident.objects.visible_to(user).filter(mission=mission).exclude(external_id="")
    if incident is None:
        twice = visible.filter(namesake__gt=0).order_by("-pk")
        names = list(twice.values_list("dataset", "external_id")[:LISTED])
    else:
        names = [(incident.dataset, incident.external_id)] if incident.external_id else []
    if not names:
        return []
    ids = {name for _dataset, name in names}
    rows: dict[tuple[str, str], list[Incident]] = {name: [] for name in names}
    for found in (
        visible.filter(dataset__in={name for name, _id in names}, external_id__in=ids)
        .with_place()
        .order_by("pk")
    ):
        rows.get((found.dataset, found.external_id), []).append(found)
    pairs = [pair for same in rows.values() for pair in combinations(same, 2)]
    if incident is not None:
        pairs = [(incident, b if a == incident else a) for a, b in pairs if incident in (a, b)]
    apart = set(
        SeparateIncidents.objects.filter(first__in=[min(a.pk, b.pk) for a, b in pairs]).values_list(
            "first_id", "second_id"
        )
    )
    return [
        Pair(a, b, [gettext("the same identifier in one source"), _apart(_began(a), _began(b))])
        for a, b in pairs
        if (min(a.pk, b.pk), max(a.pk, b.pk)) not in apart
    ]


def _reasons(first: Incident, second: Incident, crosses: bool, shares: bool) -> list[str]:
    reasons = [_apart(_began(first), _began(second))]
    if crosses:
        reasons.append(gettext("from different sources"))
    if shares:
        reasons.append(gettext("the same armed actor"))
    if first.kind == second.kind:
        reasons.append(gettext("the same kind of incident"))
    return reasons


def _with_days(incidents: QuerySet) -> QuerySet:
    """Ids with the first and last day each may have begun on, as ``_began`` has them."""
    last = Case(When(date_precision=DatePrecision.DAY, then=F("start_date")), default=last_day())
    return incidents.order_by().annotate(first=first_day(), last=last).values("pk", "first", "last")


def _began(incident: Incident) -> tuple[datetime.date, datetime.date]:
    if incident.date_precision == DatePrecision.DAY:
        return incident.start_date, incident.start_date
    return incident.span


def _apart(one: tuple[datetime.date, datetime.date], other: tuple) -> str:
    """How far apart two incidents began, in words, from the days each may have begun on."""
    days = max((other[0] - one[1]).days, (one[0] - other[1]).days, 0)
    if one[0] == one[1] and other[0] == other[1]:
        if days == 0:
            return gettext("the same day")
        return ngettext("%(n)d day apart", "%(n)d days apart", days) % {"n": days}
    if days == 0:
        return gettext("may be the same day")
    return ngettext("at least %(n)d day apart", "at least %(n)d days apart", days) % {"n": days}


@transaction.atomic
def merge_incidents(
    *, user, keep: Incident, other: Incident, expected: str | None = None
) -> Incident:
    """Join ``other`` into ``keep``: the event then counts once. Returns the record kept.

    The record kept takes over what it does not know itself, the actors with their standards of proof,
    the sources, alerts and threats, and that civilians were harmed where the other counted so; but
    nothing of a record more secret than itself, and of a report that nobody verified, where it counts
    itself, no more than words, sources and links. Where both know, what it knows itself stands. The
    other is withdrawn and stays stored. Raises PermissionDenied, ValidationError, or EditConflict
    where ``keep`` has changed.
    """
    first, second = sorted([keep.pk, other.pk])
    locked = {pk: lock(Incident(pk=pk)) for pk in (first, second)}
    keep, other = locked[keep.pk], locked[other.pk]
    if keep.pk == other.pk or keep.mission_id != other.mission_id:
        raise ValidationError(gettext("Choose two different incidents of one mission."))
    if keep.withdrawn_at or other.withdrawn_at:
        raise ValidationError(gettext("One of the two has been withdrawn or merged already."))
    require(is_visible(user, keep) and is_visible(user, other))
    is_secret = other.classification > keep.classification or not set(keep.compartments).issuperset(
        other.compartments
    )
    if not set(keep.compartments).issubset(other.compartments):
        raise ValidationError(
            gettext(
                "Fewer may read the record kept than the other, which would vanish for the rest. "
                "Keep the other one, or make it as secret first."
            )
        )
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
        values = _taken_over(keep, other)
        if "notes" in values:
            keep.check_texts({"notes": other.notes}, user)
            other.check_texts({"notes": keep.notes}, user)
        if not lends_words_only(keep, other):
            join_parts(keep=keep, other=other)
        other.sources.update(incident=keep)
        for threat in other.threats.all():
            threat.incidents.add(keep)
        for alert in other.alerts.all():
            alert.incidents.add(keep)
    is_sealed = keep.sources.exclude(informant=None).exists()
    leave_unseen_out(keep, user)
    require_only_referred(keep.kind, names_actor=keep.parts.exists(), names_informant=is_sealed)
    if is_sealed and keep.classification < OTHERWISE:
        values["classification"] = OTHERWISE
    reason = gettext("Merged into incident %(number)s.") % {"number": keep.pk}
    keep = update_record(
        keep, user=user, expected=expected, usual=OTHERWISE, edited_by_hand=True, **values
    )
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


def lends_words_only(keep: Incident, other: Incident) -> bool:
    """Whether the other counts for nothing yet and the one kept does: then no number, place or actor
    of the other's comes to count by the merge."""
    return other.awaits_verification and not keep.awaits_verification


def _taken_over(keep: Incident, other: Incident) -> dict[str, Any]:
    """Values of the record kept that it learns from the other."""
    is_limited = lends_words_only(keep, other)
    values = {
        name: getattr(other, name)
        for name in (WORDS if is_limited else TAKEN_OVER)
        if getattr(keep, name) in NOTHING and getattr(other, name) not in NOTHING
    }
    if other.notes and other.notes not in keep.notes:
        values["notes"] = "\n\n".join(text for text in (keep.notes, other.notes) if text)
    if is_limited:
        return values
    if keep.latitude is None and other.latitude is not None:
        values |= {name: getattr(other, name) for name in PLACE}
    if keep.time_of_day == TimeOfDay.UNKNOWN:
        values["time_of_day"] = other.time_of_day
    if missing := [violation for violation in other.grave if violation not in keep.grave]:
        values["grave_violations"] = [*keep.grave_violations, *missing]
    if other.against_civilians and not keep.against_civilians:
        values["said_against_civilians"] = True
    return values
