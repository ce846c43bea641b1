"""Telling members that something happened: in the portal, and by e-mail to those who want it.

A notification holds no more than its kind and the page to look at: neither an inbox nor a phone's
lock screen may show what a record says.
"""

from __future__ import annotations

import datetime
import logging

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext

from exchange.declared import urgent_notifications
from exchange.models import Notification, NotificationPreference
from missions.choices import Classification
from missions.models import Membership, Mission
from missions.roles import Capability, roles_with
from poc_portal.celery import wake
from records.given import UNSET, Unset, given

AT_ONCE = 200  # e-mails in one sweep
LOST_AFTER = datetime.timedelta(days=2)  # an e-mail that could not be sent by then is stale

log = logging.getLogger(__name__)


def notify(record, kind: str, to: QuerySet[Membership], *, by=None) -> int:
    """Tell those among ``to`` who may see the record, but not ``by``; how many were told.

    Rows of the caller's transaction: told if and only if what caused it is stored.
    """
    level = getattr(record, "classification", Classification.UNCLASSIFIED)
    memberships = (
        to.current()  # type: ignore[attr-defined]
        .filter(mission=record.mission, clearance__gte=level, member__is_active=True)
        .exclude(member=by)
        .select_related("preference")
        .distinct()
    )
    rows = [
        Notification(
            mission=record.mission,
            member_id=membership.member_id,
            kind=kind,
            path=record.get_absolute_url(),
            wants_email=_wants_email(membership, kind),
        )
        for membership in memberships
    ]
    Notification.objects.bulk_create(rows)
    if any(row.wants_email for row in rows):
        wake("exchange.tasks.send_emails")
    return len(rows)


def on_duty(mission: Mission, field_office=None) -> QuerySet[Membership]:
    """The desk's members on duty, for an office where they are limited to some; all of the desk
    when nobody is on duty, so that no alert goes unheard."""
    desk = Membership.objects.current().filter(
        mission=mission, role__in=roles_with(Capability.WORK_ON_ALERTS)
    )
    if field_office is not None:
        elsewhere = desk.exclude(field_offices=None).exclude(field_offices=field_office)
        desk = desk.exclude(pk__in=elsewhere.values("pk"))
    duty = desk.filter(preference__is_on_duty=True)
    return duty if duty.exists() else desk


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
    """One's own choice. ``by_email``: kinds of notification; quiet hours in UTC, past midnight too.

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
    """Send what is due; how many were sent. Quiet hours delay all but imminent alerts.

    Each row is locked while it is sent, so that two sweeps at once send none twice.
    """
    moment = now or timezone.now()
    due = Notification.objects.filter(wants_email=True, emailed_at__isnull=True)
    due.filter(created_at__lt=moment - LOST_AFTER).update(wants_email=False)
    sent = 0
    for key in list(due.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        with transaction.atomic():
            row = (
                due.filter(pk=key)
                .select_for_update(skip_locked=True, of=("self",))
                .select_related("mission", "member")
                .first()
            )
            if row is None or _is_quiet(row, moment):
                continue
            try:
                _send(row)
            except OSError as error:  # the next sweep tries again
                log.warning("An e-mail could not be sent: %s", type(error).__name__)
                break
            row.emailed_at = moment
            row.save(update_fields=["emailed_at"])
            sent += 1
    return sent


def _wants_email(membership: Membership, kind: str) -> bool:
    preference = getattr(membership, "preference", None)
    if preference is None or not membership.member_id:
        return False
    urgent = kind in urgent_notifications() and preference.is_on_duty
    return urgent or kind in preference.by_email


def _is_quiet(row: Notification, moment: datetime.datetime) -> bool:
    if row.kind in urgent_notifications():
        return False
    preference = NotificationPreference.objects.filter(
        membership__member=row.member, membership__mission=row.mission
    ).first()
    return preference is not None and preference.is_quiet(moment.time())


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
