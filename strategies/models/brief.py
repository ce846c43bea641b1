from __future__ import annotations

import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from missions.access import MissionScopedQuerySet
from missions.models import FieldOffice
from missions.models.base import MissionRecord
from missions.roles import Capability
from poc_portal.languages import readers_language
from threats.models.sealing import SealsSources

WEEK = datetime.timedelta(days=7)


class BriefQuerySet(MissionScopedQuerySet):
    def issued(self) -> BriefQuerySet:
        return self.filter(issued_at__isnull=False)

    def prepared(self) -> BriefQuerySet:
        return self.filter(issued_at__isnull=True)


class Brief(SealsSources, MissionRecord):
    """What the head of mission reads of one week: of the whole mission, or of a field office.

    ``classification`` is also what it is made from: everything up to that level and nothing above.
    ``documents``: what it says, by language (see ``strategies.brief.document``). It is composed anew
    until it is issued; from then on the database itself refuses any change.
    """

    free_texts = ("asked",)

    to_create = to_change = Capability.ISSUE
    office_path = "field_office"

    field_office = models.ForeignKey(
        FieldOffice, verbose_name=_("field office"), on_delete=models.PROTECT, null=True,
        blank=True, related_name="briefs", help_text=_("Empty: the whole mission."),
    )  # fmt: skip
    week = models.DateField(_("week"), help_text=_("Its Monday."))
    edition = models.PositiveSmallIntegerField(_("edition"), default=1, editable=False)
    asked = models.TextField(
        _("decisions asked for"), blank=True, max_length=3_000,
        help_text=_("One a line."),
    )  # fmt: skip
    documents = models.JSONField(_("documents"), default=dict, editable=False)
    issued_at = models.DateTimeField(_("issued"), null=True, editable=False)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("issued by"), on_delete=models.PROTECT, null=True,
        blank=True, editable=False, related_name="+",
    )  # fmt: skip

    objects = BriefQuerySet.as_manager()  # type: ignore[misc]

    class Meta(MissionRecord.Meta):
        verbose_name = _("weekly brief")
        verbose_name_plural = _("weekly briefs")
        ordering = ["-week", F("issued_at").desc(nulls_first=True), "-pk"]
        constraints = [
            *MissionRecord.Meta.constraints,
            models.CheckConstraint(
                name="strategies_brief_monday", condition=Q(week__iso_week_day=1)
            ),
            models.UniqueConstraint(
                fields=["mission", "field_office", "week", "classification", "edition"],
                nulls_distinct=False,
                name="strategies_brief_unique",
            ),
        ]

    def __str__(self) -> str:
        year, number, _day = self.week.isocalendar()
        text = gettext("Weekly brief %(year)d, week %(number)d") % {"year": year, "number": number}
        if self.edition > 1:
            text += gettext(", edition %(n)d") % {"n": self.edition}
        return text

    def get_absolute_url(self) -> str:
        return reverse("brief-detail", args=[self.mission.code, self.pk])

    @property
    def until(self) -> datetime.date:
        """The week's Sunday."""
        return self.week + WEEK - datetime.timedelta(days=1)

    @property
    def period(self) -> str:
        first, last = (date_format(day, "DATE_FORMAT") for day in (self.week, self.until))
        return f"{first} – {last}"

    @property
    def document(self) -> dict:
        """In the reader's language, where it was written in it; else in English."""
        return self.documents.get(readers_language(self.documents), {})

    @property
    def languages(self) -> list[str]:
        """Those it was written in: a language the portal learnt later is not among them."""
        return [code for code, _name in settings.LANGUAGES if code in self.documents]

    @property
    def is_issued(self) -> bool:
        return self.issued_at is not None

    def clean(self) -> None:
        errors = {}
        if self.compartments:
            errors["compartments"] = gettext(
                "A brief holds nothing that is under need-to-know, and is under none itself."
            )
        if self.week and self.week.weekday() != 0:
            errors["week"] = gettext(
                "%(day)s is no Monday. Give the Monday the week begins on."
            ) % {"day": self.week}
        elif self.week and self.week > self.mission.today:
            errors["week"] = gettext(
                "The week of %(day)s has not begun; the mission's today is %(today)s."
            ) % {"day": self.week, "today": self.mission.today}
        if errors:
            raise ValidationError(errors)


class BriefPdf(models.Model):
    """An issued brief as a PDF in one language, made once by the worker."""

    belongs_to = "brief"
    is_shown_with_owner = False  # to those who follow the brief

    brief = models.ForeignKey(
        Brief, verbose_name=_("brief"), on_delete=models.PROTECT, related_name="pdfs"
    )
    language = models.CharField(_("language"), max_length=10)
    content = models.BinaryField(_("content"))
    made_at = models.DateTimeField(_("made"), auto_now_add=True)

    objects = MissionScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("brief as PDF")
        verbose_name_plural = _("briefs as PDF")
        constraints = [
            models.UniqueConstraint(fields=["brief", "language"], name="strategies_pdf_unique")
        ]

    def __str__(self) -> str:
        return f"{self.brief} ({self.language})"
