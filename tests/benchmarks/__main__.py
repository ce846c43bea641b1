"""``make bench``: figures beside a yardstick measured in the same run.

Prints medians and ratios, and never fails on them: a slow machine is no defect.
"""

import os
import sys
from pathlib import Path

import django

from poc_portal.local.secrets import load_secrets
from poc_portal.local.server import all_in_use, own_servers

STATE = Path(__file__).resolve().parents[2] / "var" / "bench"


def main() -> None:
    os.environ["POC_STATE_DIR"] = str(STATE)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "poc_portal.settings")
    load_secrets()
    with all_in_use(own_servers()):
        django.setup()
        from django.core.management import call_command

        from tests.benchmarks import (
            bench_access,
            bench_api,
            bench_import,
            bench_layers,
            bench_pages,
            bench_places,
            bench_scores,
        )

        call_command("migrate", verbosity=0)
        chosen = sys.argv[1:]
        for module in (
            bench_import,
            bench_scores,
            bench_pages,
            bench_places,
            bench_api,
            bench_layers,
            bench_access,
        ):
            name = module.__name__.rpartition("bench_")[2]
            if not chosen or name in chosen:
                module.run()


if __name__ == "__main__":
    main()
