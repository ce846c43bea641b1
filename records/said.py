"""Fields without a default: what nobody said is not claimed."""

from __future__ import annotations

from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _


def unsaid(name: str, codes: list[Any]) -> Any:
    """The refusal of a record that leaves ``name`` out, with the codes the field takes."""
    taken = ", ".join(map(str, codes))
    return format_lazy(
        _("Say {name}, which has no default: one of {codes}."), name=name, codes=taken
    )


def must_say(name: str, codes: list[Any], **more: Any) -> dict[str, Any]:
    """How a serializer declares such a field; ``more`` as for any other."""
    message = unsaid(name, codes)
    return {"required": True, "error_messages": {"required": message, "null": message}, **more}
