"""Every address somebody can read, made from the routes themselves."""

from __future__ import annotations

import re
from collections import defaultdict

from django.urls import URLResolver, get_resolver

from poc_portal.api.router import resources
from poc_portal.api.viewsets import ReadViewSet

FORMATS = ("csv", "ndjson", "geojson", "xlsx")
PAGE_FORMATS = ("csv", "xlsx")
# Whose records a page's number is of, where the word in its address is not the resource's.
RESOURCE_OF = {
    "actors": "armed-actors",
    "presence": "bases",
    "members": "memberships",
    "programs": "webhooks",
}
# Routes whose answers are of no mission's records, or that lead out; each with its reason.
LEFT_OUT = {
    "admin/": "accounts and no records; the administration has tests of its own",
    "language/setlang/": "sets a cookie, and answers nothing but POST",
    "api/v1/tokens/current/": "ends a token, and answers nothing but DELETE",
    "sign-out/": "ends the session, and answers nothing but POST",
    "tokens/<str:digest>/revoke/": "ends a token, and answers nothing but POST",
    "<str:code>/programs/<str:digest>/revoke/": "ends a token, and answers nothing but POST",
    "tokens/<str:public>/revoke/": "ends a token, and answers nothing but POST",
}
Keys = dict[str, list[int]]


def routes(patterns=None, prefix: str = "") -> list[str]:
    """Every route of the portal, as it is written in its URLs."""
    found: list[str] = []
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver) and route not in LEFT_OUT:
            found += routes(pattern.url_patterns, route)
        elif route not in LEFT_OUT:
            found.append(route)
    return list(dict.fromkeys(found))


def addresses(codes: list[str], keys: Keys, moment: str) -> dict[str, list[str]]:
    """Addresses by route: all keys, formats, and ways to ask for what is new."""
    found: dict[str, list[str]] = {}
    for route in routes():
        found[route] = [
            address + query
            for address in _filled(route, codes, keys)
            for query in _queries(route, moment)
        ]
    return found


def pairs(codes: list[str], keys: Keys, others: Keys) -> list[tuple[str, str]]:
    """Addresses of records by their number beside the same of other numbers."""
    found = []
    for route in routes():
        if "<int:" in route:
            sides = (_filled(route, codes, each) for each in (keys, others))
            found += list(zip(*sides, strict=True))
    return found


def methods_of(address: str) -> tuple[str, ...]:
    return ("GET", "POST", "PATCH", "DELETE") if address.startswith("/api/") else ("GET", "POST")


def _filled(route: str, codes: list[str], keys: Keys) -> list[str]:
    starts = [f"/{route}"]
    for name, values in _words(keys).items():
        starts = [
            start.replace(f"<{name}>", value)
            for start in starts
            for value in (values if f"<{name}>" in start else [""])
        ]
    starts = [start.replace("<str:code>", c) for start in starts for c in _some(codes, start)]
    found = []
    for start in starts:
        numbers = keys.get(_resource(start), [])
        while "<int:" in start and numbers:  # the innermost number is the record's
            *_rest, last = re.findall(r"<int:\w+>", start)
            if start.count("<int:") == 1:
                found += [start.replace(last, str(number)) for number in numbers]
                break
            start = start.replace(last, str(numbers[0]))
        else:
            found.append(start)
    return [address for address in found if "<" not in address]


def _words(keys: Keys) -> dict[str, list[str]]:
    lists = [n for n, v in resources().items() if issubclass(v, ReadViewSet)]
    return {
        "str:name": lists,
        "str:what": ["incident", "threat", "communities", "actors"],
        "str:source": ["ucdp_candidate", "acled"],
        "slug:entry": ["patrol"],
        "int:key": ["<int:pk>"],
    }


def _some(codes: list[str], start: str) -> list[str]:
    return codes if "<str:code>" in start else [""]


def _resource(start: str) -> str:
    parts = [part for part in start.split("/") if part]
    if parts[:2] == ["api", "v1"]:
        place = 4 if parts[2:4] == ["ogc", "collections"] else 2
        return parts[place] if len(parts) > place else ""
    if len(parts) > 1 and parts[1] == "attribution":
        return f"{parts[2]}s"
    if len(parts) > 2 and parts[1:3] == ["intakes", "files"]:
        return "files"
    return RESOURCE_OF.get(parts[1], parts[1]) if len(parts) > 1 else ""


def _queries(route: str, moment: str) -> list[str]:
    match = re.fullmatch(r"api/v1/([\w-]+)/", route)
    view = resources().get(match[1]) if match else None
    if view is not None and issubclass(view, ReadViewSet):
        asked = ["", *(f"?format={kind}" for kind in FORMATS)]
        asked += [f"?modified_since={moment}", "?search=Bambari", "?ordering=-id&page_size=1000"]
        return asked
    if view is not None:  # figures, search
        return ["?mission=MINUSCA", "?mission=MINUSCA&q=Bambari", "?mission=MINUSCA&format=csv"]
    if re.fullmatch(r"<str:code>/[\w-]+/", route):
        return ["", *(f"?format={kind}" for kind in PAGE_FORMATS), "?q=Bambari"]
    if route == "<str:code>/suggest/<str:what>/":
        return ["?typed=ba&longitude=20.6&latitude=5.7", "?typed=amb"]
    return [""]


def uncovered(found: dict[str, list[str]]) -> list[str]:
    """Routes for which nothing is asked."""
    return sorted(route for route, asked in found.items() if not asked)


def by_route(differences) -> dict[str, list]:
    grouped: dict[str, list] = defaultdict(list)
    for difference in differences:
        grouped[difference.route].append(difference)
    return grouped
