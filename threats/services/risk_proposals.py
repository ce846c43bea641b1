"""Draft threats from the risk: endangered places that no threat names, by administrative area.

They accuse nobody. A draft is as secret as the evidence its scores were made from: it is classified
as the lowest clearance whose readers see the places endangered.
"""

from __future__ import annotations

from collections import defaultdict

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from missions.models import AdminArea, Mission
from records.titles import made_title
from threats.choices import Phase, ThreatKind, ThreatStatus
from threats.models import Community, RiskScore, Threat
from threats.services.threats import note_decision

UPPER_BAND = 4  # of 1 to 5
HORIZON = 30  # days


def endangered(mission: Mission, clearance: int) -> dict[int, float]:
    """Communities in the upper two bands as a clearance sees them: expected number by id."""
    rows = RiskScore.objects.filter(
        mission=mission, horizon=HORIZON, clearance=clearance, band__gte=UPPER_BAND,
        community__withdrawn_at__isnull=True, community__classification__lte=clearance,
    )  # fmt: skip
    return dict(rows.values_list("community_id", "expected"))


@transaction.atomic
def propose_from_risk(mission: Mission) -> list[Threat]:
    """Draft a threat for every area with endangered communities that no threat names.

    A place that a proposed, active or rejected threat names gets no second one; an area's own draft
    is brought up to date, and lists every community it endangers; where there is none any more, it is
    withdrawn, unless there are no scores to tell by. Places in no area get none.
    """
    standing = (
        Threat.objects.current()
        .filter(mission=mission)
        .exclude(status=ThreatStatus.CLOSED)
        .prefetch_related("communities")
    )
    drafts: dict[tuple[int, int], Threat] = {}
    named: set[int] = set()
    ours = standing.filter(
        kind=ThreatKind.ATTACKS, perpetrators=None, parties=None, incidents=None, created_by=None
    )
    for threat in ours:
        if threat.status == ThreatStatus.PROPOSED and threat.admin_area_id:
            drafts[threat.admin_area_id, threat.classification] = threat
    own = {threat.pk for threat in drafts.values()}
    for threat in standing:
        if threat.pk not in own:
            named |= {place.pk for place in threat.communities.all()}
    areas, proposed = AdminArea.objects.in_bulk(), []
    for clearance in (0, 1, 2):
        expected = endangered(mission, clearance)
        by_area: dict[int, list[Community]] = defaultdict(list)
        places = Community.objects.filter(pk__in=set(expected) - named, admin_area__isnull=False)
        for place in places.order_by("pk"):
            assert place.admin_area_id is not None  # filtered above
            by_area[place.admin_area_id].append(place)
        for area, found in sorted(by_area.items()):
            draft = drafts.get((area, clearance)) or Threat(mission=mission)
            most = max(expected[place.pk] for place in found)
            proposed.append(_draft(draft, areas[area], clearance, found, most))
            named |= {place.pk for place in found}
    if RiskScore.objects.filter(mission=mission, horizon=HORIZON).exists():
        for draft in drafts.values():
            if draft not in proposed:
                _withdraw(draft)
    return proposed


def _withdraw(threat: Threat) -> None:
    threat.withdrawn_at = timezone.now()
    threat.withdrawn_reason = gettext(
        "No community here is both endangered and without another threat any more."
    )
    threat.save()


def _draft(
    threat: Threat, area: AdminArea, clearance: int, places: list[Community], expected: float
) -> Threat:
    is_new = threat.pk is None
    made = made_title(Threat.title_forms, "feared", area=str(area))
    threat.title, threat.title_made_of = made["title"], made["title_made_of"]
    threat.kind = ThreatKind.ATTACKS
    threat.admin_area = area
    threat.classification = clearance
    threat.suggested_phase = Phase.PREEMPTION
    threat.suggestion = {"expected_30_days": round(expected, 4), "communities": len(places)}
    if is_new:
        threat.phase = Phase.PREEMPTION
        threat.phase_since = threat.mission.today
    threat.full_clean()
    threat.save()
    if is_new:
        note_decision(threat, user=None, suggested_phase=Phase.PREEMPTION, suggested_from=clearance)
    threat.communities.set(places)
    return threat
