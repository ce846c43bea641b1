"""What PostgreSQL writes of a list is what the serializer would have written."""

import csv
import io
import itertools
import json
import sys
import threading
from types import SimpleNamespace

import pytest
from rest_framework.test import APIRequestFactory, force_authenticate

from missions.choices import Classification
from poc_portal.api import viewsets
from poc_portal.api.projection import Projection, Unknown, as_record
from poc_portal.api.router import resources
from poc_portal.api.viewsets import ReadViewSet, SerializedRows
from tests.factories import AlertFactory, DecisionFactory, IncidentSourceFactory, IntakeFactory
from threats.models import AlertStep, Community, Incident

# Of these only Python knows a field: suggestions as the reader may see them, terms of a score,
# today in a mission.
BY_SERIALIZER = {"threats", "risk-scores", "missions", "meetings"}
NAMES = [name for name, viewset in resources().items() if issubclass(viewset, ReadViewSet)]


def view_of(name: str, user):
    request = APIRequestFactory().get("/")
    force_authenticate(request, user)
    view = resources()[name](action_map={"get": "list"}, basename=name, format_kwarg=None)
    view.request = view.initialize_request(request)
    view.action, view.kwargs, view.args = "list", {}, ()
    return view


@pytest.fixture(autouse=True)
def more(demo):
    """Of what the demonstration leaves to its users to make."""
    alert = AlertFactory(mission=demo)
    alert.communities.set(Community.objects.filter(mission=demo)[:3])
    AlertStep.objects.create(
        alert=alert, mission=demo, step="acknowledged", note="=1+1; -2;@x\n+3; '=4 a;b"
    )
    IncidentSourceFactory(incident=Incident.objects.filter(mission=demo).first())
    DecisionFactory(meeting__mission=demo)
    IntakeFactory(mission=demo)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("clearance", [Classification.UNCLASSIFIED, Classification.CONFIDENTIAL])
def test_both_write_the_same(demo, member, name, clearance):
    view = view_of(name, member(clearance=clearance, where=demo))
    queryset = view.get_queryset().order_by("pk")[:400]
    serializer = view.get_serializer(many=True).child
    if name in BY_SERIALIZER:
        with pytest.raises(Unknown):
            Projection(serializer, queryset)
        return
    found = Projection(serializer, queryset)
    slow = SerializedRows(serializer, view.get_queryset().order_by("pk"))
    expected = [json.loads(line) for _n, line in zip(range(400), slow.ndjson(), strict=False)]
    assert [json.loads(text) for text in found.json()] == expected
    assert [json.loads(line) for line in b"".join(found.ndjson()).splitlines()] == expected
    features = [json.loads(line) for _n, line in zip(range(400), slow.features(), strict=False)]
    assert [json.loads(line) for line in b"".join(found.features()).splitlines()] == features


def test_the_demonstration_has_something_to_compare(demo, member):
    user = member(where=demo)
    empty = [name for name in NAMES if not view_of(name, user).get_queryset().exists()]
    assert set(empty) <= {"notifications", "risk-backtests"}


class Stub(ReadViewSet):
    """One that asks for nothing but a query by key, each time of another reader."""

    basename = "stubs"
    request = SimpleNamespace(query_params={})
    readers = itertools.count()

    def sight(self):
        return next(self.readers)

    def get_queryset(self):
        raise Unknown


def test_threads_may_ask_for_queries_at_once(monkeypatch):
    moments = itertools.count(step=60)
    monkeypatch.setattr(viewsets.time, "time", lambda: next(moments) / 40)  # minutes fly
    faults = []

    def ask() -> None:
        view = Stub()
        try:
            for _time in range(4_000):
                view._by_key(as_record)
        except RuntimeError as fault:
            faults.append(fault)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=ask) for _n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert not faults
    assert len(viewsets._queries) <= viewsets.MOST_CACHED


def test_both_write_the_same_cells_where_a_spreadsheet_would_run_them(demo, member):
    view = view_of("incidents", member(clearance=Classification.CONFIDENTIAL, where=demo))
    one = view.get_queryset().order_by("pk")[:1]
    notes = "=1+1; -2;@x\n+3; '=4 a;b"
    Incident.objects.filter(pk__in=[incident.pk for incident in one]).update(notes=notes)
    queryset = view.get_queryset().filter(notes=notes).order_by("pk")
    serializer = view.get_serializer(many=True).child
    marked = "'=1+1; '-2;'@x\n'+3; '=4 a;b"
    for lines in (
        Projection(serializer, queryset).csv(),
        SerializedRows(serializer, queryset).csv(),
    ):
        (row,) = csv.reader(io.StringIO(b"".join(lines).decode(), newline=""))
        assert marked in row
