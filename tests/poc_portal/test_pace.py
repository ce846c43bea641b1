"""Searches and figures of one account, on pages and over REST: so many a minute, all together."""

import pytest
from django.urls import reverse

from missions.choices import Role
from poc_portal.web import pace
from tests.factories import ThreatFactory


@pytest.fixture(autouse=True)
def three_a_minute(settings, monkeypatch):
    settings.API_REQUESTS_PER_MINUTE = 3 * pace.SHARE
    monkeypatch.setattr(pace.time, "time", lambda: 1_000_000_020.0)


def addresses(mission):
    code = mission.code
    return [
        reverse("search", args=[code]) + "?q=a",
        reverse("mission-detail", args=[code]),
        reverse("coverage", args=[code]),
        reverse("incident-list", args=[code]) + "?q=village",
        f"/api/v1/overview/?mission={code}",
        f"/api/v1/coverage/?mission={code}",
        f"/api/v1/alert-figures/?mission={code}",
        f"/api/v1/search/?mission={code}&q=a",
        f"/api/v1/incidents/?mission={code}&search=village",
    ]


@pytest.mark.parametrize("number", range(9))
def test_each_door_has_a_bound_and_says_when_to_come_again(number, mission, member, signed_in):
    browser = signed_in(member(Role.ANALYST))
    address = addresses(mission)[number]
    assert [browser.get(address).status_code for _n in range(4)] == [200, 200, 200, 429]
    refused = browser.get(address)
    assert 1 <= int(refused["Retry-After"]) <= pace.WINDOW


def test_the_doors_share_one_bound_and_others_are_not_held_up(mission, member, signed_in):
    user = member(Role.ANALYST)
    browser, other = signed_in(user), signed_in(member(Role.ANALYST))
    said = [browser.get(address).status_code for address in addresses(mission)]
    assert said == [200] * 3 + [429] * 6
    assert browser.get(reverse("incident-list", args=[mission.code])).status_code == 200
    assert browser.get(f"/api/v1/incidents/?mission={mission.code}").status_code == 200
    assert other.get(addresses(mission)[0]).status_code == 200


def test_a_record_is_tied_to_so_many_others_at_most(mission, member, api):
    threat = ThreatFactory(mission=mission)
    answer = api(member(Role.ANALYST)).patch(
        f"/api/v1/threats/{threat.pk}/", {"communities": list(range(1, 502))}, format="json"
    )
    assert answer.status_code == 400
    assert "500" in str(answer.json())
