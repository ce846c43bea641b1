"""What a page with scores has to say about them."""

from __future__ import annotations

from django import template

from threats.models import RiskState

register = template.Library()


@register.inclusion_tag("threats/risk_notice.html")
def risk_notice(mission) -> dict:
    """A line where the scores come from the shipped prior, not from the mission's own record."""
    state = RiskState.objects.filter(mission=mission).select_related("model").first()
    return {"mission": mission, "is_prior": state is not None and state.model.mission_id is None}
