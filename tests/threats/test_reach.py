"""Own presence: how far help is, and whom nobody reaches in time."""

import datetime
import math

import pytest

from missions.choices import ComponentKind, Role
from records.versions import version_of
from tests.battery import ResourceBattery
from tests.factories import (
    TODAY,
    CommunityFactory,
    ComponentFactory,
    MissionFactory,
    PostFactory,
    RiskScoreFactory,
)
from threats.models import Post, ThreatRules
from threats.presence.reach import Help

DAY = datetime.timedelta(days=1)


def slow_km(lon1, lat1, lon2, lat2):
    """The spherical law of cosines, on a sphere of 6,371 km."""
    a, b = math.radians(lat1), math.radians(lat2)
    angle = math.acos(
        math.sin(a) * math.sin(b) + math.cos(a) * math.cos(b) * math.cos(math.radians(lon2 - lon1))
    )
    return 6371.0088 * angle


def test_the_nearest_base_of_those_that_help(mission, member):
    reader = member(clearance=1)
    bases = [
        PostFactory(mission=mission, longitude=longitude, latitude=latitude)
        for longitude, latitude in ((20.0, 5.0), (22.5, 6.5), (18.2, 4.1))
    ]
    near = {"mission": mission, "longitude": 21.0, "latitude": 5.6}
    civil = ComponentFactory(mission=mission, kind=ComponentKind.CIVIL_AFFAIRS)
    PostFactory(**near, component=civil)
    PostFactory(**near, classification=2)
    PostFactory(**near, until=TODAY - DAY)
    PostFactory(**near, since=TODAY + DAY)
    found = Help(mission, reader)
    assert found.bases == bases
    for place in ((21.0, 5.5), (18.0, 4.0), (27.0, 9.0)):
        away = [slow_km(*place, base.longitude, base.latitude) for base in bases]
        reach = found.reach(*place)
        assert reach.base == bases[away.index(min(away))]
        assert reach.km == pytest.approx(min(away), rel=1e-4)
        assert reach.hours == pytest.approx(
            min(away) / ThreatRules.of(mission).travel_speed, rel=1e-4
        )
        assert reach.in_time == (reach.hours <= ThreatRules.of(mission).reach_hours)
    assert Help(mission, reader, TODAY + DAY).reach(21.0, 5.6).km < 1


def test_a_base_of_unknown_strength_is_no_help_in_time(mission, member):
    """As slowly as can be: the nearest of those whose strength is known."""
    reader = member()
    bases = [
        PostFactory(mission=mission, longitude=longitude, latitude=5.0, strength=strength)
        for longitude, strength in (
            (20.0, "unknown"), (20.4, "company"), (21.0, "unknown"), (22.0, "section"),
        )
    ]  # fmt: skip
    found = Help(mission, reader)
    assert (found.counted, found.unknown) == (2, 2)
    for longitude in (19.9, 20.3, 21.1, 21.9, 25.0):
        away = {base: slow_km(longitude, 5.01, base.longitude, base.latitude) for base in bases}
        nearest = min(away, key=away.get)
        counted = min((base for base in bases if base.strength != "unknown"), key=away.get)
        reach = found.reach(longitude, 5.01)
        assert reach.base == counted
        assert reach.nearer == (None if nearest == counted else nearest)
        assert reach.in_time == (away[counted] / 25 <= 2)
    Post.objects.filter(mission=mission).exclude(strength="unknown").delete()
    reach = Help(mission, reader).reach(20.0, 5.0)
    assert (reach.base, reach.in_time) == (bases[0], False)


def test_help_in_time_is_help_within_two_hours_where_a_mission_has_not_decided(mission, member):
    PostFactory(mission=mission, longitude=20.0, latitude=5.0)
    found = Help(mission, member())
    assert found.rules.reach_hours == 2
    assert found.reach(20.0, 5.4).in_time  # 44 km
    assert not found.reach(20.0, 5.5).in_time  # 56 km


def test_pages_with_hours_say_that_no_route_is_known(mission, member, signed_in):
    PostFactory(mission=mission, strength="unknown", name="Camp of some")
    community = CommunityFactory(mission=mission)
    RiskScoreFactory(community=community, band=5, clearance=2, probability=0.5)
    client = signed_in(member())
    page = client.get(f"/{mission.code}/presence/").content.decode()
    assert "No route is known" in page
    assert "1 base of unknown strength is not counted as help" in page
    assert "of 1 endangered" not in page
    page = client.get(community.get_absolute_url()).content.decode()
    assert "no route is known" in page
    assert "Of unknown strength: not counted as help in time." in page
    assert "no route is known" in client.get(f"/{mission.code}/communities/").content.decode()


def test_where_nothing_is_endangered_nobody_is_said_to_be_reached(mission, member, signed_in):
    client = signed_in(member())
    url = f"/{mission.code}/presence/"
    PostFactory(mission=mission)
    assert "no community has a score" in client.get(url).content.decode()
    community = CommunityFactory(mission=mission)
    score = RiskScoreFactory(community=community, band=2, clearance=2)
    assert "none is at serious or acute watch" in client.get(url).content.decode()
    score.band = 4
    score.save()
    assert "The 1 endangered community is reached in time" in client.get(url).content.decode()


def test_critical_communities_nobody_reaches(mission, member):
    PostFactory(mission=mission)
    far = {"longitude": 24.0, "latitude": 8.0}
    for name, band, where in (
        ("Far and critical", 4, far), ("Far and calm", 3, far), ("Near and critical", 5, {}),
    ):  # fmt: skip
        community = CommunityFactory(mission=mission, name=name, **where)
        for clearance in (0, 2):
            RiskScoreFactory(community=community, band=band, clearance=clearance)
    reader = member()
    ((community, reach),) = Help(mission, reader).unreached(reader)
    assert community.name == "Far and critical"
    assert not reach.in_time
    Post.objects.filter(mission=mission).update(withdrawn_at="2022-01-01T00:00Z")
    assert [row[1] for row in Help(mission, reader).unreached(reader)] == [None, None]


def test_the_pages_show_it(mission, member, signed_in):
    base = PostFactory(mission=mission, name="Camp on the hill")
    community = CommunityFactory(mission=mission, name="Far away", longitude=24.0, latitude=8.0)
    RiskScoreFactory(community=community, band=5, clearance=2, probability=0.5)
    planner = member(Role.PLANNER)
    client = signed_in(planner)
    page = client.get(f"/{mission.code}/presence/").content.decode()
    assert page.count("Camp on the hill") == 2
    assert "Far away" in page
    assert "Camp on the hill" in client.get(community.get_absolute_url()).content.decode()
    register = client.get(f"/{mission.code}/communities/").content.decode()
    assert 'title="Camp on the hill' in register
    made = client.post(
        f"/{mission.code}/presence/add/",
        {"name": "New base", "kind": "company", "component": base.component_id,
         "strength": "platoon", "since": "2022-12-31", "place_name": "Far away",
         "classification": 0},
    )  # fmt: skip
    assert made.status_code == 302
    assert Post.objects.get(name="New base").longitude == 24.0
    page = client.get(f"/{mission.code}/presence/").content.decode()
    assert "The 1 endangered community is reached in time" in page
    wrong = client.post(
        f"/{mission.code}/presence/{base.pk}/",
        {"name": "x", "kind": "company", "component": base.component_id, "strength": "unknown",
         "latitude": "5", "longitude": "20", "since": "2022-12-31", "until": "2022-12-01",
         "classification": 0, "version": version_of(base, planner)},
    )  # fmt: skip
    assert (wrong.status_code, "lies before since" in wrong.content.decode()) == (422, True)
    assert signed_in(member(Role.ANALYST)).get(f"/{mission.code}/presence/add/").status_code == 403


class TestBases(ResourceBattery):
    resource, factory, writer, refused = "bases", PostFactory, Role.PLANNER, Role.ANALYST
    change = {"strength": "platoon"}

    def payload(self, mission):
        return {
            "mission": mission.code, "name": "A base", "kind": "company", "longitude": 20,
            "latitude": 5, "component": ComponentFactory(mission=mission).pk,
            "since": "2022-12-31",
        }  # fmt: skip

    def test_a_planner_of_one_component_moves_no_others_base(self, mission, member, api):
        own = ComponentFactory(mission=mission)
        other = PostFactory(mission=mission)
        client = api(member(Role.PLANNER, component=own))
        assert client.patch(self.url(other.pk), self.change).status_code == 403

    def test_those_that_stood_on_a_day(self, mission, member, api):
        PostFactory(mission=mission, until=TODAY - DAY)
        standing = PostFactory(mission=mission)
        found = api(member()).get(f"{self.url()}?present_on={TODAY}").json()["results"]
        assert [row["id"] for row in found] == [standing.pk]


def test_posts_are_filtered_by_components_of_their_own_mission(mission, member, signed_in):
    own, other = ComponentFactory(mission=mission), ComponentFactory(mission=MissionFactory())
    page = signed_in(member()).get(f"/{mission.code}/presence/")
    choices = page.context["filter"].form["component"].field.queryset
    assert own in choices
    assert other not in choices
