from django.core.management.base import BaseCommand, CommandError

from missions.models import Mission
from threats.services.requests import request_recompute
from threats.services.scores import recompute_mission


class Command(BaseCommand):
    help = "Recompute every score of a mission now, without waiting for the worker."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--mission", required=True)

    def handle(self, *args, **options) -> None:
        mission = Mission.objects.filter(code=options["mission"]).first()
        if mission is None:
            raise CommandError(f"There is no mission “{options['mission']}”.")
        request_recompute(mission)
        self.stdout.write(f"{recompute_mission(mission.pk)} scores written.")
