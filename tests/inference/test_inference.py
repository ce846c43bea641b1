"""What a reader is not cleared for moves nothing the reader can see: not a body, status or tag.

On one database every address is read by each reader, records of every kind that they lack the
clearance or a compartment for are written and worked off, and every address is read again. Then what is hidden is asked for by its number beside a
number of nothing, another mission is written in, and at last one open report moves what it reaches.
A route for which nothing is asked fails.
"""

from __future__ import annotations

import contextlib
import datetime
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.test import Client
from django.utils import timezone

from exchange.declared import event_choices
from exchange.models import Delivery, Notification, Webhook
from missions.choices import Classification, Role
from missions.models import FieldOffice, Mission, User
from missions.need_to_know import EVERY
from poc_portal.api.router import resources
from poc_portal.api.viewsets import ReadViewSet
from tests.factories import MembershipFactory, MissionFactory
from tests.inference import addresses as asked
from tests.inference import writes
from tests.inference.answers import Answer, Difference, alike, difference, send, take
from tests.inference.known import KNOWN, KNOWN_FEEDS, REACHED, UNREAD
from tests.proof import size
from tests.serving import database_copy, within

pytestmark = pytest.mark.prove
NOON = datetime.datetime(2026, 11, 30, 12, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)
STRICT = Classification.STRICTLY_CONFIDENTIAL
POST_ONLY = 405
ABSENT = 987_654_321  # no record has this number
LISTS = sorted(name for name, view in resources().items() if issubclass(view, ReadViewSet))


@dataclass(frozen=True)
class Who:
    """A reader: role and clearance in the mission, whether they hold all of another mission, whether
    they write for one field office only, and the compartments they hold. ``every``: of the addresses
    they ask one in so many; 0: one of each route. ``of``: of the routes they ask one in so many.
    """

    role: Role | None
    clearance: int = 0
    also: bool = False
    limited: bool = False
    holds: tuple[str, ...] = ()
    every: int = 0
    of: int = 1

    def may_see(self, level: int, compartments: tuple[str, ...]) -> bool:
        """What is said of a record in so many words, without the portal's own rule."""
        known = self.clearance >= level and set(compartments) <= set(self.holds)
        return self.role is not None and known

    def __str__(self) -> str:
        more = [" and another mission"] * self.also + [" of one office"] * self.limited
        more += [f" holding {each}" for each in self.holds]
        return f"{self.role or 'no member'} {self.clearance}{''.join(more)}"


SAMPLE = (
    Who(Role.VIEWER, 0, of=3),
    Who(Role.ADMIN, 1, also=True, of=3),
    Who(Role.ANALYST, 0, limited=True, of=3),
    Who(Role.ADVISER, 2, holds=("children",), of=3),
    Who(None, of=20),
)
# Of each role and level those with another mission ask the one half of the routes, those without the
# other; holders of some compartments a third each.
WHOLE = (
    *(Who(role, level, also, of=2) for role in Role for level in (0, 1) for also in (False, True)),
    *(Who(role, 1, limited=True) for role in (Role.REPORTER, Role.ANALYST, Role.PLANNER)),
    *(Who(role, 1, holds=("crsv",), of=3) for role in Role),
    *(Who(role, 2, holds=("children",), of=3) for role in Role),
    *(Who(role, 2, of=2) for role in (Role.VIEWER, Role.ADVISER, Role.ADMIN)),
    Who(Role.VIEWER, 0, limited=True, every=2),
    Who(Role.ADVISER, 2, also=True, holds=("children",), every=2),
    Who(Role.ADMIN, 1, also=True, limited=True, every=1),
    Who(None, every=4),
)
# By turns, so that two workers have as much to do.
GROUPS = size([SAMPLE], [WHOLE[::2], WHOLE[1::2]])


Answers = dict[tuple[Who, str, str], Answer]


@dataclass
class World:
    """A database of one's own, with accounts, and a clock that stands."""

    mission: Mission
    other: Mission
    readers: dict[Who, Client]
    writer: Client
    clock: list[datetime.datetime]
    target: dict[str, int]
    addresses: dict[str, list[str]]

    def blind(self, level: int, compartments: tuple[str, ...]) -> set[Who]:
        return {who for who in self.readers if not who.may_see(level, compartments)}

    def read(self, people: set[Who]) -> Answers:
        return {
            (who, route, address): take(client, address)
            for number, (who, client) in enumerate(self.readers.items())
            if who in people
            for route, address in chosen(self.addresses, who, number)
        }

    def mirrors(self, people: set[Who]) -> dict[tuple[Who, str], str]:
        """Where the mirror of each reader, of each list, would go on from."""
        found = {}
        for who in people:
            client = self.readers[who]
            for name in LISTS:
                address = f"/api/v1/{name}/?modified_since=start&page_size=1000&fields=id"
                answer = client.get(address)
                while answer.status_code == 200 and answer.json()["next"]:
                    answer = client.get(answer.json()["next"])
                if answer.status_code == 200:
                    found[who, name] = answer.json()["follow"]
        return found

    def deliveries(self, people: set[Who]) -> int:
        """How much the webhooks of readers were told."""
        names = [str(who) for who in people]
        return Delivery.objects.filter(webhook__owner__username__in=names).count()

    def told(self, mirrors: dict[tuple[Who, str], str]) -> dict[tuple[Who, str], str]:
        """What the mirrors are told of since, where that is anything."""
        found = {}
        for (who, name), follow in mirrors.items():
            answer = self.readers[who].get(follow).json()
            if answer["results"] or answer["removed"]:
                found[who, name] = str((answer["results"], answer["removed"]))[:300]
        return found

    @contextlib.contextmanager
    def an_hour_ago(self) -> Iterator[None]:
        """What is written within is written, and worked off, while nobody reads."""
        self.clock[0] -= HOUR
        yield
        writes.work_off([self.mission, self.other])
        self.clock[0] += HOUR


def chosen(addresses: dict[str, list[str]], who: Who, number: int) -> Iterator[tuple[str, str]]:
    """Route and address of what a reader asks; others with each reader."""
    pairs = [(route, one) for route, found in addresses.items() for one in found]
    if who.every:
        yield from pairs[number % who.every :: who.every]
        return
    for turn, (route, found) in enumerate(addresses.items()):
        if turn % who.of == number % who.of:
            yield route, found[number % len(found)]


def compare(before, after) -> list[Difference]:
    return [
        Difference(str(key[0]), *key[1:], lines)
        for key, answer in before.items()
        if (lines := difference(answer, after[key]))
    ]


def moved(differences: list[Difference]) -> dict[str, Difference]:
    """By route, one of each, without what is known."""
    return {d.route: d for d in differences if d.route not in KNOWN}


def said(found: dict[str, Difference]) -> str:
    return "\n".join(map(str, found.values()))


def account(name: str, grants: dict[Mission, dict]) -> Client:
    user = User.objects.create_user(name)
    for mission, grant in grants.items():
        offices = grant.pop("field_offices", [])
        MembershipFactory(member=user, mission=mission, **grant).field_offices.set(offices)
    client = Client(headers={"host": "localhost"}, raise_request_exception=False)
    client.force_login(user)
    return client


def reader(who: Who, mission: Mission, other: Mission) -> Client:
    held: dict[Mission, dict] = {}
    if who.role is not None:
        offices = FieldOffice.objects.filter(mission=mission).order_by("pk")[: int(who.limited)]
        held[mission] = {
            "role": who.role, "clearance": who.clearance, "field_offices": list(offices),
            "compartments": list(who.holds),
        }  # fmt: skip
    if who.also:
        held[other] = {"role": Role.ADVISER, "clearance": STRICT}
    return account(str(who), held)


def listen(who: Who, mission: Mission) -> None:
    """A webhook of the reader's own, of all that happens."""
    Webhook.objects.create(
        mission=mission, owner=User.objects.get(username=str(who)), name="own", 
        url="https://93.184.215.14/own", classification=who.clearance,
        events=[code for code, _label in event_choices()],
    )  # fmt: skip


@pytest.fixture
def world(request, django_db_setup, django_db_blocker, monkeypatch, settings) -> Iterator[World]:
    suffix = f"inference_{request.param}"
    with (
        database_copy(django_db_blocker, suffix) as name,
        within(django_db_blocker, name),
    ):
        settings.API_REQUESTS_PER_MINUTE = 0
        clock = [NOON]
        monkeypatch.setattr(timezone, "now", lambda: clock[0])
        yield made(GROUPS[request.param], clock)


def made(people: tuple[Who, ...], clock: list[datetime.datetime]) -> World:
    """The demonstration and another mission, with what is there already, open and hidden."""
    mission, other = Mission.objects.get(code="MINUSCA"), MissionFactory(code="OTHER")
    writes.place_of(other)
    everything = {"role": Role.ADMIN, "clearance": STRICT, "compartments": sorted(EVERY)}
    writer = account("writer", {mission: dict(everything), other: dict(everything)})
    readers = {who: reader(who, mission, other) for who in people}
    for where in (mission, other):
        for level in size((0,), (0, 2)):
            writes.one_of_each(writes.Writer(writer, where, level))
        writes.pull_of(where)
    for who in people:
        if who.role is not None:
            listen(who, mission)
    writes.work_off([mission, other])
    Notification.objects.update(read_at=NOON)  # a page opened by its reader would mark its own
    target = writes.targets(mission)
    addresses = asked.addresses(
        [mission.code, other.code], writes.keys_of(target), "2026-11-30T11:00:00Z"
    )
    clock[0] = NOON + 2 * HOUR
    return World(mission, other, readers, writer, clock, target, addresses)


# What is written and hidden, and from whom: whoever lacks the clearance or one of the compartments.
HIDDEN: tuple[tuple[int, tuple[str, ...]], ...] = (
    (STRICT, ()),
    (Classification.UNCLASSIFIED, ("crsv",)),
    (Classification.CONFIDENTIAL, ("children", "crsv")),
)


@pytest.mark.parametrize("world", range(len(GROUPS)), indirect=True)
def test_what_is_hidden_moves_no_answer_and_what_is_open_only_what_it_reaches(world, figure):
    assert asked.uncovered(world.addresses) == []
    last: Answers = {}
    for level, compartments in size(HIDDEN[:2], HIDDEN):
        blind = world.blind(level, compartments)
        before = {key: answer for key, answer in last.items() if key[0] in blind}
        before |= world.read(blind - {key[0] for key in before})
        figure("answers compared", len(before))
        if size(False, not last):
            assert compare(before, world.read(blind)) == []  # the same without any write
        assert_answered(before)
        mirrors, sent = world.mirrors(blind), world.deliveries(blind)
        with world.an_hour_ago():
            hidden = writes.Writer(world.writer, world.mission, level, compartments)
            writes.one_of_each(hidden)
            writes.linked_to_open(hidden, world.target)
        last = world.read(blind)
        found = moved(compare(before, last))
        assert not found, said(found)
        told = world.told(mirrors)
        assert {name for _who, name in told} <= KNOWN_FEEDS.keys(), told
        assert world.deliveries(blind) == sent
        assert_hidden_is_absent(world, blind, hidden.made, figure)

    # Open, in a mission the reader is no member of.
    apart = {who for who in world.readers if not who.also}
    before = world.read(apart)
    with world.an_hour_ago():
        writes.one_of_each(writes.Writer(world.writer, world.other, 0))
    after = world.read(apart)
    found = moved(compare(before, after))
    assert not found, said(found)

    # One open report, far from the records whose pages are read.
    told_before = world.deliveries(apart)
    with world.an_hour_ago():
        writes.Writer(world.writer, world.mission, 0).own("incidents", **writes.LONE_REPORT)
    reached = compare(after, world.read(apart))
    found = moved([d for d in reached if d.route not in REACHED])
    assert not found, said(found)
    assert not [d for d in reached if d.reader.startswith("no member")]
    # It is seen by whom it reaches: that nothing moved above is no deafness.
    assert {d.route for d in reached} >= size(set(), REACHED.keys())
    assert reached
    assert world.deliveries(apart) > told_before


def assert_answered(answers: Answers) -> None:
    """No answer is a fault of the portal's, and each route was read by somebody who may."""
    faults = {address for (_who, _route, address), one in answers.items() if one.status >= 500}
    assert not faults
    statuses: dict[str, set[int]] = defaultdict(set)
    for (_who, route, _address), one in answers.items():
        statuses[route].add(one.status)
    unread = {
        route for route, found in statuses.items() if min(found) >= 400 and found != {POST_ONLY}
    }
    asks_all = any(who.role == Role.ADMIN and who.every == 1 for who, _route, _address in answers)
    assert not asks_all or unread <= UNREAD.keys(), sorted(unread)


def assert_hidden_is_absent(
    world: World, blind: set[Who], hidden: dict[str, list[int]], figure
) -> None:
    """A hidden record's address answers, to a read and to each write, what an absent one's does."""
    keys = {name: numbers[-1:] for name, numbers in hidden.items()}
    absent = {name: [ABSENT] for name in keys}
    codes = [world.mission.code]
    pairs = asked.pairs(codes, keys, absent)
    asks = [(method, *pair) for pair in pairs for method in asked.methods_of(pair[0])]
    tried = 0
    for number, who in enumerate(sorted(blind, key=str)):
        client, every = world.readers[who], size(len(blind), 6)
        for method, one, other in asks[number % every :: every]:
            tried += 1
            seen, none = (send(client, method, address) for address in (one, other))
            assert alike(seen, one) == alike(none, other), (str(who), method, one, seen, none)
    figure("hidden beside absent", tried)
