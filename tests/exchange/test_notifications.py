"""Who is told what: in the portal, and by e-mail that says no more than it must."""

import datetime
from smtplib import SMTPRecipientsRefused, SMTPSenderRefused

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from exchange.models import Email, Notification, NotificationPreference
from exchange.notifications import services
from exchange.notifications.services import on_duty, send_emails, set_preference
from missions.choices import Role
from strategies.choices import NotificationKind as PlanKind
from strategies.services.activities import plan_activity
from strategies.services.briefs import issue_brief, prepare_brief
from tests.factories import TODAY, AlertFactory, ComponentFactory, FieldOfficeFactory
from threats.choices import NotificationKind
from threats.services.alerts import report_alert, take_step

K = NotificationKind
NIGHT = datetime.datetime(2030, 1, 1, 23, 30, tzinfo=datetime.UTC)


def membership(user):
    return user.memberships.get()


def told(user) -> list[str]:
    return [row.kind for row in Notification.objects.filter(member=user).order_by("pk")]


@pytest.fixture
def file_alert(mission, member):
    reporter = member(Role.REPORTER)

    def make(**values):
        values = {"imminence": "imminent", "kind": "attack"} | values
        return report_alert(
            user=reporter, mission=mission, details="Armed men near the secret well.",
            longitude=20.0, latitude=5.0, **values,
        )  # fmt: skip

    return make


def test_an_alert_is_told_to_those_on_duty(mission, member, file_alert):
    on, off, viewer = member(Role.PLANNER), member(Role.ANALYST), member(Role.VIEWER)
    low = member(Role.PLANNER, clearance=0)
    for user in (on, low):
        set_preference(membership(user), is_on_duty=True)
    file_alert(classification=1)
    file_alert(imminence="days", classification=0)
    assert told(on) == [K.ALERT_IMMINENT, K.ALERT]
    assert told(low) == [K.ALERT]
    assert told(off) == told(viewer) == []
    assert set(on_duty(AlertFactory())) == set()


def test_where_nobody_on_duty_may_see_it_somebody_else_is_told(mission, member):
    duty = member(Role.ANALYST)
    set_preference(membership(duty), is_on_duty=True)
    kept = AlertFactory(mission=mission, compartments=["crsv"])
    viewer = member(Role.VIEWER, compartments=["crsv"])
    assert {row.member for row in on_duty(kept)} == {viewer}
    desk = member(Role.PLANNER, compartments=["crsv"])
    assert {row.member for row in on_duty(kept)} == {desk}
    assert {row.member for row in on_duty(AlertFactory(mission=mission))} == {duty}


def test_with_nobody_on_duty_the_whole_desk_is_told(mission, member, file_alert):
    desk = [member(role) for role in (Role.ANALYST, Role.PLANNER, Role.ADVISER, Role.ADMIN)]
    others = [member(role) for role in (Role.VIEWER, Role.REPORTER)]
    file_alert()
    assert [told(user) for user in desk] == [[K.ALERT_IMMINENT]] * 4
    assert [told(user) for user in others] == [[], []]


def test_an_offices_member_is_told_of_its_alerts(mission, member):
    offices = [FieldOfficeFactory(mission=mission) for _n in range(2)]
    members = [member(Role.PLANNER, field_offices=[office]) for office in offices]
    whole = member(Role.PLANNER)
    found = {row.member for row in on_duty(AlertFactory(mission=mission), offices[0])}
    assert found == {members[0], whole}


def test_components_are_told_what_is_asked_of_them(mission, member, file_alert):
    component = ComponentFactory(mission=mission)
    own, stranger = member(Role.PLANNER, component=component), member(Role.VIEWER)
    decider = member(Role.ADVISER)
    alert = file_alert()
    Notification.objects.all().delete()
    take_step(alert, user=decider, step="decided", decision="respond",
              responding_component=component)  # fmt: skip
    plan = {
        "mission": mission, "title": "Patrol", "tier": 2, "phase": "response",
        "lead_component": component, "start": TODAY, "due": TODAY,
    }  # fmt: skip
    plan_activity(user=decider, **plan)
    plan_activity(user=own, **plan)  # one's own needs no telling
    assert told(own) == [K.RESPONSE_ASKED, PlanKind.ACTIVITY_ASSIGNED]
    assert told(stranger) == told(decider) == []
    brief = prepare_brief(
        user=decider, mission=mission, week=datetime.date(2022, 12, 26), classification=2
    )
    issue_brief(brief, user=decider)
    assert told(stranger) == [PlanKind.BRIEF_ISSUED]


def _quiet_hours(preference):
    stored = NotificationPreference.objects
    return [
        hour for hour in range(24)
        if stored.quiet(NIGHT.replace(hour=hour, minute=0)).filter(pk=preference.pk)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("first", "last", "quiet"),
    [
        ("22:00", "06:00", [22, 23, 0, 1, 2, 3, 4, 5]),
        ("01:00", "03:00", [1, 2]),
        ("05:00", "05:00", []),
    ],
)
def test_quiet_hours_may_pass_midnight(member, first, last, quiet):
    preference = set_preference(
        membership(member()), quiet_from=datetime.time.fromisoformat(first),
        quiet_until=datetime.time.fromisoformat(last),
    )  # fmt: skip
    assert _quiet_hours(preference) == sorted(quiet)


def test_e_mails_say_where_to_look_and_nothing_else(mission, member, file_alert):
    planner = member(Role.PLANNER)
    planner.email = "planner@example.org"
    planner.save()
    set_preference(
        membership(planner), is_on_duty=True, by_email=[K.ALERT],
        quiet_from=datetime.time(22), quiet_until=datetime.time(6),
    )  # fmt: skip
    file_alert()
    file_alert(imminence="days")
    Notification.objects.update(created_at=NIGHT)
    assert send_emails(NIGHT) == 1  # the imminent one, in the quiet hours too
    assert send_emails(NIGHT) == 0
    assert send_emails(NIGHT + datetime.timedelta(hours=8)) == 1
    subjects = [message.subject for message in mail.outbox]
    assert subjects == ["POC Portal: An imminent alert was filed", "POC Portal: An alert was filed"]
    for message in mail.outbox:
        assert message.to == ["planner@example.org"]
        assert "well" not in message.body
        assert f"/{mission.code}/alerts/" in message.body


def test_a_mail_server_that_is_away_loses_nothing(member, file_alert, monkeypatch):
    planner = member(Role.PLANNER)
    planner.email = "planner@example.org"
    planner.save()
    set_preference(membership(planner), is_on_duty=True)
    file_alert()

    def refuse(*args, **kwargs):
        raise ConnectionRefusedError

    with monkeypatch.context() as patched:
        patched.setattr("exchange.notifications.services.send_mail", refuse)
        assert send_emails() == 0
    assert send_emails() == 1
    file_alert()
    Notification.objects.update(created_at=timezone.now() - datetime.timedelta(days=3))
    assert send_emails() == 0  # too old to be news


def test_an_e_mail_that_is_refused_is_put_off_and_given_up_while_others_go(
    member, file_alert, monkeypatch, caplog
):
    refused, other = member(Role.PLANNER), member(Role.PLANNER)
    for number, person in enumerate((refused, other)):
        person.email = f"planner{number}@example.org"
        person.save()
        set_preference(membership(person), is_on_duty=True)
    file_alert()
    send = services.send_mail

    def picky(subject, body, sender, to):
        if to == [refused.email]:
            raise SMTPRecipientsRefused({refused.email: (550, b"no such box")})
        return send(subject, body, sender, to)

    monkeypatch.setattr(services, "send_mail", picky)
    assert send_emails() == 1
    assert send_emails() == 0
    emails = Email.objects.filter(notification__member=refused)
    assert emails.get().tries == 1
    for _try in services.EMAILS.waits:
        emails.update(due_at=timezone.now())
        assert send_emails() == 0
    email = emails.get()
    assert (email.due_at, email.sent_at, email.tries) == (None, None, 6)
    assert f"e-mail {email.pk}: given up after try 6" in caplog.text
    assert refused.email not in caplog.text
    file_alert()
    assert send_emails() == 1  # the next has its own tries, the other went


def test_a_server_that_refuses_the_sender_costs_no_email_a_try(
    monkeypatch, mission, member, file_alert
):
    """All have one sender: that is a setting to mend, and no fault of one e-mail."""
    person = member(Role.PLANNER)
    person.email = "planner@example.org"
    person.save()
    set_preference(membership(person), is_on_duty=True)
    file_alert()
    send = services.send_mail

    def strict(*given):
        raise SMTPSenderRefused(550, b"who are you", "poc@example.org")

    monkeypatch.setattr(services, "send_mail", strict)
    assert send_emails() == 0
    email = Email.objects.get(notification__member=person)
    assert (email.tries, email.sent_at) == (0, None)
    monkeypatch.setattr(services, "send_mail", send)
    Email.objects.update(due_at=timezone.now())
    assert send_emails() == 1


def test_the_pages(mission, member, signed_in, file_alert):
    planner, other = member(Role.PLANNER), member(Role.PLANNER)
    alert = file_alert()
    client = signed_in(planner)
    page = client.get(f"/{mission.code}/notifications/").content.decode()
    assert "1 unread notification" in page
    assert "An imminent alert was filed" in page
    assert "well" not in page
    row = Notification.objects.get(member=planner)
    answer = client.get(f"/{mission.code}/notifications/{row.pk}/")
    assert answer["Location"] == alert.get_absolute_url()
    row.refresh_from_db()
    assert row.read_at
    of_other = Notification.objects.get(member=other)
    assert client.get(f"/{mission.code}/notifications/{of_other.pk}/").status_code == 404
    signed_in(other).post(f"/{mission.code}/notifications/read/")
    of_other.refresh_from_db()
    assert of_other.read_at
    client.post(
        f"/{mission.code}/notifications/choose/",
        {"is_on_duty": "on", "by_email": ["alert"], "quiet_from": "22:00", "quiet_until": "06:00"},
    )
    preference = membership(planner).preference
    assert (preference.is_on_duty, preference.by_email) == (True, ["alert"])
    half = client.post(f"/{mission.code}/notifications/choose/", {"quiet_from": "22:00"})
    assert (half.status_code, "Give both ends" in half.content.decode()) == (422, True)


def test_who_opens_the_page_it_points_to_has_read_it(mission, member, signed_in, file_alert):
    planner, other = member(Role.PLANNER), member(Role.PLANNER)
    alert, second = file_alert(), file_alert()
    client = signed_in(planner)

    def unread(user) -> list[str]:
        rows = Notification.objects.filter(member=user, read_at=None).order_by("pk")
        return [row.path for row in rows]

    both = [alert.get_absolute_url(), second.get_absolute_url()]
    client.get(f"/{mission.code}/alerts/")
    assert unread(planner) == both  # a list is another page
    client.post(both[0])
    assert unread(planner) == both
    page = client.get(both[0] + "?from=elsewhere").content.decode()
    assert "1 unread notification" in page
    assert unread(planner) == both[1:]
    assert unread(other) == both
    with CaptureQueriesContext(connection) as taken:
        client.get(both[0])
    assert [q for q in taken if '"exchange_notification"' in q["sql"]][1:] == []


def test_the_api_gives_ones_own(member, api, file_alert):
    planner, other = member(Role.PLANNER), member(Role.PLANNER)
    file_alert()
    (row,) = api(planner).get("/api/v1/notifications/?unread=true").json()["results"]
    assert row["kind"] == "alert_imminent"
    of_other = Notification.objects.get(member=other)
    assert api(planner).get(f"/api/v1/notifications/{of_other.pk}/").status_code == 404
