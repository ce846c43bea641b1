"""Asking for scores to be recomputed, and noting what changed. Knows nothing of how they are."""

from __future__ import annotations

from django.db.models import QuerySet

from missions.models import Mission
from missions.models.base import MissionOwned
from poc_portal.celery import wake
from threats.models import Community, EvidenceChange, RecomputeRequest
from threats.risk.evidence import FAMILIES
from threats.scoring.families import as_evidence

Scope = RecomputeRequest.Scope
LONG_SCOPES = (Scope.WHOLE, Scope.HISTORY)  # work of minutes
COUNTED_BY = ("mission_id", "longitude", "latitude", "day", "first", "precision", "deaths", "layer")


def request_recompute(mission: Mission, scope: str = Scope.WHOLE) -> None:
    """Ask for a mission's scores; the whole of them brings the earlier days' with it.

    The request commits with its cause; the message that wakes the worker may be lost, for a
    sweep finds the request anyhow.
    """
    scopes = (Scope.WHOLE, Scope.HISTORY) if scope == Scope.WHOLE else (scope,)
    RecomputeRequest.objects.bulk_create(
        [RecomputeRequest(mission=mission, scope=each) for each in scopes]
    )
    if scope in LONG_SCOPES:
        wake("threats.tasks.recompute_whole")
    else:
        wake_worker()


def request_community(community: Community) -> None:
    """Ask for one community's sums and scores, after it was made or moved."""
    RecomputeRequest.objects.create(
        mission=community.mission, scope=Scope.COMMUNITY, community=community
    )
    wake_worker()


def note_evidence(record: MissionOwned, sign: int) -> None:
    """Note that a record's evidence, as it stands now, is to be added (+1) or taken away (−1).

    Records that count for nothing leave no note. Raises ValueError for a kind of record that is
    never evidence.
    """
    note_evidence_of(type(record).objects.filter(pk=record.pk), sign)


def note_evidence_of(records: QuerySet, sign: int) -> None:
    """What ``note_evidence`` notes of one record, of several."""
    noted = [
        EvidenceChange(sign=sign, family=FAMILIES[row.pop("family_number")].name, **row)
        for row in as_evidence(records).values("family_number", *COUNTED_BY)
    ]
    if noted:
        EvidenceChange.objects.bulk_create(noted)
        wake_worker()


def wake_worker() -> None:
    """Have what takes a moment done when the transaction has committed."""
    wake("threats.tasks.recompute_pending")
