"""Datasets fetched again and again: one module a source.

Each yields steps. A step is fetched into a file of one of the import formats, imported, and the
place it leaves off at is stored in the same transaction.
"""

from threats.choices import PullSource
from threats.sources.pulls import acled, ucdp
from threats.sources.pulls.step import Step, Unavailable

SOURCES = {PullSource.UCDP_CANDIDATE: ucdp.steps, PullSource.ACLED: acled.steps}

__all__ = ["SOURCES", "Step", "Unavailable"]
