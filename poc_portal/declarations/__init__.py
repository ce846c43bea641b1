"""What apps declare and the frame shows: so the frame names no app.

An app names its modules in its ``AppConfig``: ``api_module``, ``search_module``,
``extensions_module``, ``navigation_module``, ``demo_module``.
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
