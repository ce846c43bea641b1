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
from records.services import lock, relinked
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
from threats.rules.kinds import REFERRAL_ONLY

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
    if isinstance(record, Incident):
        Incident.objects.filter(pk=record.pk).update(edited_by_hand=True)
    relinked(record, [link.actor])
    return link


def link_of(record: Incident | Threat, actor: ArmedActor, part: str) -> Link | None:
    """An actor's link to a record in a part; None where the record gives it no such part."""
    if isinstance(record, Incident):
        return record.parts.filter(actor=actor, part=part).first()
    links = {ActorPart.PERPETRATOR: record.accused, ActorPart.PARTY: record.sides}.get(part)  # type: ignore[call-overload]
    return None if links is None else links.filter(actor=actor).first()


def leave_unseen_out(incident: Incident, user: User) -> None:
    """Take out of a report that is only referred the actors the user does not see.

    It names nobody; a refusal for one it names out of the user's sight would tell of it.
    """
    if incident.kind in REFERRAL_ONLY:
        seen = ArmedActor.objects.visible_to(user).order_by()
        incident.parts.exclude(actor__in=seen).delete()


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
        link.earlier = [  # type: ignore[union-attr]
            row
            for row in reversed(kept.get((link.actor_id, _part(link)), []))
            if (row.standard, row.set_at) != (link.standard, link.standard_set_at)
        ]
    return links


def carry_over(link: IncidentActor, replaced: Iterable[IncidentActor]) -> None:
    """Give a part not stored yet the standard people have set of it.

    What was last set of this very part of the record stands. Else it is disproved where a part that
    it replaces is: that the actor was there at all is what was disproved.
    """
    last = ProofSetting.objects.filter(
        incident=link.incident_id, actor=link.actor_id, part=link.part
    ).last()
    refuted = [one for one in replaced if one.standard == StandardOfProof.DISPROVED]
    if last is not None:
        link.standard, link.standard_set_by = last.standard, last.set_by
        link.standard_set_at = last.set_at
    elif refuted:
        _stand_as(link, refuted[0])


def join_parts(*, keep: Incident, other: Incident) -> None:
    """Give ``keep`` the parts of actors in ``other``, with all that was set of them.

    Where both know of a part, what is disproved of either stays so; else what a person set last
    stands, and a link nobody judged gives way.
    """
    standing = {(row.actor_id, row.part): row for row in keep.parts.all()}
    for row in other.parts.all():
        mine = standing.get((row.actor_id, row.part))
        if mine is None:
            mine = IncidentActor(incident=keep, actor_id=row.actor_id, part=row.part)
            _stand_as(mine, row)
            mine.save()
        elif _weight(row) > _weight(mine):
            _keep(mine)
            _stand_as(mine, row)
            mine.save()
            _keep(mine)
    for setting in other.proof_settings.all():
        ProofSetting.objects.get_or_create(
            incident=keep, actor_id=setting.actor_id, part=setting.part, set_at=setting.set_at,
            defaults={"standard": setting.standard, "set_by_id": setting.set_by_id},
        )  # fmt: skip


def _weight(link: IncidentActor) -> tuple:
    is_set = link.standard_set_by_id is not None
    return link.standard == StandardOfProof.DISPROVED, is_set, is_set and link.standard_set_at


def _stand_as(link: IncidentActor, other: IncidentActor) -> None:
    link.standard, link.standard_set_by_id = other.standard, other.standard_set_by_id
    link.standard_set_at = other.standard_set_at


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
