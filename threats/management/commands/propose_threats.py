from django.core.management.base import BaseCommand, CommandError

from missions.access import Reader
from missions.models import Mission
from threats.models import Community, Incident
from threats.services.proposals import STRICT, propose_threats, why_none


class Command(BaseCommand):
    help = "Draft threats from the evidence of the last twelve months, for analysts to accept."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--mission", required=True)

    def handle(self, *args, **options) -> None:
        mission = Mission.objects.filter(code=options["mission"]).first()
        if mission is None:
            raise CommandError(f"There is no mission “{options['mission']}”.")
        proposed = propose_threats(mission)
        self.stdout.write(f"{len(proposed)} threats proposed.")
        if not proposed:
            self.stdout.write(self._why(mission))

    @staticmethod
    def _why(mission: Mission) -> str:
        """What there was to propose from, and which command is next."""
        if not Incident.objects.current().filter(mission=mission).exists():
            return "Nothing to judge: no incident is on record. Next: import_incidents."
        if not Community.objects.current().filter(mission=mission).exists():
            return "Nothing to judge: no community is on record. Next: import_places."
        return why_none(mission, Reader.cleared(mission, STRICT))
