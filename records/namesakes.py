"""Records of one identifier, of which a writer sees but one, or none.

A refusal because of a record its reader may not see would tell of that record. So what comes under
an identifier that only hidden records bear is stored beside them; who sees both may join them.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from missions.access import NOTHING, Account, grants
from missions.need_to_know import reads

MOST = 20  # of one identifier


def known_to(model: type[models.Model], user: Account) -> Q:
    """Records whose identifiers are no news to the user: of a level they read, withdrawn or not, and
    those they wrote."""
    owner = getattr(model, "belongs_to", "")
    record: Any = model
    for part in filter(None, owner.split("__")):
        record = record._meta.get_field(part).related_model
    prefix = f"{owner}__" if owner else ""
    is_classified = any(field.name == "classification" for field in record._meta.concrete_fields)
    found = NOTHING
    for grant in grants(user).values():
        level = Q(**{f"{prefix}mission": grant.mission_id})
        if is_classified:
            level &= Q(**{f"{prefix}classification__lte": grant.clearance})
        if is_classified and any(
            field.name == "compartments" for field in record._meta.concrete_fields
        ):
            level &= reads(grant.compartments, f"{prefix}compartments")
        found |= level
    if any(field.name == "created_by" for field in model._meta.concrete_fields):
        found |= Q(created_by=user.pk)  # type: ignore[union-attr]
    return found


def set_apart(record: Any, *, user: Account, mission_id: int) -> None:
    """Give the record a ``namesake`` that no hidden record of its identifier has.

    One the user knows keeps its own, so that a second of it is refused as ever.
    """
    names = record.identified_by
    values = {name: getattr(record, name) for name in names}
    if not names or not all(values.values()):
        return
    model = type(record)
    same = model._default_manager.filter(mission=mission_id, **values).exclude(pk=record.pk)
    known = same.filter(known_to(model, user)).order_by("namesake").values_list("namesake").first()
    if known is not None:
        record.namesake = known[0]
        return
    taken = set(same.values_list("namesake", flat=True))
    record.namesake = next(n for n in range(len(taken) + 1) if n not in taken)
