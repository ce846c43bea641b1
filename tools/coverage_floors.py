"""How much of each room the tests run through, and the floors below which it may not fall.

    python tools/coverage_floors.py coverage.json  # as `coverage json` writes it

The floors hold where a line nobody tried can cost a source its life or a village its warning:
access, writes, numbers. ``make coverage`` runs this.
"""

from __future__ import annotations

import json
import sys
from fnmatch import fnmatch
from pathlib import Path

APPS = ("poc_portal", "missions", "records", "exchange", "threats", "strategies")
# Percent of statements, by patterns of files.
FLOORS: dict[str, tuple[float, tuple[str, ...]]] = {
    "access": (98, ("missions/access.py", "missions/roles.py")),
    "services": (95, ("*/services.py", "*/services/*.py")),
    "risk": (97, ("threats/risk/*.py",)),
    "scoring": (95, ("threats/scoring/*.py",)),
}


def share(files: dict[str, dict], *patterns: str) -> tuple[float, int]:
    """Percent of statements that ran, and how many there are, in the files that fit."""
    found = [
        each["summary"]
        for path, each in files.items()
        if any(fnmatch(path, pattern) for pattern in patterns)
    ]
    statements = sum(each["num_statements"] for each in found)
    covered = sum(each["covered_lines"] for each in found)
    return (100 * covered / statements if statements else 0.0), statements


def main(path: str) -> int:
    files = json.loads(Path(path).read_text())["files"]
    for app in APPS:
        percent, statements = share(files, f"{app}/*")
        print(f"{app:12} {percent:5.1f} % of {statements:,} statements")
    below = 0
    for name, (floor, patterns) in FLOORS.items():
        percent, statements = share(files, *patterns)
        print(f"{name:12} {percent:5.1f} % of {statements:,} statements, at least {floor} %")
        below += percent < floor
    return 1 if below else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
