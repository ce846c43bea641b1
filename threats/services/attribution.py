"""How well it is established that an actor had the part a record gives it; people say so."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from missions.access import can, is_visible, may_edit, require
from missions.models import User
from missions.roles import Capability
from records.services import lock
from threats.choices import StandardOfProof
from threats.models import IncidentActor, ThreatParty, ThreatPerpetrator

Link = IncidentActor | ThreatPerpetrator | ThreatParty


@transaction.atomic
def set_standard(*, user: User, link: Link, standard: str) -> Link:
    """Set the standard of proof of a link; who set it and when is kept with it.

    For analysts who may edit the incident or threat. A file brought in again leaves such an incident
    as it is. Raises PermissionDenied or ValidationError.
    """
    record = lock(link.incident if isinstance(link, IncidentActor) else link.threat)
    require(can(user, record.mission_id, Capability.ANALYSE) and may_edit(user, record))
    require(is_visible(user, link.actor))
    if standard not in StandardOfProof.values:
        raise ValidationError(
            {
                "standard": gettext("One of %(names)s.")
                % {"names": ", ".join(StandardOfProof.values)}
            }
        )
    link.standard = standard
    link.standard_set_by = user
    link.standard_set_at = timezone.now()
    link.save(update_fields=["standard", "standard_set_by", "standard_set_at"])
    if isinstance(link, IncidentActor):
        record.edited_by_hand = True
    record.save()  # whoever follows the record sees the change
    return link
