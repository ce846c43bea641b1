from __future__ import annotations

import datetime

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from missions.services import create_mission


def date(value: str) -> datetime.date:
    return datetime.date.fromisoformat(value)


class Command(BaseCommand):
    help = "Make a mission with its components and the outline of its country."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--code", required=True, help="short name in capitals, e.g. MINUSCA")
        parser.add_argument("--name", required=True)
        parser.add_argument(
            "--country", required=True, action="append", metavar="ISO3",
            help="ISO 3166-1 alpha-3 code; may be given several times",
        )  # fmt: skip
        parser.add_argument(
            "--reference-date", type=date, metavar="YYYY-MM-DD",
            help="the mission's “today”, to replay a past period",
        )  # fmt: skip
        parser.add_argument(
            "--time-zone", default="", metavar="AREA/CITY",
            help="whose clocks the mission goes by, e.g. Africa/Juba; by default the country's",
        )  # fmt: skip

    def handle(self, *args, **options) -> None:
        try:
            mission = create_mission(
                code=options["code"],
                name=options["name"],
                countries=[code.upper() for code in options["country"]],
                reference_date=options["reference_date"],
                time_zone=options["time_zone"],
            )
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from None
        self.stdout.write(
            f"Mission {mission.code} made; its clocks are those of {mission.time_zone}."
            " Now import its data."
        )
