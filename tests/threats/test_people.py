"""People are counted once: what is shown as people is a number of people."""

import pytest

from strategies.coverage.mission import Coverage
from tests.factories import CommunityFactory, ThreatFactory
from threats.rules.headcount import Headcount
from threats.rules.people import people_of


@pytest.mark.parametrize(
    ("kind", "population", "displaced", "total", "weight"),
    [
        ("town", 40_201, 10_000, 50_201, 60_201),
        ("town", 40_201, None, 40_201, 40_201),
        ("town", None, 10_000, 10_000, 20_000),
        ("town", None, None, None, None),
        ("town", 0, 0, 0, 0),
        ("displacement_site", 10_000, 10_000, 10_000, 20_000),
        ("displacement_site", 10_000, None, 10_000, 20_000),
        ("poc_site", None, 700, 700, 1_400),
    ],
)
def test_the_displaced_live_beside_the_residents_and_count_once(
    kind, population, displaced, total, weight
):
    found = people_of(kind, population, displaced)
    assert (found.total, found.weight) == (total, weight)


def site(mission, people, km=3.0, **values):
    return CommunityFactory(
        mission=mission, kind="displacement_site", latitude=5.0 + km / 111.2, population=people,
        **values,
    )  # fmt: skip


def test_a_site_and_its_host_town_are_not_summed_twice(mission, member):
    town = CommunityFactory(
        mission=mission, kind="town", population=40_201, displaced_population=10_000
    )
    near, far = site(mission, 8_000), site(mission, 500, km=40)
    unknown = site(mission, None, km=2)
    found = Headcount(mission, member())
    assert found.of([town.pk]).total == 50_201
    assert found.of([town.pk, near.pk]).total == 50_201
    assert found.of([town.pk, near.pk, near.pk, unknown.pk]).total == 50_201
    assert found.of([town.pk, near.pk, far.pk]).total == 50_701
    assert found.of([near.pk]).total == 8_000
    assert found.of([unknown.pk]).total is None
    # Sites that hold more than the host says, say more.
    other = site(mission, 4_000, km=4)
    assert Headcount(mission, member()).of([town.pk, near.pk, other.pk]).total == 52_201


def test_who_may_not_see_the_host_is_told_of_the_site_alone(mission, member):
    town = CommunityFactory(mission=mission, kind="town", population=9_000, classification=2)
    near = site(mission, 8_000)
    assert Headcount(mission, member(clearance=0)).of([town.pk, near.pk]).total == 8_000


def test_one_number_of_people_everywhere(mission, member, signed_in, api):
    town = CommunityFactory(
        mission=mission, kind="town", population=40_201, displaced_population=10_000
    )
    near = site(mission, 10_000)
    threat = ThreatFactory(mission=mission, status="active", phase="response")
    threat.communities.set([town, near])
    user = member()
    gaps = Coverage(mission, user).gaps(50)
    assert {gap.people for gap in gaps} == {50_201}
    assert all(gap.weight == gap.risk * 60_201 for gap in gaps)
    client = signed_in(user)
    for page in ("coverage/", f"communities/{town.pk}/"):
        said = client.get(f"/{mission.code}/{page}").content.decode()
        assert "60,201" not in said
    assert "50,201" in client.get(f"/{mission.code}/coverage/").content.decode()
    caller = api(user)
    body = caller.get(f"/api/v1/coverage/?mission={mission.code}").json()
    assert {row["people"] for row in body["gaps"]} == {50_201}
    listed = caller.get(f"/api/v1/communities/?mission={mission.code}").json()["results"]
    assert {row["people"] for row in listed} == {50_201, 10_000}
    assert caller.get(f"/api/v1/communities/{town.pk}/").json()["people"] == 50_201
