from django.core.management.base import BaseCommand, CommandError

from records.commands import find_mission
from threats.models import RecomputeRequest
from threats.scoring.checks import check_scores
from threats.scoring.recompute import recompute_mission


class Command(BaseCommand):
    help = (
        "Check that every stored score is the sum of its contributions, by term, by family and by "
        "single incident, for every clearance."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("--mission", help="code; not needed where there is one mission")

    def handle(self, *args, **options) -> None:
        mission = find_mission(options["mission"])
        if RecomputeRequest.objects.filter(mission=mission).exists():
            self.stdout.write("What waited to be counted was counted first.")
            recompute_mission(mission.pk)
        result = check_scores(mission)
        if not result.scores:
            self.stdout.write(
                f"Nothing to check: no score of {mission.code} is stored. Next: manage.py recompute_risk."
            )
            return
        self.stdout.write(
            f"{result.scores:,} scores checked; largest difference by term {result.by_term:.1e}, "
            f"by family {result.by_family:.1e}, from the incidents {result.by_incident:.1e}."
        )
        if not result.holds:
            raise CommandError("Some scores are not the sum of their contributions.")
