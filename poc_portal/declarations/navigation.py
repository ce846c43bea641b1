"""The menu, the bar, the foot, the buttons of lists and the signs on the map, as apps declare them.

The module an app names in ``AppConfig.navigation_module`` may hold ``menu``, ``foot`` and
``actions`` (links), ``bar`` and ``banners`` (parts), ``name_lists`` and ``map_layers``.
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
    """Part of the bar on top, or across the page: a template, drawn within the page's own context."""

    template: str
    order: int = 0


@dataclass(frozen=True)
class NameList:
    """Names a form suggests while one types, in a field whose ``list`` is ``name``."""

    name: str
    url: str
    arguments: tuple[str, ...] = ()  # after the mission's code


@dataclass(frozen=True)
class MapLayer:
    """Records with a point, each a sign on a mission's map that opens a card.

    ``name``: of its styles, ``.key-<name>`` and ``.<name>-icon``. ``one``: a sign's meaning in the
    legend. ``resource``: of the API; ``query`` may name values of the page in braces. ``fields``:
    the card's title and its further lines; without lines ``one`` stands there. ``page``: name of a
    record's page. ``sign``: a character; empty for a square of the style. ``size`` and ``rise``:
    pixels, and by how many it stands above its point.
    """

    name: str
    label: str | Promise
    one: str | Promise
    resource: str
    fields: tuple[str, ...]
    query: str = ""
    page: str = ""
    sign: str = ""
    size: int = 14
    rise: int = 0
    order: int = 0


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


def map_layers(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Of each layer what the map of ``values["mission"]`` is drawn from."""
    code = values["mission"].code
    return [
        {
            "name": each.name,
            "label": str(each.label),
            "one": str(each.one),
            "from": f"{reverse(f'{each.resource}-list')}?mission={code}"
            + (f"&{each.query.format_map(values)}" if each.query else ""),
            "fields": each.fields,
            "page": reverse(each.page, args=[code, 0]) if each.page else "",
            "sign": each.sign,
            "size": each.size,
            "rise": each.rise,
        }
        for each in declared("map_layers")
    ]


def _address(link: Link, values: Mapping[str, Any]) -> str:
    path = reverse(link.url, args=[values["mission"].code] if link.of_mission else [])
    return f"{path}?{link.query.format_map(values)}" if link.query else path
