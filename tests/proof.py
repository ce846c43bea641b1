"""Long proofs: sampled in ``make test``, whole in ``make prove``, with their figures at the end.

A test marked ``prove`` takes the size of what it tries from ``size(sample, whole)`` or ``some(values, …)``; one marked
``prove(only=True)`` runs in ``make prove`` alone. What a proof found, it says with the fixture
``figure``; the table of all of them is printed before pytest's own summary.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import pytest

T = TypeVar("T")
_asked = {"whole": False}


def size(sample: T, whole: T) -> T:
    """How much to try, or how. Known when tests are collected, so decorators may use it."""
    return whole if _asked["whole"] else sample


def some(values: Sequence, number: int, turn: int) -> Sequence:
    """So many of the values in ``make test``, others each turn; all of them in ``make prove``."""
    if _asked["whole"] or number >= len(values):
        return values
    return [values[(turn * number + place) % len(values)] for place in range(number)]


def pytest_addoption(parser) -> None:
    parser.addoption("--prove", action="store_true", help="the long proofs alone, whole")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config) -> None:
    _asked["whole"] = config.getoption("--prove")


def pytest_collection_modifyitems(config, items) -> None:
    """With ``--prove`` the proofs alone; without, all but what runs only whole."""
    whole = config.getoption("--prove")
    chosen, left = [], []
    for item in items:
        mark = item.get_closest_marker("prove")
        only = mark is not None and mark.kwargs.get("only", False)
        (chosen if (mark if whole else not only) else left).append(item)
    if left:
        items[:] = chosen
        config.hook.pytest_deselected(items=left)


@pytest.fixture
def figure(request) -> Callable[..., None]:
    """Says a figure: ``figure("operations", 187, "more than 150")``."""

    def say(name: str, value: object, asked: str = "") -> None:
        request.node.user_properties.append(("figure", [name, str(value), asked]))

    return say


def pytest_terminal_summary(terminalreporter) -> None:
    rows = [
        [
            report.nodeid.rpartition("::")[2],
            *(found if name == "figure" else (name, str(found), "")),
        ]
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", "") == "call"
        for name, found in report.user_properties
    ]
    if not rows:
        return
    table = [["proof", "figure", "value", "asked"], *rows]
    widths = [max(len(row[n]) for row in table) for n in range(4)]
    terminalreporter.section("figures")
    for row in table:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        terminalreporter.write_line("  ".join(cells).rstrip())
