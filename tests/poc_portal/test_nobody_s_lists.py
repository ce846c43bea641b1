"""An account without a membership, or whose membership ended, gets empty lists in every format."""

import pytest

from missions.choices import Role
from missions.members import give_membership, withdraw_membership
from poc_portal.api.router import resources
from tests.factories import UserFactory

FORMATS = ("json", "ndjson", "csv", "xlsx", "geojson")
LISTS = [
    name
    for name, viewset in resources().items()
    if getattr(viewset, "queryset", None) is not None and hasattr(viewset, "list")
]


@pytest.fixture(params=["without a membership", "just withdrawn"])
def nobody(request, mission, member, db):
    user = UserFactory()
    if request.param == "just withdrawn":
        admin = member(Role.ADMIN)
        held = give_membership(by=admin, member=user, mission=mission, role="viewer")
        withdraw_membership(held, by=admin, reason="left")
    return user


@pytest.mark.parametrize("resource", LISTS)
def test_every_list_is_empty_in_every_format(demo, nobody, api, resource):
    client = api(nobody)
    for form in FORMATS:
        answer = client.get(f"/api/v1/{resource}/?format={form}")
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert answer.status_code in (200, 400, 404, 406), (form, body[:300])
        if answer.status_code == 200 and form == "csv":
            assert (
                len(body.decode().strip().splitlines()) <= 1 or resource == "catalogue-activities"
            )


def test_every_layer_is_empty(demo, nobody, api):
    client = api(nobody)
    for layer in client.get("/api/v1/ogc/collections").json()["collections"]:
        answer = client.get(f"/api/v1/ogc/collections/{layer['id']}/items")
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert answer.status_code == 200, layer["id"]
        assert b'"features":[]' in body.replace(b" ", b""), layer["id"]
