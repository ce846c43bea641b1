"""Planning activities and moving them on."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext

from exchange.notifications.services import notify
from missions.access import grant_in, is_visible, only_visible, require
from missions.choices import ComponentKind
from missions.models import Component, Membership, Mission, User
from poc_portal.tabular.report import CHANGED, REFUSED, Outcome, Report
from records.bulk.writer import REFUSALS, problems
from records.given import UNSET, Unset, given
from records.services import create_record, lock, update_record
from records.submissions import already_submitted
from records.titles import keep_made, unless_typed
from strategies.choices import ActivityStatus, NotificationKind
from strategies.models import Activity, CatalogueActivity, Decision, Objective, StatusChange
from strategies.models.titles import ACTIVITY_FORMS, typical_title
from strategies.reading.catalogue import families_of
from strategies.services.meetings import carry_out
from threats.models import Alert, Community, Threat

USUAL_LENGTH = 30  # days an activity takes unless its planner says otherwise


@transaction.atomic
def plan_activity(
    *,
    user: User,
    mission: Mission,
    title: str,
    title_made_of: dict[str, Any] | Unset = UNSET,
    tier: int,
    phase: str,
    lead_component: Component,
    start: datetime.date,
    due: datetime.date,
    due_at: datetime.datetime | Unset | None = UNSET,
    submission: uuid.UUID | None = None,
    decision: Decision | None = None,
    typical: CatalogueActivity | None = None,
    supporting_components: Iterable[Component] | Unset = UNSET,
    threats: Iterable[Threat] | Unset = UNSET,
    communities: Iterable[Community] | Unset = UNSET,
    alerts: Iterable[Alert] | Unset = UNSET,
    objectives: Iterable[Objective] | Unset = UNSET,
    status: str | Unset = UNSET,
    completed_on: datetime.date | Unset | None = UNSET,
    place_name: str | Unset = UNSET,
    longitude: float | Unset | None = UNSET,
    latitude: float | Unset | None = UNSET,
    description: str | Unset = UNSET,
    outcome: str | Unset = UNSET,
    blockers: str | Unset = UNSET,
    due_diligence_on: datetime.date | Unset | None = UNSET,
    due_diligence_note: str | Unset = UNSET,
    classification: int | Unset = UNSET,
    compartments: Sequence[str] | Unset = UNSET,
    is_demonstration: bool | Unset = UNSET,
) -> Activity:
    """Plan an activity; a form sent twice plans it once. Raises ValidationError.

    ``due_at``: a moment where hours count; ``due`` becomes the day of it. ``alerts``: those it responds
    to. ``decision``: a meeting's that it carries out, and is no less secret than. ``typical``: the entry of the catalogue it comes
    from; one that supports a force needs due diligence, one withheld from a threat is refused.
    ``title_made_of``: of a title the portal made, see ``records.titles``; one that is the entry's
    is of its code. ``completed_on``: the day it was done, by default today.
    """
    if typical is not None:
        against = [] if isinstance(threats, Unset) else list(threats)
        _heed(
            typical,
            user,
            against,
            None if isinstance(due_diligence_on, Unset) else due_diligence_on,
        )
    values = given(
        title=title,
        title_made_of=title_made_of,
        tier=tier,
        phase=phase,
        lead_component=lead_component,
        start=start,
        due=due,
        due_at=due_at,
        supporting_components=supporting_components,
        threats=threats,
        communities=communities,
        alerts=alerts,
        objectives=objectives,
        status=status,
        completed_on=completed_on,
        place_name=place_name,
        longitude=longitude,
        latitude=latitude,
        description=description,
        outcome=outcome,
        blockers=blockers,
        due_diligence_on=due_diligence_on,
        due_diligence_note=due_diligence_note,
        classification=classification,
        compartments=compartments,
        is_demonstration=is_demonstration,
    )
    if typical is not None and "title_made_of" not in values:
        values |= unless_typed(ACTIVITY_FORMS, title, typical_title(typical))
    _heed_completion(values, ActivityStatus.PLANNED)
    if submission is not None:
        earlier = already_submitted(Activity, mission, user, submission)
        if earlier is not None:
            return earlier
    activity = create_record(
        Activity, user=user, mission=mission, submission=submission, told_of=decision, **values
    )
    _sign(activity, user)
    if decision is not None:
        carry_out(decision, user=user, activity=activity)
    leads = Membership.objects.filter(component=activity.lead_component)
    notify(activity, NotificationKind.ACTIVITY_ASSIGNED, leads, by=user)
    return activity


def usual_lead(entry: CatalogueActivity, user: User, mission: Mission) -> Component | None:
    """The first component of the entry's usual kinds that the user may plan for."""
    grant = grant_in(user, mission)
    present = Component.objects.visible_to(user).filter(mission=mission, kind__in=entry.components)
    if grant is not None and grant.component_id:
        present = present.filter(pk=grant.component_id)
    leads = sorted(present, key=lambda c: (entry.components.index(c.kind), c.pk))
    return leads[0] if leads else None


@transaction.atomic
def plan_from_catalogue(*, user: User, threat: Threat, entry: CatalogueActivity) -> Activity:
    """Plan a typical activity against a threat, to be refined: from today, for thirty days.

    Its lead is the first component of the usual kinds that the user may plan for. Raises
    ValidationError where the mission has none, where the entry is withheld from this threat, and
    where due diligence must come first.
    """
    mission = threat.mission
    _heed(entry, user, [threat], None)
    lead = usual_lead(entry, user, mission)
    if lead is None:
        raise ValidationError(
            gettext("No component you may plan for usually does this: %(kinds)s.")
            % {"kinds": ", ".join(str(ComponentKind(kind).label) for kind in entry.components)}
        )
    return plan_activity(
        user=user,
        mission=mission,
        **typical_title(entry),
        tier=entry.tier,
        phase=entry.phase,
        lead_component=lead,
        threats=[threat],
        communities=only_visible(user, threat.communities.all()),
        classification=threat.classification,
        compartments=threat.compartments,
        start=mission.today,
        due=mission.today + datetime.timedelta(days=USUAL_LENGTH),
    )


@transaction.atomic
def edit_activity(
    activity: Activity,
    *,
    user: User,
    expected: str | None = None,
    note: str = "",
    title: str | Unset = UNSET,
    tier: int | Unset = UNSET,
    phase: str | Unset = UNSET,
    lead_component: Component | Unset = UNSET,
    start: datetime.date | Unset = UNSET,
    due: datetime.date | Unset = UNSET,
    due_at: datetime.datetime | Unset | None = UNSET,
    supporting_components: Iterable[Component] | Unset = UNSET,
    threats: Iterable[Threat] | Unset = UNSET,
    communities: Iterable[Community] | Unset = UNSET,
    alerts: Iterable[Alert] | Unset = UNSET,
    objectives: Iterable[Objective] | Unset = UNSET,
    status: str | Unset = UNSET,
    completed_on: datetime.date | Unset | None = UNSET,
    place_name: str | Unset = UNSET,
    longitude: float | Unset | None = UNSET,
    latitude: float | Unset | None = UNSET,
    description: str | Unset = UNSET,
    outcome: str | Unset = UNSET,
    blockers: str | Unset = UNSET,
    due_diligence_on: datetime.date | Unset | None = UNSET,
    due_diligence_note: str | Unset = UNSET,
    classification: int | Unset = UNSET,
    compartments: Sequence[str] | Unset = UNSET,
) -> Activity:
    """Change an activity; a new status is signed, with a note, and so is another day of completion.

    Raises EditConflict when somebody else changed it meanwhile.
    """
    values = given(
        title=title,
        tier=tier,
        phase=phase,
        lead_component=lead_component,
        start=start,
        due=due,
        due_at=due_at,
        supporting_components=supporting_components,
        threats=threats,
        communities=communities,
        alerts=alerts,
        objectives=objectives,
        status=status,
        completed_on=completed_on,
        place_name=place_name,
        longitude=longitude,
        latitude=latitude,
        description=description,
        outcome=outcome,
        blockers=blockers,
        due_diligence_on=due_diligence_on,
        due_diligence_note=due_diligence_note,
        classification=classification,
        compartments=compartments,
    )
    stored = lock(activity)
    stored.check_texts({"note": note}, user)
    keep_made(stored, values)
    _heed_completion(values, stored.status)
    if stored.completed_on and values.get("completed_on", stored) is None:
        del values["completed_on"]  # a row or form that says no day moves none
    before = stored.status, stored.completed_on
    if "due" in values and "due_at" not in values and stored.due_at is not None:
        time = activity.mission.local(stored.due_at).time()  # another day, at the same time of it
        values["due_at"] = datetime.datetime.combine(values["due"], time, activity.mission.zone)
    activity = update_record(activity, user=user, expected=expected, **values)
    if (activity.status, activity.completed_on) != before:
        _sign(activity, user, note)
    return activity


@transaction.atomic
def answer_alert(activity: Activity, *, user: User, alert: Alert) -> Activity:
    """Let an activity that is planned already respond to an alert. Raises PermissionDenied."""
    require(is_visible(user, alert))
    shown = only_visible(user, activity.alerts.all())
    return edit_activity(activity, user=user, alerts=[*shown, alert])


@transaction.atomic
def change_activities(
    activities: Iterable[Activity],
    *,
    user,
    status: str = "",
    completed_on: datetime.date | None = None,
    later_by: int = 0,
    lead_component: Component | None = None,
    note: str = "",
) -> Report:
    """Change many at once, each under the rules of one; of those refused the report says why.

    ``completed_on``: the day those set to done were done, by default today. ``later_by``: days by which due dates move, negative for earlier. Raises ValidationError where
    nothing was asked for.
    """
    if not (status or completed_on or later_by or lead_component):
        raise ValidationError(gettext("Say what to change: the status, the due date or the lead."))
    report = Report()
    for number, activity in enumerate(activities):
        values: dict = {"status": status} if status else {}
        if completed_on:
            values["completed_on"] = completed_on
        if later_by:
            values["due"] = activity.due + datetime.timedelta(days=later_by)
        if lead_component:
            values["lead_component"] = lead_component
        outcome = Outcome(number, CHANGED, activity.pk)
        try:
            with transaction.atomic():
                edit_activity(activity, user=user, note=note, **values)
        except REFUSALS as error:
            outcome.status, outcome.errors = REFUSED, problems(error)
        report.answer(outcome)
    return report


def _heed(
    entry: CatalogueActivity,
    user: User,
    threats: list[Threat],
    due_diligence_on: datetime.date | None,
) -> None:
    """Refuse a typical activity that would do harm, as far as the user may know who harms."""
    for threat in threats:
        caution = entry.withheld_from(families_of(user, threat))
        if caution is not None:
            raise ValidationError(
                gettext(
                    "“%(entry)s” is not planned against “%(threat)s”: state forces are among its "
                    "perpetrators (%(reason)s)."
                )
                % {"entry": entry, "threat": threat, "reason": caution.label}
            )
    if entry.supports_a_force and due_diligence_on is None:
        raise ValidationError(
            {
                "due_diligence_on": gettext(
                    "“%(entry)s” supports a state force: say when the mission's due diligence on "
                    "it was done, and what it found."
                )
                % {"entry": entry}
            }
        )


def _heed_completion(values: dict[str, Any], status: str) -> None:
    """Refuse a day of completion for what is not done, rather than drop it."""
    if values.get("completed_on") and values.get("status", status) != ActivityStatus.DONE:
        raise ValidationError(
            {
                "completed_on": gettext(
                    "Only what is done was completed on a day: set the status too."
                )
            }
        )


def _sign(activity: Activity, user: User, note: str = "") -> None:
    change = StatusChange(
        activity=activity,
        status=activity.status,
        day=activity.completed_on or activity.mission.today,
        changed_by=user,
        note=note.strip(),
    )
    change.full_clean()
    change.save()
