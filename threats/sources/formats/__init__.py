"""One module a source format; each turns a file's rows into the same records."""

from threats.sources.formats import acled, ucdp
from threats.sources.formats.record import Format

FORMATS: dict[str, Format] = {"ucdp": ucdp.FORMAT, "acled": acled.FORMAT}
