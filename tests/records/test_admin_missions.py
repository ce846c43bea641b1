"""The administration writes a mission's own records only for who may in that mission."""

import pytest
from django.urls import reverse

from missions.choices import Role
from missions.models import AdminArea, Component, FieldOffice
from tests.factories import ComponentFactory, MembershipFactory, MissionFactory


@pytest.fixture
def keeper(member):
    def make(role):
        user = member(role, 0)
        user.is_staff = user.is_superuser = True
        user.save()
        return user

    return make


@pytest.mark.parametrize("model", [Component, FieldOffice, AdminArea])
def test_a_superuser_who_only_reads_a_mission_adds_nothing_to_it(mission, keeper, signed_in, model):
    before = model.objects.count()
    add = reverse(f"admin:missions_{model._meta.model_name}_add")
    values = {"mission": mission.pk, "name": "New", "longitude": 20, "latitude": 5}
    assert signed_in(keeper(Role.VIEWER)).post(add, values).status_code == 403
    assert model.objects.count() == before


def test_who_administers_one_mission_adds_to_no_other(mission, keeper, signed_in):
    other = MissionFactory()
    user = keeper(Role.ADMIN)
    MembershipFactory(mission=other, member=user, role=Role.VIEWER)
    client, add = signed_in(user), reverse("admin:missions_fieldoffice_add")
    values = {"name": "New", "longitude": 20, "latitude": 5}
    assert client.post(add, values | {"mission": other.pk}).status_code == 200  # refused
    assert not FieldOffice.objects.filter(name="New").exists()
    assert client.post(add, values | {"mission": mission.pk}).status_code == 302
    assert FieldOffice.objects.get(name="New").mission == mission


def test_a_record_stays_in_its_mission_in_the_administration(mission, keeper, signed_in):
    other = MissionFactory()
    user = keeper(Role.ADMIN)
    MembershipFactory(mission=other, member=user, role=Role.ADMIN)
    component = ComponentFactory(mission=mission)
    client = signed_in(user)
    address = reverse("admin:missions_component_change", args=[component.pk])
    form = client.get(address).context["adminform"].form
    assert "mission" not in form.fields
    values = {name: form.initial.get(name) or "" for name in form.fields}
    client.post(address, values | {"name": "Renamed", "mission": other.pk})
    component.refresh_from_db()
    assert (component.name, component.mission) == ("Renamed", mission)
