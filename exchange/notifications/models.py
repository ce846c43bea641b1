from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from exchange.declared import notification_choices
from missions.access import own_missions
from missions.models.followed import Followed
from missions.models.membership import Membership
from missions.models.mission import Mission
from records.queue import Work


class NotificationPreferenceQuerySet(models.QuerySet):
    def quiet(self, moment: datetime.datetime) -> NotificationPreferenceQuerySet:
        """Those whose quiet hours run, by their mission's clocks; they may pass midnight."""
        quiet = Q(pk__in=[])
        for name in Mission.objects.order_by().values_list("time_zone", flat=True).distinct():
            now = moment.astimezone(ZoneInfo(name)).time()
            first, last = Q(quiet_from__lte=now), Q(quiet_until__gt=now)
            quiet |= Q(membership__mission__time_zone=name) & (
                Q(first, last, quiet_from__lt=F("quiet_until"))
                | Q(first | last, quiet_from__gt=F("quiet_until"))
            )
        return self.filter(quiet)


class NotificationPreference(models.Model):
    """What a member wants to be told by e-mail, and when not. Within the portal all is told."""

    membership = models.OneToOneField(
        Membership, verbose_name=_("membership"), on_delete=models.CASCADE,
        related_name="preference",
    )  # fmt: skip
    is_on_duty = models.BooleanField(
        _("on duty"), default=False, help_text=_("Urgent matters come to those on duty.")
    )
    by_email = ArrayField(
        models.CharField(max_length=20, choices=notification_choices),
        verbose_name=_("by e-mail"), default=list, blank=True,
    )  # fmt: skip
    quiet_from = models.TimeField(
        _("quiet from"),
        null=True,
        blank=True,
        help_text=_("By the mission's clocks. Urgent matters come all the same."),
    )
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)

    objects = NotificationPreferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("notification preference")
        verbose_name_plural = _("notification preferences")

    def __str__(self) -> str:
        return str(self.membership)


class NotificationQuerySet(models.QuerySet):
    def visible_to(self, user) -> NotificationQuerySet:
        """One's own, of the missions one still belongs to."""
        return self.filter(member_id=user.pk, mission__in=own_missions(user))

    def of(self, user, mission: Mission) -> NotificationQuerySet:
        return self.visible_to(user).filter(mission=mission)

    def unread(self) -> NotificationQuerySet:
        return self.filter(read_at__isnull=True)


class Notification(Followed):
    """That something happened, told to one member: what kind, and where to look; nothing else.

    What happened is read on the page it points to, under that page's rules.
    """

    mission = models.ForeignKey(
        Mission, verbose_name=_("mission"), on_delete=models.CASCADE, related_name="+"
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("member"), on_delete=models.CASCADE,
        related_name="notifications",
    )  # fmt: skip
    kind = models.CharField(_("kind"), max_length=20, choices=notification_choices)
    path = models.CharField(_("page"), max_length=250)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    read_at = models.DateTimeField(_("read"), null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["member", "mission", "-created_at"], name="exchange_notification_of"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(dict(notification_choices()).get(self.kind, self.kind))


class Email(Work):
    """That a notification goes out by e-mail as well."""

    notification = models.OneToOneField(
        Notification, on_delete=models.CASCADE, related_name="email"
    )
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"], name="exchange_email_due", condition=Q(due_at__isnull=False)
            )
        ]
