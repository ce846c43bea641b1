"""What every API resource must do, from a declaration.

A test module's class names the resource and its factory and is put together from what such a
resource does: ``ResourceBattery`` is one that is classified, followed and may be changed; others
name their parts: ``Listed`` (always), ``Classified``, ``Followed``, ``FollowedRows`` or
``NotFollowed``, and one of
``Changed``, ``Unchanged`` (with ``Withdrawn`` or not), ``AppendOnly`` and ``ReadOnly``.
"""

import csv
import io
import json
import re

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook
from rest_framework.test import APIClient

from missions.choices import Classification, Role
from tests.factories import MissionFactory


class Listed:
    """List, detail, other missions, exports: of every resource."""

    resource = ""
    factory = None
    writer = Role.ANALYST
    refused = Role.VIEWER
    reader = Role.VIEWER

    def payload(self, mission) -> dict:
        """A body that makes a record."""
        return {}

    change: dict = {}

    def url(self, pk=None) -> str:
        return f"/api/v1/{self.resource}/" + (f"{pk}/" if pk else "")

    def make(self, mission, **values):
        return self.factory(**self.place(mission), **values)

    def place(self, mission) -> dict:
        return {"mission": mission}

    def test_list_and_detail(self, mission, member, api):
        record = self.make(mission)
        client = api(member(self.reader))
        found = client.get(self.url()).json()["results"]
        assert record.pk in [row["id"] for row in found]
        one = client.get(self.url(record.pk))
        assert one.status_code == 200
        assert one.json()["id"] == record.pk

    def test_other_missions_are_hidden(self, mission, member, api):
        record = self.make(MissionFactory())
        client = api(member(self.reader))
        assert record.pk not in [row["id"] for row in client.get(self.url()).json()["results"]]
        assert client.get(self.url(record.pk)).status_code == 404

    def test_nobody_reads_without_signing_in(self, db, api):
        assert APIClient().get(self.url()).status_code == 401

    def test_fixed_number_of_queries(self, mission, member, api):
        client = api(member(self.reader))
        counts = []
        for rows in (1, 4, 9):
            for _row in range(rows):
                self.make(mission)
            with CaptureQueriesContext(connection) as found:
                assert client.get(self.url()).status_code == 200
            counts.append(len(found))
        # The first call of a client may read its grants; the number of rows must not matter.
        assert counts[1] == counts[2], counts

    def test_csv_xlsx_and_geojson_hold_the_whole_list(self, mission, member, api):
        made = {self.make(mission).pk for _n in range(3)}
        client = api(member(self.reader))
        text = b"".join(client.get(self.url() + "?format=csv").streaming_content).decode(
            "utf-8-sig"
        )
        rows = {int(row["id"]): row for row in csv.DictReader(io.StringIO(text))}
        assert made <= set(rows)
        book = client.get(self.url() + "?format=xlsx")
        header, *lines = load_workbook(io.BytesIO(b"".join(book))).active.values
        assert {line[header.index("id")] for line in lines} == set(rows)
        assert set(header) == set(rows[min(made)])
        answer = client.get(self.url() + "?format=geojson")
        assert answer["Content-Type"].startswith("application/geo+json")
        collection = json.loads(b"".join(answer))
        assert collection["type"] == "FeatureCollection"
        features = {feature["id"]: feature for feature in collection["features"]}
        assert set(features) == set(rows)
        for key in made:
            self.check_feature(features[key], client.get(self.url(key)).json())

    def check_feature(self, feature: dict, record: dict) -> None:
        """A feature says what the record says, its place as a geometry."""
        where = [record.pop(name, None) for name in ("longitude", "latitude")]
        polygon = record.pop("polygon", None)
        assert feature["properties"] == record
        point = {"type": "Point", "coordinates": where} if None not in where else None
        assert feature["geometry"] == (polygon or point)

    def test_fields_and_omit(self, mission, member, api):
        record = self.make(mission)
        client = api(member(self.reader))
        assert set(client.get(self.url(record.pk) + "?fields=id").json()) == {"id"}
        assert "id" not in client.get(self.url(record.pk) + "?omit=id").json()
        assert client.get(self.url(record.pk) + "?fields=nonsense").status_code == 400

    def test_not_modified(self, mission, member, api):
        record = self.make(mission)
        client = api(member(self.reader))
        etag = client.get(self.url(record.pk))["ETag"]
        again = client.get(self.url(record.pk), headers={"If-None-Match": etag})
        assert again.status_code == 304


class Classified:
    def test_classification_hides(self, mission, member, api):
        record = self.make(mission, classification=Classification.CONFIDENTIAL)
        low, high = (api(member(self.reader, clearance=level)) for level in (0, 1))
        assert low.get(self.url(record.pk)).status_code == 404
        assert low.get(self.url()).json()["results"] == []
        table = b"".join(low.get(self.url() + "?format=csv").streaming_content)
        assert list(csv.DictReader(io.StringIO(table.decode("utf-8-sig")))) == []
        assert high.get(self.url(record.pk)).status_code == 200

    def test_need_to_know_hides_and_entering_a_compartment_leaves_the_feed(
        self, mission, member, api
    ):
        record = self.make(mission)
        held = ["crsv", "children"]
        outside, half, inside = (
            api(member(self.reader, compartments=codes)) for codes in ([], ["crsv"], held)
        )
        feed = self.url() + "?modified_since=start"
        follow = [client.get(feed).json()["follow"] for client in (outside, half, inside)]
        type(record).objects.filter(pk=record.pk).update(compartments=sorted(held))
        for client, mark in zip((outside, half), follow, strict=False):
            assert client.get(self.url(record.pk)).status_code == 404
            assert client.get(self.url()).json()["results"] == []
            for name in ("csv", "geojson"):
                answer = client.get(self.url() + f"?format={name}")
                assert str(record.pk) not in re.findall(
                    r"\d+", b"".join(answer.streaming_content).decode()
                )
            after = client.get(mark).json()
            assert (after["removed"], after["results"]) == ([record.pk], [])
        assert inside.get(self.url(record.pk)).json()["compartments"] == sorted(held)
        after = inside.get(follow[2]).json()
        assert after["removed"] == []
        assert record.pk in [row["id"] for row in after["results"]]


class Followed:
    def test_a_mirror_follows(self, mission, member, api):
        first, second = self.make(mission), self.make(mission)
        client = api(member(self.reader))
        start = client.get(self.url() + "?modified_since=start").json()
        assert {first.pk, second.pk} <= {row["id"] for row in start["results"]}
        assert start["next"] is None
        assert start["removed"] == []
        type(first).objects.filter(pk=first.pk).update(withdrawn_at=timezone.now())
        after = client.get(start["follow"]).json()
        assert after["removed"] == [first.pk]
        assert first.pk not in [row["id"] for row in after["results"]]


class FollowedRows:
    """Rows of a calculation, which nobody withdraws."""

    def test_a_mirror_follows(self, mission, member, api):
        first, second = self.make(mission), self.make(mission)
        client = api(member(self.reader))
        start = client.get(self.url() + "?modified_since=start").json()
        assert {first.pk, second.pk} <= {row["id"] for row in start["results"]}
        assert (start["next"], start["removed"]) == (None, [])
        third = self.make(mission)
        after = client.get(start["follow"]).json()
        assert third.pk in [row["id"] for row in after["results"]]
        assert after["removed"] == []


class NotFollowed:
    def test_nobody_can_follow_it(self, mission, member, api):
        answer = api(member(self.reader)).get(self.url() + "?modified_since=start")
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["field"] == "modified_since"


class Written:
    """Records can be made."""

    def test_create(self, mission, member, api):
        client = api(member(self.writer))
        answer = client.post(self.url(), self.payload(mission))
        assert answer.status_code == 201, answer.json()
        assert client.get(self.url(answer.json()["id"])).status_code == 200

    def test_create_refused(self, mission, member, api):
        answer = api(member(self.refused)).post(self.url(), self.payload(mission))
        assert answer.status_code == 403
        assert answer["Content-Type"].startswith("application/problem+json")


class Withdrawn:
    """With a reason, and still stored."""

    def test_withdraw(self, mission, member, api):
        record = self.make(mission)
        client = api(member(self.writer))
        answer = client.delete(self.url(record.pk))
        assert answer.status_code == 400  # no reason given
        assert client.delete(self.url(record.pk) + "?reason=mistaken").status_code == 204
        assert client.get(self.url(record.pk)).status_code == 404
        record.refresh_from_db()
        assert record.withdrawn_reason == "mistaken"

    def test_withdraw_refused(self, mission, member, api):
        record = self.make(mission)
        client = api(member(self.refused))
        assert client.delete(self.url(record.pk) + "?reason=mistaken").status_code == 403


class Changed(Written, Withdrawn):
    """Made, changed and withdrawn."""

    def test_update_and_conflict(self, mission, member, api):
        record = self.make(mission)
        client = api(member(self.writer))
        answer = client.patch(self.url(record.pk), self.change)
        assert answer.status_code == 200, answer.json()
        assert self.change
        for name, value in self.change.items():
            assert answer.json()[name] == value
        stale = client.patch(self.url(record.pk), self.change, headers={"If-Match": '"0-0"'})
        assert stale.status_code == 412
        assert stale.json()["current"]["id"] == record.pk

    def test_update_refused(self, mission, member, api):
        record = self.make(mission)
        answer = api(member(self.refused)).patch(self.url(record.pk), self.change)
        assert answer.status_code == 403


class Unchanged(Written):
    """Made, and never changed."""

    def test_nothing_is_changed(self, mission, member, api):
        record = self.make(mission)
        for role in (self.writer, self.refused):
            client = api(member(role))
            assert client.patch(self.url(record.pk), self.change).status_code == 405
            assert client.put(self.url(record.pk), self.payload(mission)).status_code == 405


class AppendOnly(Unchanged):
    """Not withdrawn either."""

    def test_nothing_is_withdrawn(self, mission, member, api):
        record = self.make(mission)
        for role in (self.writer, self.refused):
            client = api(member(role))
            assert client.delete(self.url(record.pk) + "?reason=mistaken").status_code == 405


class ReadOnly:
    def test_nothing_is_written(self, mission, member, api):
        record = self.make(mission)
        for role in (self.writer, self.refused):
            client = api(member(role))
            answer = client.post(self.url(), self.payload(mission))
            assert answer.status_code == 405
            assert answer["Content-Type"].startswith("application/problem+json")
            assert client.patch(self.url(record.pk), self.change).status_code == 405
            assert client.delete(self.url(record.pk) + "?reason=mistaken").status_code == 405


class ResourceBattery(Listed, Classified, Followed, Changed):
    """The commonest: a record with a classification, followed and changed."""
