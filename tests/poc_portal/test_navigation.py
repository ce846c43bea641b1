"""The menu, the foot and the buttons of lists, gathered from the apps in one order."""

import pytest
from django.urls import reverse
from lxml import html

from missions.choices import Role

MENU = ["Overview", "Threats", "Alerts", "Communities", "Incidents", "Activities", "Components", "Briefs"]  # fmt: skip
FOOT = ["About and data credits", "API", "Access tokens"]
PLANS = ["Strategies", "Meetings", "Catalogue", "Coverage and gaps"]


@pytest.fixture
def opened(mission, member, signed_in):
    def make(name, role):
        answer = signed_in(member(role)).get(reverse(name, args=[mission.code]))
        assert answer.status_code == 200
        return html.fromstring(answer.content.decode())

    return make


def texts(page, path):
    return [" ".join(each.text_content().split()) for each in page.xpath(path)]


@pytest.mark.parametrize(
    ("role", "menu", "foot"),
    [
        (Role.VIEWER, MENU, FOOT),
        (Role.PLANNER, MENU, [FOOT[0], "Sheets and forms", *FOOT[1:]]),
        (Role.ANALYST, [*MENU, "File a report"], [FOOT[0], "Sheets and forms", *FOOT[1:]]),
    ],
)
def test_menu_and_foot_by_role(opened, role, menu, foot):
    page = opened("community-list", role)
    assert texts(page, "//header//nav/a") == menu
    assert texts(page, "//header//nav/a[@aria-current]") == ["Communities"]
    assert texts(page, "//footer/a") == foot
    (threats,) = page.xpath("//header//nav/a[.='Threats']/@href") or [""]
    assert threats.endswith("/threats/?status=active")


@pytest.mark.parametrize(
    ("name", "role", "buttons"),
    [
        ("community-list", Role.VIEWER, ["How good are these scores?"]),
        ("community-list", Role.ANALYST, ["How good are these scores?", "From a sheet"]),
        ("incident-list", Role.VIEWER, ["Likely the same event"]),
        (
            "incident-list", Role.ANALYST,
            ["Likely the same event", "From a sheet", "Report an incident"],
        ),
        ("threat-list", Role.VIEWER, []),
        ("threat-list", Role.ANALYST, ["Report a threat"]),
        ("activity-list", Role.VIEWER, PLANS),
        ("activity-list", Role.PLANNER, ["From a sheet", *PLANS, "Plan an activity"]),
        ("component-list", Role.VIEWER, ["Own presence"]),
        ("intakes", Role.VIEWER, ["Scheduled pulls"]),
    ],
)  # fmt: skip
def test_buttons_of_lists_by_role(opened, name, role, buttons):
    page = opened(name, role)
    assert texts(page, "//div[@class='head']//a[contains(@class, 'button')]") == buttons


def test_bar_in_order(opened):
    page = opened("community-list", Role.VIEWER)
    (bar,) = page.xpath("//div[@class='bar-end']")
    assert [each.get("class") or each.xpath("a/@class")[0] for each in bar] == [
        "bar-search", "bell", "language", "who",
    ]  # fmt: skip


def test_names_are_suggested_where_apps_say(opened):
    page = opened("threat-report", Role.ANALYST)
    assert page.xpath("//datalist/@id") == ["suggest-places", "suggest-actors"]
    assert all("/suggest/" in each for each in page.xpath("//datalist/@data-url"))
