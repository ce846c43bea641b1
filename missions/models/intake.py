from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from missions.access import WRITING_ROLES
from missions.choices import Role
from missions.models.base import MissionRecord


class Intake(MissionRecord):
    """How the rows of a form or a spreadsheet kept elsewhere become records here.

    ``mapping``: for each field of the resource a rule, {"from": name of a question or column,
    "values": {answer: code}} or {"always": value}; ``point`` takes a place as forms write it.
    What comes through it is as classified as it is itself.
    """

    creators = editors = frozenset({Role.ADVISER, Role.ADMIN})
    own_editors = WRITING_ROLES

    name = models.CharField(_("name"), max_length=30)
    resource = models.CharField(_("becomes"), max_length=30)
    mapping = models.JSONField(_("mapping"), default=dict)

    class Meta(MissionRecord.Meta):
        verbose_name = _("intake")
        verbose_name_plural = _("intakes")
        ordering = ["name", "pk"]
        constraints = [
            *MissionRecord.Meta.constraints,
            models.UniqueConstraint(
                fields=["mission", "name"], name="missions_intake_name",
                violation_error_message=_("There is an intake of this name already."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("intakes-detail", args=[self.pk])

    def clean(self) -> None:
        if not isinstance(self.mapping, dict) or not self.mapping:
            raise ValidationError({"mapping": gettext("Say for at least one field where it is.")})
        for name, rule in self.mapping.items():
            problem = _problem(rule)
            if problem:
                raise ValidationError({"mapping": f"{name[:40]}: {problem}"})


def _problem(rule) -> str | None:
    if not isinstance(rule, dict) or not rule.keys() <= {"from", "values", "always"}:
        return gettext(
            "Give {“from”: …}, with “values” if answers have other codes, or {“always”: …}."
        )
    if ("from" in rule) == ("always" in rule):
        return gettext("Give either “from” or “always”.")
    if "from" in rule and not isinstance(rule["from"], str):
        return gettext("“from” is the name of a question or column.")
    if not isinstance(rule.get("values", {}), dict):
        return gettext("“values” gives for each answer its code.")
    return None
