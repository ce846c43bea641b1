from __future__ import annotations

from collections import Counter

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import View

from missions.access import may_create, may_edit
from missions.pages import FormPage, ListPage, MissionPage, OfRecord, RecordPage
from strategies.charts import sparkline
from strategies.choices import ActivityStatus, StrategyStatus
from strategies.filters import StrategyFilterSet
from strategies.forms.strategies import (
    IndicatorForm,
    MeasurementForm,
    ObjectiveForm,
    StrategyForm,
)
from strategies.models import Activity, Indicator, Measurement, Objective, Strategy
from strategies.services.strategies import (
    add_indicator,
    add_objective,
    create_strategy,
    edit_part,
    edit_strategy,
    endorse_strategy,
    may_endorse,
    measure,
    new_version,
    withdraw_part,
)
from strategies.tables import StrategyTable


class StrategyList(ListPage):
    queryset = Strategy.objects.select_related("mission", "endorsed_by")
    filterset_class = StrategyFilterSet
    table_class = StrategyTable
    template_name = "strategies/strategies.html"
    section = "activities"
    title = _("Strategies")
    lead = _("What the mission wants to have achieved, and how far it is.")
    empty = _("No strategy yet.")


class StrategyPage(RecordPage):
    queryset = Strategy.objects.select_related("mission", "endorsed_by", "created_by", "previous")
    template_name = "strategies/strategy.html"
    section = "activities"

    def get_context_data(self, **kwargs):
        strategy, user = self.object, self.request.user
        threats = strategy.threats.visible_to(user).with_current_assessment(user)
        following = getattr(strategy, "next", None)
        seen = {
            s.pk for s in self.visible(Strategy.objects.all()) if s.pk in self._others(strategy)
        }
        return super().get_context_data(
            objectives=self._objectives(),
            threats=threats.select_related("mission").gravest_first(),
            may_edit=may_edit(user, strategy),
            may_measure=may_create(user, Measurement, self.mission),
            may_endorse=may_endorse(user, strategy),
            following=following if following and following.pk in seen else None,
            previous=strategy.previous if strategy.previous_id in seen else None,
            may_continue=strategy.status == StrategyStatus.ENDORSED and following is None,
            **kwargs,
        )

    @staticmethod
    def _others(strategy: Strategy) -> set[int | None]:
        return {strategy.previous_id, getattr(getattr(strategy, "next", None), "pk", None)}

    def _objectives(self) -> list[dict]:
        """Each objective with its indicators, their series drawn, and its activities counted."""
        found = list(self.visible(self.object.objectives.select_related("mission")).with_figures())
        counts: dict[int, Counter] = {objective.pk: Counter() for objective in found}
        linked = (
            Activity.objects.visible_to(self.request.user)
            .filter(objectives__in=found)
            .with_overdue(self.mission.today)
            .values_list("objectives", "status", "is_overdue")
        )
        for objective, status, is_overdue in linked:
            if objective in counts:
                counts[objective]["overdue" if is_overdue else status] += 1
        labels = {"overdue": gettext("Overdue"), **dict(ActivityStatus.choices)}
        return [
            {
                "objective": objective,
                "indicators": [
                    (indicator, sparkline(indicator)) for indicator in objective.indicators.all()
                ],
                "activities": [
                    (key, label, counts[objective.pk][key])
                    for key, label in labels.items()
                    if counts[objective.pk][key]
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

    def save(self, form):
        return create_strategy(user=self.request.user, mission=self.mission, **form.values())


class StrategyEdit(OfRecord):
    section = "activities"
    form_class = StrategyForm
    model = Strategy
    attributes = ("title", "start", "end", "summary", "classification")
    title = _("Change the strategy")

    def get_initial(self):
        shown = self.record.threats.visible_to(self.request.user)
        return super().get_initial() | {"threats": list(shown)}

    def save(self, form):
        expected = form.cleaned_data["version"]
        return edit_strategy(
            self.record, user=self.request.user, expected=expected, **form.values()
        )


class ObjectiveAdd(OfRecord):
    section = "activities"
    form_class = ObjectiveForm
    model = Strategy
    title = _("Add an objective")

    def save(self, form):
        return add_objective(user=self.request.user, strategy=self.record, **form.values())


class IndicatorAdd(OfRecord):
    section = "activities"
    form_class = IndicatorForm
    model = Objective
    title = _("Add an indicator")

    def save(self, form):
        return add_indicator(user=self.request.user, objective=self.record, **form.values())


class PartEdit(OfRecord):
    section = "activities"

    def save(self, form):
        expected = form.cleaned_data["version"]
        return edit_part(self.record, user=self.request.user, expected=expected, **form.values())


class ObjectiveEdit(PartEdit):
    form_class = ObjectiveForm
    model = Objective
    attributes = ("title", "description")
    title = _("Change the objective")


class IndicatorEdit(PartEdit):
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

    def permitted(self) -> bool:
        return may_create(self.request.user, Measurement, self.mission)

    def get_initial(self):
        return super().get_initial() | {"day": self.mission.today}

    def save(self, form):
        made = measure(user=self.request.user, indicator=self.record, **form.values())
        return self.record if made else made


class StrategyDecide(MissionPage, View):
    """Endorse; begin the next version; take a part out of a draft."""

    http_method_names = ["post"]

    def post(self, request, *args, **kwargs) -> HttpResponseRedirect:
        strategy = get_object_or_404(self.visible(Strategy.objects.all()), pk=kwargs["pk"])
        try:
            if "endorse" in request.POST:
                endorse_strategy(strategy, user=request.user)
                messages.success(request, gettext("The strategy is endorsed."))
            elif "continue" in request.POST:
                strategy = new_version(strategy, user=request.user)
                messages.success(request, gettext("The next version is begun as a draft."))
            elif "withdraw" in request.POST:
                self._withdraw(strategy)
                messages.success(request, gettext("Taken out; it stays stored with the reason."))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(strategy.get_absolute_url())

    def _withdraw(self, strategy: Strategy) -> None:
        asked = self.request.POST
        parts = {"objective": Objective.objects.filter(strategy=strategy),
                 "indicator": Indicator.objects.filter(objective__strategy=strategy)}  # fmt: skip
        kind, _sep, number = asked["withdraw"].partition("-")
        part = get_object_or_404(
            self.visible(parts.get(kind, Objective.objects.none())),
            pk=number if number.isdigit() else 0,
        )
        withdraw_part(part, user=self.request.user, reason=asked.get("reason", ""))
