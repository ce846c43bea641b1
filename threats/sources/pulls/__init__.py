"""Datasets fetched again and again: one module a source.

Each yields steps. A step is fetched into a file of one of the import formats, imported, and the
place it leaves off at is stored in the same transaction.
"""

from threats.sources.pulls import acled, ucdp
from threats.sources.pulls.source import Source
from threats.sources.pulls.step import Step, Unavailable

SOURCES: dict[str, Source] = {source.code: source for source in (ucdp.SOURCE, acled.SOURCE)}

__all__ = ["SOURCES", "Source", "Step", "Unavailable"]
