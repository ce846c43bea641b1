"""What apps declare and the frame gathers, from the lowest floor up: so the frame names no app.

| in an ``AppConfig``  | the module, or what it is                                             |
|----------------------|-----------------------------------------------------------------------|
| `urls_module`        | `urlpatterns` of its pages                                            |
| `navigation_module`  | `menu`, `bar`, `foot`, `actions` of lists, `name_lists` of forms      |
| `api_module`         | `resources`: viewsets by name                                         |
| `extensions_module`  | `extensions`: what it adds to lists, pages and resources of others    |
| `search_module`      | `sources` of the search                                               |
| `signs_module`       | `signs`: what tells that a quiet place is at peace                    |
| `exchange_module`    | events, notifications, names of columns                               |
| `demo_module`        | `steps` of the demonstration                                          |
| `sweeps`             | tasks of beat, with their queues                                      |
| `enumerations`       | where to find each enumeration the API's schema names                 |
| `context_processors` | what every page's templates get                                       |
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
