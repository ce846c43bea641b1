from __future__ import annotations

import datetime

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from missions.access import can
from missions.roles import Capability
from records.forms import date_input
from records.pages import ContentPage, FormPage, place_errors
from strategies.choices import Tier
from strategies.coverage.cells import as_rows
from strategies.coverage.mission import GROUPS, Coverage
from strategies.coverage.places import uncovered
from strategies.forms.rules import RulesForm
from strategies.models import Activity, CoverageRules, StatusChange
from strategies.services.rules import set_rules
from threats.choices import Phase
from threats.models import Threat, ThreatDecision, ThreatRules

GROUP_LABELS = {
    "office": _("Field office"),
    "type": _("Type of threat"),
    "area": _("Administrative area"),
}
LISTED = 50
CHANGES_LISTED = 20


class SinceForm(forms.Form):
    """The day the matrix is compared with."""

    since = forms.DateField(label=_("What changed since"), required=False, widget=date_input())

    def __init__(self, *args, today: datetime.date, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_since(self) -> datetime.date | None:
        since = self.cleaned_data["since"]
        if since and since >= self.today:
            raise forms.ValidationError(
                _("%(day)s does not lie before the mission's today (%(today)s)."),
                params={"day": since, "today": self.today},
            )
        return since


class CoveragePage(ContentPage):
    """The mission's matrix, whole or by group, and since a day; the gaps; what a cell holds."""

    is_costly = True
    template_name = "strategies/coverage.html"
    section = "activities"
    parameters = {
        "since": None, "tier": Tier.values, "phase": Phase.values,
        "by": (*GROUPS, "component"),
    }  # fmt: skip

    def get_context_data(self, **kwargs):
        mission, user, query = self.mission, self.request.user, self.request.GET
        coverage = Coverage(mission, user)
        form = SinceForm(query, today=mission.today)
        since = form.cleaned_data["since"] if form.is_valid() else None
        matrix = coverage.matrix()
        if since:
            matrix = coverage.compared_with(Coverage(mission, user, since))
        by = query.get("by", "")
        cell = (query.get("tier", ""), query.get("phase", ""))
        opened = cell if self._is_cell(cell) else None
        drilled, drilled_total = (
            coverage.in_cell(int(cell[0]), cell[1], LISTED) if opened else ([], 0)
        )
        return super().get_context_data(
            phases=Phase,
            matrix=as_rows(matrix),
            since=since,
            since_form=form,
            changes=self._changes(since) if since else None,
            groups=[(name, as_rows(cells)) for name, cells in coverage.grouped(by)]
            if by in GROUPS
            else [],
            components=coverage.by_component() if by == "component" else [],
            is_idle=not coverage.required.any()
            and not self.visible_here(Activity.objects.all()).exists(),
            by=by,
            choices=[*GROUP_LABELS.items(), ("component", _("Component"))],
            uncovered=uncovered(mission, user),
            gaps=coverage.gaps(LISTED),
            required_total=int(coverage.required.sum()),
            threats_total=len(coverage.ids),
            gap_total=coverage.gap_total(),
            required_phases=[
                (Phase(phase).label, [Phase(called).label for called in calls])
                for phase, calls in CoverageRules.of(mission).required_phases.items()
            ],
            may_set_rules=can(user, mission, Capability.SET_RULES),
            opened=opened,
            opened_label=Phase(cell[1]).label if opened else "",
            drilled=drilled,
            drilled_total=drilled_total,
            **kwargs,
        )

    def _changes(self, since: datetime.date) -> dict:
        """What was decided and moved after the day, newest first."""
        user, mission = self.request.user, self.mission
        decisions = (
            ThreatDecision.objects.visible_to(user)
            .filter(mission=mission, day__gt=since, day__lte=mission.today)
            .select_related("threat__mission", "decided_by")
            .order_by("-day", "-pk")
        )
        moves = (
            StatusChange.objects.visible_to(user)
            .filter(activity__mission=mission, day__gt=since, day__lte=mission.today)
            .select_related("activity__mission", "activity__lead_component")
            .order_by("-day", "-pk")
        )
        return {
            "decisions": decisions[:CHANGES_LISTED],
            "decisions_total": decisions.count(),
            "threats_ever": self.visible_here(Threat.objects.all()).exists(),
            "activities_ever": self.visible_here(Activity.objects.all()).exists(),
            "moves": moves[:CHANGES_LISTED],
            "moves_total": moves.count(),
        }

    @staticmethod
    def _is_cell(cell: tuple[str, str]) -> bool:
        return cell[0] in {str(tier) for tier in Tier.values} and cell[1] in Phase.values


class RulesPage(FormPage):
    """The mission's own rules, for who advises or administers it."""

    form_class = RulesForm
    section = "activities"
    title = _("Rules of coverage and reach")
    lead = _("They hold at once, for every matrix, gap and figure of the mission.")

    def allowed(self) -> bool:
        return can(self.request.user, self.mission, Capability.SET_RULES)

    def get_initial(self):
        mission = self.mission
        reach = ThreatRules.of(mission)
        return {
            **CoverageRules.of(mission).required_phases,
            "travel_speed": reach.travel_speed,
            "reach_hours": reach.reach_hours,
            "source_kinds_from": reach.source_kinds_from,
        }

    def form_valid(self, form):
        try:
            set_rules(self.mission, user=self.request.user, **form.values())
        except ValidationError as error:
            place_errors(form, error)
            return self.form_invalid(form)
        messages.success(self.request, gettext("The rules are changed."))
        return HttpResponseRedirect(reverse("coverage", args=[self.mission.code]))
