"""Values as they stand in cells."""

from __future__ import annotations

from django.utils.translation import gettext

from poc_portal.tabular.report import SHOWN, BadValue


def number(column: str, value: str, low: float, high: float) -> float:
    """A finite number in [low, high]; raises BadValue."""
    try:
        result = float(value)
    except ValueError:
        raise BadValue(
            column, value, gettext("“%(value)s” is not a number.") % {"value": value[:SHOWN]}
        ) from None
    if not low <= result <= high:
        raise BadValue(
            column, value,
            gettext("%(value)s lies outside %(low)s to %(high)s.")
            % {"value": value[:SHOWN], "low": f"{low:g}", "high": f"{high:g}"},
        )  # fmt: skip
    return result


def count(column: str, value: str) -> int | None:
    """A whole number of people, 0 or more; None when empty. Raises BadValue."""
    value = value.strip()
    if not value:
        return None
    try:
        result = int(value)
    except ValueError:
        try:
            result = int(float(value)) if float(value).is_integer() else -1
        except (ValueError, OverflowError):
            result = -1
        if result < 0:
            raise BadValue(
                column, value,
                gettext("“%(value)s” is not a whole number; leave it empty where unknown.")
                % {"value": value[:SHOWN]},
            ) from None  # fmt: skip
    if result < 0:
        raise BadValue(
            column, value,
            gettext("%(value)s is negative; give 0 or more, or leave it empty where unknown.")
            % {"value": value[:SHOWN]},
        )  # fmt: skip
    if result > 2_147_483_647:
        raise BadValue(column, value, gettext("%(value)s is too large.") % {"value": value[:SHOWN]})
    return result


def text(column: str, value: str, longest: int, *, required: bool = False) -> str:
    """Trimmed text of at most ``longest`` characters; raises BadValue."""
    value = value.strip()
    if required and not value:
        raise BadValue(column, "", gettext("is empty; it must be given."))
    if len(value) > longest:
        raise BadValue(
            column, value,
            gettext("%(length)d characters; at most %(most)d. Shorten it.")
            % {"length": len(value), "most": longest},
        )  # fmt: skip
    return value
