"""A thousand requests nobody meant: each a clear refusal, none a fault, nothing written."""

import json

import pytest
from rest_framework import relations, serializers

from missions.choices import Classification, Role
from poc_portal.api.router import resources
from tests.factories import CommunityFactory, IncidentFactory
from tests.proof import size, some

WRITTEN = sorted(
    name
    for name, viewset in resources().items()
    if "post" in getattr(viewset, "http_method_names", ()) and hasattr(viewset, "create_service")
)
NOTHINGS = ({}, [[None]], {"a": {"b": None}}, [{"$ne": None}])
HUGE = ("HUGE", "-HUGE", "1e999")
BAD: tuple[tuple[type, tuple], ...] = (
    (serializers.BooleanField, ("perhaps", 7, *NOTHINGS)),
    (serializers.IntegerField, ("many", 2.5, "", *NOTHINGS, *HUGE)),
    (serializers.FloatField, ("far", "", *NOTHINGS, *HUGE)),
    (serializers.DateTimeField, ("soon", "2022-13-01T00:00:00Z", 5, *NOTHINGS)),
    (serializers.DateField, ("soon", "2022-02-30", 5, "99999-01-01", *NOTHINGS)),
    (serializers.TimeField, ("late", "25:00", *NOTHINGS)),
    (serializers.ChoiceField, ("nonsense", 99, *NOTHINGS)),
    (relations.ManyRelatedField, ("x", 5, [None], ["x"], [10**30], {"a": 1})),
    (relations.SlugRelatedField, ("NOWHERE", 5, None, *NOTHINGS)),
    (relations.PrimaryKeyRelatedField, ("x", -1, 10**30, 1.5, *NOTHINGS, *HUGE)),
    (serializers.ListField, ("x", 5, {"a": 1}, [[]], [{"a": None}])),
    (serializers.CharField, ("NUL", "HALF", *NOTHINGS)),
)


def bad_values(field) -> tuple:
    return next((values for kind, values in BAD if isinstance(field, kind)), ())


def body_of(name: str, value) -> bytes:
    text = json.dumps({name: value})
    for word, raw in (
        ('"HUGE"', "9" * 400), ('"-HUGE"', "-" + "9" * 400), ('"1e999"', "1e999"),
        ('"NUL"', '"a\\u0000b"'), ('"HALF"', '"\\ud800"'),
    ):  # fmt: skip
        text = text.replace(word, raw)
    return text.encode()


def refused(answer) -> dict:
    assert 400 <= answer.status_code < 500, (answer.status_code, answer.content[:300])
    assert answer["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["title"]
    return problem


@pytest.fixture
def admin(member):
    return member(Role.ADMIN, Classification.STRICTLY_CONFIDENTIAL)


@pytest.mark.prove
def test_values_of_the_wrong_kind(mission, admin, api, figure):
    client, sent, turn = api(admin), 0, 0
    before = {name: resources()[name].queryset.model._default_manager.count() for name in WRITTEN}
    for name in WRITTEN:
        serializer = resources()[name].serializer_class(context={})
        for field_name, field in serializer.fields.items():
            if field.read_only:
                continue
            turn += 1
            for value in some(bad_values(field), 2, turn):
                answer = client.post(
                    f"/api/v1/{name}/", body_of(field_name, value), content_type="application/json"
                )
                problem = refused(answer)
                sent += 1
                if "errors" in problem:
                    fields = [
                        error["field"].split(".")[0].split("[")[0] for error in problem["errors"]
                    ]
                    assert field_name in fields, (name, field_name, value, problem)
    after = {name: resources()[name].queryset.model._default_manager.count() for name in WRITTEN}
    assert before == after
    figure("values of the wrong kind refused", sent, "more than 900" if size(0, 1) else "")
    assert sent > size(250, 900), sent


BODIES = (
    b"", b"{", b"[]", b"null", b"5", b'"x"', b"\xff\xfe", b'{"kind": "\xc3\x28"}', b"{" * 5000,
    b"[" * 100_000, b'{"a":' * 3000, b"\x00", b'{"notes": NaN}', b'{"notes": Infinity}',
    b'{"kind": "killing"', b"kind=killing", b"<a/>", b'{"kind": "killing"}}',
)  # fmt: skip


@pytest.mark.parametrize(
    "address", ["incidents/", "incidents/bulk", "alerts/", "communities/bulk/"]
)
def test_bodies_that_are_none(mission, admin, api, address):
    client = api(admin)
    for body in BODIES:
        refused(client.post(f"/api/v1/{address}", body, content_type="application/json"))
    refused(client.post(f"/api/v1/{address}", "a=b", content_type="text/plain"))
    big = b'{"notes": "' + b"x" * 11 * 2**20 + b'"}'
    refused(client.post(f"/api/v1/{address}", big, content_type="application/json"))


CURSORS = (
    "x", "W10=", "e30=", "bnVsbA==", "%00", "%ff", "-1", "9" * 400, "WyJwayIsdHJ1ZSwxLDFd" * 50,
    "WyJwayIsIHRydWUsIG51bGwsIG51bGxd", "WyJwayIsIHRydWUsIDEsIDFlOTk5XQ==",
)  # fmt: skip


def test_cursors_that_are_none(mission, admin, api):
    for _n in range(3):
        IncidentFactory(mission=mission)
        CommunityFactory(mission=mission)
    client = api(admin)
    for cursor in CURSORS:
        refused(client.get(f"/api/v1/incidents/?cursor={cursor}"))
        refused(client.get(f"/api/v1/incidents/?modified_since=start&cursor={cursor}"))
    other = client.get("/api/v1/communities/?page_size=1&ordering=name").json()["next"]
    refused(client.get(other.replace("communities/", "incidents/").replace("name", "start_date")))


ODD = (
    "%00",
    "%ff",
    "x" * 3000,
    "9" * 400,
    "-1",
    "1e999",
    "[{}]",
    "'",
    "..%2F..",
    "=1+1",
)


@pytest.mark.prove
def test_parameters_that_are_none(mission, admin, api, figure):
    client, turn = api(admin), 0
    for name, viewset in resources().items():
        if not hasattr(viewset, "queryset") or viewset.queryset is None:
            continue
        filters = getattr(viewset, "filterset_class", None)
        known = list(filters.base_filters) if filters else []
        for parameter in [*known, "search", "ordering", "fields", "omit", "page_size", "hxl"]:
            turn += 1
            for value in some(ODD, 2, turn):
                answer = client.get(f"/api/v1/{name}/?{parameter}={value}")
                assert answer.status_code < 500, (name, parameter, value)
    figure("parameters tried", turn)
    assert turn > 300
