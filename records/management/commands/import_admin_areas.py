from missions.models import Mission
from missions.signals import areas_changed
from records.commands import ImportCommand
from records.organisation.imports import import_admin_areas


class Command(ImportCommand):
    help = "Load administrative areas from GeoJSON (properties: code, name, level, parent)."

    def load(self, mission, options):
        report = import_admin_areas(
            mission=mission,
            path=options["file"],
            all_or_nothing=options["all_or_nothing"],
            dry_run=options["dry_run"],
        )
        if report.stored:
            areas_changed.send(Mission, mission=mission)
        return report
