"""What a page says of a record's classification."""

from __future__ import annotations

from typing import Any

from django import template

from records.declassifying import declassifications

register = template.Library()


@register.inclusion_tag("records/declassified.html", takes_context=True)
def declassified(context: dict[str, Any], record: Any) -> dict[str, Any]:
    """That it was more secret, who lowered it and why, for those cleared for what it was."""
    return {"rows": declassifications(record, context["request"].user)}
