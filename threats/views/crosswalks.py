"""The table of crosswalks as people read it."""

from __future__ import annotations

from django.utils.translation import gettext
from django.views.generic import TemplateView

from threats.choices import GraveViolation, IncidentKind
from threats.rules.kinds import (
    AGAINST_CIVILIANS,
    GROUPS,
    ORGANISED_VIOLENCE,
    WARNINGS,
    counterparts,
)


class Crosswalks(TemplateView):
    """What each kind of incident is to the portal, to UCDP, to ACLED and to the six grave violations."""

    template_name = "threats/crosswalks.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            groups=[(label, [_told(kind) for kind in kinds]) for label, kinds in GROUPS], **kwargs
        )


def _told(kind: IncidentKind) -> dict:
    rows = [row for row in counterparts() if row.kind == kind]
    return {
        "kind": kind,
        "is_against_civilians": kind in AGAINST_CIVILIANS,
        "evidence": _evidence(kind),
        "ucdp": [
            {"name": row.code, "is_taken": bool(row.when)}
            for row in rows
            if row.scheme == "ucdp" and row.code
        ],
        "acled": [
            {
                "name": f"{row.code}: {row.detail}" if row.detail else row.code,
                "is_taken": bool(row.when),
            }
            for row in rows
            if row.scheme == "acled" and row.code
        ],
        "grave": [
            (GraveViolation(row.code).label, row.when == "children")
            for row in rows
            if row.scheme == "grave_violation" and row.code
        ],
    }


def _evidence(kind: IncidentKind) -> str:
    """What the risk model takes such an incident for, where it is not against civilians anyway."""
    if kind in AGAINST_CIVILIANS:
        return gettext("attack on civilians")
    if kind in ORGANISED_VIOLENCE:
        return gettext("other violence")
    return gettext("warning") if kind in WARNINGS else ""
