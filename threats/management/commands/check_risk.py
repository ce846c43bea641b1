from django.core.management.base import BaseCommand, CommandError

from records.commands import find_mission
from threats.scoring.checks import check_scores


class Command(BaseCommand):
    help = (
        "Check that every stored score is the sum of its contributions, by term, by family and by "
        "single incident, for every clearance."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("--mission", help="code; not needed where there is one mission")

    def handle(self, *args, **options) -> None:
        mission = find_mission(options["mission"])
        result = check_scores(mission)
        self.stdout.write(
            f"{result.scores:,} scores checked; largest difference by term {result.by_term:.1e}, "
            f"by family {result.by_family:.1e}, from the incidents {result.by_incident:.1e}."
        )
        if not result.holds:
            raise CommandError("Some scores are not the sum of their contributions.")
