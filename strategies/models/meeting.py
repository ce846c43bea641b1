from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from missions.models import Component
from missions.models.base import MissionRecord
from missions.roles import Capability
from records.titles import MadeTitle, shown
from strategies.models.activity import Activity
from strategies.models.titles import MEETING_FORMS
from threats.models.sealing import SealsSources


class Meeting(SealsSources, MadeTitle, MissionRecord):
    """A meeting of the POC working group.

    ``agenda``: what the portal put before it, as plain values (see ``strategies.reading.agenda``); kept as
    it was when the meeting was called, or on its day where it was recorded later. ``classification`` is also what it is made from.
    """

    free_texts = ("title", "notes")

    to_create = to_change = Capability.PLAN
    title_forms = MEETING_FORMS
    shown_as: ClassVar[dict] = {"title": shown(MEETING_FORMS)}

    day = models.DateField(_("day"))
    notes = models.TextField(_("notes"), blank=True, max_length=20_000)
    agenda = models.JSONField(_("agenda"), default=dict, editable=False)

    class Meta(MissionRecord.Meta):
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        ordering = ["-day", "-pk"]

    def __str__(self) -> str:
        return gettext("%(title)s, %(day)s") % {
            "title": self.shown_title, "day": date_format(self.day, "DATE_FORMAT"),
        }  # fmt: skip

    def get_absolute_url(self) -> str:
        return reverse("meeting-detail", args=[self.mission.code, self.pk])


class Decision(SealsSources, MissionRecord):
    """What a meeting decided: who does it by when. It becomes an activity, or is ticked off."""

    free_texts = ("text",)

    to_create = to_change = Capability.PLAN
    belongs_to = "meeting"

    meeting = models.ForeignKey(
        Meeting, verbose_name=_("meeting"), on_delete=models.PROTECT, related_name="decisions"
    )
    text = models.CharField(_("decision"), max_length=500)
    owner = models.ForeignKey(
        Component, verbose_name=_("owner"), on_delete=models.PROTECT, related_name="decisions"
    )
    due = models.DateField(_("due"))
    done_on = models.DateField(_("done on"), null=True, blank=True, editable=False)
    activity = models.ForeignKey(
        Activity, verbose_name=_("activity"), on_delete=models.PROTECT, null=True, blank=True,
        editable=False, related_name="decisions",
    )  # fmt: skip

    class Meta(MissionRecord.Meta):
        verbose_name = _("decision of a meeting")
        verbose_name_plural = _("decisions of meetings")
        ordering = ["due", "pk"]

    def __str__(self) -> str:
        return self.as_told(self.text)

    def get_absolute_url(self) -> str:
        return self.meeting.get_absolute_url()
