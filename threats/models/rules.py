from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from missions.choices import Classification
from missions.models.rules import MissionRules
from threats.choices import HORIZONS, default_cut_points
from threats.rules.names import shipped_peoples


def validate_cut_points(value) -> None:
    """Raise ValidationError unless ``value`` has four rising probabilities for every horizon."""
    if not isinstance(value, dict) or set(value) != {str(days) for days in HORIZONS}:
        raise ValidationError(gettext("Give four cut points for each horizon, 30 and 90 days."))
    for horizon, points in value.items():
        numbers = isinstance(points, list) and all(isinstance(p, int | float) for p in points)
        if not numbers or len(points) != 4 or sorted(set(points)) != points:
            raise ValidationError(
                gettext("The cut points for %(horizon)s days must be four rising numbers.")
                % {"horizon": horizon}
            )
        if not 0 < points[0] < points[-1] < 1:
            raise ValidationError(gettext("Cut points are probabilities between 0 and 1."))


class ThreatRules(MissionRules):
    """Where a mission's risk bands begin, what counts as help in time, who is told of sources."""

    risk_cut_points = models.JSONField(
        _("risk cut points"), default=default_cut_points, validators=[validate_cut_points]
    )
    travel_speed = models.FloatField(
        _("travel speed, km/h"), default=25.0, validators=[MinValueValidator(1)],
        help_text=_("Over straight lines; what help makes on the roads of the mission's area."),
    )  # fmt: skip
    reach_hours = models.FloatField(
        _("reach, hours"), default=2.0, validators=[MinValueValidator(0.1)],
        help_text=_("Help that takes longer comes too late: most attacks are over within two hours."),
    )  # fmt: skip

    source_kinds_from = models.PositiveSmallIntegerField(
        _("kinds of sources shown exactly from"), choices=Classification.choices,
        default=Classification.STRICTLY_CONFIDENTIAL,
        db_default=Classification.STRICTLY_CONFIDENTIAL.value,
        help_text=_(
            "Readers cleared for less are told the group alone, for an exact kind may name somebody: "
            "“a liaison assistant” where there is one."
        ),
    )  # fmt: skip

    peoples = ArrayField(
        models.CharField(max_length=100), verbose_name=_("peoples and faiths"), blank=True,
        default=shipped_peoples,
        help_text=_("Names that are no armed group: an actor so called has no kind until a person decides."),
    )  # fmt: skip

    class Meta:
        verbose_name = _("rules of risk and reach")
        verbose_name_plural = _("rules of risk and reach")
