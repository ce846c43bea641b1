from records.commands import ImportCommand
from threats.sources.places import import_places


class Command(ImportCommand):
    help = "Load communities from CSV (name, latitude, longitude, aliases, population, source…)."

    def load(self, mission, options):
        return import_places(
            mission=mission,
            path=options["file"],
            encoding=options["encoding"],
            all_or_nothing=options["all_or_nothing"],
            dry_run=options["dry_run"],
        )
