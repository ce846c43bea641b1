"""What of the incidents linked to a threat still speaks of it: not what was disproved of its actors."""

from __future__ import annotations

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet

from threats.choices import ActorPart, StandardOfProof
from threats.models import ArmedActor, Incident, IncidentActor, Threat
from threats.models.incident import IncidentQuerySet

ACTED = (ActorPart.PERPETRATOR, ActorPart.PARTY)


def standing_links(reader, **conditions) -> QuerySet:
    """Links of threats to incidents, without those that are refuted, as far as the reader may see.

    An incident is none of a threat's evidence where all that was said of the threat's actors in it,
    as perpetrators or parties, is disproved. ``conditions``: on the links. Adds ``is_theirs``: false
    where those the threat accuses were disproved to be perpetrators, and are merely a side now.
    """
    seen = ArmedActor.objects.visible_to(reader).order_by().values("pk")
    accused = Q(actor__accused__threat=OuterRef("threat_id"))
    named = accused | Q(actor__sides__threat=OuterRef("threat_id"))
    parts = IncidentActor.objects.filter(
        incident=OuterRef("incident_id"), actor__in=seen, part__in=ACTED
    ).order_by()
    blamed = parts.filter(accused, part=ActorPart.PERPETRATOR)
    refuted = Q(standard=StandardOfProof.DISPROVED)
    return (
        Threat.incidents.through.objects.filter(**conditions)
        .exclude(Exists(parts.filter(named, refuted)) & ~Exists(parts.filter(named, ~refuted)))
        .annotate(
            is_theirs=ExpressionWrapper(
                ~Exists(blamed.filter(refuted)) | Exists(blamed.filter(~refuted)),
                output_field=BooleanField(),
            )
        )
    )


def supporting(threat: Threat, reader) -> IncidentQuerySet:
    """Incidents linked to a threat that the reader may see and that still speak of it."""
    links = standing_links(reader, threat=threat).values("incident_id")
    return Incident.objects.visible_to(reader).filter(pk__in=links)
