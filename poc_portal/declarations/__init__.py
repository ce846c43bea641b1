"""What apps declare and the frame shows: so the frame names no app.

An app names its modules in its ``AppConfig``: ``urls_module``, ``api_module``, ``search_module``,
``extensions_module``, ``navigation_module``, ``demo_module``. Its ``enumerations`` are the names
of enumerations in the API's schema.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from types import ModuleType

from django.apps import apps


@cache
def modules(kind: str) -> tuple[ModuleType, ...]:
    """The modules apps name as their ``<kind>_module``, from the lowest floor up."""
    named = (getattr(config, f"{kind}_module", None) for config in apps.get_app_configs())
    return tuple(import_module(name) for name in named if name)


def enumerations() -> dict[str, str]:
    """Where to find each enumeration the schema names, by its name there."""
    found: dict[str, str] = {}
    for config in apps.get_app_configs():
        found |= getattr(config, "enumerations", {})
    return found
