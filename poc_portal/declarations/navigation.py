"""The menu, the bar, the foot and the buttons of lists, as apps declare them.

The module an app names in ``AppConfig.navigation_module`` may hold ``menu``, ``foot`` and
``actions`` (links), ``bar`` (parts) and ``name_lists``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.functional import Promise

from poc_portal.declarations import modules

if TYPE_CHECKING:
    from django.utils.functional import Promise


@dataclass(frozen=True)
class Link:
    """A link shown where all that it ``needs`` is there.

    ``url``: name of a page, of the mission unless ``of_mission`` says otherwise. ``query``: may
    name values of the page in braces. ``needs``: names of the page's values, such as
    ``may_plan``. ``section``: of the menu, the one it marks; of a button, the list it stands on,
    by default any. ``style``: its classes.
    """

    label: str | Promise
    url: str
    order: int = 0
    section: str = ""
    query: str = ""
    needs: tuple[str, ...] = ()
    style: str = ""
    of_mission: bool = True


@dataclass(frozen=True)
class Part:
    """Part of the bar on top: a template, drawn within the page's own context."""

    template: str
    order: int = 0


@dataclass(frozen=True)
class NameList:
    """Names a form suggests while one types, in a field whose ``list`` is ``name``."""

    name: str
    url: str
    arguments: tuple[str, ...] = ()  # after the mission's code


@dataclass(frozen=True)
class Shown:
    """A link as one reader gets it on one page."""

    label: str | Promise
    address: str
    style: str
    is_here: bool


@cache
def declared(kind: str) -> tuple[Any, ...]:
    """All that apps declare of a kind, in order."""
    found = [each for module in modules("navigation") for each in getattr(module, kind, ())]
    return tuple(sorted(found, key=lambda each: getattr(each, "order", 0)))


def links(kind: str, values: Mapping[str, Any]) -> list[Shown]:
    """Those of a kind that a page with these values shows its reader."""
    section, mission = values.get("section", ""), values.get("mission")
    found: Iterable[Link] = declared(kind)
    if kind == "actions":
        found = [link for link in found if link.section in ("", section)]
    return [
        Shown(
            link.label, _address(link, values), link.style,
            bool(link.section) and link.section == section,
        )
        for link in found
        if (mission or not link.of_mission) and all(values.get(name) for name in link.needs)
    ]  # fmt: skip


def name_lists(mission: Any) -> list[dict[str, str]]:
    """Of each list its name and where names are asked for; none outside a mission."""
    return [
        {"name": each.name, "address": reverse(each.url, args=[mission.code, *each.arguments])}
        for each in (declared("name_lists") if mission else ())
    ]


def _address(link: Link, values: Mapping[str, Any]) -> str:
    path = reverse(link.url, args=[values["mission"].code] if link.of_mission else [])
    return f"{path}?{link.query.format_map(values)}" if link.query else path
