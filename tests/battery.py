"""What every API resource must do, from a declaration.

A test module subclasses ``ResourceBattery``, names the resource and its factory, and gets: list,
detail, create, update and withdraw, each allowed and refused; classification and other missions
hidden; a fixed number of queries whatever the number of rows; CSV and GeoJSON.
"""

import csv
import io

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook
from rest_framework.test import APIClient

from missions.choices import Classification, Role
from tests.factories import MissionFactory


class ResourceBattery:
    resource = ""
    factory = None
    writer = Role.ANALYST
    refused = Role.VIEWER
    writable = True
    changeable = True
    classified = True
    followed = True
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

    # -- reading ------------------------------------------------------------------------

    def test_list_and_detail(self, mission, member, api):
        record = self.make(mission)
        client = api(member())
        found = client.get(self.url()).json()["results"]
        assert record.pk in [row["id"] for row in found]
        one = client.get(self.url(record.pk))
        assert one.status_code == 200
        assert one.json()["id"] == record.pk

    def test_other_missions_are_hidden(self, mission, member, api):
        record = self.make(MissionFactory())
        client = api(member())
        assert record.pk not in [row["id"] for row in client.get(self.url()).json()["results"]]
        assert client.get(self.url(record.pk)).status_code == 404

    def test_nobody_reads_without_signing_in(self, db, api):
        assert APIClient().get(self.url()).status_code == 401

    def test_classification_hides(self, mission, member, api):
        if not self.classified:
            return
        record = self.make(mission, classification=Classification.CONFIDENTIAL)
        low, high = (api(member(clearance=level)) for level in (0, 1))
        assert low.get(self.url(record.pk)).status_code == 404
        assert low.get(self.url()).json()["results"] == []
        assert low.get(self.url() + "?format=csv").status_code == 200
        assert high.get(self.url(record.pk)).status_code == 200

    def test_fixed_number_of_queries(self, mission, member, api):
        client = api(member())
        counts = []
        for _rows in (1, 4, 9):
            self.make(mission)
            with CaptureQueriesContext(connection) as found:
                assert client.get(self.url()).status_code == 200
            counts.append(len(found))
        # The first call of a client may read its grants; the number of rows must not matter.
        assert counts[1] == counts[2], counts

    def test_csv_xlsx_and_geojson_hold_the_whole_list(self, mission, member, api):
        made = {self.make(mission).pk for _n in range(3)}
        client = api(member())
        text = b"".join(client.get(self.url() + "?format=csv").streaming_content).decode(
            "utf-8-sig"
        )
        rows = list(csv.DictReader(io.StringIO(text)))
        assert made <= {int(row["id"]) for row in rows}
        book = client.get(self.url() + "?format=xlsx")
        header, *lines = load_workbook(io.BytesIO(b"".join(book))).active.values
        assert made <= {line[header.index("id")] for line in lines}
        features = client.get(self.url() + "?format=geojson")
        assert features["Content-Type"].startswith("application/geo+json")

    def test_a_mirror_follows(self, mission, member, api):
        first, second = self.make(mission), self.make(mission)
        client = api(member(self.reader))
        start = client.get(self.url() + "?modified_since=start").json()
        if not self.followed:
            assert start["errors"][0]["field"] == "modified_since"
            return
        assert {first.pk, second.pk} <= {row["id"] for row in start["results"]}
        assert start["next"] is None
        assert start["removed"] == []
        if hasattr(first, "withdrawn_at"):
            type(first).objects.filter(pk=first.pk).update(withdrawn_at=timezone.now())
            after = client.get(start["follow"]).json()
            assert after["removed"] == [first.pk]
            assert first.pk not in [row["id"] for row in after["results"]]

    def test_fields_and_omit(self, mission, member, api):
        record = self.make(mission)
        client = api(member())
        assert set(client.get(self.url(record.pk) + "?fields=id").json()) == {"id"}
        assert "id" not in client.get(self.url(record.pk) + "?omit=id").json()
        assert client.get(self.url(record.pk) + "?fields=nonsense").status_code == 400

    # -- writing ------------------------------------------------------------------------

    def test_create(self, mission, member, api):
        client = api(member(self.writer))
        answer = client.post(self.url(), self.payload(mission))
        if not self.writable:
            assert answer.status_code == 405
            return
        assert answer.status_code == 201, answer.json()
        assert client.get(self.url(answer.json()["id"])).status_code == 200

    def test_create_refused(self, mission, member, api):
        answer = api(member(self.refused)).post(self.url(), self.payload(mission))
        assert answer.status_code == (403 if self.writable else 405)
        assert answer["Content-Type"].startswith("application/problem+json")

    def test_update_and_conflict(self, mission, member, api):
        record = self.make(mission)
        client = api(member(self.writer))
        answer = client.patch(self.url(record.pk), self.change)
        if not (self.writable and self.changeable):
            assert answer.status_code == 405
            return
        assert answer.status_code == 200, answer.json()
        for name, value in self.change.items():
            assert answer.json()[name] == value
        stale = client.patch(self.url(record.pk), self.change, headers={"If-Match": '"0-0"'})
        assert stale.status_code == 412
        assert stale.json()["current"]["id"] == record.pk

    def test_update_refused(self, mission, member, api):
        record = self.make(mission)
        answer = api(member(self.refused)).patch(self.url(record.pk), self.change)
        assert answer.status_code == (403 if self.writable and self.changeable else 405)

    def test_withdraw(self, mission, member, api):
        record = self.make(mission)
        client = api(member(self.writer))
        answer = client.delete(self.url(record.pk))
        if not (self.writable and self.changeable):
            assert answer.status_code == 405
            return
        assert answer.status_code == 400  # no reason given
        assert client.delete(self.url(record.pk) + "?reason=mistaken").status_code == 204
        assert client.get(self.url(record.pk)).status_code == 404
        record.refresh_from_db()  # still stored
        assert record.withdrawn_reason == "mistaken"

    def test_not_modified(self, mission, member, api):
        record = self.make(mission)
        client = api(member())
        etag = client.get(self.url(record.pk)).headers.get("ETag")
        if etag:
            again = client.get(self.url(record.pk), headers={"If-None-Match": etag})
            assert again.status_code == 304
