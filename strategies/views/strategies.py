from __future__ import annotations

from collections import Counter

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from missions.access import may_create, may_edit
from records.nothing import Nothing
from records.pages import ActionPage, EditPage, FormPage, ListPage, OfRecord, RecordPage
from strategies.charts import sparkline
from strategies.choices import STANDING, ActivityStatus, StrategyStatus
from strategies.coverage.cells import counted
from strategies.filters import StrategyFilterSet
from strategies.forms.strategies import IndicatorForm, MeasurementForm, ObjectiveForm, StrategyForm
from strategies.models import Activity, Indicator, Measurement, Objective, Strategy
from strategies.services.strategies import (
    add_indicator,
    add_objective,
    approve_strategy,
    create_strategy,
    edit_indicator,
    edit_objective,
    edit_strategy,
    endorse_strategy,
    may_approve,
    may_endorse,
    measure,
    new_version,
    withdraw_part,
)
from strategies.tables import StrategyTable


class StrategyList(ListPage):
    queryset = Strategy.objects.select_related("mission", "endorsed_by", "approved_by")
    filterset_class = StrategyFilterSet
    table_class = StrategyTable
    template_name = "strategies/strategies.html"
    section = "activities"
    title = _("Strategies")
    lead = _("What the mission wants to have achieved, and how far it is.")
    empty = _("No strategy fits. Clear the filters, or write one.")
    nothing = Nothing(
        _("Nothing to judge yet: no strategy is on record."),
        _("Next: write a strategy"),
        "strategy-add",
    )


class StrategyPage(RecordPage):
    queryset = Strategy.objects.select_related(
        "mission", "endorsed_by", "approved_by", "created_by", "previous"
    )
    template_name = "strategies/strategy.html"
    section = "activities"

    def get_context_data(self, **kwargs):
        strategy, user = self.object, self.request.user
        threats = strategy.threats.visible_to(user).with_current_assessment(user)
        following = getattr(strategy, "next", None)
        seen = set(
            self.visible_here(Strategy.objects.filter(pk__in=self._others(strategy))).values_list(
                "pk", flat=True
            )
        )
        return super().get_context_data(
            objectives=self._objectives(),
            threats=threats.select_related("mission").gravest_first(),
            may_edit=may_edit(user, strategy),
            may_measure=may_create(user, Measurement, self.mission),
            may_endorse=may_endorse(user, strategy),
            may_approve=may_approve(user, strategy) and strategy.status == StrategyStatus.ENDORSED,
            following=following if following and following.pk in seen else None,
            previous=strategy.previous if strategy.previous_id in seen else None,
            may_continue=strategy.status in STANDING and following is None,
            **kwargs,
        )

    @staticmethod
    def _others(strategy: Strategy) -> set[int]:
        following = getattr(getattr(strategy, "next", None), "pk", None)
        return {key for key in (strategy.previous_id, following) if key is not None}

    def _objectives(self) -> list[dict]:
        """Each objective with its indicators, their series drawn, and its activities counted."""
        found = list(
            self.visible_here(self.object.objectives.select_related("mission")).with_figures()
        )
        counts: dict[int, Counter] = {objective.pk: Counter() for objective in found}
        linked = (
            Activity.objects.visible_to(self.request.user)
            .filter(objectives__in=found)
            .with_overdue(self.mission)
            .values_list("objectives", "status", "is_overdue")
        )
        for objective, status, is_overdue in linked:
            if objective in counts:
                counts[objective]["overdue" if is_overdue else status] += 1
        states = ("overdue", *ActivityStatus.values)
        return [
            {
                "objective": objective,
                "indicators": [
                    (indicator, sparkline(indicator, self.object.as_told(indicator.title)))
                    for indicator in objective.indicators.all()
                ],
                "activities": [
                    (state, counted(state, counts[objective.pk][state]))
                    for state in states
                    if counts[objective.pk][state]
                ],
            }
            for objective in found
        ]


class StrategyAdd(FormPage):
    form_class = StrategyForm
    model = Strategy
    section = "activities"
    title = _("Write a strategy")
    lead = _("Objectives and indicators come next, on its page.")
    saved = _("The strategy is begun. Add its objectives.")
    service = staticmethod(create_strategy)


class StrategyEdit(EditPage):
    section = "activities"
    form_class = StrategyForm
    model = Strategy
    attributes = ("title", "start", "end", "summary", "classification")
    title = _("Change the strategy")
    service = staticmethod(edit_strategy)

    def get_initial(self):
        shown = self.record.threats.visible_to(self.request.user)
        return super().get_initial() | {"threats": list(shown)}


class ObjectiveAdd(OfRecord):
    section = "activities"
    form_class = ObjectiveForm
    model = Strategy
    title = _("Add an objective")
    owner = "strategy"
    service = staticmethod(add_objective)


class IndicatorAdd(OfRecord):
    section = "activities"
    form_class = IndicatorForm
    model = Objective
    title = _("Add an indicator")
    owner = "objective"
    service = staticmethod(add_indicator)


class ObjectiveEdit(EditPage):
    section = "activities"
    service = staticmethod(edit_objective)
    form_class = ObjectiveForm
    model = Objective
    attributes = ("title", "description")
    title = _("Change the objective")


class IndicatorEdit(EditPage):
    section = "activities"
    service = staticmethod(edit_indicator)
    form_class = IndicatorForm
    model = Indicator
    attributes = ("title", "unit", "baseline", "target")
    title = _("Change the indicator")


class Measure(OfRecord):
    section = "activities"
    form_class = MeasurementForm
    model = Indicator
    title = _("Record a measurement")
    saved = _("The measurement is recorded.")
    owner = "indicator"
    service = staticmethod(measure)

    def permitted(self) -> bool:
        return may_create(self.request.user, Measurement, self.mission)

    def get_initial(self):
        return super().get_initial() | {"day": self.mission.today}

    def save(self, form):
        super().save(form)
        return self.record  # of this version, also where an earlier one's holds the measurements


class StrategyDecide(ActionPage):
    """Endorse; begin the next version; take a part out of a draft."""

    queryset = Strategy.objects.all()

    def act(self) -> str:
        posted, user = self.request.POST, self.request.user
        if "endorse" in posted:
            endorse_strategy(self.record, user=user)
            return gettext("The strategy is cleared. The head of mission approves it.")
        if "approve" in posted:
            approve_strategy(self.record, user=user)
            return gettext("The strategy is approved.")
        if "continue" in posted:
            self.record = new_version(self.record, user=user)
            return gettext("The next version is begun as a draft.")
        self._withdraw()
        return gettext("Taken out; it stays stored with the reason.")

    def _withdraw(self) -> None:
        posted = self.request.POST
        parts = {"objective": Objective.objects.filter(strategy=self.record),
                 "indicator": Indicator.objects.filter(objective__strategy=self.record)}  # fmt: skip
        kind, _sep, number = posted.get("withdraw", "").partition("-")
        part = get_object_or_404(
            self.visible_here(parts.get(kind, Objective.objects.none())),
            pk=number if number.isdigit() else 0,
        )
        withdraw_part(part, user=self.request.user, reason=posted.get("reason", ""))
