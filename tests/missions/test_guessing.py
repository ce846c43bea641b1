"""Guessing passwords: counted at every door in the database, told, and nobody kept out for good."""

import datetime
import logging

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import get_hasher
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone

from exchange.models import Notification
from exchange.notifications.tries import tell_of_tries
from missions.choices import Role
from poc_portal.models import SignInTries
from poc_portal.web import guessing

RIGHT = "a long enough one"
HOUR = 3600


@pytest.fixture
def owner(member):
    user = member(Role.ANALYST)
    user.email = "owner@example.org"
    user.set_password(RIGHT)
    user.save()
    return user


@pytest.fixture
def clock(monkeypatch):
    """Seconds that pass when a test says so; ``clock.pass_by``."""

    class Clock:
        now = timezone.now()

        def pass_by(self, seconds):
            self.now += datetime.timedelta(seconds=seconds)

    clock = Clock()
    monkeypatch.setattr(guessing.timezone, "now", lambda: clock.now)
    return clock


def page(client, user, password, **extra):
    return client.post("/sign-in/", {"username": user, "password": password}, **extra).status_code


def api_door(client, user, password, **extra):
    body = {"username": user, "password": password}
    return client.post(
        "/api/v1/tokens/", body, content_type="application/json", **extra
    ).status_code


@pytest.mark.parametrize("door", [page, api_door])
@pytest.mark.parametrize("hops", [0, 1])
def test_an_account_is_tried_ten_times_an_hour_at_most(door, hops, settings, client, owner, clock):
    settings.TRUSTED_PROXIES = hops
    answered = 0
    for number in range(HOUR // 20):
        status = door(client, owner.username, "guess", HTTP_X_FORWARDED_FOR=f"198.51.100.{number}")
        assert status in ((200, 429) if door is page else (401, 403, 429))
        answered += status != 429
        clock.pass_by(20)
    assert 4 <= answered <= 10


def test_the_doors_share_one_count(client, owner, clock):
    answered = 0
    for number in range(40):
        door = (page, api_door)[number % 2]
        answered += door(client, owner.username, "guess") != 429
        clock.pass_by(60)
    assert answered <= 10


def test_the_administration_has_no_door_of_its_own(client, owner):
    root = get_user_model().objects.create_superuser("root", password=RIGHT)
    for method in (client.get, client.post):
        answer = method("/admin/login/?next=/admin/", {"username": "root", "password": RIGHT})
        assert answer.status_code == 302
        assert answer.url.startswith("/sign-in/?next=")
    assert "_auth_user_id" not in client.session
    answer = client.post(
        "/sign-in/", {"username": root.username, "password": RIGHT, "next": "/admin/"}
    )
    assert (answer.status_code, answer.url) == (302, "/admin/")


def test_one_address_cannot_try_many_accounts_and_cannot_be_another(client, owner, clock):
    for number in range(guessing.ADDRESS + 20):
        status = page(
            client, f"nobody{number}", "guess", HTTP_X_FORWARDED_FOR=f"203.0.113.{number}"
        )
        assert status == (200 if number < guessing.ADDRESS else 429)
    assert page(client, owner.username, RIGHT) == 429
    assert page(client, owner.username, RIGHT, REMOTE_ADDR="192.0.2.7") == 302


def test_behind_a_proxy_the_address_is_the_one_it_saw(settings, rf):
    request = rf.get("/", HTTP_X_FORWARDED_FOR="1.1.1.1, 2.2.2.2", REMOTE_ADDR="10.0.0.1")
    assert guessing.address_of(request) == "10.0.0.1"
    settings.TRUSTED_PROXIES = 1
    assert guessing.address_of(request) == "2.2.2.2"
    settings.TRUSTED_PROXIES = 3
    assert guessing.address_of(request) == "10.0.0.1"


def test_the_owner_comes_in_after_the_delay_and_on_an_own_device_at_once(client, owner, clock):
    other = type(client)()
    assert page(client, owner.username, RIGHT) == 302
    said = [page(other, owner.username, "guess") for _n in range(guessing.ACCOUNT + 1)]
    assert said[-1] == 429
    assert page(other, owner.username, RIGHT) == 429
    assert page(client, owner.username, RIGHT) == 302  # the owner's own device
    clock.pass_by(10)
    assert page(other, owner.username, RIGHT) == 302
    assert SignInTries.objects.get(pk=guessing.account_key(owner.username)).failed_at


def test_a_device_has_few_tries_too_and_cannot_be_made_up(client, owner, clock):
    assert page(client, owner.username, RIGHT) == 302
    answered = sum(page(client, owner.username, "guess") != 429 for _n in range(20))
    assert answered == guessing.DEVICE
    answered = 0
    for _n in range(55):
        clock.pass_by(60)  # the account's own, after the same delays
        answered += page(client, owner.username, "guess") != 429
    assert answered == guessing.ACCOUNT
    guessing.forget_account(owner.username)
    client.cookies[settings.DEVICE_COOKIE_NAME] = "made:up"
    assert page(client, owner.username, "guess") == 200  # counted as anybody's


def test_an_absent_account_answers_as_one_that_exists(client, owner, clock):
    heard = []
    for name in (owner.username, "nobody-here"):
        mine = type(client)()
        said = []
        for _n in range(12):
            answer = mine.post(
                "/sign-in/",
                {"username": name, "password": "guess"},  # pragma: allowlist secret
                REMOTE_ADDR=f"192.0.2.{len(name)}",
            )
            said.append((answer.status_code, answer.get("Retry-After")))
            clock.pass_by(3)
        heard.append(said)
    assert heard[0] == heard[1]


def test_what_failed_is_logged_without_password_or_a_name_that_is_none(client, owner, caplog):
    with caplog.at_level(logging.WARNING):
        page(client, owner.username, "my secret guess")
        page(client, "a password typed as a name", "x")
    assert f"a sign-in failed: '{owner.username}' from 127.0.0.1" in caplog.text
    assert "an unknown account" in caplog.text
    assert "my secret guess" not in caplog.text
    assert "a password typed" not in caplog.text


def test_the_owner_is_told_once_in_the_portal_and_by_mail(client, owner, clock):
    page(client, owner.username, "guess")
    assert tell_of_tries(clock.now) == 0  # a slip of the owner's own
    for _n in range(8):
        page(client, owner.username, "guess")
        page(client, "nobody-here", "guess")
        clock.pass_by(30)
    assert (tell_of_tries(clock.now), tell_of_tries(clock.now)) == (1, 0)
    assert Notification.objects.filter(member=owner, kind="sign_in_tried").count() == 1
    assert [message.to for message in mail.outbox] == [["owner@example.org"]]
    assert "failed" in mail.outbox[0].body
    clock.pass_by(2 * HOUR)
    for _n in range(3):
        page(client, owner.username, "guess")
    assert tell_of_tries(clock.now) == 1


def test_counts_are_forgotten_in_time(client, owner, clock):
    page(client, owner.username, "guess")
    guessing.forget_tries()
    assert SignInTries.objects.exists()
    clock.pass_by(25 * HOUR)
    guessing.forget_tries()
    assert not SignInTries.objects.exists()


def test_an_absent_account_costs_the_hasher_as_much_as_one_that_exists(
    client, owner, clock, monkeypatch
):
    """Its work is counted, not the time: what takes as long tells nothing of who is there."""
    hasher = get_hasher()
    made = []
    encode = type(hasher).encode

    def counted(self, password, *rest, **more):
        made.append(password)
        return encode(self, password, *rest, **more)

    monkeypatch.setattr(type(hasher), "encode", counted)
    idle = get_user_model().objects.create_user("idle", password=RIGHT, is_active=False)
    without = get_user_model().objects.create_user("without", password=None)
    for door in (page, api_door):
        work = {}
        for name in (owner.username, idle.username, without.username, "nobody-here"):
            made.clear()
            door(client, name, "guess", REMOTE_ADDR="192.0.2.9")
            work[name] = list(made)
        assert set(map(len, work.values())) == {1}, work


def test_an_account_is_tried_ten_times_from_own_devices_and_elsewhere_together(
    client, owner, clock
):
    assert page(client, owner.username, RIGHT) == 302
    answered = 0
    for number in range(59):
        clock.pass_by(60)
        door = client if number % 2 else type(client)()
        answered += page(door, owner.username, "guess", REMOTE_ADDR=f"192.0.2.{number}") != 429
    assert 8 <= answered <= 10


def test_slips_on_an_own_device_do_not_lock_it(client, owner, clock):
    assert page(client, owner.username, RIGHT) == 302
    for _n in range(guessing.DEVICE):
        assert page(client, owner.username, "a slip") == 200
    answer = client.post("/sign-in/", {"username": owner.username, "password": RIGHT})
    assert (answer.status_code, answer["Retry-After"]) == (429, "5")
    assert "Who keeps the accounts" in answer.content.decode()
    clock.pass_by(6)
    assert page(client, owner.username, RIGHT) == 302


def test_a_new_password_and_the_operator_let_in_who_was_kept_out(client, owner, clock, signed_in):
    def shut_out():
        for number in range(40):
            page(client, owner.username, "guess", REMOTE_ADDR=f"192.0.2.{number}")
            clock.pass_by(60)
        assert page(client, owner.username, RIGHT) == 429

    shut_out()
    keeper = get_user_model().objects.create_superuser("keeper")
    address = f"/admin/missions/user/{owner.pk}/password/"
    new = {"password1": "mountains 4711", "password2": "mountains 4711"}  # pragma: allowlist secret
    assert signed_in(keeper).post(address, new).status_code == 302
    assert page(type(client)(), owner.username, new["password1"]) == 302
    owner.refresh_from_db()
    owner.set_password(RIGHT)
    owner.save()
    client.cookies.clear()
    shut_out()
    call_command("forget_tries", account=owner.username)
    assert page(client, owner.username, RIGHT) == 302


def test_the_operator_forgets_an_address_and_no_account_that_is_not_there(client, owner, clock):
    for number in range(guessing.ADDRESS + 1):
        page(client, f"nobody{number}", "guess")
    assert page(client, owner.username, RIGHT) == 429
    call_command("forget_tries", address="127.0.0.1")
    assert page(client, owner.username, RIGHT) == 302
    for wrong in ({}, {"account": "nobody-here"}):
        with pytest.raises(CommandError):
            call_command("forget_tries", **wrong)


def test_the_owner_is_told_of_tries_on_an_own_device(client, owner, clock):
    assert page(client, owner.username, RIGHT) == 302
    for _n in range(2):
        page(client, owner.username, "guess")
    assert tell_of_tries(clock.now) == 0
    page(type(client)(), owner.username, "guess")  # counted together
    assert (tell_of_tries(clock.now), tell_of_tries(clock.now)) == (1, 0)


def test_the_old_password_is_a_try_like_any_other(db, client, clock):
    root = get_user_model().objects.create_superuser("root", password=RIGHT)
    client.force_login(root)
    sent = dict.fromkeys(("new_password1", "new_password2"), "mountains 4711")
    sent["old_password"] = "guess"  # pragma: allowlist secret
    change = "/admin/password_change/"
    said = [client.post(change, sent).status_code for _n in range(25)]
    assert said.count(200) <= 10
    assert said[-1] == 429
    assert client.get(change).status_code == 200
    clock.pass_by(HOUR)
    assert client.post(change, sent | {"old_password": RIGHT}).status_code == 302
    assert get_user_model().objects.get(pk=root.pk).check_password("mountains 4711")
