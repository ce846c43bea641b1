"""Who keeps accounts may set a password, and not in silence."""

import pytest
from django.core import mail
from django.urls import reverse

from exchange.models import Notification
from exchange.tokens.services import issue_token
from missions.choices import Role
from missions.models import User

NEW = {"password1": "mountains 4711", "password2": "mountains 4711"}  # pragma: allowlist secret


@pytest.fixture
def keeper(db):
    return User.objects.create_superuser("keeper")


@pytest.fixture
def owner(mission, member):
    user = member(Role.ANALYST, 1)
    User.objects.filter(pk=user.pk).update(email="owner@example.org")
    return user


def test_a_password_set_by_another_ends_what_was_open_and_is_told(
    keeper, owner, mission, signed_in, client
):
    _record, token = issue_token(user=owner, name="R", may_write=False, resources=[], days=9)
    own = signed_in(owner)
    page = f"/{mission.code}/incidents/"
    assert own.get(page).status_code == 200
    address = reverse("admin:auth_user_password_change", args=[owner.pk])
    assert signed_in(keeper).post(address, NEW).status_code == 302
    assert own.get(page).status_code == 302  # to the sign-in
    headers = {"Authorization": f"Token {token}"}
    assert client.get("/api/v1/incidents/", headers=headers).status_code == 401
    assert Notification.objects.get(member=owner).kind == "password_set"
    (letter,) = mail.outbox
    assert letter.to == ["owner@example.org"]
    assert "mountains" not in letter.body


def test_a_password_refused_ends_nothing(keeper, owner, signed_in):
    issue_token(user=owner, name="R", may_write=False, resources=[], days=9)
    address = reverse("admin:auth_user_password_change", args=[owner.pk])
    refused = NEW | {"password2": "other"}  # pragma: allowlist secret
    assert signed_in(keeper).post(address, refused).status_code == 200
    assert owner.auth_token_set.count() == 1
    assert mail.outbox == []
