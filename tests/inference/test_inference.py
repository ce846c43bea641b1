"""What a reader is not cleared for moves nothing the reader can see: not a body, status or tag.

On one database every address is read by each reader, hidden records of every kind are written and
worked off, and every address is read again. A route for which nothing is asked fails.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import pytest
from django.test import Client
from django.utils import timezone

from exchange.models import Notification
from missions import need_to_know
from missions.choices import Classification, Role
from missions.models import Membership, Mission, User
from poc_portal.api.router import resources
from poc_portal.api.viewsets import ReadViewSet
from tests.factories import MembershipFactory, MissionFactory
from tests.inference import addresses as asked
from tests.inference import writes
from tests.inference.answers import Answer, Difference, difference, take
from tests.inference.known import KNOWN, KNOWN_FEEDS
from tests.proof import size
from tests.serving import database_copy, within

pytestmark = pytest.mark.prove
NOON = datetime.datetime(2026, 11, 30, 12, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)
EVERY = size(25, 1)  # of a reader's addresses one in so many is asked
LISTS = sorted(name for name, view in resources().items() if issubclass(view, ReadViewSet))
# Who reads: role and clearance in the mission, and whether they hold all of another mission.
READERS = size(
    [(Role.VIEWER, 0, False), (Role.ADMIN, 1, True)],
    [(role, level, other) for role in Role for level in (0, 1) for other in (False, True)],
)
# Cleared for all, and without the need to know: all of what is hidden is kept to a compartment.
OUTSIDE = size(
    [(Role.ADMIN, 2, True)],
    [(role, 2, other) for role in Role for other in (False, True)],
)
HIDDEN = {"classification": (2, (), READERS), "need to know": (0, ("crsv",), OUTSIDE)}


@dataclass
class World:
    """A database of one's own, with accounts, and a clock that stands."""

    mission: Mission
    other: Mission
    readers: dict[str, Client]
    writer: Client
    clock: list[datetime.datetime]
    keys: asked.Keys
    target: dict[str, int]
    addresses: dict[str, list[str]]
    hidden: writes.Writer

    def chosen(self, number: int) -> list[tuple[str, str]]:
        """Route and address of what a reader asks; others with each reader."""
        pairs = [(route, one) for route, found in self.addresses.items() for one in found]
        return [pair for place, pair in enumerate(pairs) if (place + number) % EVERY == 0]

    def read(self) -> dict[tuple[str, str, str], Answer]:
        return {
            (name, route, address): take(client, address)
            for number, (name, client) in enumerate(self.readers.items())
            for route, address in self.chosen(number)
        }

    def mirrors(self) -> dict[tuple[str, str], str]:
        """Where the mirror of each reader, of each list, would go on from."""
        found = {}
        for reader, client in self.readers.items():
            for name in LISTS:
                address = f"/api/v1/{name}/?modified_since=start&page_size=1000&fields=id"
                answer = client.get(address)
                while answer.status_code == 200 and answer.json()["next"]:
                    answer = client.get(answer.json()["next"])
                if answer.status_code == 200:
                    found[reader, name] = answer.json()["follow"]
        return found

    def told(self, mirrors: dict[tuple[str, str], str]) -> dict[tuple[str, str], str]:
        """What the mirrors are told of since, where that is anything."""
        found = {}
        for (reader, name), follow in mirrors.items():
            answer = self.readers[reader].get(follow).json()
            if answer["results"] or answer["removed"]:
                found[reader, name] = str((answer["results"], answer["removed"]))[:300]
        return found


def compare(before, after) -> list[Difference]:
    return [
        Difference(*key, lines)
        for key, answer in before.items()
        if (lines := difference(answer, after[key]))
    ]


def account(name: str, grants: dict[Mission, tuple[str, int]]) -> Client:
    user = User.objects.create_user(name)
    for mission, (role, clearance) in grants.items():
        MembershipFactory(member=user, mission=mission, role=role, clearance=clearance)
    client = Client(headers={"host": "localhost"}, raise_request_exception=False)
    client.force_login(user)
    return client


@pytest.fixture
def copy(django_db_setup, django_db_blocker):
    with database_copy(django_db_blocker, "inference") as name, within(django_db_blocker, name):
        yield name


@pytest.fixture(params=HIDDEN)
def world(copy, monkeypatch, settings, request) -> World:
    secrecy, held, outside = HIDDEN[request.param]
    settings.API_REQUESTS_PER_MINUTE = 0
    clock = [NOON]
    monkeypatch.setattr(timezone, "now", lambda: clock[0])
    mission, other = Mission.objects.get(code="MINUSCA"), MissionFactory(code="OTHER")
    writes.place_of(other)
    strict = Classification.STRICTLY_CONFIDENTIAL
    writer = account("writer", {mission: (Role.ADMIN, strict), other: (Role.ADMIN, strict)})
    Membership.objects.filter(member__username="writer").update(
        compartments=sorted(need_to_know.EVERY)
    )
    readers = {
        f"{role} {level}{' and another mission' if also else ''}": account(
            f"{role}-{level}-{also}",
            {mission: (role, level)} | ({other: (Role.ADVISER, strict)} if also else {}),
        )
        for role, level, also in outside
    }
    readers["nobody's member"] = account("nomember", {})
    # What is there already, in both missions: open, and the hidden kind too.
    for where in (mission, other):
        for level in size((0,), (0, 2)):
            writes.one_of_each(writes.Writer(writer, where, level))
    writes.pull_of(mission)
    writes.pull_of(mission)
    writes.work_off([mission, other])
    Notification.objects.update(read_at=NOON)  # a page opened by its reader would mark its own
    target = writes.targets(mission)
    hidden = writes.Writer(writer, mission, secrecy, held)
    found = World(mission, other, readers, writer, clock, {}, target, {}, hidden)
    found.keys = writes.keys_of(target)
    moment = "2026-11-30T11:00:00Z"
    found.addresses = asked.addresses([mission.code, other.code], found.keys, moment)
    return found


def test_every_route_is_covered_and_nothing_hidden_moves_an_answer(world, figure):
    assert asked.uncovered(world.addresses) == []
    world.clock[0] = NOON + 2 * HOUR
    mirrors = world.mirrors()
    before = world.read()
    if size(False, True):
        assert compare(before, world.read()) == []  # the same without any write
    world.clock[0] = NOON + HOUR
    writes.one_of_each(world.hidden)
    writes.linked_to_open(world.hidden, world.target)
    writes.work_off([world.mission, world.other])
    world.clock[0] = NOON + 2 * HOUR
    found = compare(before, world.read())
    figure("answers compared", len(before))
    told = world.told(mirrors)
    assert {name for _reader, name in told} <= KNOWN_FEEDS.keys(), told
    grouped = asked.by_route(found)
    new = {route: each for route, each in grouped.items() if route not in KNOWN}
    assert not new, "\n".join(str(each[0]) for each in new.values())
