"""What a page is asked and does not know is told on it, with the nearest names, as the API does."""

import pytest
from django.test import Client
from django.urls import reverse

from missions.choices import Classification, Role
from records.pages import ListPage, MissionPage
from tests.factories import (
    AdminAreaFactory,
    CommunityFactory,
    IncidentFactory,
    MissionFactory,
    ThreatFactory,
)
from tests.pages import text_of

TOLD = "Part of this address was not understood"


def lists() -> list[str]:
    """Names of the pages that are lists, of every app."""
    from django.urls import get_resolver

    def found(patterns):
        for pattern in patterns:
            if hasattr(pattern, "url_patterns"):
                yield from found(pattern.url_patterns)
            else:
                view = getattr(pattern.callback, "view_class", None)
                if view is not None and issubclass(view, ListPage):
                    yield pattern.name

    return sorted(set(found(get_resolver().url_patterns)))


@pytest.fixture
def page(mission, member, signed_in):
    client = signed_in(member(Role.ADVISER))

    def read(name: str, query: str = "", **headers) -> str:
        answer = client.get(reverse(name, args=[mission.code]) + query, **headers)
        assert answer.status_code == 200
        return text_of(answer)

    return read


def test_every_list_is_tried():
    assert len(lists()) >= 12


@pytest.mark.parametrize("name", lists())
def test_no_list_passes_over_a_parameter_it_does_not_know(page, name):
    told = page(name, "?pge=2")
    assert TOLD in told
    assert "pge: There is no such parameter. Nearest: page." in told
    assert TOLD not in page(name)


@pytest.mark.parametrize("name", lists())
def test_no_file_is_made_of_a_list_that_was_not_narrowed_as_asked(mission, member, signed_in, name):
    client = signed_in(member(Role.ADVISER))
    address = reverse(name, args=[mission.code])
    answer = client.get(f"{address}?format=csv&knd=looting")
    assert answer.status_code == 400
    assert "knd: There is no such parameter." in text_of(answer)
    assert client.get(f"{address}?format=csv").status_code == 200


@pytest.mark.parametrize(
    ("name", "query", "told"),
    [
        ("incident-list", "?knd=looting", "knd: There is no such parameter. Nearest: kind"),
        ("incident-list", "?kind=lootng", "“lootng” is none of its values. Nearest: looting."),
        ("incident-list", "?since=yesterday", "“yesterday” is not a date; give it as 2022-12-31."),
        ("incident-list", "?against_civilians=maybe", "“maybe” is none of its values."),
        ("incident-list", "?kind=looting&kind=killing", "Given more than once; give one value."),
        ("incident-list", "?sort=place_nam", "sort: “place_nam” is none of its values. Nearest: place_name"),
        ("incident-list", "?page=99", "page: “99” is no page of this list; give 1 to 1."),
        ("incident-list", "?page=two", "page: “two” is no page of this list; give 1 to 1."),
        ("incident-list", "?per_page=0", "per_page: “0” is not a number of rows"),
        ("incident-list", "?format=cvs", "format: “cvs” is none of its values. Nearest: csv."),
        ("incident-list", "?mission=ELSEWHERE", "mission: “ELSEWHERE” is none of its values."),
        ("threat-list", "?status=actve", "“actve” is none of its values. Nearest: active."),
        ("threat-list", "?level=9", "“9” is none of its values."),
        ("community-list", "?is_silent=2", "“2” is none of its values."),
        ("activity-list", "?threats=0", "“0” is none of its values."),
        ("activity-board", "?statu=planned", "Nearest: status"),
        ("activity-timeline", "?tier=7", "“7” is none of its values."),
        ("alert-list", "?received_since=noon", "“noon” is not a moment"),
        ("coverage", "?by=offices", "by: “offices” is none of its values. Nearest: office."),
        ("coverage", "?tier=4&phase=response", "tier: “4” is none of its values."),
        ("coverage", "?sinc=2022-01-01", "sinc: There is no such parameter. Nearest: since."),
        ("score-quality", "?target=community_31", "Nearest: community_30"),
        ("incident-pairs", "?since=31.12.2022", "since: “31.12.2022” is not a date"),
        ("search", "?query=Bria", "query: There is no such parameter."),
        ("mission-detail", "?day=1", "day: There is no such parameter. Leave it out; none is taken here."),
        ("threat-report", "?community=0", "community: “0” is not there, or not for you to see."),
        ("activity-add", "?threat=x", "threat: “x” is not there, or not for you to see."),
        ("activity-add", "?typical=none", "typical: “none” is not there"),
        ("activity-add", "?tier=0", "tier: “0” is none of its values. There are: 1, 2, 3."),
        ("notifications", "?page=7", "page: “7” is no page of this list"),
        ("intake-add", "?resource=incident", "Nearest: incidents"),
    ],
)  # fmt: skip
def test_what_a_page_does_not_know_is_told_on_it(page, name, query, told):
    shown = page(name, query)
    assert TOLD in shown
    assert told in shown


def test_a_place_typed_by_its_name_is_told_by_its_number(mission, page):
    area = AdminAreaFactory(mission=mission, name="Haute-Kotto")
    assert f"Nearest: {area.pk} (" in page("incident-list", "?admin_area=Haute-Koto")


def test_what_the_reader_may_not_see_is_as_if_it_were_not_there(mission, member, signed_in):
    secret = CommunityFactory(
        mission=mission, name="Zemio", classification=Classification.STRICTLY_CONFIDENTIAL
    )
    client = signed_in(member(Role.PLANNER, clearance=1))
    address = reverse("activity-add", args=[mission.code])
    told = [text_of(client.get(f"{address}?community={pk}")) for pk in (secret.pk, 0)]
    assert all("is not there, or not for you to see." in text for text in told)
    assert "Zemio" not in told[0]


def test_the_rows_a_filter_replaces_tell_it_too(page):
    rows = page("incident-list", "?kind=lootng", HTTP_HX_REQUEST="true")
    assert TOLD in rows
    assert "<html" not in rows


def test_yes_and_no_are_told_apart(mission, page):
    IncidentFactory(mission=mission, place_name="Bria", kind="killing", against_civilians=True)
    IncidentFactory(mission=mission, place_name="Yalinga", kind="clash", against_civilians=False)
    yes, no = (page("incident-list", f"?against_civilians={w}") for w in ("true", "False"))
    assert ("Bria" in yes, "Yalinga" in yes) == (True, False)
    assert ("Bria" in no, "Yalinga" in no) == (False, True)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("open=maybe", "“maybe” is none of its values. There are: true, false."),
        ("stage=closd", "Nearest: closed."),
        ("open=true&open=false", "Given more than once; give one value."),
    ],
)
def test_the_api_passes_over_no_value_either(mission, member, api, query, told):
    answer = api(member(Role.ANALYST)).get(f"/api/v1/alerts/?mission={mission.code}&{query}")
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert told in error["message"]


def test_in_french_it_is_told_in_french(mission, page):
    shown = page("incident-list", "?kind=lootng&knd=x", HTTP_ACCEPT_LANGUAGE="fr")
    assert "paramètre n’existe pas" in shown
    assert "is none of" not in shown


def test_a_link_of_the_portal_is_understood_by_its_own_page(mission, page):
    ThreatFactory(mission=mission)
    known = {
        "threat-list": "?status=active&disagrees=true", "alert-list": "?open=true",
        "community-list": "?sort=-probability", "activity-list": "?live=true&sort=due",
        "incident-list": "?against_civilians=true", "coverage": "?tier=2&phase=response",
    }  # fmt: skip
    for name, query in known.items():
        assert TOLD not in page(name, query), name


def test_another_missions_code_does_not_empty_a_list(mission, page):
    other = MissionFactory()
    IncidentFactory(mission=mission, place_name="Bria")
    shown = page("incident-list", f"?mission={other.code}")
    assert "Bria" in shown
    assert TOLD in shown
    assert TOLD not in page("incident-list", f"?mission={mission.code}")


def test_strangers_are_told_nothing(mission):
    answer = Client().get(reverse("incident-list", args=[mission.code]) + "?knd=x")
    assert answer.status_code == 302
    assert issubclass(ListPage, MissionPage)
