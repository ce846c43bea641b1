"""Every kind of page in a real browser: each role, each language, a wide screen and a narrow one."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest

pytestmark = [
    pytest.mark.portal, pytest.mark.browser, pytest.mark.timeout(1800),
    pytest.mark.prove(only=True),
]  # fmt: skip
NOT_PAGES = ("/admin/", "/api/", "/static/", "/language/", "/sign-out/", ".csv", "/pdf/", "format=")


def kind(address: str) -> str:
    return re.sub(r"\d+", "N", urlsplit(address).path)


@pytest.mark.parametrize("locale", ["en-GB", "fr-FR"])
@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("role", ["viewer", "analyst", "adviser", "admin"])
def test_no_page_errs_or_scrolls_sideways(portal, browse, figure, role, width, locale):
    page = browse(role, width, locale)  # fails on any error in the console
    waiting, seen, wide, refused = [page.url], set(), [], []
    while waiting:
        address = waiting.pop(0)
        if kind(address) in seen:
            continue
        seen.add(kind(address))
        status = page.request.get(address).status
        if status == 403:  # a page says no by words; the console would call it an error
            refused.append(address)
            continue
        assert status == 200, address
        page.goto(address)
        if page.evaluate("document.documentElement.scrollWidth") > width:
            wide.append(address)
        waiting += [
            link
            for link in page.eval_on_selector_all("a[href]", "links => links.map(a => a.href)")
            if link.startswith(portal.address) and not any(part in link for part in NOT_PAGES)
        ]
    figure("kinds of pages opened", len(seen) - len(refused))
    figure("of them scrolling sideways", len(wide), "0")
    figure("links this role may not follow", len(refused))
    assert not wide
    assert len(seen) > 20
