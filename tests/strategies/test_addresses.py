"""Addresses people open themselves: none answers an empty 405 page or an error."""

import pytest
from django.contrib.messages import get_messages
from django.urls import URLPattern, URLResolver, get_resolver

from missions.choices import Role
from tests.factories import (
    ActivityFactory,
    AlertFactory,
    CommunityFactory,
    IncidentFactory,
    ThreatFactory,
)

pytestmark = pytest.mark.django_db


def _views(resolver: URLResolver, path: str = ""):
    for entry in resolver.url_patterns:
        here = path + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _views(entry, here)
        elif isinstance(entry, URLPattern):
            yield here, getattr(entry.callback, "view_class", None)


def test_every_page_address_takes_a_get():
    pages = [
        (path, view)
        for path, view in _views(get_resolver())
        if view and not path.startswith(("api/", "admin/"))
    ]
    assert len(pages) > 100
    refused = [
        path
        for path, view in pages
        if "get" not in view.http_method_names or not hasattr(view, "get")
    ]
    assert refused == []


def test_the_address_of_a_button_leads_to_its_record_and_changes_nothing(
    mission, member, signed_in
):
    adviser = signed_in(member(Role.ADVISER))
    alert, threat = AlertFactory(mission=mission), ThreatFactory(mission=mission)
    incident, place = IncidentFactory(mission=mission), CommunityFactory(mission=mission)
    activity = ActivityFactory(mission=mission)
    buttons = {
        f"/{mission.code}/alerts/{alert.pk}/step/": alert.get_absolute_url(),
        f"/{mission.code}/threats/{threat.pk}/decide/": threat.get_absolute_url(),
        f"/{mission.code}/incidents/{incident.pk}/withdraw/": incident.get_absolute_url(),
        f"/{mission.code}/communities/{place.pk}/withdraw/": place.get_absolute_url(),
        f"/{mission.code}/activities/{activity.pk}/status/": activity.get_absolute_url(),
        f"/{mission.code}/activities/bulk/": f"/{mission.code}/activities/",
        f"/{mission.code}/notifications/read/": f"/{mission.code}/notifications/",
        "/sign-out/": "/",
    }
    for button, page in buttons.items():
        answer = adviser.get(button)
        assert (answer.status_code, answer["Location"]) == (302, page), button
        assert [str(told) for told in get_messages(answer.wsgi_request)][-1].startswith(
            "Nothing was changed"
        )
        assert adviser.get(page).status_code in (200, 302)
    assert type(alert).objects.get(pk=alert.pk).stage == alert.stage
    assert not type(place).objects.get(pk=place.pk).withdrawn_at


def test_the_address_of_a_button_tells_nothing_of_what_the_reader_may_not_see(
    mission, member, signed_in
):
    viewer = signed_in(member(Role.VIEWER, 0))
    alert = AlertFactory(mission=mission, classification=2)
    assert viewer.get(f"/{mission.code}/alerts/{alert.pk}/step/").status_code == 404


def test_the_root_of_the_api_lists_its_resources_to_a_browser(mission, member, signed_in):
    viewer = signed_in(member(Role.VIEWER))
    answer = viewer.get("/api/v1/", HTTP_ACCEPT="text/html,*/*;q=0.8")
    assert answer.status_code == 200
    assert "threats" in answer.json()
    assert viewer.get("/favicon.ico")["Location"].endswith("mark.svg")
    assert viewer.get("/api/v1/?colour=red").status_code == 400
