"""Time zones by name, and which ones a country keeps (IANA's ``zone.tab``, public domain)."""

from __future__ import annotations

from functools import cache
from importlib import resources
from zoneinfo import available_timezones

import pycountry
from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from poc_portal.api.strict import nearest


@cache
def known() -> frozenset[str]:
    """Names a mission may keep its time in, such as Africa/Bangui."""
    return frozenset(name for name in available_timezones() if "/" in name) | {"UTC"}


def validate_time_zone(name: str) -> None:
    """Raise ValidationError for what is no time zone, with the nearest names."""
    if name not in known():
        near = ", ".join(nearest(name, sorted(known())))
        raise ValidationError(
            (gettext("“%(name)s” is no time zone. Did you mean %(near)s?") if near
             else gettext("“%(name)s” is no time zone. Give one such as Africa/Bangui."))
            % {"name": name, "near": near}
        )  # fmt: skip


@cache
def of_country(iso3: str) -> tuple[str, ...]:
    """Time zones of a country by its ISO 3166-1 alpha-3 code, the largest city's first."""
    country = pycountry.countries.get(alpha_3=iso3)
    if country is None:
        return ()
    table = resources.files("tzdata").joinpath("zoneinfo/zone.tab").read_text("utf-8")
    rows = (line.split("\t") for line in table.splitlines() if not line.startswith("#"))
    return tuple(row[2] for row in rows if row[0] == country.alpha_2)


def usual(countries: list[str]) -> str:
    """The zone a mission to these countries would keep: the first one's, else UTC."""
    return next((zone for iso3 in countries for zone in of_country(iso3)), "UTC")
