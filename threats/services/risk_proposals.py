"""Draft threats from the risk: endangered places that no threat names, by administrative area.

They accuse nobody. A draft is as secret as the evidence its scores were made from: it is classified
as the lowest clearance whose readers see the places endangered, and see no threat that names them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext

from missions.models import AdminArea, Mission
from records.titles import made_title
from threats.choices import Phase, ThreatKind, ThreatStatus
from threats.models import Community, RiskScore, Threat
from threats.scoring.feared import HORIZON, UPPER_BAND
from threats.services.drafts import link_seen, said_by, standing_drafts, withdraw_draft
from threats.services.threats import note_decision


def endangered(mission: Mission, clearance: int) -> dict[int, float]:
    """Communities in the upper two bands as a clearance sees them: expected number by id."""
    rows = RiskScore.objects.filter(
        mission=mission, horizon=HORIZON, clearance=clearance, band__gte=UPPER_BAND,
        community__withdrawn_at__isnull=True, community__classification__lte=clearance,
        community__compartments=[],
    )  # fmt: skip
    return dict(rows.values_list("community_id", "expected"))


@transaction.atomic
def propose_from_risk(mission: Mission, levels: Sequence[int]) -> list[Threat]:
    """Draft a threat for every area with endangered communities that no threat names.

    For each clearance of ``levels`` by the scores and threats that it sees; what a lower one's draft names stands
    in no second one. A place that a proposed, active or rejected threat names gets none; an area's
    own draft is brought up to date, and lists every community it endangers; where there is none any
    more, it is withdrawn, unless there are no scores to tell by. Places in no area get none.
    """
    standing = list(
        Threat.objects.current()
        .filter(mission=mission)
        .exclude(status=ThreatStatus.CLOSED)
        .prefetch_related("communities")
    )
    of_risk = Threat.objects.filter(
        pk__in=standing_drafts(mission), kind=ThreatKind.ATTACKS, admin_area__isnull=False,
        perpetrators=None, parties=None, incidents=None,
    )  # fmt: skip
    drafts = {(draft.admin_area_id, draft.classification): draft for draft in of_risk}
    own = {draft.pk for draft in drafts.values()}
    areas, proposed = AdminArea.objects.in_bulk(), []
    drafted: set[int] = set()
    for clearance in levels:
        named = drafted | {
            place.pk
            for threat in standing
            if threat.pk not in own and threat.is_known_at(clearance)
            for place in threat.communities.all()
        }
        expected = endangered(mission, clearance)
        by_area: dict[int, list[Community]] = defaultdict(list)
        places = Community.objects.filter(pk__in=set(expected) - named, admin_area__isnull=False)
        for place in places.order_by("pk"):
            assert place.admin_area_id is not None  # filtered above
            by_area[place.admin_area_id].append(place)
        for area, found in sorted(by_area.items()):
            draft = drafts.get((area, clearance)) or Threat(
                mission=mission, classification=clearance, drafted_for=clearance
            )
            most = max(expected[place.pk] for place in found)
            proposed.append(_draft(draft, areas[area], found, most))
            drafted |= {place.pk for place in found}
    if RiskScore.objects.filter(mission=mission, horizon=HORIZON).exists():
        for draft in drafts.values():
            if draft.classification in levels and draft not in proposed:
                withdraw_draft(
                    draft,
                    gettext(
                        "No community here is both endangered and without another threat any more."
                    ),
                )
    return proposed


def _draft(threat: Threat, area: AdminArea, places: list[Community], expected: float) -> Threat:
    is_new, was = threat.pk is None, said_by(threat)
    made = made_title(Threat.title_forms, "feared", area=str(area))
    if is_new or threat.title_made_of:  # else a person typed it
        threat.title, threat.title_made_of = made["title"], made["title_made_of"]
    threat.kind = ThreatKind.ATTACKS
    threat.admin_area = area
    threat.suggested_phase = Phase.PREEMPTION
    threat.suggestion = {"expected_30_days": round(expected, 4), "communities": len(places)}
    if is_new:
        threat.phase = Phase.PREEMPTION
        threat.phase_since = threat.mission.today
    if is_new or said_by(threat) != was:
        threat.full_clean()
        threat.save()
    if is_new:
        note_decision(
            threat,
            user=None,
            suggested_phase=Phase.PREEMPTION,
            suggested_from=threat.classification,
        )
    link_seen(threat, "communities", places)
    return threat
