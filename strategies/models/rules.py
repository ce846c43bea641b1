from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from missions.models.rules import MissionRules
from threats.choices import Phase

# Which phases of the matrix a threat in a given phase calls for, where a mission has not decided otherwise.
DEFAULT_REQUIRED_PHASES: dict[str, list[str]] = {
    Phase.PREVENTION.value: [Phase.PREVENTION.value],
    Phase.PREEMPTION.value: [Phase.PREVENTION.value, Phase.PREEMPTION.value],
    Phase.RESPONSE.value: [
        Phase.PREEMPTION.value,
        Phase.RESPONSE.value,
        Phase.CONSOLIDATION.value,
    ],
    Phase.CONSOLIDATION.value: [Phase.CONSOLIDATION.value, Phase.PREVENTION.value],
}


def default_required_phases() -> dict[str, list[str]]:
    return {phase: list(called) for phase, called in DEFAULT_REQUIRED_PHASES.items()}


def validate_required_phases(value) -> None:
    """Raise ValidationError unless ``value`` lists phases for every phase."""
    if not isinstance(value, dict) or set(value) != set(Phase.values):
        raise ValidationError(
            gettext("Give a list of phases for each of: %(phases)s.")
            % {"phases": ", ".join(Phase.values)}
        )
    for phase, called in value.items():
        if not isinstance(called, list) or not set(called) <= set(Phase.values):
            raise ValidationError(gettext("“%(phase)s” must list phases.") % {"phase": phase})


class CoverageRules(MissionRules):
    """Which phases of the matrix a threat's phase calls for in a mission."""

    required_phases = models.JSONField(
        _("phases called for"),
        default=default_required_phases,
        validators=[validate_required_phases],
    )

    class Meta:
        verbose_name = _("rules of coverage")
        verbose_name_plural = _("rules of coverage")
