"""A record stays in the mission it was made in, and with what it belongs to, at every door."""

import re
from typing import Any

import pytest
from django.test import Client

from missions.choices import Role
from missions.need_to_know import EVERY
from poc_portal.api.router import resources
from poc_portal.api.viewsets import ReadViewSet
from tests.factories import MembershipFactory, MissionFactory, UserFactory
from tests.inference.addresses import RESOURCE_OF, routes
from tests.inference.writes import Writer, linked_to_open, one_of_each, place_of, targets

# What is a mission's alone, and not a record: tested with members, programs and pulls.
NO_RECORDS = {"members", "webhooks", "pulls"}
EVERYTHING = {"role": Role.ADMIN, "clearance": 2, "compartments": sorted(EVERY)}


@pytest.fixture
def two(demo) -> tuple[Writer, Writer]:
    """One of each kind in the demonstration and in another mission, by one who may write in both."""
    user, other = UserFactory(), MissionFactory(code="OTHER")
    place_of(other)
    writers = []
    for mission in (demo, other):
        MembershipFactory(member=user, mission=mission, **EVERYTHING)
        client = Client(headers={"host": "localhost"})
        client.force_login(user)
        writers.append(Writer(client, mission, 0))
    for writer in writers:
        one_of_each(writer)
    linked_to_open(writers[0], targets(demo))
    return writers[0], writers[1]


def models() -> dict[str, Any]:
    found = resources().items()
    return {name: view.queryset.model for name, view in found if issubclass(view, ReadViewSet)}


def owner_of(resource: str) -> str:
    return getattr(models()[resource], "belongs_to", "").split("__")[0]


def standing(resource: str, key: int) -> tuple[object, object]:
    record = models()[resource]._default_manager.get(pk=key)
    return getattr(record, "mission_id", None), getattr(record, f"{owner_of(resource)}_id", None)


def test_no_record_changes_its_mission_or_owner_over_rest(two):
    here, there = two
    tried = set()
    for resource, (key, *_more) in here.made.items():
        was = standing(resource, key)
        elsewhere = {"mission": there.mission.code}
        if owner := owner_of(resource):
            model = models()[resource]._meta.get_field(owner).related_model
            named = next(name for name, each in models().items() if each is model)
            elsewhere = {owner: there.made[named][0]}
        address = f"/api/v1/{resource}/{key}/"
        for method in (here.client.patch, here.client.put):
            answer = method(address, elsewhere, content_type="application/json")
            assert answer.status_code in (400, 405), (resource, answer.status_code)
            assert standing(resource, key) == was
            tried.add(resource)
    assert len(tried) == len(here.made) >= 15


def test_no_form_that_changes_a_record_asks_for_its_mission_or_owner(two):
    here, there = two
    found = [re.fullmatch(r"<str:code>/([\w-]+)/<int:pk>/edit/", route) for route in routes()]
    names = {match[1] for match in found if match} - NO_RECORDS
    assert len(names) >= 9
    for name in names:
        resource = RESOURCE_OF.get(name, name)
        key = here.made[resource][0]
        answer = here.client.get(f"/{here.mission.code}/{name}/{key}/edit/")
        assert answer.status_code == 200, name
        asked = answer.context["form"].fields
        assert not {"mission", owner_of(resource)} & {*asked}, name
        # Under another mission's code there is no such record.
        address = f"/{there.mission.code}/{name}/{key}/edit/"
        assert here.client.get(address).status_code == 404, name
        assert here.client.post(address, {}).status_code == 404, name


def test_a_row_in_bulk_makes_another_record_in_another_mission(two):
    here, there = two
    row = {"external_id": "7", "kind": "looting", "start_date": "2022-12-28", "place_name": "Bria",
           "longitude": 21.99, "latitude": 6.54, "place_precision": "exact", "date_precision": "day",
           "classification": 0}  # fmt: skip
    made = []
    for writer in two:
        answer = writer.client.post(
            "/api/v1/incidents/bulk?source=own",
            [row | {"mission": writer.mission.code}], content_type="application/json",
        )  # fmt: skip
        assert answer.status_code in (200, 201), answer.content
        (result,) = answer.json()["results"]
        assert result["status"] == "created"
        made.append(result["id"])
    assert standing("incidents", made[0])[0] == here.mission.pk
    assert standing("incidents", made[1])[0] == there.mission.pk
