"""No page shows its reader a way that is closed to that reader."""

from collections import Counter
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from django.urls import Resolver404, resolve
from lxml import html

from missions.choices import Classification, Role
from tests.proof import size

ELSEWHERE = ("/admin/", "/static/", "/sign-out/", "/language/")
# Who may least; whole: every role at every clearance.
LEAST = (Role.VIEWER, 2)
ALL = [LEAST, *((role, n) for n in Classification for role in Role if (role, n) != LEAST)]
EACH = size(1, 4)  # links of one kind that are followed from pages of one kind


def kind(address: str) -> str:
    try:
        return resolve(urlsplit(address).path).view_name
    except Resolver404:
        return "none"


def ways(page: str, text: str) -> list[str]:
    """Addresses of the portal a page leads to: links, what is loaded later, and forms to fill in."""
    found = html.fromstring(text.strip() or "<p>").xpath(
        "//a/@href | //@hx-get | //@data-url | //form[not(@method='post')]/@action"
    )
    whole = (urldefrag(urljoin(page, str(each))).url for each in found)
    return [each for each in whole if each.startswith("/") and not each.startswith(ELSEWHERE)]


def crawl(client, start: str) -> tuple[set[str], dict[str, str]]:
    """Kinds of pages that opened, and what did not: its status and where the way stood."""
    waiting, seen, followed = [(start, "start")], {start}, Counter()
    opened, closed = set(), {}
    while waiting:
        address, where = waiting.pop(0)
        answer = client.get(address, follow=True)
        if answer.status_code != 200:
            closed[address] = f"{answer.status_code}, on {where}"
            continue
        here = kind(address)
        opened.add(here)
        if answer.streaming or not answer["Content-Type"].startswith("text/html"):
            continue
        for each in ways(address, answer.content.decode()):
            pair = here, kind(each), "format=" in each
            if each not in seen and followed[pair] < EACH:
                seen.add(each)
                followed[pair] += 1
                waiting.append((each, address))
    return opened, closed


@pytest.mark.prove
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("role", "clearance"), ALL[: size(1, len(ALL))])
def test_every_way_is_open_to_whom_it_is_shown(demo, member, signed_in, figure, role, clearance):
    client = signed_in(member(role, clearance=clearance, where=demo))
    opened, closed = crawl(client, demo.get_absolute_url())
    figure("kinds of pages opened", len(opened), "more than 30")
    figure("ways that were closed", len(closed), "0")
    assert not closed
    assert len(opened) > 30
