"""In a real browser: a warning, a plan for some gap, and what the head of mission reads of both."""

from __future__ import annotations

import io

import pypdf
import pytest
import requests

pytestmark = [
    pytest.mark.portal, pytest.mark.browser, pytest.mark.timeout(240),
]  # fmt: skip
PLAN = "Night patrol to the market of Bambari"


def text_of(pdf: bytes) -> str:
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]
    assert len(pages) == 2
    return " ".join(" ".join(pages).split())


def test_an_alert_and_a_patrol_planned_for_a_gap_both_stand_in_the_brief(portal, browse):
    given = {"username": "reporter", "password": portal.password}
    token = requests.post(f"{portal.address}/api/v1/tokens/", json=given, timeout=60).json()[
        "token"
    ]
    filed = requests.post(
        f"{portal.address}/api/v1/alerts/",
        json={
            "mission": "MINUSCA", "kind": "attack", "imminence": "imminent", "longitude": 20.675,
            "latitude": 5.765, "place_precision": "exact", "source_kind": "community",
            "place_name": "Bambari", "details": "Armed men gather at the market.",
        },
        headers={"Authorization": f"Token {token}"}, timeout=60,
    )  # fmt: skip
    assert filed.status_code == 201, filed.text

    page = browse("planner")
    assert page.locator(".bell b").inner_text() == "1"  # nobody is on duty: the whole desk is told
    page.click(".bell")
    page.click("text=An imminent alert was filed")
    page.click("button:has-text('Record')")  # the next step, acknowledge, is open
    page.wait_for_selector(".notice-success:has-text('Acknowledged')")

    page.goto(f"{portal.address}/MINUSCA/coverage/")
    row = page.locator(
        "table.data tbody tr", has=page.locator("td:nth-child(4):text-is('2')")
    ).first
    threat = row.locator("td a").first
    address, title = threat.get_attribute("href"), threat.inner_text()
    phase = row.locator("td:nth-child(5)").inner_text()
    row.locator("a:has-text('Plan')").click()
    page.fill("[name=title]", PLAN)
    page.select_option("[name=lead_component]", label="Military")
    page.click("main form button:has-text('Plan it')")
    page.wait_for_selector(".notice-success")
    activity = page.url

    page.goto(f"{portal.address}{address}")
    column = page.locator(".matrix thead th").all_inner_texts()
    place = next(n for n, head in enumerate(column) if head.startswith(phase))
    cell = page.locator(".matrix tbody tr").nth(1).locator("td").nth(place - 1)
    assert "state-planned" in cell.get_attribute("class")
    assert PLAN in cell.inner_text()

    adviser = browse("adviser")
    adviser.goto(f"{portal.address}/MINUSCA/briefs/prepare/")
    adviser.fill("[name=week]", "2022-12-31")
    adviser.fill("[name=asked]", "Keep the patrol for two weeks.")
    adviser.click("main form button:has-text('Prepare it')")
    adviser.click("button:has-text('Issue it')")
    adviser.wait_for_selector(".notice-success:has-text('It can no longer change.')")
    brief = adviser.locator("article.brief").inner_text()
    with adviser.expect_download() as download:
        adviser.click("a:has-text('PDF EN')")
    text = text_of(download.value.path().read_bytes())
    for told in (brief, text):
        for expected in ("Bambari", "Imminent", PLAN, title[:60], "Keep the patrol for two weeks."):
            assert expected in told, expected
        assert "Issued by adviser" in told
    with adviser.expect_download() as download:
        adviser.click("a:has-text('PDF FR')")
    assert "Note hebdomadaire" in text_of(download.value.path().read_bytes())
    assert page.goto(activity).status == 200
