from django.core.management.base import BaseCommand

from records.commands import find_mission
from threats.scoring.recompute import recompute_mission
from threats.scoring.requests import request_recompute


class Command(BaseCommand):
    help = "Recompute every score of a mission now from all its evidence, without the worker."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--mission", help="code; not needed where there is one mission")

    def handle(self, *args, **options) -> None:
        mission = find_mission(options["mission"])
        request_recompute(mission)
        written = recompute_mission(mission.pk)
        self.stdout.write(f"{written} scores written.")
        if not written:
            self.stdout.write("Nothing to score: no community is on record. Next: import_places.")
