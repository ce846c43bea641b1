"""What every list, record and form page must do, from a declaration.

A test module's class names a factory and the pages of one kind of record, and is put together from
``ListPage``, ``RecordPage``, ``AddPage`` and ``EditPage``.
"""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from missions.choices import Classification, Role
from tests.factories import MissionFactory


class OfRecords:
    factory = None
    title = "title"  # the attribute a page shows
    writer = Role.ANALYST
    refused = Role.VIEWER

    def make(self, mission, **values):
        return self.factory(mission=mission, **values)

    def shown(self, record) -> str:
        return str(getattr(record, self.title))

    def grow(self, mission) -> None:
        """One more row of everything a page lists."""
        self.make(mission)


def text_of(answer) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return body.decode()


def takes_as_many_queries(client, address: str, grow) -> None:
    counts = []
    for rows in (1, 3, 6):
        for _row in range(rows):
            grow()
        with CaptureQueriesContext(connection) as found:
            answer = client.get(address)
            assert answer.status_code == 200
            text_of(answer)
        counts.append(len(found))
    # The first call may read what is kept; the number of rows must not matter.
    assert counts[1] == counts[2], counts


def is_closed_to_strangers(address: str, member, signed_in) -> None:
    answer = Client().get(address)
    assert answer.status_code == 302
    assert answer.url.startswith("/sign-in/")
    assert signed_in(member(where=MissionFactory())).get(address).status_code == 404


class ListPage(OfRecords):
    list_name = ""

    def list_page(self, mission) -> str:
        return reverse(self.list_name, args=[mission.code])

    def test_the_list_shows_what_one_may_see(self, mission, member, signed_in):
        open_one = self.make(mission)
        secret = self.make(mission, classification=Classification.CONFIDENTIAL)
        elsewhere = self.make(MissionFactory())
        kept = self.make(mission, compartments=["intelligence"])
        low, high = (signed_in(member(clearance=n)) for n in (0, 1))
        page = text_of(low.get(self.list_page(mission)))
        assert self.shown(open_one) in page
        assert self.shown(secret) not in page
        page = text_of(high.get(self.list_page(mission)))
        assert self.shown(secret) in page
        assert self.shown(elsewhere) not in page
        assert self.shown(kept) not in page
        sheet = self.list_page(mission) + "?format=csv"
        rows = [len(text_of(client.get(sheet)).splitlines()) - 1 for client in (low, high)]
        assert rows == [1, 2]

    def test_the_list_opens_for_every_role_of_the_mission_and_nobody_else(
        self, mission, member, signed_in
    ):
        for role in Role:
            assert signed_in(member(role)).get(self.list_page(mission)).status_code == 200
        is_closed_to_strangers(self.list_page(mission), member, signed_in)

    @pytest.mark.parametrize("query", ["", "?format=csv", "?q=a"])
    def test_the_list_takes_a_fixed_number_of_queries(self, mission, member, signed_in, query):
        client = signed_in(member(Role.ADVISER))
        takes_as_many_queries(client, self.list_page(mission) + query, lambda: self.grow(mission))


class RecordPage(OfRecords):
    def around(self, record) -> None:
        """One more row of what the record's page lists."""

    def test_the_record_opens_for_every_role_of_the_mission_and_nobody_else(
        self, mission, member, signed_in
    ):
        record = self.make(mission)
        self.around(record)
        page = record.get_absolute_url()
        for role in Role:
            answer = signed_in(member(role)).get(page)
            assert answer.status_code == 200
            assert self.shown(record) in text_of(answer)
        is_closed_to_strangers(page, member, signed_in)

    def test_the_record_is_hidden_above_clearance_and_when_withdrawn(
        self, mission, member, signed_in
    ):
        record = self.make(mission, classification=Classification.CONFIDENTIAL)
        page = record.get_absolute_url()
        low, high = (signed_in(member(Role.ADVISER, clearance=n)) for n in (0, 1))
        assert low.get(page).status_code == 404
        assert high.get(page).status_code == 200
        type(record).objects.filter(pk=record.pk).update(compartments=["crsv"])
        assert high.get(page).status_code == 404
        holder = signed_in(member(Role.ADVISER, compartments=["crsv"]))
        assert "Need to know: Conflict-related sexual violence" in text_of(holder.get(page))
        type(record).objects.filter(pk=record.pk).update(withdrawn_at=timezone.now())
        assert holder.get(page).status_code == 404

    def test_the_record_takes_a_fixed_number_of_queries(self, mission, member, signed_in):
        record = self.make(mission)
        client = signed_in(member(Role.ADVISER))
        takes_as_many_queries(client, record.get_absolute_url(), lambda: self.around(record))


class AddPage(OfRecords):
    add_name = ""
    required = "title"  # a field without which nothing is stored

    def body(self, mission) -> dict:
        """What a filled-in form sends."""
        return {}

    def add_page(self, mission) -> str:
        return reverse(self.add_name, args=[mission.code])

    def count(self, mission) -> int:
        return self.factory._meta.model.objects.filter(mission=mission).count()

    def test_the_form_makes_a_record(self, mission, member, signed_in):
        client = signed_in(member(self.writer))
        assert client.get(self.add_page(mission)).status_code == 200
        answer = client.post(self.add_page(mission), self.body(mission))
        assert answer.status_code == 302, answer.context["form"].errors
        assert client.get(answer.url).status_code == 200
        assert self.count(mission) == 1

    def test_the_form_refuses_whom_it_must(self, mission, member, signed_in):
        body = self.body(mission)
        client = signed_in(member(self.refused))
        assert client.get(self.add_page(mission)).status_code == 403
        assert client.post(self.add_page(mission), body).status_code == 403
        is_closed_to_strangers(self.add_page(mission), member, signed_in)
        assert self.count(mission) == 0

    def test_the_form_says_what_is_missing(self, mission, member, signed_in):
        client = signed_in(member(self.writer))
        answer = client.post(self.add_page(mission), self.body(mission) | {self.required: ""})
        assert answer.status_code == 422
        assert self.required in answer.context["form"].errors
        assert "has-error" in text_of(answer)
        assert self.count(mission) == 0


class EditPage(OfRecords):
    edit_name = ""
    change: dict = {}

    def edit_page(self, record) -> str:
        return reverse(self.edit_name, args=[record.mission.code, record.pk])

    def filled_in(self, client, record) -> dict:
        """What the form of a record sends back unchanged."""
        form = client.get(self.edit_page(record)).context["form"]
        values = {name: form[name].value() for name in form.fields}
        # A box that is not ticked sends nothing; 0 is a value.
        return {n: value for n, value in values.items() if value is not None and value is not False}

    def test_the_form_changes_the_record_and_shows_who_was_first(self, mission, member, signed_in):
        record = self.make(mission)
        client = signed_in(member(self.writer))
        body = self.filled_in(client, record) | self.change
        answer = client.post(self.edit_page(record), body)
        assert answer.status_code == 302, answer.context["form"].errors
        record.refresh_from_db()
        assert {name: getattr(record, name) for name in self.change} == self.change
        late = client.post(self.edit_page(record), body)
        assert late.status_code == 409

    def test_the_form_of_a_record_refuses_whom_it_must(self, mission, member, signed_in):
        record = self.make(mission, classification=Classification.CONFIDENTIAL)
        page = self.edit_page(record)
        assert signed_in(member(self.refused)).get(page).status_code == 403
        assert signed_in(member(self.refused)).post(page, self.change).status_code == 403
        assert signed_in(member(self.writer, clearance=0)).get(page).status_code == 404
        is_closed_to_strangers(page, member, signed_in)
        before = {name: getattr(record, name) for name in self.change}
        record.refresh_from_db()
        assert {name: getattr(record, name) for name in self.change} == before
