"""What a mirror needs to follow: in which transaction a record changed, and who lost sight of it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from missions.models.followed import CurrentTransaction


class Change(models.Model):
    """That a record looks different to some readers, although its own row may be the same.

    It concerns readers who may read ``level``, a number of ``missions.need_to_know``. Those who may
    not read ``gone_below`` no longer see the record (withdrawn: all); to the others it is shown again.
    """

    GONE = 32_767  # nobody reads it

    model = models.CharField(max_length=60)
    record = models.BigIntegerField()
    mission = models.BigIntegerField(null=True)  # kept when the mission itself is purged
    level = models.SmallIntegerField(default=0)
    gone_below = models.SmallIntegerField(default=0)
    changed_in = models.BigIntegerField(db_default=CurrentTransaction())
    created_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        indexes = [
            models.Index(fields=["model", "changed_in", "id"], name="records_change_order"),
            models.Index(fields=["created_at"], name="records_change_age"),
        ]


class ChangeMark(models.Model):
    """Which transactions were still under way at a moment: none before ``horizon``.

    So what was committed after the moment carries ``horizon`` or more, and a date and time can
    be turned into a place in the order of commits.
    """

    at = models.DateTimeField(primary_key=True)
    horizon = models.BigIntegerField()

    class Meta:
        verbose_name = _("mark among the changes")
        verbose_name_plural = _("marks among the changes")


class ChangeLog(models.Model):
    """One row: the database whose transactions the changes are counted in, and what is kept."""

    database = models.BigIntegerField()  # PostgreSQL's system identifier
    kept_from = models.BigIntegerField(default=0)  # transactions before it are forgotten
    kept_since = models.DateTimeField(null=True)  # null: from the beginning

    class Meta:
        verbose_name = _("log of changes")
        verbose_name_plural = _("logs of changes")
