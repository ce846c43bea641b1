from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q, Value
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from missions.access import own_missions
from missions.choices import Classification
from missions.models.base import MissionRecord, namesake_field
from missions.need_to_know import compartments_field
from missions.roles import Capability
from poc_portal.fields import EncryptedTextField
from poc_portal.tabular import DAY_FIRST, MONTH_FIRST
from records.queue import Work


class Intake(MissionRecord):
    """How the rows of a form or a spreadsheet kept elsewhere become records here.

    ``mapping``: for each field of the resource a rule, {"from": name of a question or column,
    "values": {answer: code}, "first": "day" or "month"} or {"always": value}; ``point`` takes a
    place as forms write it.
    What comes through it is as classified as it is itself, and in the same compartments.
    """

    # What it brings in is held to the rules of the records it becomes.
    to_create = to_change_own = Capability.BRING_IN
    to_change = Capability.KEEP_MAPPINGS
    identified_by = ("name",)

    name = models.CharField(_("name"), max_length=30)
    namesake = namesake_field()
    resource = models.CharField(_("becomes"), max_length=30)
    mapping = models.JSONField(_("mapping"), default=dict)

    class Meta(MissionRecord.Meta):
        verbose_name = _("intake")
        verbose_name_plural = _("intakes")
        ordering = ["name", "pk"]
        constraints = [
            *MissionRecord.Meta.constraints,
            models.UniqueConstraint(
                fields=["mission", "name", "namesake"], name="exchange_intake_name",
                violation_error_message=_("There is an intake of this name already."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("intake", args=[self.mission.code, self.pk])

    def clean(self) -> None:
        if not isinstance(self.mapping, dict) or not self.mapping:
            raise ValidationError({"mapping": gettext("Say for at least one field where it is.")})
        for name, rule in self.mapping.items():
            problem = _problem(rule)
            if problem:
                raise ValidationError({"mapping": f"{name[:40]}: {problem}"})


def _problem(rule) -> str | None:
    if not isinstance(rule, dict) or not rule.keys() <= {"from", "values", "first", "always"}:
        return gettext(
            "Give {“from”: …}, with “values” if answers have other codes, or {“always”: …}."
        )
    if ("from" in rule) == ("always" in rule):
        return gettext("Give either “from” or “always”.")
    if "from" in rule and not isinstance(rule["from"], str):
        return gettext("“from” is the name of a question or column.")
    if not isinstance(rule.get("values", {}), dict):
        return gettext("“values” gives for each answer its code.")
    if rule.get("first", DAY_FIRST) not in (DAY_FIRST, MONTH_FIRST):
        return gettext("“first” is “day” or “month”: which comes first in 3/4/2022.")
    return None


class IntakeFileQuerySet(models.QuerySet):
    def visible_to(self, user) -> IntakeFileQuerySet:
        """One's own, in the missions one belongs to: a sheet may name sources."""
        return self.filter(owner=user.pk, mission__in=own_missions(user))


class IntakeFile(Work):
    """A file somebody brought, its mapping while it is worked on, and what became of its rows.

    ``contents``: {"headers": […], "rows": [[line, values], …]}, encrypted, and dropped some days
    after it was last touched. ``problems``: [[index of a row, messages by field], …].
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Not brought in yet")
        WAITING = "waiting", _("Being brought in")
        DONE = "done", _("Brought in")
        REFUSED = "refused", _("Refused as a whole")
        FAILED = "failed", _("Failed")

    mission = models.ForeignKey("missions.Mission", on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="intake_files"
    )
    intake = models.ForeignKey(
        Intake, on_delete=models.SET_NULL, null=True, blank=True, related_name="files"
    )
    file_name = models.CharField(_("file"), max_length=255)
    source = models.CharField(_("name"), max_length=30)
    resource = models.CharField(_("becomes"), max_length=30)
    classification = models.PositiveSmallIntegerField(
        _("classification"), choices=Classification.choices, default=Classification.UNCLASSIFIED
    )
    compartments = compartments_field(
        _("need to know"), db_default=Value([], output_field=ArrayField(models.CharField()))
    )
    mapping = models.JSONField(default=dict)
    contents = EncryptedTextField()
    rows = models.PositiveIntegerField(_("rows"))
    notes = models.JSONField(default=list)  # of how it was read
    keep_good = models.BooleanField(default=True)
    language = models.CharField(max_length=10, blank=True)  # in which its owner reads problems
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    due_at = models.DateTimeField(null=True, blank=True, editable=False)  # once it is asked for
    counts = models.JSONField(default=dict)
    problems = EncryptedTextField(default=b"", blank=True)
    created_at = models.DateTimeField(_("brought"), auto_now_add=True)
    modified_at = models.DateTimeField(auto_now=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = IntakeFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(due_at__isnull=False), name="exchange_file_due"
            )
        ]

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return reverse("intake-file", args=[self.mission.code, self.pk])
