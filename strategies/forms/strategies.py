from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from records.forms import NumberField, RecordForm, date_input
from strategies.forms.activities import ThreatMenu


def _text(label, rows: int, length: int, **more) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, max_length=length, widget=forms.Textarea(attrs={"rows": rows}),
        **more,
    )  # fmt: skip


class StrategyForm(ThreatMenu, RecordForm):
    title = forms.CharField(label=_("Title"), max_length=250)
    start = forms.DateField(label=_("Start"), widget=date_input())
    end = forms.DateField(label=_("End"), widget=date_input())
    summary = _text(
        _("Summary"), 6, 20_000,
        help_text=_("What is to be achieved, for whom, and by which means."),
    )  # fmt: skip
    sections = (
        (_("What"), ("title", "summary")),
        (_("When"), ("start", "end", "classification")),
        (_("Against which threats"), ("threats",)),
    )
    wide = ("title", "summary", "threats")


class PartForm(RecordForm):
    """A part of a strategy, as secret as the strategy is."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        del self.fields["classification"]


class ObjectiveForm(PartForm):
    title = forms.CharField(label=_("Title"), max_length=250)
    description = _text(_("Description"), 4, 5_000)
    sections = ((_("What"), ("title", "description")),)
    wide = ("title", "description")


class IndicatorForm(PartForm):
    title = forms.CharField(
        label=_("Title"), max_length=250, help_text=_("For example: alerts answered within a day")
    )
    unit = forms.CharField(label=_("Unit"), max_length=60, required=False)
    baseline = NumberField(label=_("Baseline"))
    target = NumberField(label=_("Target"))
    sections = (
        (_("What is measured"), ("title", "unit")),
        (_("From where to where"), ("baseline", "target")),
    )
    wide = ("title",)


class MeasurementForm(PartForm):
    day = forms.DateField(label=_("Day"), widget=date_input())
    value = NumberField(label=_("Value"))
    note = forms.CharField(label=_("Note"), max_length=500, required=False)
    sections = ((_("What was measured"), ("day", "value", "note")),)
    wide = ("note",)
