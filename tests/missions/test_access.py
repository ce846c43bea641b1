import pytest

from missions.access import is_visible, may_edit
from missions.choices import Role
from missions.models import User
from tests.factories import (
    AdminAreaFactory,
    AssessmentFactory,
    FieldOfficeFactory,
    IncidentFactory,
    IncidentSourceFactory,
    InformantFactory,
    MembershipFactory,
    MissionFactory,
    ThreatFactory,
    UserFactory,
)
from threats.models import Assessment, Incident, IncidentSource, Informant, Threat


@pytest.mark.parametrize("clearance", [0, 1, 2])
@pytest.mark.parametrize("level", [0, 1, 2])
def test_visible_to_and_is_visible_agree(mission, member, clearance, level):
    user = member(clearance=clearance)
    threat = ThreatFactory(mission=mission, classification=level)
    assessment = AssessmentFactory(threat=threat, classification=2)
    for model, record in ((Threat, threat), (Assessment, assessment)):
        listed = model.objects.visible_to(user).filter(pk=record.pk).exists()
        assert listed == is_visible(user, record)
    assert is_visible(user, threat) == (level <= clearance)
    assert is_visible(user, assessment) == (clearance == 2)


def test_membership_is_the_only_way_in(mission):
    threat = ThreatFactory(mission=mission)
    for user in (UserFactory(), UserFactory(is_superuser=True, is_staff=True)):
        assert not Threat.objects.visible_to(user).exists()
        assert not is_visible(user, threat)


def test_an_inactive_account_or_withdrawn_membership_sees_nothing(mission):
    ThreatFactory(mission=mission)
    membership = MembershipFactory(mission=mission)
    user = membership.member
    assert Threat.objects.visible_to(user).exists()
    user.is_active = False
    assert not Threat.objects.visible_to(user).exists()
    user.is_active = True
    membership.withdrawn_at = "2022-01-01T00:00Z"
    membership.save()
    user = User.objects.get(pk=user.pk)  # as the next request reads it
    assert not Threat.objects.visible_to(user).exists()


def test_clearance_counts_per_mission(db):
    first, second = MissionFactory(), MissionFactory()
    user = UserFactory()
    MembershipFactory(member=user, mission=first, clearance=2)
    MembershipFactory(member=user, mission=second, clearance=0)
    seen = ThreatFactory(mission=first, classification=2)
    hidden = ThreatFactory(mission=second, classification=1)
    assert set(Threat.objects.visible_to(user)) == {seen}
    assert not is_visible(user, hidden)


def test_a_source_follows_its_incident(mission, member):
    source = IncidentSourceFactory(incident=IncidentFactory(mission=mission, classification=1))
    assert source in IncidentSource.objects.visible_to(member(clearance=1))
    assert source not in IncidentSource.objects.visible_to(member(clearance=0))


def test_informants_are_sealed_for_everybody(mission, member):
    informant = InformantFactory(mission=mission)
    for role in Role:
        assert not Informant.objects.visible_to(member(role)).exists()
        assert not Informant.objects.editable_by(member(role)).exists()
    assert "name" not in repr(informant).lower().replace("informant", "")


def test_informants_are_encrypted_in_the_table(mission, db):
    from django.db import connection

    informant = InformantFactory(mission=mission, name="Marie")
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, contact FROM threats_informant WHERE id = %s", [informant.pk])
        for stored in cursor.fetchone():
            assert b"Marie" not in bytes(stored)
    assert Informant.objects.get(pk=informant.pk).name == "Marie"


@pytest.mark.parametrize(
    ("role", "own", "others"),
    [
        (Role.VIEWER, False, False),
        (Role.REPORTER, True, False),
        (Role.ANALYST, True, True),
        (Role.PLANNER, False, False),
        (Role.ADVISER, True, True),
        (Role.ADMIN, True, True),
    ],
)
def test_who_may_change_incidents(mission, member, role, own, others):
    user = member(role)
    assert may_edit(user, IncidentFactory(mission=mission, created_by=user)) == own
    assert may_edit(user, IncidentFactory(mission=mission, created_by=UserFactory())) == others


def test_a_member_of_an_office_writes_for_that_office_only(mission, member):
    office = FieldOfficeFactory(mission=mission)
    area = AdminAreaFactory(mission=mission, field_office=office)
    user = member(Role.ANALYST, field_offices=[office])
    inside = IncidentFactory(mission=mission, admin_area=area, field_office=office)
    outside = IncidentFactory(mission=mission)
    assert set(Incident.objects.editable_by(user)) == {inside}
    assert set(Incident.objects.visible_to(user)) == {inside, outside}
