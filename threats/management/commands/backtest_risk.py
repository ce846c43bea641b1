import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from records.commands import a_date, find_mission
from threats.scoring.training import judge

SHOWN = (
    ("average_precision", "AP"), ("roc_auc", "AUC"), ("brier_skill", "Brier skill"),
    ("log_score", "log score"), ("calibration_slope", "slope"), ("top_5", "top 5 %"),
    ("top_10", "top 10 %"),
)  # fmt: skip


class Command(BaseCommand):
    help = (
        "Judge the risk forecasts month by month over a past period, beside baselines. Every "
        "forecast uses only what was known on its day; models are refitted each year."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("--mission", help="code; not needed where there is one mission")
        parser.add_argument("--from", dest="first", type=a_date, required=True)
        parser.add_argument("--to", dest="last", type=a_date, required=True)
        parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")

    def handle(self, *args, **options) -> None:
        mission = find_mission(options["mission"])
        try:
            judged = judge(mission, first=options["first"], last=options["last"])
        except ValueError as problem:
            raise CommandError(str(problem)) from None
        if options["json"]:
            document = {
                "mission": mission.code,
                "first_day": judged.first_day.isoformat(),
                "last_day": judged.last_day.isoformat(),
                **judged.figures,
            }
            options["json"].write_text(json.dumps(document, indent=1) + "\n")
        for name, target in judged.figures["targets"].items():
            self._print(name, target)

    def _print(self, name: str, target: dict) -> None:
        out = self.stdout.write
        if not target["forecasts"]:
            out(f"\n{name}: nothing to judge, for no place was known or no month is complete.")
            out("  Next: import_places, import_incidents, or an earlier --from.")
            return
        out(
            f"\n{name}: {target['rows']:,} forecasts of {target['places']:,} places in "
            f"{target['origins']} months, {target['positives']:,} came true "
            f"(base rate {target['base_rate'] or 0:.4f}); {target['incidents']:,} incidents, "
            f"{target['incidents_in_reach']:,} of them within reach of a place"
        )
        out(f"  {'':24}" + "".join(f"{title:>24}" for _figure, title in SHOWN))
        for forecast, figures in target["forecasts"].items():
            out(f"  {forecast:24}" + "".join(f"{_cell(figures[f]):>24}" for f, _title in SHOWN))
        gain = target["gain_over_best_baseline"]
        out(f"  average precision × best baseline ({target['best_baseline']}): {_cell(gain)}")


def _cell(figure: dict) -> str:
    if figure["value"] is None:
        return "–"
    if figure["low"] is None:
        return f"{figure['value']:.3f}"
    return f"{figure['value']:.3f} ({figure['low']:.3f}–{figure['high']:.3f})"
