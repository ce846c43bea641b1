from __future__ import annotations

import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from records.pages import ContentPage
from threats import charts
from threats.models import Community, Incident, RiskBacktest, RiskScore, RiskState
from threats.risk import baselines
from threats.risk.backtest import MODEL
from threats.risk.documented import DOCUMENTED
from threats.risk.silence import WEEKS
from threats.scoring.families import as_evidence

TARGETS = {
    "community_30": _("Communities, 30 days"),
    "community_90": _("Communities, 90 days"),
    "cell_month": _("Half-degree cells, calendar month"),
}
FIGURES = (
    "average_precision", "roc_auc", "brier_skill", "log_score", "calibration_slope", "top_5",
    "top_10",
)  # fmt: skip


def forecast_names() -> dict[str, str]:
    """Forecasts as the page calls them."""
    names = {MODEL: gettext("This model"), "base_rate": gettext("Always the base rate")}
    of = {"civilians": gettext("attacks on civilians"), "all": gettext("all violence")}
    for family, what in of.items():
        names[f"last_month_{family}"] = gettext("Last month's count (%(what)s)") % {"what": what}
        names[f"density_{family}"] = gettext("All-time density (%(what)s)") % {"what": what}
        for months in baselines.HALF_LIVES:
            names[f"decayed_{months}m_{family}"] = (
                gettext("Count halved every month (%(what)s)")
                if months == 1
                else gettext("Count halved every %(n)d months (%(what)s)")
            ) % {"n": months, "what": what}
    return names


class ScoreQuality(ContentPage):
    """How good are these scores? The newest backtest in plain words and pictures."""

    template_name = "threats/quality.html"
    section = "communities"
    parameters = {"target": TARGETS}

    def get_context_data(self, **kwargs):
        judged = self.visible_here(RiskBacktest.objects.all()).first()
        state = RiskState.objects.filter(mission=self.mission).select_related("model").first()
        chosen = self.request.GET.get("target", "")
        if chosen not in TARGETS:
            chosen = next(iter(TARGETS))
        target = judged.figures["targets"].get(chosen) if judged else None
        return super().get_context_data(
            title=gettext("How good are these scores?"),
            judged=judged,
            model=state.model if state else None,
            targets=TARGETS,
            chosen=chosen,
            target=target,
            weeks=WEEKS,
            unseen=self._unseen(),
            documented=self._documented(),
            **(self._shown(target) if target and target["rows"] else {}),
            **kwargs,
        )

    def _shown(self, target: dict) -> dict:
        names = forecast_names()
        forecasts = target["forecasts"]
        ranked = sorted(
            forecasts.items(),
            key=lambda item: (item[0] != MODEL, -(item[1]["average_precision"]["value"] or 0)),
        )
        # The simple rule that is best at what it is shown beside.
        simple = [name for name in forecasts if name != MODEL]
        nearest = max(simple, key=lambda name: forecasts[name]["top_10"]["value"] or 0)
        months = [
            month | {"month": date_format(datetime.date.fromordinal(month["day"] + 1), "F Y")}
            for month in target["by_origin"]
        ]
        return {
            "own": forecasts[MODEL],
            "best": forecasts[nearest],
            "best_name": names[nearest],
            "rows": [
                {
                    "name": names.get(name, name),
                    "figures": [figures[figure] for figure in FIGURES],
                    "is_model": name == MODEL,
                    "is_best": name == target["best_baseline"],
                }
                for name, figures in ranked
            ],
            "reliability": charts.reliability(target["reliability"]),
            "precision_recall": charts.precision_recall(target["precision_recall"], names),
            "hits": charts.hits_by_month(months),
            "out_of_reach": target["incidents"] - target["incidents_in_reach"],
        }

    def _unseen(self) -> dict:
        """What the model cannot see now, counted as the reader may see it."""
        scores = RiskScore.objects.visible_to(self.request.user).filter(
            mission=self.mission, horizon=30
        )
        countless = self.visible_here(Incident.objects.all())
        return {
            "silent": scores.filter(is_silent=True).count(),
            "communities": self.visible_here(Community.objects.all()).count(),
            "nowhere": countless.filter(place_precision="country").count()
            + countless.filter(longitude=None).exclude(place_precision="country").count(),
        }

    def _documented(self) -> dict | None:
        """Attacks the model saw in months of which the mission's own count is known."""
        known = DOCUMENTED.get(self.mission.code)
        if known is None:
            return None
        incidents = self.visible_here(Incident.objects.all())
        if not incidents.filter(start_date__lt=known.first).exists():
            return None  # a record that begins later cannot be compared
        seen = as_evidence(incidents).filter(
            against_civilians=True, start_date__range=(known.first, known.last)
        )
        return {
            "first": date_format(known.first), "last": date_format(known.last),
            "all": known.incidents, "seen": seen.count(),
        }  # fmt: skip
