"""What forms of reports share: nothing claimed beforehand, and secrecy by kind."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from missions.choices import Classification
from records.forms import RecordForm
from threats.classifying import OTHERWISE, STRICT_KINDS, usual_classification


class ReportForm(RecordForm):
    """A report of an incident, alert or threat.

    ``unset``: choices nobody made are not made for them. A new report left at “as its kind usually
    is” is classified by ``threats.classifying``, with scripts or without.
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

    def values(self, *leave_out: str) -> dict:
        values = super().values(*leave_out)
        if values.get("classification") == "":
            del values["classification"]
        return values

    def notice(self) -> str:
        """That the report is less secret than its kind usually is; empty where it is not."""
        level, usual = self.cleaned_data.get("classification"), self.usual()
        if level in ("", None) or level >= usual:
            return ""
        return gettext(
            "It is classified “%(level)s” as you chose; such a report is usually “%(usual)s”."
        ) % {"level": Classification(level).label, "usual": usual.label}

    def usual(self) -> Classification:
        return usual_classification(self.cleaned_data.get("kind", ""))
