"""Administrators see and stop what members let programs read and send."""

import pytest

from exchange.models import AccessToken, Notification, Webhook
from exchange.tokens.services import issue_token
from exchange.webhooks.services import save_webhook
from missions.choices import Role
from tests.factories import MissionFactory


@pytest.fixture
def owner(mission, member):
    return member(Role.ANALYST, 2)


@pytest.fixture
def token(owner):
    return issue_token(user=owner, name="R script", may_write=True, resources=[], days=9)


@pytest.fixture
def webhook(mission, owner):
    return save_webhook(
        user=owner, mission=mission, name="Platform", url="https://example.org/in?key=4711",
        events=["incident.created"], classification=2,
    )  # fmt: skip


def page_of(mission):
    return f"/{mission.code}/programs/"


def test_what_members_run_is_listed_without_any_secret(
    mission, member, owner, token, webhook, signed_in
):
    other = MissionFactory()
    elsewhere = member(Role.ANALYST, where=other)
    issue_token(user=elsewhere, name="Elsewhere", may_write=False, resources=[], days=9)
    text = signed_in(member(Role.ADMIN, 0)).get(page_of(mission)).content.decode()
    for shown in (str(owner), "R script", "Platform", "example.org", "read and write"):
        assert shown in text
    for hidden in (token[1], "4711", webhook.secret, "Elsewhere"):
        assert hidden not in text


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMIN])
def test_nobody_else_sees_or_stops_them(mission, member, token, webhook, signed_in, role):
    client = signed_in(member(role, 2))
    assert client.get(page_of(mission)).status_code == 403
    for action in (f"{token[0].pk}/revoke/", f"{webhook.pk}/stop/", f"{webhook.pk}/release/"):
        assert client.post(f"{page_of(mission)}{action}").status_code == 403
    assert AccessToken.objects.count() == 1
    assert Webhook.objects.get().stopped_at is None


def test_an_administrator_of_another_mission_reaches_neither(
    mission, member, token, webhook, signed_in
):
    other = MissionFactory()
    client = signed_in(member(Role.ADMIN, 2, where=other))
    for action in (f"{token[0].pk}/revoke/", f"{webhook.pk}/stop/"):
        assert client.post(f"{page_of(other)}{action}").status_code == 404
        assert client.post(f"{page_of(mission)}{action}").status_code == 404


def test_a_revoked_token_opens_nothing_and_its_owner_is_told(
    mission, member, owner, token, signed_in, client
):
    headers = {"Authorization": f"Token {token[1]}"}
    assert client.get("/api/v1/incidents/", headers=headers).status_code == 200
    signed_in(member(Role.ADMIN)).post(f"{page_of(mission)}{token[0].pk}/revoke/")
    assert client.get("/api/v1/incidents/", headers=headers).status_code == 401
    told = Notification.objects.get(member=owner)
    assert (told.kind, told.path) == ("program_stopped", "/tokens/")


def test_a_stopped_webhook_stays_off_until_it_is_released(
    mission, member, owner, webhook, signed_in
):
    admin, own = signed_in(member(Role.ADMIN)), signed_in(owner)
    start = f"/{mission.code}/webhooks/{webhook.pk}/start/"
    admin.post(f"{page_of(mission)}{webhook.pk}/stop/")
    assert Notification.objects.get(member=owner).path == webhook.get_absolute_url()
    assert "Ask them to release it" in own.post(start, follow=True).content.decode()
    webhook.refresh_from_db()
    assert webhook.stopped_at is not None
    admin.post(f"{page_of(mission)}{webhook.pk}/release/")
    own.post(start)
    webhook.refresh_from_db()
    assert webhook.stopped_at is None


def test_nobody_releases_their_own_webhook(mission, member, signed_in):
    owner, other = member(Role.ADMIN, 2), member(Role.ADMIN)
    own = save_webhook(
        user=owner, mission=mission, name="Mine", url="https://example.org/in",
        events=["incident.created"], classification=0,
    )  # fmt: skip
    signed_in(other).post(f"{page_of(mission)}{own.pk}/stop/")
    release = f"{page_of(mission)}{own.pk}/release/"
    assert release not in signed_in(owner).get(page_of(mission)).content.decode()
    signed_in(owner).post(release)
    own.refresh_from_db()
    assert own.stopped_by == other
    signed_in(other).post(release)
    own.refresh_from_db()
    assert own.stopped_by is None
