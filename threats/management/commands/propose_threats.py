from django.core.management.base import BaseCommand, CommandError

from missions.models import Mission
from threats.services.proposals import propose_threats


class Command(BaseCommand):
    help = "Draft threats from the evidence of the last twelve months, for analysts to accept."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--mission", required=True)

    def handle(self, *args, **options) -> None:
        mission = Mission.objects.filter(code=options["mission"]).first()
        if mission is None:
            raise CommandError(f"There is no mission “{options['mission']}”.")
        self.stdout.write(f"{len(propose_threats(mission))} threats proposed.")
