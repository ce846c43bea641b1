"""What forms of reports share: nothing claimed beforehand, and secrecy by kind."""

from __future__ import annotations

import json
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from missions.choices import Classification
from records.forms import RecordForm
from threats.rules.classifying import (
    OTHERWISE,
    STRICT_KINDS,
    USUAL_COMPARTMENTS,
    usual_classification,
)


class ReportForm(RecordForm):
    """A report of an incident, alert or threat.

    ``unset``: choices nobody made are not made for them. A new report left at “as its kind usually
    is” is classified by ``threats.rules.classifying``, with scripts or without.
    """

    unset: tuple[str, ...] = ("kind",)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in self.unset:
            if name in self.fields:
                field: Any = self.fields[name]
                field.choices = [("", _("– choose –")), *field.choices]
                field.error_messages["required"] = _(
                    "Choose one; nothing is set beforehand, for a guess would count as a fact."
                )
        level: Any = self.fields["classification"]
        if "version" not in self.initial:
            level.required, level.initial = False, ""
            level.choices = [("", _("As its kind usually is")), *level.choices]
        labels = {str(value): str(label) for value, label in Classification.choices}
        level.widget.attrs |= {
            "data-strict-kinds": " ".join(sorted(STRICT_KINDS)),
            "data-strict": str(int(Classification.STRICTLY_CONFIDENTIAL)),
            "data-otherwise": str(int(OTHERWISE)),
            "data-usual": gettext("Such a report is usually: %(level)s."),
            "data-lower": gettext("You chose less: more people will read it."),
            **{f"data-label-{value}": label for value, label in labels.items()},
        }
        if "compartments" in self.fields:
            level.widget.attrs["data-kept"] = json.dumps(USUAL_COMPARTMENTS)

    def values(self, *leave_out: str) -> dict:
        values = super().values(*leave_out)
        if values.get("classification") == "" or self._left_alone():
            del values["classification"]
        return values

    def _left_alone(self) -> bool:
        """Whether only the kind was changed: the level that stood beside it was nobody's choice."""
        changed = self.changed_data
        return "version" in self.initial and "kind" in changed and "classification" not in changed

    def notice(self) -> str:
        """That the report is less secret than its kind usually is, or was raised with its kind."""
        level, usual = self.cleaned_data.get("classification"), self.usual()
        if self._left_alone() and level not in ("", None):
            if level >= usual or self.initial.get("is_published"):
                return ""
            return gettext(
                "It is now classified “%(usual)s”, as its kind usually is. Where that is wrong, choose "
                "another level."
            ) % {"usual": usual.label}
        if level in ("", None) or level >= usual:
            return ""
        return gettext(
            "It is classified “%(level)s” as you chose; such a report is usually “%(usual)s”."
        ) % {"level": Classification(level).label, "usual": usual.label}

    def usual(self) -> Classification:
        return usual_classification(self.cleaned_data.get("kind", ""))
