"""Whoever names a record it may not see is answered as if there were none: in every filter, form
and serializer of the project. One that nobody covers here fails."""

from types import SimpleNamespace

import django_filters
import pytest
from django import forms
from django.core.exceptions import FieldDoesNotExist
from django.http import QueryDict
from django.urls import get_resolver
from django_filters.filters import QuerySetRequestMixin
from rest_framework import serializers

from missions.choices import Classification, Role
from missions.models import Mission, User
from poc_portal.api.router import resources
from records.forms import RecordForm
from tests import factories
from tests.factories import DjangoModelFactory, MissionFactory, UserFactory
from threats.alerts.choices import AlertStage

FLOORS = {"poc_portal", "missions", "records", "exchange", "threats", "strategies"}
# Filters that follow a relation otherwise than by the id of a record: by the code of a mission,
# where one that is hidden and one that is absent both find nothing.
BY_CODE = {"mission"}
# What forms are made with besides a mission, a reader and a clearance.
BESIDES = {
    "StepForm": {"step": AlertStage.DECIDED},
    "MemberForm": {"clearance": 0},
    "AddMemberForm": {"clearance": 0},
}
ABSENT = 99_999_999

get_resolver().url_patterns  # noqa: B018 - imports all that is declared


def kinds(base: type) -> list[type]:
    """The project's own classes below one."""
    found = {}
    waiting = [base]
    while waiting:
        for each in waiting.pop().__subclasses__():
            waiting.append(each)
            found[each] = each.__module__.split(".")[0] in FLOORS
    return sorted((each for each, own in found.items() if own), key=lambda each: each.__name__)


FACTORIES = {
    each._meta.model: each
    for each in vars(factories).values()
    if isinstance(each, type) and issubclass(each, DjangoModelFactory) and each._meta.model
}


def has(model, name: str) -> bool:
    try:
        model._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return True


@pytest.fixture
def reader(mission, member):
    """Of the lowest clearance, with a role that is asked for everything."""
    return member(Role.ADVISER, Classification.UNCLASSIFIED)


@pytest.fixture
def hidden(mission):
    """Makes records that the reader may not see: one of another mission, and a secret one."""

    def make(model) -> list[int]:
        if model is Mission:
            return [MissionFactory().pk]
        if model is User:
            return [UserFactory().pk]
        made = FACTORIES[model]
        if not has(model, "mission"):
            return []  # what ships with the portal is everybody's
        found = [made().pk]
        if has(model, "classification"):
            found.append(made(mission=mission, classification=2).pk)
        return found

    return make


def answers(ask, keys: list[int]) -> list[str]:
    """What is said of each record and of one that is absent, without its own number."""
    return [str(ask(key)).replace(str(key), "N") for key in [*keys, ABSENT]]


def made_form(kind, given, mission, reader):
    if issubclass(kind, django_filters.FilterSet):
        model = kind._meta.model
        request = SimpleNamespace(user=reader, mission=None)
        return kind(given, queryset=model._default_manager.all(), request=request)
    extra: dict = {"clearance": 0} if issubclass(kind, RecordForm) else {}
    extra |= BESIDES.get(kind.__name__, {})
    return kind(given, mission=mission, user=reader, **extra)


FILTERS = [
    (kind, name)
    for kind in kinds(django_filters.FilterSet)
    for name, each in kind.base_filters.items()
    if isinstance(each, QuerySetRequestMixin)
]


@pytest.mark.parametrize(("kind", "name"), FILTERS, ids=lambda it: getattr(it, "__name__", it))
def test_a_filter_answers_for_a_hidden_record_as_for_none(kind, name, mission, reader, hidden):
    filterset = made_form(kind, QueryDict(), mission, reader)
    keys = hidden(filterset.form.fields[name].queryset.model)
    assert keys

    def ask(key):
        asked = made_form(kind, QueryDict(f"{name}={key}"), mission, reader)
        assert name in asked.errors
        return asked.errors[name]

    assert len(set(answers(ask, keys))) == 1


def test_no_filter_follows_a_relation_but_by_what_its_reader_sees():
    odd = {
        (kind.__name__, name)
        for kind in kinds(django_filters.FilterSet)
        for name, each in kind.base_filters.items()
        if not isinstance(each, QuerySetRequestMixin)
        and each.method is None
        and (part := each.field_name.split("__")[0])
        and kind._meta.model is not None
        and has(kind._meta.model, part)
        and kind._meta.model._meta.get_field(part).is_relation
    }
    assert {name for _kind, name in odd} == BY_CODE


FORMS = [
    (kind, name)
    for kind in kinds(forms.BaseForm)
    for name, field in getattr(kind, "base_fields", {}).items()
    if isinstance(field, forms.ModelChoiceField) and kind.__name__ != "ThreatMenu"  # a part
]


@pytest.mark.parametrize(("kind", "name"), FORMS, ids=lambda it: getattr(it, "__name__", it))
def test_a_form_answers_for_a_hidden_record_as_for_none(kind, name, mission, reader, hidden):
    field = made_form(kind, QueryDict(), mission, reader).fields[name]
    keys = hidden(field.queryset.model)
    assert keys

    def ask(key):
        chosen = f"{name}={key}"
        form = made_form(kind, QueryDict(chosen), mission, reader)
        assert name in form.errors
        assert str(key) not in [str(value) for value, _label in form.fields[name].choices]
        return form.errors[name]

    assert len(set(answers(ask, keys))) == 1


def relations(kind, context) -> dict:
    """Relations of a serializer that can be written, by name, with those nested in it."""
    try:
        fields = kind(context=context).fields
    except (AssertionError, AttributeError, TypeError):
        return {}  # a base without a model
    found = {}
    for name, field in fields.items():
        inner = getattr(field, "child", field)
        if isinstance(field, serializers.ManyRelatedField):
            inner = field.child_relation
        if isinstance(inner, serializers.RelatedField) and not field.read_only:
            found[name] = inner
    return found


# Of resources nobody writes to.
READ_ONLY = {
    view.serializer_class
    for view in resources().values()
    if hasattr(view, "serializer_class") and not hasattr(view, "create")
}
SHOWN_WITHIN = {"StatusChangeSerializer", "ThreatDecisionSerializer"}  # read only, in another
SERIALIZERS = [
    kind
    for kind in kinds(serializers.BaseSerializer)
    if kind not in READ_ONLY and kind.__name__ not in SHOWN_WITHIN
]


@pytest.mark.parametrize("kind", SERIALIZERS, ids=lambda it: it.__name__)
def test_a_serializer_answers_for_a_hidden_record_as_for_none(kind, mission, reader, hidden):
    request = SimpleNamespace(
        user=reader, method="POST", query_params={}, parser_context={}, GET=QueryDict()
    )
    for name, field in relations(kind, {"request": request}).items():
        by_code = isinstance(field, serializers.SlugRelatedField)
        model = field.get_queryset().model
        keys = hidden(model)
        assert keys, name

        def ask(key, field=field, by_code=by_code):
            value = Mission.objects.filter(pk=key).values_list("code", flat=True).first()
            with pytest.raises(serializers.ValidationError) as refused:
                field.to_internal_value((value or str(key)) if by_code else key)
            return str(refused.value.detail).replace(str(value), str(key))

        assert len(set(answers(ask, keys))) == 1, name


def test_relations_of_serializers_are_found(reader):
    request = SimpleNamespace(
        user=reader, method="POST", query_params={}, parser_context={}, GET=QueryDict()
    )
    found = {kind.__name__: set(relations(kind, {"request": request})) for kind in SERIALIZERS}
    assert "member" in found["MembershipSerializer"]
    assert {"threats", "lead_component"} <= found["ActivitySerializer"]
    assert "actor" in found["ActorIdentifierSerializer"]
    assert "incident" in found["IncidentSourceSerializer"]


def test_an_open_activity_is_not_found_by_a_secret_threat(api, mission, member):
    secret = factories.ThreatFactory(mission=mission, classification=2)
    activity = factories.ActivityFactory(mission=mission)
    activity.threats.add(secret)
    reader = api(member(Role.VIEWER, Classification.UNCLASSIFIED))
    told = [reader.get(f"/api/v1/activities/?threats={key}") for key in (secret.pk, ABSENT)]
    assert [answer.status_code for answer in told] == [400, 400]
    cleared = api(member(Role.VIEWER))
    found = cleared.get(f"/api/v1/activities/?threats={secret.pk}").json()["results"]
    assert [row["id"] for row in found] == [activity.pk]


def test_memberships_tell_of_no_account_but_those_seen(api, mission, member):
    stranger, colleague = UserFactory(), member(Role.ANALYST)
    viewer = api(member(Role.VIEWER))
    admin = api(member(Role.ADMIN))
    for key in (stranger.pk, colleague.pk, ABSENT):
        assert viewer.get(f"/api/v1/memberships/?member={key}").status_code == 400
    assert admin.get(f"/api/v1/memberships/?member={stranger.pk}").status_code == 400
    assert admin.get(f"/api/v1/memberships/?member={colleague.pk}").status_code == 200
    body = {"mission": mission.code, "role": "viewer", "clearance": 0}
    refused = [
        viewer.post("/api/v1/memberships/", body | {"member": key}, format="json")
        for key in (stranger.pk, ABSENT)
    ]
    assert [answer.status_code for answer in refused] == [403, 403]
    assert refused[0].json() == refused[1].json()
    made = admin.post("/api/v1/memberships/", body | {"member": stranger.pk}, format="json")
    assert made.status_code == 201, made.content
