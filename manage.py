#!/usr/bin/env python
"""Command line of the portal."""

import os
import sys

from poc_portal.local.secrets import load_secrets
from poc_portal.local.server import all_in_use, own_servers

# Commands that need neither database nor broker, or that start them themselves.
WITHOUT_SERVERS = {
    "portal", "worker", "makemessages", "compilemessages", "collectstatic", "help", "version",
}  # fmt: skip


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "poc_portal.settings")
    from django.core.management import execute_from_command_line

    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    load_secrets()
    with all_in_use([] if command in WITHOUT_SERVERS else own_servers()):
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
