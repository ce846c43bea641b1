"""What every page shows, gathered from the apps.

An app names its context processors in ``AppConfig.context_processors``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from django.apps import apps
from django.http import HttpRequest
from django.utils.module_loading import import_string

Processor = Callable[[HttpRequest], dict[str, Any]]


@cache
def _processors() -> list[Processor]:
    configs = apps.get_app_configs()
    names = [name for config in configs for name in getattr(config, "context_processors", ())]
    return [import_string(name) for name in names]


def declared(request: HttpRequest) -> dict[str, Any]:
    """The context of all declared processors together."""
    found: dict[str, Any] = {}
    for processor in _processors():
        found |= processor(request)
    return found
