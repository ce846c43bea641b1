"""What a list says where the mission has no such record: nothing to judge, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from missions.access import grant_in, may_create
from missions.choices import Role
from missions.need_to_know import KEPT_APART
from missions.roles import roles_with


@dataclass(frozen=True)
class Nothing:
    """``said``: what is missing. ``following``: what to do next, led to by ``address``.

    The ``address`` is the name of a page of the mission, with ``query`` behind it; who may not
    create such a record is told the step without the link and which roles can take it, and without
    an ``address`` everybody is told the step alone.
    """

    said: Promise
    following: Promise
    address: str = ""
    query: str = ""


def nothing_yet(page: Any) -> SafeString | str:
    """Of a list page without rows: empty where the mission has records, which its filters hide."""
    nothing: Nothing | None = page.nothing
    if nothing is None or page.visible_here(page.queryset.all()).exists():
        return ""
    limit = as_far_as(page)
    said = format_html("{} {}", nothing.said, limit) if limit else nothing.said
    may = nothing.address and may_create(page.request.user, page.queryset.model, page.mission)
    if not may:
        who = who_may(page.queryset.model) if nothing.address else ""
        return format_html("{} {} {}", said, nothing.following, who)
    address = reverse(nothing.address, args=[page.mission.code])
    return format_html(
        '{} <a href="{}{}">{}</a>', said, address,
        f"?{nothing.query}" if nothing.query else "", nothing.following,
    )  # fmt: skip


def as_far_as(page: Any) -> str:
    """That there may be more than the reader sees; said to all who do not read everything, whether
    there is or not."""
    grant = grant_in(page.request.user, page.mission)
    if grant is None or grant.layer == KEPT_APART:
        return ""
    if not hasattr(page.queryset.model, "classification"):
        return ""
    return gettext("What is above your clearance or need to know is not shown.")


def who_may(model: type[models.Model]) -> str:
    """Which roles may create such a record, as a sentence in the reader's language."""
    able = roles_with(model.to_create)  # type: ignore[attr-defined]
    names = ", ".join(str(role.label) for role in Role if role in able)
    return gettext("(Who can: %(roles)s.)") % {"roles": names}
