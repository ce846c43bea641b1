"""A brief's document as a PDF, by Typst, with the bundled font and no other."""

from __future__ import annotations

import json
from pathlib import Path

import typst
from django.conf import settings

from poc_portal.web.palette import palette

TEMPLATE = Path(__file__).with_name("brief.typ")
FONTS = settings.BASE_DIR / "static" / "vendor" / "noto-sans-2.004"


def as_pdf(document: dict) -> bytes:
    """Two pages of A4. What the document holds is data to the template, never markup."""
    return typst.compile(  # type: ignore[misc]
        TEMPLATE.read_bytes(),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        sys_inputs={"document": json.dumps(document), "palette": json.dumps(palette())},
    )
