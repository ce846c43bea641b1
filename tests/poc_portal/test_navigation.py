"""The menu, the foot and the buttons of lists, gathered from the apps in one order."""

import json

import pytest
from django.urls import reverse
from lxml import html

from missions.choices import Role
from poc_portal.declarations import extensions
from tests.factories import ComponentFactory, FieldOfficeFactory

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
        (
            Role.ANALYST,
            [*MENU, "File a report"],
            [FOOT[0], "Records of one identifier", "Sheets and forms", *FOOT[1:]],
        ),
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
        ("community-list", Role.ANALYST, ["How good are these scores?", "From a sheet", "Add a community"]),
        ("incident-list", Role.VIEWER, ["Likely the same event", "Armed actors"]),
        (
            "incident-list", Role.ANALYST,
            ["Likely the same event", "From a sheet", "Armed actors", "Report an incident"],
        ),
        ("threat-list", Role.VIEWER, ["Armed actors"]),
        ("threat-list", Role.ANALYST, ["Armed actors", "Report a threat"]),
        ("actor-list", Role.VIEWER, ["Names to decide on"]),
        ("actor-list", Role.ANALYST, ["Names to decide on", "Add an armed actor"]),
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


@pytest.fixture
def without_plans(monkeypatch):
    """The declarations of all floors but the highest."""
    declared = [
        m for m in extensions.modules("extensions") if m.__name__ != "strategies.extensions"
    ]
    monkeypatch.setattr(extensions, "modules", lambda kind: declared)
    extensions.extensions_of.cache_clear()
    yield
    extensions.extensions_of.cache_clear()


def test_a_mission_and_a_component_have_the_page_of_the_highest_floor_there_is(
    mission, member, signed_in
):
    component = ComponentFactory(mission=mission)
    assert mission.get_absolute_url() == reverse("mission-detail", args=[mission.code])
    assert component.get_absolute_url().endswith(f"/components/{component.pk}/")
    answer = signed_in(member()).get("/")
    assert answer.url == mission.get_absolute_url()


def test_without_that_floor_they_still_have_one(mission, member, signed_in, without_plans):
    component = ComponentFactory(mission=mission)
    components = reverse("component-list", args=[mission.code])
    assert mission.get_absolute_url() == component.get_absolute_url() == components
    answer = signed_in(member()).get("/", follow=True)
    assert answer.status_code == 200
    assert answer.redirect_chain == [(components, 302)]


def test_a_record_nobody_has_a_page_of(without_plans):
    with pytest.raises(LookupError, match="No app has a page of"):
        extensions.page_of(FieldOfficeFactory.build())


def test_the_map_has_a_layer_of_each_app_that_has_one(demo, member, signed_in):
    page = html.fromstring(signed_in(member(where=demo)).get(f"/{demo.code}/").content.decode())
    (layers,) = page.xpath("//script[@id='map-layers']/text()")
    found = {layer["name"]: layer for layer in json.loads(layers)}
    assert list(found) == ["office", "base", "activity"]
    assert found["base"]["from"].endswith(f"&present_on={demo.today}")
    for layer in found.values():
        answer = signed_in(member(where=demo)).get(
            layer["from"] + "&format=geojson&fields=id," + ",".join(layer["fields"])
        )
        assert answer.status_code == 200
    assert any("Activity at a place" in text for text in texts(page, "//p[@class='legend']/span"))
