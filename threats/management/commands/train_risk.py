from django.core.management.base import BaseCommand, CommandError

from records.commands import a_date, find_mission
from threats.scoring.recompute import recompute_mission
from threats.scoring.training import TooLittleHistory, train


class Command(BaseCommand):
    help = "Train a mission's own risk model on its unclassified record, and score with it."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--mission", help="code; not needed where there is one mission")
        parser.add_argument(
            "--until", type=a_date, help="last day learnt from; the mission's today unless given"
        )

    def handle(self, *args, **options) -> None:
        mission = find_mission(options["mission"])
        try:
            model = train(mission, until=options["until"])
        except TooLittleHistory as reason:
            raise CommandError(
                f"Nothing to learn from yet. {reason} Next: import_places, import_incidents."
            ) from None
        self.stdout.write(
            f"{model.version}: trained on {model.trained_from} to {model.trained_until}."
        )
        for horizon, learnt in model.validation.items():
            self.stdout.write(
                f"  {horizon} days: {learnt['rows']:,} forecasts, {learnt['positives']:,} followed "
                "by violence against civilians within 25 km"
            )
        written = recompute_mission(mission.pk)
        self.stdout.write(
            f"{written} scores written."
            if written
            else "No score written: no community is on record. Next: manage.py import_places."
        )
