"""The palette for what has no stylesheet, such as a drawing or a PDF.

Its source is static/css/palette.css, which says how the colours were chosen.
"""

from __future__ import annotations

import functools
import re

from django.conf import settings

SOURCE = settings.BASE_DIR / "static" / "css" / "palette.css"
COLOUR = re.compile(r"^\s*--([\w-]+):\s*(#[0-9a-f]{6});$", re.MULTILINE)


@functools.cache
def palette() -> dict[str, str]:
    """Name without its dashes (``band-1``, ``state-gap-text``) → ``#rrggbb``."""
    return dict(COLOUR.findall(SOURCE.read_text()))
