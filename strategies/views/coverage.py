from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from missions.choices import Phase, Tier
from missions.pages import ContentPage
from strategies.coverage import Coverage, as_rows
from threats.models import Threat

GROUPS = {
    "office": (
        _("Field office"),
        lambda threat: str(_office(threat) or gettext("no field office")),
    ),
    "type": (_("Type of threat"), lambda threat: threat.get_kind_display()),
    "area": (
        _("Administrative area"),
        lambda threat: str(threat.admin_area or gettext("no administrative area")),
    ),
}
GAPS_LISTED = 50


def _office(threat: Threat):
    return threat.admin_area.field_office if threat.admin_area else None


class CoveragePage(ContentPage):
    """The mission's matrix, whole or by group; the gaps by weight; and what a cell holds."""

    template_name = "strategies/coverage.html"
    section = "activities"

    def get_context_data(self, **kwargs):
        coverage = Coverage(self.mission, self.request.user)
        asked = self.request.GET
        by = asked.get("by", "")
        gaps = coverage.gaps()
        cell = (asked.get("tier", ""), asked.get("phase", ""))
        return super().get_context_data(
            phases=Phase,
            matrix=as_rows(coverage.matrix()),
            groups=[(name, as_rows(cells)) for name, cells in coverage.grouped(GROUPS[by][1])]
            if by in GROUPS
            else [],
            by=by,
            choices=[(code, label) for code, (label, _name) in GROUPS.items()],
            gaps=gaps[:GAPS_LISTED],
            gap_total=len(gaps),
            required_phases=[
                (Phase(phase).label, [Phase(called).label for called in calls])
                for phase, calls in self.mission.required_phases.items()
            ],
            opened=cell if self._is_cell(cell) else None,
            drilled=[
                (threat, found)
                for threat in coverage.threats
                for found in coverage.cells[threat.pk]
                if (str(found.tier), found.phase) == cell and found.is_required
            ],
            **kwargs,
        )

    @staticmethod
    def _is_cell(cell: tuple[str, str]) -> bool:
        return cell[0] in {str(tier) for tier in Tier.values} and cell[1] in Phase.values
