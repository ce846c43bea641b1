"""The portal's own drafts: which of them it may still change, and how one is taken back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import QuerySet
from django.utils import timezone

from missions.access import secrecy_of
from missions.models import Mission
from missions.need_to_know import in_order
from threats.models import Threat


def standing_drafts(mission: Mission) -> QuerySet:
    """Ids of the drafts to which no person has given anything."""
    drafts = Threat.objects.current().untouched_drafts().filter(mission=mission)
    return drafts.order_by().values_list("pk", flat=True)


def is_above(draft: Threat, other: Any) -> bool:
    """Whether not everybody who sees the draft may see the other record."""
    level, held = secrecy_of(other)
    return level > draft.classification or not set(held).issubset(draft.compartments)


def link_seen(draft: Threat, name: str, wanted: Iterable[Any]) -> None:
    """Link a draft to the ``wanted``; what people linked to it above its readers' heads stays."""
    links = getattr(draft, name)
    links.set([*wanted, *(other for other in links.all() if is_above(draft, other))])


def withdraw_draft(threat: Threat, reason: str) -> None:
    """Withdraw one, in the portal's name.

    Where people have assessed it above its readers' heads, it leaves these alone and stands on for
    those who did.
    """
    given = threat.assessments.current()
    hidden = [secrecy_of(each) for each in given if is_above(threat, each)]
    if hidden:
        threat.classification = max(level for level, _held in hidden)
        threat.compartments = in_order(code for _level, held in hidden for code in held)
        threat.edited_by_hand = True
        threat.save()
        return
    threat.withdrawn_at = timezone.now()
    threat.withdrawn_reason = reason
    threat.save()


def said_by(threat: Threat) -> str | None:
    """What a draft says, as it is stored; None for one that is not stored yet."""
    if threat.pk is None:
        return None
    values = {f.attname: getattr(threat, f.attname) for f in threat._meta.concrete_fields}
    return json.dumps(values, cls=DjangoJSONEncoder, sort_keys=True)
