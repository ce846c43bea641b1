"""How well it is established that an actor had the part a record gives it; people say so."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from missions.access import can, is_visible, may_edit, require
from missions.models import User
from missions.roles import Capability
from records.services import lock
from threats.choices import ActorPart, StandardOfProof
from threats.models import (
    ArmedActor,
    Incident,
    IncidentActor,
    ProofSetting,
    Threat,
    ThreatParty,
    ThreatPerpetrator,
)

Link = IncidentActor | ThreatPerpetrator | ThreatParty


@transaction.atomic
def set_standard(*, user: User, link: Link, standard: str) -> Link:
    """Set the standard of proof of a link; who set it and when is kept with it, and what stood before.

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
    _keep(link)  # what stood until now, if that is not on record yet
    link.standard = standard
    link.standard_set_by = user
    link.standard_set_at = timezone.now()
    link.save(update_fields=["standard", "standard_set_by", "standard_set_at"])
    _keep(link)
    if isinstance(link, IncidentActor):
        record.edited_by_hand = True
    record.save()  # whoever follows the record sees the change
    return link


def link_of(record: Incident | Threat, actor: ArmedActor, part: str) -> Link | None:
    """An actor's link to a record in a part; None where the record gives it no such part."""
    if isinstance(record, Incident):
        return record.parts.filter(actor=actor, part=part).first()
    links = {ActorPart.PERPETRATOR: record.accused, ActorPart.PARTY: record.sides}.get(part)  # type: ignore[call-overload]
    return None if links is None else links.filter(actor=actor).first()


def settings_of(record: Incident | Threat) -> dict[tuple[int, str], list[ProofSetting]]:
    """Of each actor and part of a record, the standards set so far, the first one first; one query."""
    found: dict[tuple[int, str], list[ProofSetting]] = {}
    for row in record.proof_settings.select_related("set_by"):
        found.setdefault((row.actor_id, row.part), []).append(row)
    return found


def with_settings(record: Incident | Threat, links: Iterable[Link]) -> list[Link]:
    """Links, each with ``earlier``: the standards that no longer stand, the newest first."""
    links, kept = list(links), settings_of(record)
    for link in links:
        rows = kept.get((link.actor_id, _part(link)), [])
        link.earlier = rows[-2::-1]  # type: ignore[union-attr]
    return links


def _part(link: Link) -> str:
    if isinstance(link, IncidentActor):
        return link.part
    return ActorPart.PERPETRATOR if isinstance(link, ThreatPerpetrator) else ActorPart.PARTY


def _keep(link: Link) -> None:
    owner = (
        {"incident_id": link.incident_id}
        if isinstance(link, IncidentActor)
        else {"threat_id": link.threat_id}
    )
    ProofSetting.objects.get_or_create(
        **owner, actor_id=link.actor_id, part=_part(link), set_at=link.standard_set_at,
        defaults={"standard": link.standard, "set_by": link.standard_set_by},
    )  # fmt: skip
