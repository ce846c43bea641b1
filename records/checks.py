"""What is checked of a record before it is stored.

A record written alone is checked by a dozen queries, so that each fault gets its message. Of many,
the database's own constraints are left to the database; a row it refuses is written once more
alone, for the message.
"""

from __future__ import annotations

from django.db import models

from poc_portal.postgres.memo import has_memo


def validate(record: models.Model) -> None:
    """``full_clean``, without what the database checks anyway where many are written."""
    if not has_memo():
        record.full_clean()
        return
    related = {field.name for field in record._meta.concrete_fields if field.is_relation}
    record.full_clean(exclude=related, validate_constraints=False)
