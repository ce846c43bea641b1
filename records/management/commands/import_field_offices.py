from missions.models import Mission
from missions.signals import areas_changed
from records.commands import ImportCommand
from records.organisation.imports import import_field_offices


class Command(ImportCommand):
    help = "Load field offices from CSV (name, latitude, longitude, admin_areas)."

    def load(self, mission, options):
        report = import_field_offices(
            mission=mission,
            path=options["file"],
            encoding=options["encoding"],
            all_or_nothing=options["all_or_nothing"],
            dry_run=options["dry_run"],
        )
        if report.stored:
            areas_changed.send(Mission, mission=mission)
        return report
