"""Draft threats from the evidence: who, or who against whom, × administrative area.

An analyst accepts or rejects them. A draft is made from what one clearance sees, and is as secret. It
accuses an actor only where incidents record that actor as perpetrator: the sides of a clash in
which civilians were harmed are sides, and a people is never an armed group.
"""

from __future__ import annotations

import datetime

import numpy as np
from django.db import transaction
from django.utils.translation import gettext

from missions.access import Reader, is_visible
from missions.choices import Classification
from missions.geography import distance_km
from missions.models import AdminArea, Mission
from threats.choices import (
    SETTLED,
    ActorKind,
    ActorPart,
    StandardOfProof,
    ThreatKind,
    ThreatStatus,
)
from threats.models import ArmedActor, Community, Incident, IncidentActor, Threat, ThreatRules
from threats.rules.kinds import threat_of
from threats.rules.names import UNESTABLISHED
from threats.scoring.record import record_for, record_of
from threats.scoring.signs import Place, reassurance
from threats.scoring.suggestion import Suggestion
from threats.scoring.suggestions import MEMORY, suggest
from threats.services.draft_evidence import Evidence, Key, gather
from threats.services.drafts import link_seen, said_by, standing_drafts, withdraw_draft
from threats.services.risk_proposals import endangered, propose_from_risk
from threats.services.threats import note_decision
from threats.services.titles import draft_title

STRICT = Classification.STRICTLY_CONFIDENTIAL.value
REACH = 25.0  # km around the evidence within which a community counts as threatened
WITHOUT_BLAME = (ThreatKind.CROSSFIRE, ThreatKind.INTERCOMMUNAL)


@transaction.atomic
def propose_threats(mission: Mission) -> list[Threat]:
    """Draft threats from the incidents of the last 12 months.

    For every actor recorded as perpetrator of violence against civilians in an area: attacks by it.
    For every set of sides whose fighting harmed civilians there: crossfire, without blame. Where a
    side is a people or faith: intercommunal violence, whether or not those harmed are known to be
    civilians. Each clearance has drafts of its own, from what it sees and against the threats it
    sees; a higher one only those that say more. What has a threat that a person decided on, reported
    or edited gets no second one; other drafts are brought up to date, and withdrawn once nothing
    supports what they say. Where the record a clearance sees ended more than a year ago nothing is
    proposed to it or withdrawn: see ``why_none``.
    """
    standing = list(
        Threat.objects.current()
        .filter(mission=mission)
        .exclude(status=ThreatStatus.CLOSED)
        .prefetch_related("perpetrators", "parties")
        .order_by("pk")
    )
    untouched = set(standing_drafts(mission))
    said: dict[Key, set[int]] = {}
    proposed, levels = [], []
    for level in Classification.values:
        reader = Reader.cleared(mission, level)
        record = record_of(mission, level)
        if record.is_far_past:
            continue
        levels.append(level)
        settled = {
            key
            for threat in standing
            if threat.pk not in untouched and threat.is_known_at(level)
            for key in _keys(threat, reader)
        }
        drafts = {
            key: threat
            for threat in standing
            if threat.pk in untouched
            and threat.classification == level
            and not threat.edited_by_hand
            for key in _keys(threat)
        }
        communities = list(Community.objects.visible_to(reader).filter(mission=mission))
        found = gather(mission, reader, record.day - datetime.timedelta(days=MEMORY))
        for key, evidence in sorted(found.items(), key=lambda item: _order(item[0])):
            if key in settled:
                continue
            if evidence.ids <= said.get(key, set()):
                if key in drafts:
                    withdraw_draft(
                        drafts[key], gettext("A proposal open to more readers says as much.")
                    )
                continue
            said[key] = evidence.ids
            draft = drafts.get(key) or Threat(
                mission=mission, classification=level, drafted_for=level
            )
            proposed.append(_draft(draft, key, evidence, communities))
        for key, threat in drafts.items():
            is_left = threat.edited_by_hand  # to those who assessed it, since
            if key not in found and not is_left and not _is_supported(threat, reader):
                withdraw_draft(
                    threat, gettext("No incident on record supports this draft any more.")
                )
    return [*proposed, *propose_from_risk(mission, levels)]


def _order(key: Key) -> tuple:
    return key.kind, sorted(key.actors), key.area


def _keys(threat: Threat, reader: Reader | None = None) -> list[Key]:
    """What a threat is of, by the actors the reader sees; by all of them without one."""
    area = threat.admin_area_id or 0
    accused, sides = (
        [actor for actor in actors.all() if reader is None or is_visible(reader, actor)]
        for actors in (threat.perpetrators, threat.parties)
    )
    found = [Key(ThreatKind.ATTACKS, frozenset([actor.pk]), area) for actor in accused]
    if threat.kind in WITHOUT_BLAME:
        named = frozenset(actor.pk for actor in sides if actor.name != UNESTABLISHED)
        found.append(Key(threat.kind, named, area))
    return found


def _draft(threat: Threat, key: Key, evidence: Evidence, communities: list[Community]) -> Threat:
    mission, kind, was = threat.mission, key.kind, said_by(threat)
    area = AdminArea.objects.get(pk=key.area)
    actors = sorted(ArmedActor.objects.filter(pk__in=key.actors), key=lambda actor: actor.sort_name)
    violence = [*evidence.harm.values(), *evidence.other.values()]
    supporting = violence if kind == ThreatKind.INTERCOMMUNAL else list(evidence.harm.values())
    suggestion = _suggested(threat, evidence, supporting, communities, area)
    made = draft_title(
        kind,
        [actor.name for actor in actors],
        str(area),
        are_counted=any(i.civilian_deaths or i.injured for i in evidence.harm.values()),
    )
    if threat.pk is None or threat.title_made_of:  # else a person typed it
        threat.title, threat.title_made_of = made["title"], made["title_made_of"]
    is_blamed = kind == ThreatKind.ATTACKS
    threat.kind = threat_of(i.kind for i in supporting) if is_blamed else kind
    threat.admin_area = area
    threat.suggested_phase = suggestion.phase
    threat.suggested_likelihood = suggestion.likelihood
    threat.suggestion = suggestion.figures
    is_news = threat.pk is None or threat.phase != suggestion.phase
    if is_news:
        threat.phase = suggestion.phase
        threat.phase_since = mission.today
    if was is None or said_by(threat) != was:  # a time that moves tells that something was filed
        threat.full_clean()
        threat.save()
    if is_news:
        note_decision(
            threat,
            user=None,
            suggested_phase=suggestion.phase,
            suggested_from=threat.classification,
        )
    if is_blamed:
        link_seen(threat, "perpetrators", actors)
    elif kind == ThreatKind.INTERCOMMUNAL:
        link_seen(threat, "parties", [unestablished_actor(mission), *actors])
    else:
        link_seen(threat, "parties", actors)
    link_seen(threat, "incidents", supporting)
    at_risk = endangered(mission, threat.classification)
    near = {place.pk for place in _reached(supporting, communities)}
    places = [
        place
        for place in communities
        if place.pk in near or (place.pk in at_risk and place.admin_area_id == area.pk)
    ]
    link_seen(threat, "communities", places)
    return threat


def _suggested(
    threat: Threat,
    evidence: Evidence,
    supporting: list[Incident],
    communities: list[Community],
    area: AdminArea,
) -> Suggestion:
    """From what those who will read the draft may see."""
    mission = threat.mission
    reader = Reader.cleared(mission, threat.classification)
    near = frozenset(place.pk for place in _reached(supporting, communities))
    place = Place(threat.pk, near, area.pk)
    return suggest(
        [incident.evidence_span for incident in evidence.harm.values()],
        [incident.evidence_span for incident in evidence.other.values()],
        mission.today,
        ThreatRules.of(mission).risk_cut_points["30"],
        warnings=[incident.evidence_span for incident in evidence.warnings.values()],
        record_end=record_of(mission, threat.classification).end,
        reassured=reassurance(mission, reader, {0: place})[0],
    )


def why_none(mission: Mission, user) -> str:
    """Why no threat is proposed, and what to do next, from what the user may see."""
    incidents = Incident.objects.visible_to(user).filter(mission=mission)
    if not incidents.exists():
        return gettext(
            "Nothing to judge: no incident is on record. Next: bring in a file or file a report."
        )
    record = record_for(mission, user)
    if record.is_far_past:
        return gettext(
            "%(ends)s That is more than a year ago, and says nothing of today: nothing is proposed. "
            "Next: bring in what was recorded since."
        ) % {"ends": record.sentence}
    if not Community.objects.visible_to(user).filter(mission=mission).exists():
        return gettext("Nothing to judge: no community is on record. Next: bring in places.")
    return " ".join(
        part
        for part in (
            record.sentence,
            gettext(
                "In the twelve months on record no incident against civilians has a recorded "
                "perpetrator and a place, or a threat stands for each; and no endangered community "
                "is without one."
            ),
        )
        if part
    )


def unestablished_actor(mission: Mission) -> ArmedActor:
    """Who is behind intercommunal violence, until a person says more; one a mission."""
    found = ArmedActor.objects.current().filter(mission=mission, name=UNESTABLISHED).first()
    return found or ArmedActor.objects.create(
        mission=mission, name=UNESTABLISHED, kind=ActorKind.COMMUNITY_MILITIA
    )


def _is_supported(threat: Threat, reader: Reader) -> bool:
    """Whether an incident behind it that the reader sees records as perpetrator whom it accuses;
    once is enough."""
    accused = ArmedActor.objects.visible_to(reader).filter(threats=threat).order_by()
    return (
        threat.kind not in WITHOUT_BLAME
        and IncidentActor.objects.filter(
            incident__in=threat.incidents.visible_to(reader).counted().order_by(),
            incident__against_civilians=True,
            actor__in=accused,
            part=ActorPart.PERPETRATOR,
        )
        .exclude(standard=StandardOfProof.DISPROVED)
        .exists()
    )


def _reached(incidents, communities: list[Community]) -> list[Community]:
    """Communities within reach of the evidence; a place known only to its area reaches none."""
    points = [(i.longitude, i.latitude) for i in incidents if i.place_precision in SETTLED]
    if not points or not communities:
        return []
    longitude, latitude = np.array(points).T
    away = distance_km(
        np.array([c.longitude for c in communities])[:, None],
        np.array([c.latitude for c in communities])[:, None],
        longitude[None],
        latitude[None],
    )
    near = (away <= REACH).any(axis=1)
    return [community for community, hit in zip(communities, near, strict=True) if hit]
