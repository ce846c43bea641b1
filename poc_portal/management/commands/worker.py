from __future__ import annotations

import os

from django.core.management.base import BaseCommand

from poc_portal.queues import POOLS


class Command(BaseCommand):
    help = "Become the worker of one queue."

    def add_arguments(self, parser) -> None:
        parser.add_argument("queue", choices=[pool.queue for pool in POOLS])
        parser.add_argument("--loglevel", default="INFO")

    def handle(self, *args, **options) -> None:
        command = next(pool.command for pool in POOLS if pool.queue == options["queue"])
        os.execv(command[0], [*command, "--loglevel", options["loglevel"]])
