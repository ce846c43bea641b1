"""Meetings of the POC working group: called with an agenda, and what they decide."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext

from exchange.notifications.services import notify
from missions.access import clearance_in, is_visible, may_edit, require
from missions.models import Component, Membership, Mission, User
from records.given import UNSET, Unset, given
from records.services import create_record, lock, name_record, update_record, usual_level
from records.titles import keep_made, made_title, unless_typed
from strategies.choices import NotificationKind
from strategies.models import Activity, Decision, Meeting
from strategies.models.titles import MEETING_FORMS
from strategies.reading.agenda import agenda, demanded_level


def usual_title() -> dict[str, Any]:
    """What a meeting is called unless its caller says otherwise."""
    return made_title(MEETING_FORMS, "working_group")


@transaction.atomic
def call_meeting(
    *,
    user: User,
    mission: Mission,
    title: str,
    day: datetime.date,
    notes: str | Unset = UNSET,
    classification: int | Unset = UNSET,
    compartments: Sequence[str] | Unset = UNSET,
) -> Meeting:
    """Call a meeting; its agenda is what stands open now, up to its classification.

    Of a meeting that is recorded after its day, the agenda is of that day.

    Without a ``classification`` it has the one its agenda demands, within the caller's clearance.
    The title of such meetings is the portal's own, and in each reader's language.
    """
    values = given(
        title=title, day=day, notes=notes, classification=classification, compartments=compartments
    )
    values |= unless_typed(MEETING_FORMS, title, usual_title())
    clearance = clearance_in(user, mission) or 0
    values.setdefault("classification", usual_level(clearance, demanded_level(mission, clearance)))
    meeting = create_record(Meeting, user=user, mission=mission, **values)
    meeting.agenda = agenda(mission, meeting.classification, meeting.day)
    meeting.save()
    return meeting


def edit_meeting(
    meeting: Meeting,
    *,
    user: User,
    expected: str | None = None,
    title: str | Unset = UNSET,
    day: datetime.date | Unset = UNSET,
    notes: str | Unset = UNSET,
    classification: int | Unset = UNSET,
    compartments: Sequence[str] | Unset = UNSET,
) -> Meeting:
    """Change its day, title or notes. The agenda and its level stay as they were called."""
    values = given(
        title=title, day=day, notes=notes, classification=classification, compartments=compartments
    )
    if values.get("classification", meeting.classification) != meeting.classification:
        raise ValidationError(
            {
                "classification": gettext(
                    "The agenda was made at the meeting's classification; it stays."
                )
            }
        )
    keep_made(meeting, values)
    return update_record(meeting, user=user, expected=expected, **values)


@transaction.atomic
def decide(
    *,
    user: User,
    meeting: Meeting,
    text: str,
    owner: Component,
    due: datetime.date,
    classification: int | Unset = UNSET,
    compartments: Sequence[str] | Unset = UNSET,
) -> Decision:
    """Record what the meeting decided; the owner's members are told.

    ``values``: text, owner, due; classification is at least the meeting's.
    """
    values = given(
        text=text, owner=owner, due=due, classification=classification, compartments=compartments
    )
    require(is_visible(user, meeting) and may_edit(user, meeting))
    level = values.pop("classification", meeting.classification)
    values.setdefault("mission", meeting.mission)
    decision = create_record(
        Decision, user=user, meeting=meeting, classification=max(level, meeting.classification),
        **values,
    )  # fmt: skip
    owners = Membership.objects.filter(component=decision.owner)
    notify(decision, NotificationKind.DECISION_ASSIGNED, owners, by=user)
    return decision


@transaction.atomic
def carry_out(decision: Decision, *, user: User, activity: Activity | None = None) -> Decision:
    """The decision is done, or has become an activity, which then tells how far it is."""
    decision = lock(decision)
    require(is_visible(user, decision) and may_edit(user, decision))
    if decision.done_on is not None:
        raise ValidationError(gettext("This decision was carried out already."))
    decision.done_on = decision.mission.today
    decision.full_clean()
    decision.save()
    if activity is not None:
        name_record(decision, "activity", activity)
    return decision
