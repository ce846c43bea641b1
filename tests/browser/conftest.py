from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests import template
from tests.browser.portal import Portal, wait_for
from tests.proof import size

CHROMIUM = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


@pytest.fixture(scope="package")
def first_run(tmp_path_factory):
    """Output and processes of a first run on an empty directory, stopped again.

    In ``make test`` without the demonstration, which is loaded for the template of the others.
    """
    state = tmp_path_factory.mktemp("first") / "state"
    portal = Portal(state, *size(["--no-demo"], []))
    try:
        portal.ready()
        before = portal.everything()
    finally:
        status = portal.stop()
    return {"output": portal.output, "status": status, "processes": before}


@pytest.fixture(scope="package")
def state(tmp_path_factory):
    """Makes copies of what a first run leaves, so that but one test waits for a real one."""

    def copy() -> Path:
        target = tmp_path_factory.mktemp("run") / "state"
        template.copy(target)
        return target

    return copy


@pytest.fixture(scope="package")
def portal(state):
    """A running portal."""
    running = Portal(state())
    try:
        with running.ready().without_training():
            yield running
        wait_for(running.nothing_pending)
    finally:
        running.stop()


@pytest.fixture(scope="package")
def chromium():
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("Chromium is not on this machine; install Debian's package chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(CHROMIUM))
        yield browser
        browser.close()


@pytest.fixture
def browse(chromium, portal):
    """Opens a page signed in as a demo account; fails on any error in its console."""
    opened = []

    def sign_in(name: str, width: int = 1440, locale: str = "en-GB"):
        context = chromium.new_context(viewport={"width": width, "height": 900}, locale=locale)
        page = context.new_page()
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on(
            "console",
            lambda message: problems.append(message.text) if message.type == "error" else None,
        )
        opened.append((context, problems))
        page.goto(f"{portal.address}/sign-in/")
        page.fill("[name=username]", name)
        page.fill("[name=password]", portal.password)
        page.click("main button")
        page.wait_for_url("**/MINUSCA/")
        return page

    yield sign_in
    for context, problems in opened:
        context.close()
        expected = [text for text in problems if "422" in text or "409" in text]
        assert problems == expected, problems
