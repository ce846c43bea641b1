"""How the suite is shared among processes: by file, and all that starts the portal in one.

The longest go first, so that no process is left with one of them when the others have ended.
"""

from __future__ import annotations

import pytest

# What takes longest goes first. A wrong order costs time, nothing else.
LONGEST = (
    "tests/browser/", "tests/strategies/test_pages.py", "tests/threats/test_training.py",
    "tests/threats/test_mirror.py", "tests/strategies/test_briefs.py", "tests/threats/test_scores.py",
    "tests/records/test_orders.py", "tests/poc_portal/test_projection.py", "tests/upgrades/",
)  # fmt: skip


def group_of(item: pytest.Item) -> str:
    """Tests of a group run in one process, one after the other: they share its fixtures."""
    return "portal" if item.get_closest_marker("portal") else item.nodeid.partition("::")[0]


def _place(item: pytest.Item) -> int:
    return next(
        (number for number, path in enumerate(LONGEST) if item.nodeid.startswith(path)),
        len(LONGEST),
    )


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups in this hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_place)
    for item in items:
        item.add_marker(pytest.mark.xdist_group(group_of(item)))
