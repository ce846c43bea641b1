"""The portal's own drafts: which of them it may still change, and how one is taken back."""

from __future__ import annotations

import json

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import QuerySet
from django.utils import timezone

from missions.models import Mission
from threats.models import Threat


def standing_drafts(mission: Mission) -> QuerySet:
    """Ids of the drafts to which no person has given anything."""
    drafts = Threat.objects.current().untouched_drafts().filter(mission=mission)
    return drafts.order_by().values_list("pk", flat=True)


def withdraw_draft(threat: Threat, reason: str) -> None:
    """Withdraw one, in the portal's name."""
    threat.withdrawn_at = timezone.now()
    threat.withdrawn_reason = reason
    threat.save()


def said_by(threat: Threat) -> str | None:
    """What a draft says, as it is stored; None for one that is not stored yet."""
    if threat.pk is None:
        return None
    values = {f.attname: getattr(threat, f.attname) for f in threat._meta.concrete_fields}
    return json.dumps(values, cls=DjangoJSONEncoder, sort_keys=True)
