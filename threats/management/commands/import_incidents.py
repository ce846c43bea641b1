from missions.choices import Classification
from records.commands import ImportCommand, a_date
from threats.sources.formats import FORMATS
from threats.sources.loader import import_incidents


class Command(ImportCommand):
    help = "Load incidents from a UCDP GED or ACLED file (CSV, plain or in .zip or .gz)."

    def add_arguments(self, parser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--format", required=True, choices=sorted(FORMATS))
        parser.add_argument(
            "--complete", action="store_true",
            help="the file is all there is for its period: report what vanished from it",
        )  # fmt: skip
        parser.add_argument(
            "--classification", type=int, choices=Classification.values,
            default=Classification.UNCLASSIFIED.value,
            help="of incidents new to the portal: 0 unclassified, 1 confidential, 2 strictly",
        )  # fmt: skip

        parser.add_argument(
            "--until", type=a_date,
            help="last day the file tells of; by default that of its last event",
        )  # fmt: skip

    def load(self, mission, options):
        return import_incidents(
            mission=mission,
            path=options["file"],
            format_name=options["format"],
            encoding=options["encoding"],
            classification=options["classification"],
            all_or_nothing=options["all_or_nothing"],
            complete=options["complete"],
            dry_run=options["dry_run"],
            until=options["until"],
        )
