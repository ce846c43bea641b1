"""What a reader is told: status, headers and body, without what each answer has of its own."""

from __future__ import annotations

import difflib
import io
import re
from dataclasses import dataclass

import psycopg2
from django.test import Client
from openpyxl import load_workbook

HEADERS = ("ETag", "Last-Modified", "Location", "Content-Disposition", "Link", "Content-Type")
# The short, reviewed list of what is normalised; each with its reason.
MASKS = (
    # Drawn anew for each page, of nothing but chance.
    (re.compile(r'(name="csrfmiddlewaretoken" value=|csrf-token" content=|"X-CSRFToken": ?)"[^"]+"'), r"\1"),
    (re.compile(r'("X-CSRFToken": ?|&quot;X-CSRFToken&quot;: ?&quot;)[\w]+'), r"\1"),
    # A form's number against being sent twice.
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "⟨uuid⟩"),
    # By the real clock, which Django's humanize asks; the moment itself is told and compared over REST.
    (re.compile(r"(?:a|an|\d+)\s(?:second|minute|hour)s?\s(?:ago|from\snow)|(?<=computed )now"), "⟨while⟩ ago"),
    # Where a mirror goes on from: the number of the database's last transaction. It tells that somebody,
    # in any mission, wrote or signed in; never what, where or how secret.
    (re.compile(r'("(?:next|follow)": ?"[^"]*?cursor=)[^"&]+'), r"\1"),
)  # fmt: skip


@dataclass(frozen=True)
class Answer:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: str


@dataclass(frozen=True)
class Difference:
    reader: str
    route: str
    address: str
    lines: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.reader} {self.address}\n  " + "\n  ".join(self.lines[:6])


def take(client: Client, address: str) -> Answer:
    client.cookies.pop("messages", None)  # what a button said that was sent before
    answer = client.get(address)
    try:
        body = b"".join(answer) if answer.streaming else answer.content
    except psycopg2.Error as fault:  # a file that breaks off
        return Answer(500, (), type(fault).__name__)
    kind = answer.get("Content-Type", "")
    text = _cells(body) if "spreadsheetml" in kind and answer.status_code == 200 else ""
    text = text or body.decode("utf-8", "replace")
    headers = tuple((name, _masked(answer[name])) for name in HEADERS if name in answer)
    if "csrfmiddlewaretoken" in text or kind.startswith("text/html"):
        # A page's tag is of all its bytes, and so of the tokens in it.
        headers = tuple(pair for pair in headers if pair[0] != "ETag")
    return Answer(answer.status_code, headers, _masked(text))


def send(client: Client, method: str, address: str) -> Answer:
    """A read, or a write that says nothing new."""
    if method == "GET":
        return take(client, address)
    body = {"content_type": "application/json"} if address.startswith("/api/") else {}
    answer = getattr(client, method.lower())(address, **body)
    return Answer(answer.status_code, (), _masked(answer.content.decode("utf-8", "replace")))


def alike(answer: Answer, address: str) -> Answer:
    """Without the numbers the address names."""
    text = answer.body
    for number in re.findall(r"\d+", address):
        text = re.sub(rf"(?<=/|F){number}(?=[/?&\"']|%2F)", "⟨number⟩", text)
    return Answer(answer.status, (), text)


def _cells(body: bytes) -> str:
    book = load_workbook(io.BytesIO(body), read_only=True)
    return "\n".join(repr(list(row)) for sheet in book for row in sheet.iter_rows(values_only=True))


def _masked(text: str) -> str:
    for pattern, kept in MASKS:
        text = pattern.sub(kept, text)
    return text


def difference(before: Answer, after: Answer) -> tuple[str, ...]:
    """The lines that differ, at most a dozen; none where the answers are the same."""
    if before == after:
        return ()
    found = []
    if before.status != after.status:
        found.append(f"status {before.status} → {after.status}")
    found += [f"{a} → {b}" for a, b in zip(before.headers, after.headers, strict=False) if a != b]
    old, new = (re.split(r"\n|(?<=[},]) ?(?=[{\"])", each.body) for each in (before, after))
    changed = difflib.unified_diff(old, new, lineterm="", n=0)
    found += [line[:300] for line in changed if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    return tuple(found[:12])
