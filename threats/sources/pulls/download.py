"""Fetching from a dataset's server over a link that breaks."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

from django.utils.translation import gettext

from poc_portal.web.outbound import Forbidden, Unreachable, opened
from threats.sources.pulls.step import Unavailable

LARGEST = 500 * 1024 * 1024  # bytes
PATIENCE = 60.0  # seconds without a byte
BLOCK = 1 << 14
NOT_FOUND, UNCHANGED = "not found", "unchanged"
READ = "read"  # mark of a file whose server gives none


def request(
    method: str, url: str, headers: dict[str, str], body: bytes | None = None
) -> tuple[int, bytes]:
    """Status and body. Raises Unavailable."""
    try:
        with opened(method, url, headers, body, trusted=_trusted(), patience=PATIENCE) as answer:
            return answer.status, answer.read(LARGEST)
    except (Forbidden, Unreachable) as error:
        raise Unavailable(gettext("%(host)s: %(error)s") % {"host": urlsplit(url).hostname,
                                                      "error": error}) from None  # fmt: skip


def download(url: str, path: Path, mark: str = "") -> str:
    """Fetch a file to ``path``, going on where an earlier try broke off.

    ``mark``: what was returned when it was last read; UNCHANGED is returned if it still holds,
    NOT_FOUND where there is no such file. Raises Unavailable; what arrived is kept for the next try.
    """
    part, about = path.with_suffix(".part"), path.with_suffix(".mark")
    begun = about.read_text() if about.exists() and part.exists() else ""
    headers = {"Accept-Encoding": "identity"}
    if begun:
        headers |= {"Range": f"bytes={part.stat().st_size}-", "If-Range": json.loads(begun)}
    elif mark and mark != READ:
        headers |= {"If-None-Match": mark} if '"' in mark else {"If-Modified-Since": mark}
    try:
        with opened("GET", url, headers, trusted=_trusted(), patience=PATIENCE) as answer:
            if answer.status == 404:
                return NOT_FOUND
            if answer.status == 304:
                return UNCHANGED
            if answer.status == 416:  # what is here is not what is there
                part.unlink()
                about.unlink()
                raise Unavailable(
                    gettext("%(file)s changed; it is fetched anew.") % {"file": path.name}
                )
            if answer.status not in (200, 206):
                raise Unavailable(
                    gettext("%(file)s: the server answered with status %(status)d.")
                    % {"file": path.name, "status": answer.status}
                )
            found = answer.headers.get("ETag", "").removeprefix("W/")
            found = found or answer.headers.get("Last-Modified", "")
            about.write_text(json.dumps(found))
            goes_on = answer.status == 206
            if found == "" and not goes_on:
                about.unlink()  # nothing to tell a changed file by: begin anew next time
            with part.open("ab" if goes_on else "wb") as file:
                for block in answer.stream(BLOCK):
                    file.write(block)
                    if file.tell() > LARGEST:
                        raise Unavailable(gettext("%(file)s is too large.") % {"file": path.name})
    except (Forbidden, Unreachable) as error:
        raise Unavailable(
            gettext("%(file)s: %(error)s") % {"file": path.name, "error": error}
        ) from None
    part.replace(path)
    about.unlink(missing_ok=True)
    return found or READ


def _trusted() -> frozenset[str]:
    """Hosts the installation itself names."""
    from threats.sources.pulls import SOURCES  # whose modules need this one

    named = [urlsplit(source.address) for source in SOURCES.values()]
    ports = {f"{parts.hostname}:{parts.port}" for parts in named if parts.port}
    return frozenset({parts.hostname or "" for parts in named} | ports)
