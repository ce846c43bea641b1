"""What commands share; the import commands: same options, same report, same exit codes."""

from __future__ import annotations

import datetime
import json
import sys
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from missions.models import Mission
from poc_portal.tabular import FileRefused, Report

SHOWN_ERRORS = 20


def find_mission(code: str | None) -> Mission:
    """The mission with this code; without one, the only mission there is.

    Raises CommandError naming the missions there are.
    """
    missions = {mission.code: mission for mission in Mission.objects.all()}
    codes = ", ".join(sorted(missions)) or "none yet"
    if code is None:
        if len(missions) != 1:
            raise CommandError(f"Say which mission with --mission. Missions: {codes}.")
        return next(iter(missions.values()))
    if code not in missions:
        raise CommandError(f"There is no mission “{code}”. Missions: {codes}.")
    return missions[code]


def a_date(text: str) -> datetime.date:
    """A date given on the command line, like 2017-01-01."""
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(
            f"“{text}” is not a date that exists; write it like 2017-01-01"
        ) from None


class ImportCommand(BaseCommand):
    """Reads one file into one mission. Exit code 1 when rows or the file were refused."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--mission", required=True, help="code of the mission")
        parser.add_argument("--dry-run", action="store_true", help="check the file, store nothing")
        parser.add_argument("--json", type=Path, metavar="REPORT", help="write the report there")
        parser.add_argument("--encoding", help="of the file, when it is not UTF-8")
        parser.add_argument(
            "--all-or-nothing", action="store_true", help="one bad row keeps the whole file out"
        )

    def load(self, mission: Mission, options: dict) -> Report:
        """Do the import; given by the command. Raises FileRefused."""
        raise CommandError("this command does not say what it imports")

    def handle(self, *args, **options) -> None:
        mission = find_mission(options["mission"])
        try:
            report = self.load(mission, options)
        except FileRefused as refusal:
            report = Report(file=str(options["file"]), kind="", stored=False)
            report.notes.append(str(refusal))
            self._write_json(report, options["json"])
            raise CommandError(str(refusal)) from None
        self._write_json(report, options["json"])
        self._print(report)
        if report.refused:
            sys.exit(1)

    def _write_json(self, report: Report, path: Path | None) -> None:
        if path is not None:
            try:
                path.write_text(json.dumps(report.as_json(), ensure_ascii=False, indent=1) + "\n")
            except OSError as error:
                raise CommandError(f"The report could not be written: {error}.") from None

    def _print(self, report: Report) -> None:
        for error in report.errors[:SHOWN_ERRORS]:
            self.stderr.write(str(error))
        if len(report.errors) > SHOWN_ERRORS:
            self.stderr.write(f"… and {len(report.errors) - SHOWN_ERRORS} more (see --json).")
        for name, label in (
            ("held_back", "edited or withdrawn here, left as they are"),
            ("vanished", "no longer in the file, left as they are"),
        ):
            found = getattr(report, name)
            if found:
                more = " …" if len(found) > SHOWN_ERRORS else ""
                self.stdout.write(f"{len(found)} {label}: {', '.join(found[:SHOWN_ERRORS])}{more}")
        for note in report.notes:
            self.stdout.write(note)
        self.stdout.write(
            f"{report.read} read: {report.created} created, {report.changed} changed, "
            f"{report.unchanged} unchanged, {report.refused} refused."
            + ("" if report.stored else " Nothing was stored.")
        )  # fmt: skip
