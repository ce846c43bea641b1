#!/usr/bin/env python
"""Command line of the portal."""

import os
import sys

from poc_portal import embedded

# Commands that never open the database, or that start it themselves.
WITHOUT_DATABASE = {"portal", "makemessages", "compilemessages", "collectstatic", "help", "version"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "poc_portal.settings")
    from django.core.management import execute_from_command_line

    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    embedded.load_secrets()
    if command in WITHOUT_DATABASE or embedded.database_is_external():
        execute_from_command_line(sys.argv)
    else:
        with embedded.Server().in_use():
            execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
