"""Every order of every list, on pages and in the API, is whole: no two pages share or miss a row."""

import pytest
from django.http import HttpResponse
from django.urls import URLPattern, get_resolver, reverse
from django.utils import translation

from missions.choices import Role
from poc_portal.api.pagination import CursorPagination
from poc_portal.api.router import resources
from poc_portal.api.viewsets import ReadViewSet
from poc_portal.declarations.extensions import extra_ordering
from records.pages import ListPage
from tests.factories import ComponentFactory, IncidentFactory, PostFactory
from tests.pages import text_of


def list_pages():
    patterns = [
        p for each in get_resolver().url_patterns for p in getattr(each, "url_patterns", [])
    ]
    views = (
        (p.name, getattr(p.callback, "view_class", None))
        for p in patterns
        if isinstance(p, URLPattern)
    )
    return sorted(name for name, view in views if view and issubclass(view, ListPage))


def last_key(queryset):
    key = [*queryset.model._meta.ordering, *queryset.query.order_by][-1]
    return key.lstrip("-") if isinstance(key, str) else key.expression.name


@pytest.fixture
def reader(mission, member, signed_in):
    return signed_in(member(Role.ADVISER))


def test_there_are_lists():
    assert len(list_pages()) > 8
    assert len(LISTS) > 20


@pytest.mark.parametrize("name", list_pages())
def test_every_column_of_a_list_ends_in_the_key(mission, reader, name):
    address = reverse(name, args=[mission.code])
    table = reader.get(address).context["table"]
    assert last_key(table.data.data) in ("pk", "id")
    columns = [column.name for column in table.columns if column.orderable]
    for column in columns:
        found = reader.get(f"{address}?sort=-{column}")
        assert found.status_code == 200
        assert last_key(found.context["table"].data.data) in ("pk", "id"), column


def test_pages_of_equals_repeat_and_skip_nothing(mission, reader):
    made = {IncidentFactory(mission=mission, place_name="Ippy").pk for _n in range(120)}
    address = reverse("incident-list", args=[mission.code])
    for sort in ("place_name", "-place_name", "kind", "-deaths_best"):
        seen = []
        for page in (1, 2, 3):
            answer = reader.get(f"{address}?sort={sort}&page={page}")
            seen += [row.record.pk for row in answer.context["table"].page.object_list]
        assert len(seen) == 120
        assert set(seen) == made


LISTS = sorted(name for name, view in resources().items() if issubclass(view, ReadViewSet))


@pytest.mark.parametrize("name", LISTS)
def test_every_order_of_a_resource_ends_in_the_key(mission, member, api, monkeypatch, name):
    view, asked = resources()[name], []
    window = CursorPagination.window

    def watched(self, queryset, request):
        found = window(self, queryset, request)
        asked.append(found.queryset)
        return found

    def stream(self, kind, queryset):
        asked.append(queryset)
        return HttpResponse()

    monkeypatch.setattr(CursorPagination, "window", watched)
    monkeypatch.setattr(ReadViewSet, "_stream", stream)
    client, count = api(member(Role.ADMIN)), 0
    for key in ("", *view.ordering_fields, *extra_ordering(view.queryset.model)):
        for order, kind in ((key, "json"), (key and f"-{key}", "csv")):
            query = {"ordering": order} if order else {}
            answer = client.get(f"/api/v1/{name}/", {"format": kind, **query})
            assert answer.status_code == 200
            count += 1
    assert len(asked) == count
    assert {last_key(queryset) for queryset in asked} <= {"pk", "id"}


def test_a_list_is_sorted_by_what_it_shows(mission, reader):
    for kind in ("military", "human_rights", "ddr"):
        name = {"military": "Military", "human_rights": "Human rights"}.get(kind)
        component = ComponentFactory(
            mission=mission, kind=kind, name=name or "Disarmament, demobilisation and reintegration"
        )
        PostFactory(mission=mission, component=component)
    own = ComponentFactory(mission=mission, kind="other", name="Liaison")
    PostFactory(mission=mission, component=own)
    address = reverse("presence", args=[mission.code])
    for language in ("en", "fr"):
        reader.cookies["django_language"] = language
        rows = reader.get(address + "?sort=component").context["table"].as_values()
        _header, *values = rows
        with translation.override(language):
            shown = [str(row[2]) for row in values]
        assert shown == sorted(shown), language
        assert "Liaison" in shown
    assert "Military" not in shown
    IncidentFactory(mission=mission, kind="killing")
    IncidentFactory(mission=mission, kind="clash")
    text = text_of(
        reader.get(reverse("incident-list", args=[mission.code]) + "?sort=kind&format=csv")
    )
    kinds = [line.split(",")[2] for line in text.splitlines()[1:]]
    assert kinds == sorted(kinds)
    assert len(set(kinds)) == 2
