"""The portal's stylesheet: files by component, sent as one.

static/css/index.css imports the components in the order of the cascade. A browser that followed its
imports would ask nineteen times, each a round trip on a slow line, so what it gets is the files one
after another, without comments and indentation. They are read anew when one of them changed.
"""

from __future__ import annotations

import functools
import hashlib
import re
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import condition

URL = f"{settings.STATIC_URL}css/portal.css"
FOLDER = settings.BASE_DIR / "static" / "css"
IMPORT = re.compile(r'^@import "([\w-]+\.css)";$', re.MULTILINE)
COMMENT = re.compile(r"/\*.*?\*/\s*", re.DOTALL)
INDENT = re.compile(r"(?<=[{};,])\s*\n\s*")


class StylesheetMiddleware:
    """Answers for the stylesheet above session and database: an error page needs it most."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return stylesheet(request) if request.path == URL else self.get_response(request)


def components() -> tuple[Path, ...]:
    """The files of the stylesheet, in the order of the cascade."""
    return tuple(FOLDER / name for name in IMPORT.findall((FOLDER / "index.css").read_text()))


def joined() -> str:
    """All components as one text."""
    files = components()
    return _joined(files, max(file.stat().st_mtime_ns for file in files))


@functools.lru_cache(maxsize=1)
def _joined(files: tuple[Path, ...], _changed: int) -> str:
    css = "".join(file.read_text() for file in files)
    return INDENT.sub("", COMMENT.sub("", css)).strip()


@condition(etag_func=lambda request: f'"{hashlib.sha256(joined().encode()).hexdigest()[:32]}"')
def stylesheet(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(joined(), content_type="text/css; charset=utf-8")
    response["Cache-Control"] = f"max-age={settings.WHITENOISE_MAX_AGE}, public"
    return response
