"""One module a source format; each turns a file's rows into the same records."""

from threats.imports import acled, ucdp
from threats.imports.record import Format

FORMATS: dict[str, Format] = {"ucdp": ucdp.FORMAT, "acled": acled.FORMAT}
