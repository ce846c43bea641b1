from __future__ import annotations

import os

from django.core.management.base import BaseCommand, CommandError

from poc_portal.local.portal import CannotStart, run_portal
from poc_portal.local.server import ServerError
from poc_portal.local.supervisor import CannotLive

PORT = 8000


class Command(BaseCommand):
    help = "Run the whole portal on this machine, with the demonstration on first run."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or PORT))
        parser.add_argument("--no-demo", action="store_true", help="start with an empty portal")

    def handle(self, *args, **options) -> None:
        try:
            run_portal(port=options["port"], demo=not options["no_demo"], say=self._say)
        except (CannotStart, CannotLive, ServerError) as reason:
            raise CommandError(str(reason)) from None

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
