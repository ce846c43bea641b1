"""Writes of the strategies floor."""

from __future__ import annotations

import uuid

from django.db import transaction

from missions.models import Mission
from missions.services import create_record, update_record
from strategies.models import Activity
from threats.services.incidents import already_submitted


@transaction.atomic
def plan_activity(
    *, user, mission: Mission, submission: uuid.UUID | None = None, **values
) -> Activity:
    """Plan an activity; a form sent twice plans it once. Raises ValidationError."""
    if submission is not None:
        earlier = already_submitted(Activity, mission, user, submission)
        if earlier is not None:
            return earlier
    return create_record(Activity, user=user, mission=mission, submission=submission, **values)


def edit_activity(activity: Activity, *, user, expected: str | None = None, **values) -> Activity:
    """Change an activity. Raises EditConflict when somebody else did meanwhile."""
    return update_record(activity, user=user, expected=expected, **values)
