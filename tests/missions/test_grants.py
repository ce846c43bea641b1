"""Who gives access, by every door: nobody to themselves, nobody above themselves, the highest by two."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.urls import reverse

from exchange.models import Notification
from missions.choices import Role
from missions.members import (
    change_membership,
    confirm_clearance,
    give_membership,
    refuse_clearance,
    withdraw_membership,
)
from missions.models import Membership, MembershipChange, Mission, User
from missions.models.base import MissionOwned
from missions.services import add_member
from tests.factories import ComponentFactory, MembershipFactory, MissionFactory, UserFactory


def of(user: User) -> Membership:
    return Membership.objects.get(member=user)


def address(membership: Membership, act: str = "") -> str:
    return f"/api/v1/memberships/{membership.pk}/" + (f"{act}/" if act else "")


@pytest.fixture
def low(member):
    return member(Role.ADMIN, 0)


@pytest.fixture
def first(member):
    return member(Role.ADMIN, 2)


@pytest.fixture
def second(member):
    return member(Role.ADMIN, 2)


@pytest.fixture
def viewer(member):
    return member(Role.VIEWER, 0)


@pytest.mark.parametrize("level", [0, 1, 2])
def test_nobody_changes_their_own_membership(member, api, signed_in, second, level):
    user = member(Role.ADMIN, level)
    own = of(user)
    for change in ({"clearance": 2}, {"clearance": 0}, {"role": "adviser"}):
        assert api(user).patch(address(own), change).status_code == 403
    assert api(user).delete(address(own) + "?reason=leaving").status_code == 403
    page = reverse("member-edit", args=[own.mission.code, own.pk])
    assert signed_in(user).get(page).status_code == 403
    assert signed_in(user).post(page, {"role": "viewer", "clearance": 2}).status_code == 403
    end = reverse("member-end", args=[own.mission.code, own.pk])
    assert signed_in(user).post(end, {"reason": "leaving"}).status_code == 403
    own.refresh_from_db()
    assert (own.role, own.clearance, own.withdrawn_at) == (Role.ADMIN, level, None)


@pytest.mark.parametrize("level", [1, 2])
def test_nobody_grants_above_their_own_clearance(mission, api, signed_in, low, viewer, level):
    membership = of(viewer)
    answer = api(low).patch(address(membership), {"clearance": level})
    assert answer.status_code == 400
    assert [problem["field"] for problem in answer.json()["errors"]] == ["clearance"]
    new = {"mission": mission.code, "member": UserFactory().pk, "clearance": level}
    assert api(low).post("/api/v1/memberships/", new).status_code == 400
    page = reverse("member-edit", args=[mission.code, membership.pk])
    form = {"role": "viewer", "clearance": level}
    assert signed_in(low).post(page, form).status_code == 422
    membership.refresh_from_db()
    assert (membership.clearance, membership.asked_clearance) == (0, None)
    assert not Membership.objects.filter(member=new["member"]).exists()


def test_who_is_cleared_for_more_may_be_changed_otherwise_and_not_lowered(low, first, member):
    high = of(member(Role.VIEWER, 2))
    assert change_membership(high, by=low, role="analyst", clearance=2).clearance == 2
    with pytest.raises(ValidationError):
        change_membership(high, by=low, clearance=1)
    assert change_membership(high, by=first, clearance=1).clearance == 1
    with pytest.raises(ValidationError):
        change_membership(high, by=low, clearance=2)


def test_strictly_confidential_takes_a_second_administrator(api, first, second, viewer, member):
    membership = of(viewer)
    answer = api(first).patch(address(membership), {"clearance": 2})
    assert answer.status_code == 200
    assert (answer.json()["clearance"], answer.json()["asked_clearance"]) == (0, 2)
    assert answer.json()["asked_by"] == first.pk
    refused = {
        first: 400,  # who asked
        member(Role.ADMIN, 1): 400,  # not so cleared
        member(Role.ADVISER, 2): 404,  # no administrator
        viewer: 403,
    }
    for user, status in refused.items():
        assert api(user).post(address(membership, "confirm")).status_code == status
        membership.refresh_from_db()
        assert membership.clearance == 0
    answer = api(second).post(address(membership, "confirm"))
    assert answer.status_code == 200
    assert (answer.json()["clearance"], answer.json()["asked_clearance"]) == (2, None)


def test_a_second_who_grants_the_same_confirms_it(api, first, second, viewer):
    membership = of(viewer)
    for _again in range(2):
        api(first).patch(address(membership), {"clearance": 2})
        membership.refresh_from_db()
        assert membership.clearance == 0
    assert api(second).patch(address(membership), {"clearance": 2}).json()["clearance"] == 2


def test_who_asked_and_lost_it_since_has_asked_for_nothing(first, second, viewer, member):
    membership = change_membership(of(viewer), by=first, clearance=2)
    change_membership(of(first), by=second, role="adviser")
    with pytest.raises(ValidationError):
        confirm_clearance(membership, by=second)
    assert change_membership(membership, by=second, clearance=2).clearance == 0
    assert confirm_clearance(membership, by=member(Role.ADMIN, 2)).clearance == 2


def test_a_new_member_and_one_back_begin_below_what_is_asked_for(mission, first, second, viewer):
    new = give_membership(
        by=first, member=UserFactory(), mission=mission, role="viewer", clearance=2
    )
    assert (new.clearance, new.asked_clearance) == (0, 2)
    confirm_clearance(new, by=second)
    withdraw_membership(new, by=second, reason="left")
    back = give_membership(
        by=first, member=new.member, mission=mission, role="analyst", clearance=2
    )
    assert back.pk == new.pk
    assert (back.clearance, back.asked_clearance, back.withdrawn_at) == (0, 2, None)


def test_a_withdrawn_member_can_be_readmitted(mission, api, first, viewer):
    membership = of(viewer)
    body = {"mission": mission.code, "member": viewer.pk, "role": "planner", "clearance": 1}
    assert api(first).post("/api/v1/memberships/", body).status_code == 400
    assert api(first).delete(address(membership) + "?reason=left").status_code == 204
    answer = api(first).post("/api/v1/memberships/", body)
    assert answer.status_code == 201
    assert (answer.json()["id"], answer.json()["clearance"]) == (membership.pk, 1)
    assert Membership.objects.visible_to(User.objects.get(pk=viewer.pk)).exists()


def test_a_membership_is_not_handed_to_another_account(api, first, member, viewer):
    high = of(member(Role.VIEWER, 2))
    other = UserFactory()
    api(first).patch(address(high), {"member": other.pk})
    assert not Membership.objects.filter(member=other).exists()


def test_accounts_are_not_told_to_who_may_add_nobody(mission, api, viewer):
    for who in (UserFactory().pk, 10**9):
        body = {"mission": mission.code, "member": who}
        assert api(viewer).post("/api/v1/memberships/", body).status_code == 403


def test_limits_are_the_mission_s_own(first, viewer):
    with pytest.raises(ValidationError):
        change_membership(
            of(viewer), by=first, component=ComponentFactory(mission=MissionFactory())
        )


def test_grants_are_kept_and_told_to_the_other_administrators(first, second, viewer):
    membership = change_membership(of(viewer), by=first, role="analyst", clearance=1)
    change_membership(membership, by=first, clearance=2)
    confirm_clearance(membership, by=second)
    withdraw_membership(membership, by=second, reason="left")
    kept = MembershipChange.objects.filter(membership=membership).order_by("pk")
    assert list(kept.values_list("act", "by", "from_clearance", "to_clearance")) == [
        ("changed", first.pk, 0, 1),
        ("asked", first.pk, 1, 2),
        ("confirmed", second.pk, 1, 2),
        ("withdrawn", second.pk, 2, None),
    ]
    assert (kept[0].from_role, kept[0].to_role) == ("viewer", "analyst")
    told = Notification.objects.filter(mission=membership.mission).order_by("pk")
    told = told.values_list("member", "kind")
    assert list(told) == [
        (second.pk, "access_changed"),
        (viewer.pk, "own_access"),
        (second.pk, "access_asked"),  # which is nothing yet to whom it is about
        (first.pk, "access_changed"),
        (viewer.pk, "own_access"),
        (first.pk, "access_changed"),
    ]


def test_why_an_access_ended_stays_in_its_history(first, second, viewer, mission, signed_in):
    membership = of(viewer)
    withdraw_membership(membership, by=first, reason="Her contract ended.")
    give_membership(by=second, mission=mission, member=viewer, role="viewer", clearance=0)
    page = signed_in(first).get(membership.get_absolute_url()).content.decode()
    assert "Her contract ended." in page


def test_a_clearance_that_was_only_asked_for_is_said_to_wait(first, second, viewer, signed_in):
    client, page = (
        signed_in(first),
        reverse("member-edit", args=[viewer.memberships.get().mission.code, of(viewer).pk]),
    )
    form = client.get(page).context["form"]
    sent = {"role": "viewer", "clearance": 2, "version": form.initial["version"]}
    answer = client.post(page, sent, follow=True)
    assert "waits until a second administrator confirms it" in answer.content.decode()


def test_what_is_asked_for_can_be_refused(first, viewer, api):
    membership = change_membership(of(viewer), by=first, clearance=2)
    assert api(viewer).post(address(membership, "refuse")).status_code == 403
    assert refuse_clearance(membership, by=first).asked_clearance is None
    with pytest.raises(ValidationError):
        confirm_clearance(membership, by=first)


def test_the_operator_counts_as_one(mission, first, viewer, capsys):
    def grant(**options):
        call_command("grant_membership", mission=mission.code, account=viewer.username, **options)

    grant(clearance="strictly-confidential")
    membership = of(viewer)
    assert (membership.clearance, membership.asked_clearance) == (0, 2)
    assert "waits" in capsys.readouterr().out
    with pytest.raises(CommandError):
        grant(confirm=True)
    assert confirm_clearance(membership, by=first).clearance == 2
    change_membership(membership, by=first, clearance=1)
    change_membership(membership, by=first, clearance=2)
    grant(confirm=True)
    assert of(viewer).clearance == 2
    last = MembershipChange.objects.filter(membership=membership).first()
    assert (last.act, last.by, bool(last.operator)) == ("confirmed", None, True)
    assert Notification.objects.filter(member=first).exists()


def test_the_operator_founds_a_mission_alone(mission):
    user = UserFactory()
    call_command(
        "grant_membership", mission=mission.code, account=user.username, role="admin",
        clearance="strictly-confidential",
    )  # fmt: skip
    assert (of(user).role, of(user).clearance) == ("admin", 2)


def test_a_superuser_gives_nobody_a_membership(mission, client, viewer):
    user = User.objects.create_superuser("root", password="x")
    client.force_login(user)
    form = {"member": user.pk, "mission": mission.pk, "role": "admin", "clearance": 2}
    assert client.post(reverse("admin:missions_membership_add"), form).status_code == 403
    held = of(viewer)
    page = reverse("admin:missions_membership_change", args=[held.pk])
    assert client.post(page, form | {"member": viewer.pk}).status_code == 403
    for name, record in (("membership", held), ("user", viewer)):
        page = reverse(f"admin:missions_{name}_delete", args=[record.pk])
        assert client.post(page, {"post": "yes"}).status_code == 403
    every = {"action": "delete_selected", "_selected_action": [viewer.pk], "post": "yes"}
    client.post(reverse("admin:missions_user_changelist"), every)
    held.refresh_from_db()
    assert (held.member, held.role, held.clearance) == (viewer, Role.VIEWER, 0)
    assert not Membership.objects.filter(member=user).exists()
    with pytest.raises(PermissionDenied):
        give_membership(by=user, member=user, mission=mission, role="viewer")


def test_only_a_superuser_makes_one(client, db):
    keeper = UserFactory(is_staff=True)
    keeper.user_permissions.set(Permission.objects.filter(codename__endswith="_user"))
    client.force_login(keeper)
    root = User.objects.create_superuser("root", password="x")
    for user in (keeper, root):
        page = reverse("admin:missions_user_change", args=[user.pk])
        client.post(page, {"username": user.username, "is_superuser": "on", "is_staff": "on"})
    keeper.refresh_from_db()
    assert not keeper.is_superuser
    password = reverse("admin:auth_user_password_change", args=[root.pk])
    assert client.get(password).status_code == 403


def test_the_administration_has_no_record_of_a_mission_beyond_what_sets_it_up():
    kept = {model for model in admin.site._registry if issubclass(model, MissionOwned)}
    assert {model._meta.label for model in kept} == {
        "missions.Membership", "missions.Component", "missions.FieldOffice", "missions.AdminArea",
    }  # fmt: skip
    assert all(not site.has_delete_permission(None) for site in map(admin.site._registry.get, kept))
    assert apps.get_model("missions.Mission") is Mission


def test_pages_of_members_are_the_administrators(mission, signed_in, first, second, viewer, member):
    stranger = MembershipFactory(mission=MissionFactory()).member
    people = reverse("members", args=[mission.code])
    page = signed_in(first).get(people).content.decode()
    assert str(viewer) in page
    assert str(stranger) not in page
    assert signed_in(member(Role.ADVISER, 2)).get(people).status_code == 403
    assert signed_in(stranger).get(people).status_code == 404
    newcomer = UserFactory()
    add = reverse("member-add", args=[mission.code])
    form = {"account": newcomer.username, "role": "analyst", "clearance": 2}
    assert signed_in(first).post(add, form).status_code == 302
    made = of(newcomer)
    assert (made.role, made.clearance, made.asked_clearance) == ("analyst", 0, 2)
    assert signed_in(first).post(add, form).status_code == 422
    assert signed_in(viewer).get(made.get_absolute_url()).status_code == 404
    assert signed_in(newcomer).get(made.get_absolute_url()).status_code == 200
    confirm = reverse("member-confirm", args=[mission.code, made.pk])
    assert confirm not in signed_in(first).get(made.get_absolute_url()).content.decode()
    assert confirm in signed_in(second).get(made.get_absolute_url()).content.decode()
    signed_in(second).post(confirm)
    made.refresh_from_db()
    assert made.clearance == 2
    end = reverse("member-end", args=[mission.code, made.pk])
    assert signed_in(second).post(end, {"reason": "left"}).url == people
    assert not Membership.objects.current().filter(member=newcomer).exists()


# -- who takes ------------------------------------------------------------------------------------


def test_nobody_takes_what_they_do_not_hold_but_by_ending_the_membership(api, first, low, member):
    membership = of(member(Role.ANALYST, 2, compartments=["crsv"]))
    of_all = {"compartments": [], "clearance": 0}
    for field, value in of_all.items():
        answer = api(low).patch(address(membership), {field: value}, format="json")
        assert answer.status_code == 400
        assert [problem["field"] for problem in answer.json()["errors"]] == [field]
    membership.refresh_from_db()
    assert (membership.clearance, membership.compartments) == (2, ["crsv"])
    assert withdraw_membership(membership, by=low, reason="left").withdrawn_at is not None


def test_the_last_who_can_grant_a_compartment_keeps_it_until_another_can(member, signed_in):
    holder = of(member(Role.ADMIN, 2, compartments=["crsv"]))
    analyst = of(member(Role.ANALYST, 2, compartments=["crsv"]))
    by = member(Role.ADMIN, 2)
    with pytest.raises(ValidationError):
        change_membership(holder, by=by, role="viewer")
    with pytest.raises(ValidationError):
        withdraw_membership(holder, by=by, reason="left")
    end = reverse("member-end", args=[holder.mission.code, holder.pk])
    signed_in(by).post(end, {"reason": "left"})
    holder.refresh_from_db()
    assert holder.withdrawn_at is None
    change_membership(of(by), by=holder.member, compartments=["crsv"])
    assert change_membership(holder, by=by, role="viewer").role == "viewer"
    assert withdraw_membership(analyst, by=by, reason="left").withdrawn_at is not None


def test_the_operator_ends_the_membership_of_the_last_who_can_grant(member):
    holder = of(member(Role.ADMIN, 2, compartments=["crsv"]))
    assert withdraw_membership(holder, by=None, reason="left").withdrawn_at is not None


def test_a_change_that_comes_after_the_end_of_a_membership_brings_nobody_back(
    first, second, viewer
):
    read_before = of(viewer)
    withdraw_membership(of(viewer), by=first, reason="left")
    with pytest.raises(ValidationError):
        change_membership(read_before, by=second, role="reporter")
    assert of(viewer).withdrawn_at is not None


def test_who_is_found_again_begins_anew(mission, first, member):
    holder = of(member(Role.ANALYST, 2, compartments=["crsv"]))
    withdraw_membership(holder, by=None, reason="left")
    add_member(mission=mission, member=holder.member, role=Role.ANALYST, clearance=1)
    again = of(holder.member)
    assert (again.compartments, again.withdrawn_reason, again.clearance) == ([], "", 1)


def test_what_the_operator_gives_settles_what_was_asked(mission, first, viewer):
    change_membership(of(viewer), by=first, clearance=2)
    assert of(viewer).asked_clearance == 2
    add_member(mission=mission, member=viewer, role=Role.ANALYST, clearance=1)
    assert (of(viewer).asked_clearance, of(viewer).asked_by) == (None, None)
