"""A form sent twice makes one record."""

from __future__ import annotations

import uuid
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext

from missions.models import Mission, User
from poc_portal.postgres.locks import Lock, lock_until_commit

Record = TypeVar("Record", bound=models.Model)


def already_submitted(
    model: type[Record], mission: Mission, user: User, submission: uuid.UUID
) -> Record | None:
    """The record this very form made before, if it did.

    Of two requests at the same moment the second waits here for the first. Raises
    ValidationError when the submission is somebody else's.
    """
    lock_until_commit(Lock.SUBMISSION, submission.int)
    earlier = model._default_manager.filter(mission=mission, submission=submission).first()
    if earlier is not None and earlier.created_by_id != user.pk:  # type: ignore[attr-defined]
        raise ValidationError(
            gettext("This form was already sent under another account. Open a new one.")
        )
    return earlier
