from __future__ import annotations

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from missions.choices import Classification
from records.forms import NumberField
from threats.choices import Phase


def _called(phase: Phase) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=format_lazy(_("A threat in {phase} calls for"), phase=phase.label),
        choices=Phase.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )


class RulesForm(forms.Form):
    """Which phases a threat's phase calls for, what is help in time, who is told of sources."""

    prevention = _called(Phase.PREVENTION)
    preemption = _called(Phase.PREEMPTION)
    response = _called(Phase.RESPONSE)
    consolidation = _called(Phase.CONSOLIDATION)
    travel_speed = NumberField(label=_("Travel speed, km/h"), min_value=1, max_value=500)
    reach_hours = NumberField(
        label=_("Reach, hours"), min_value=0.1, max_value=240,
        help_text=_("Help that takes longer comes too late."),
    )  # fmt: skip
    source_kinds_from = forms.TypedChoiceField(
        label=_("Kinds of sources are shown exactly from"),
        coerce=int,
        choices=Classification.choices,
        help_text=_(
            "Readers cleared for less are told the group alone, for an exact kind may name somebody: "
            "“a liaison assistant” where there is one."
        ),
    )
    sections = (
        (_("Required cells of the matrix"), tuple(phase.value for phase in Phase)),
        (_("Own presence"), ("travel_speed", "reach_hours")),
        (_("Protection of sources"), ("source_kinds_from",)),
    )
    wide = ()

    def __init__(self, *args, mission, user, clearance, **kwargs):
        super().__init__(*args, **kwargs)

    def values(self) -> dict:
        data = self.cleaned_data
        return {
            "required_phases": {phase: data[phase] for phase in Phase.values},
            "travel_speed": data["travel_speed"],
            "reach_hours": data["reach_hours"],
            "source_kinds_from": data["source_kinds_from"],
        }
