"""What the floors above declare to be told of, and how sheets may call their fields.

An app names a module in ``AppConfig.exchange_module``. It may hold

* ``events``: the resource of the API that tells of each kind of event,
* ``notifications``: kinds of notification, and ``urgent``: those no quiet hour holds back,
* ``usual_sheet``: the resource most sheets become,
* ``column_names``: what people call a field's column, beside its own name and label.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db.models import TextChoices

from exchange.choices import EventKind, NotificationKind
from poc_portal.declarations import modules


@cache
def event_resources() -> dict[str, str]:
    """Resource of the API by kind of event."""
    found: dict[str, str] = {}
    for module in modules("exchange"):
        found |= getattr(module, "events", {})
    return found


def _event_kinds() -> list[Any]:
    return [kind for module in modules("exchange") for kind in getattr(module, "events", {})]


def event_choices() -> list[tuple[str, Any]]:
    """All kinds of event; last what the portal tells of itself."""
    declared = [(kind.value, kind.label) for kind in _event_kinds()]
    return [*declared, *EventKind.choices]


def _notification_kinds() -> list[type[TextChoices]]:
    declared = [getattr(module, "notifications", None) for module in modules("exchange")]
    return [*(kinds for kinds in declared if kinds is not None), NotificationKind]


def notification_choices() -> list[tuple[str, Any]]:
    """All kinds of notification; last what this floor tells."""
    return [choice for kinds in _notification_kinds() for choice in kinds.choices]


@cache
def urgent_notifications() -> frozenset[str]:
    """Kinds that come by e-mail to those on duty, quiet hours or not."""
    return frozenset().union(*(getattr(module, "urgent", ()) for module in modules("exchange")))


def usual_sheet() -> str:
    """The resource most sheets become; empty where none is declared."""
    return next(
        (name for module in modules("exchange") if (name := getattr(module, "usual_sheet", ""))), ""
    )


@cache
def column_names() -> dict[str, tuple[str, ...]]:
    """Names of columns by field, of all apps together."""
    found: dict[str, tuple[str, ...]] = {}
    for module in modules("exchange"):
        for field, names in getattr(module, "column_names", {}).items():
            found[field] = (*found.get(field, ()), *names)
    return found
