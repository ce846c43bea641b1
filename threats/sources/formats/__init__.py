"""One module a source format; each turns a file's rows into the same records."""

from threats.sources.formats import acled, ucdp
from threats.sources.formats.record import Format

FORMATS: dict[str, Format] = {"ucdp": ucdp.FORMAT, "acled": acled.FORMAT}


def label_of(dataset: str) -> str:
    """What people call a dataset."""
    return FORMATS[dataset].label if dataset in FORMATS else dataset.upper()
