"""Tags and filters of the frame, in every template."""

from __future__ import annotations

import datetime
from typing import Any

from django import template
from django.conf import settings
from django.db.models import Model
from django.shortcuts import resolve_url
from django.utils.formats import localize, number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from poc_portal.declarations.extensions import panels_of
from poc_portal.declarations.navigation import declared, links, map_layers, name_lists
from poc_portal.web.clock import as_clock, as_month

register = template.Library()


@register.filter
def percent(value: float | None, decimals: int = 0) -> str:
    """A share of 1 as a percentage; an en dash where unknown."""
    if value is None:
        return "–"
    if 0 < value < 0.01 and decimals == 0:
        return "<" + gettext("%(number)s %%") % {"number": 1}
    return gettext("%(number)s %%") % {
        "number": number_format(round(100 * value, decimals), decimals)
    }


@register.filter
def month(value: str) -> str:
    """A month of ISO 8601 as the reader's language writes it; other text as it is."""
    return as_month(value)


@register.filter
def told_by(text: Any, record: Any) -> str:
    """A text of a record's; one of the demonstration's own in the reader's language."""
    return record.as_told(str(text))


@register.filter
def clock(value: datetime.datetime | None) -> str:
    """A moment by the mission's clocks, with their zone; an en dash where there is none."""
    return as_clock(value) if value else "–"


@register.filter
def one_in(value: float | None) -> str:
    """A probability as people say it: “about 1 in 6”, “about 7 in 10”; a dash where unknown."""
    if value is None:
        return "–"
    if value < 0.001:
        return gettext("less than 1 in 1,000")
    if value >= 0.95:
        return gettext("more than 9 in 10")
    if value >= 0.5:
        return gettext("about %(n)s in 10") % {"n": round(10 * value)}
    return gettext("about 1 in %(n)s") % {"n": number_format(round(1 / value))}


@register.filter
def points(value: float | None) -> str:
    """A difference of shares in percentage points, with its sign."""
    if value is None:
        return "–"
    rounded = round(100 * value, 1)
    if rounded == 0:
        return "±0"
    return ("+" if rounded > 0 else "−") + number_format(abs(rounded), 1)


@register.filter
def duration(value: Any) -> str:
    """A span of time in its largest unit; an en dash where unknown."""
    if value is None:
        return "–"
    minutes = value.total_seconds() / 60
    if minutes < 90:
        return gettext("%(n)s min") % {"n": number_format(round(minutes), 0)}
    if minutes < 48 * 60:
        return gettext("%(n)s h") % {"n": number_format(round(minutes / 60, 1), 1)}
    # From two days on: plural in every language.
    return gettext("%(n)s days") % {"n": number_format(round(minutes / 1440, 1), 1)}


@register.filter
def known(value: Any) -> Any:
    """The value, or “unknown”: never an empty cell or a zero for what is not known."""
    return gettext("unknown") if value is None or value == "" else value


@register.filter
def item(mapping: Any, key: Any) -> Any:
    """``mapping[key]``: a form's field by name, say."""
    return mapping[key]


@register.simple_tag(takes_context=True)
def navigation(context: Any, kind: str) -> list:
    """What apps declare of a kind (menu, foot, actions, name_lists, map_layers) for this page and reader."""
    if kind == "name_lists":
        return name_lists(context.get("mission"))
    if kind == "map_layers":
        return map_layers(context.flatten())
    user = getattr(context.get("request"), "user", None)
    reader = {
        "is_signed_in": bool(user and user.is_authenticated),
        "is_staff": bool(user and user.is_staff),
    }
    return links(kind, context.flatten() | reader)


@register.simple_tag(takes_context=True)
def bar(context: Any) -> str:
    """The parts of the bar on top that apps declare."""
    return _drawn(context, [(part.template, {}) for part in declared("bar")])


@register.simple_tag(takes_context=True)
def banners(context: Any) -> str:
    """What apps say across the top of every page."""
    return _drawn(context, [(part.template, {}) for part in declared("banners")])


@register.simple_tag
def settings_url(name: str) -> str:
    """The address of the page a setting names."""
    return resolve_url(getattr(settings, name))


@register.simple_tag(takes_context=True)
def panels(context: Any, record: Any, place: str = "end") -> str:
    """What apps add to the record's page at this place; nothing where there is no record."""
    found = panels_of(type(record), place) if isinstance(record, Model) else ()
    given = [(panel.template, panel.context(record, context["request"])) for panel in found]
    return _drawn(context, [(name, values) for name, values in given if values is not None])


def _drawn(context: Any, parts: list[tuple[str, dict[str, Any]]]) -> str:
    """Templates one after the other, each within the page's context and values of its own."""
    texts = []
    for name, values in parts:
        with context.push(**values):
            texts.append(context.template.engine.get_template(name).render(context))
    return mark_safe("".join(texts))  # each was escaped by its own template


@register.simple_tag(takes_context=True)
def with_query(context: dict, **changes: Any) -> str:
    """The present query string with some parameters changed; None removes one."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        if value is None:
            query.pop(name, None)
        else:
            query[name] = value
    encoded = query.urlencode()
    return f"?{encoded}" if encoded else "?"


@register.simple_tag
def badge(scale: str, value: Any = "", *texts: Any, title: Any = "") -> SafeString:
    """A word or number in the colour of its scale; several texts are joined by a middle dot.

    ``scale``: mark, state, level, band, tone or imminence; ``value``: where on it, or nothing.
    """
    names = "mark" if scale == "imminence" else scale
    if value is not None and value != "":
        names += f" {scale}-{value!s}"
    inner = format_html_join(" · ", "{}", ((localize(text),) for text in texts))
    if title:
        return format_html('<span class="{}" title="{}">{}</span>', names, title, inner)
    return format_html('<span class="{}">{}</span>', names, inner)


@register.simple_tag
def progress(share: float) -> SafeString:
    """A share of 1 as a bar."""
    return format_html('<progress max="1" value="{}"></progress>', f"{share:.4f}")
