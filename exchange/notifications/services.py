"""Telling members that something happened: in the portal, and by e-mail to those who want it.

A notification holds no more than its kind and the page to look at: neither an inbox nor a phone's
lock screen may show what a record says.
"""

from __future__ import annotations

import datetime
import logging
from smtplib import SMTPDataError, SMTPRecipientsRefused

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext

from exchange.declared import urgent_notifications
from exchange.models import Email, Notification, NotificationPreference
from missions.models import Membership
from missions.roles import Capability, roles_with
from poc_portal.celery import wake
from records.given import UNSET, Unset, given
from records.queue import Queue

AT_ONCE = 200  # e-mails in one sweep
LOST_AFTER = datetime.timedelta(days=2)  # an e-mail that could not be sent by then is stale
# Of this one e-mail; whatever else goes wrong on the way is the server's, or the settings': all
# have one sender.
REFUSALS = (SMTPRecipientsRefused, SMTPDataError)
EMAILS = Queue("e-mail", lease=120, waits=(60, 300, 1_800, 7_200, 21_600))

log = logging.getLogger(__name__)


def notify(record, kind: str, to: QuerySet[Membership], *, by=None) -> int:
    """Tell those among ``to`` who may see the record, but not ``by``; how many were told.

    Rows of the caller's transaction: told if and only if what caused it is stored.
    """
    seeing = to.who_may_see(record)  # type: ignore[attr-defined]
    told = list(seeing.exclude(member=by).select_related("preference").distinct())
    rows = Notification.objects.bulk_create(
        Notification(
            mission=record.mission,
            member_id=membership.member_id,
            kind=kind,
            path=record.get_absolute_url(),
        )
        for membership in told
    )
    emails = [
        Email(notification=row)
        for row, membership in zip(rows, told, strict=True)
        if _wants_email(membership, kind)
    ]
    if emails:
        Email.objects.bulk_create(emails)
        wake("exchange.tasks.send_emails")
    return len(rows)


def on_duty(record, field_office=None) -> QuerySet[Membership]:
    """Who is told of the record first, of those who may see it, so that nothing goes unheard.

    The desk's members on duty, for an office where they are limited to some; all of the desk where
    nobody is; whoever may see it where a desk is there and nobody of it does.
    """
    seeing = Membership.objects.all().who_may_see(record)
    at_desk = Membership.objects.current().filter(
        mission=record.mission_id, role__in=roles_with(Capability.WORK_ON_ALERTS)
    )
    desk = at_desk.filter(pk__in=seeing.values("pk"))
    if field_office is not None:
        elsewhere = desk.exclude(field_offices=None).exclude(field_offices=field_office)
        desk = desk.exclude(pk__in=elsewhere.values("pk"))
    duty = desk.filter(preference__is_on_duty=True)
    if duty.exists():
        return duty
    return seeing if at_desk.exists() and not desk.exists() else desk


def preference_of(membership: Membership) -> NotificationPreference:
    """Stored, or what holds without any: everything in the portal, nothing by e-mail."""
    found = NotificationPreference.objects.filter(membership=membership).first()
    return found or NotificationPreference(membership=membership)


def set_preference(
    membership: Membership,
    *,
    is_on_duty: bool | Unset = UNSET,
    by_email: list[str] | Unset = UNSET,
    quiet_from: datetime.time | Unset | None = UNSET,
    quiet_until: datetime.time | Unset | None = UNSET,
) -> NotificationPreference:
    """One's own choice. ``by_email``: kinds of notification; quiet hours by the
    mission's clocks, past midnight too.

    Raises ValidationError.
    """
    preference = preference_of(membership)
    values = given(
        is_on_duty=is_on_duty, by_email=by_email, quiet_from=quiet_from, quiet_until=quiet_until
    )
    for name, value in values.items():
        setattr(preference, name, value)
    preference.full_clean(validate_unique=False)
    preference.save()
    return preference


def send_emails(now: datetime.datetime | None = None) -> int:
    """Send what is due; how many were sent. Quiet hours delay all but what is urgent.

    Safe to run twice at once. An e-mail that is refused is tried again later, and others go; a
    server that is away is no e-mail's fault, and ends the sweep.
    """
    moment = now or timezone.now()
    waiting = Email.objects.filter(due_at__isnull=False)
    stale = waiting.filter(notification__created_at__lt=moment - LOST_AFTER).update(due_at=None)
    if stale:
        log.error("%s e-mails could not be sent in time and were given up", stale)
    due = _out_of_quiet_hours(waiting, moment)
    sent, is_away = 0, False

    def send(email: Email) -> bool:
        nonlocal is_away
        try:
            _send(email.notification)
        except REFUSALS as error:
            log.warning("%s was refused: %s", EMAILS.named(email), type(error).__name__)
            EMAILS.failed(email)
            return False
        except OSError as error:
            log.warning("An e-mail could not be sent: %s", type(error).__name__)
            EMAILS.give_back(email)
            is_away = True
            return False
        EMAILS.done(email, sent_at=moment)
        return True

    for _n in range(AT_ONCE):
        claimed = EMAILS.claim(due, 1)
        if not claimed:
            break
        sent += EMAILS.attempt(claimed[0], send)
        if is_away:
            break
    return sent


def _wants_email(membership: Membership, kind: str) -> bool:
    preference = getattr(membership, "preference", None)
    if preference is None or not membership.member_id:
        return False
    urgent = kind in urgent_notifications() and preference.is_on_duty
    return urgent or kind in preference.by_email


def _out_of_quiet_hours(emails: QuerySet[Email], moment: datetime.datetime) -> QuerySet[Email]:
    quiet = NotificationPreference.objects.quiet(moment).filter(
        membership__member=OuterRef("notification__member"),
        membership__mission=OuterRef("notification__mission"),
    )
    return emails.filter(Q(notification__kind__in=urgent_notifications()) | ~Exists(quiet))


def _send(row: Notification) -> None:
    if not row.member.email:
        return
    spoken = [code for code in row.mission.languages if code in dict(settings.LANGUAGES)]
    with translation.override(spoken[0] if spoken else settings.LANGUAGE_CODE):
        send_mail(
            gettext("POC Portal: %(what)s") % {"what": row},
            gettext("%(what)s (%(mission)s).\n\nSign in to read it: %(address)s")
            % {
                "what": row, "mission": row.mission.code,
                "address": f"{settings.PORTAL_URL}{row.path}",
            },
            settings.DEFAULT_FROM_EMAIL,
            [row.member.email],
        )  # fmt: skip
