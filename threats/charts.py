"""How good the scores are and how a community's risk moved, as charts."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext

from poc_portal.templatetags.portal import percent
from poc_portal.web.charts import DIAGONAL, Bar, Chart, Line, Mark, Scale, counts, days, shares
from poc_portal.web.clock import as_month

MONTHS_NAMED = 4  # under a chart as narrow as a telephone


def history(points: Sequence[tuple[datetime.date, float]], label: str | Promise) -> Chart | None:
    """Probability (0–1) by day, oldest first; None without any."""
    if not points:
        return None
    x = days(
        points[0][0], points[-1][0], lambda day: date_format(day, "YEAR_MONTH_FORMAT"), MONTHS_NAMED
    )
    y = shares(max(value for _day, value in points), label, percent)
    marks = [
        Mark(
            x.at(day.toordinal()),
            y.up(value),
            f"{date_format(day, 'SHORT_DATE_FORMAT')} · {percent(value, 1)}",
        )
        for day, value in points
    ]
    line = Line(label, [(mark.x, mark.y) for mark in marks], filled=True)
    return Chart(gettext("Probability over time"), x, y, lines=[line], marks=marks)


def reliability(groups: list[dict]) -> Chart:
    """Forecast against what happened, each group with what chance alone can do."""
    most = max([max(group["forecast"], group["high"]) for group in groups], default=1.0)
    x, y = shares(most, gettext("forecast"), percent), shares(most, gettext("happened"), percent)
    marks = [
        Mark(
            x.at(group["forecast"]),
            y.up(group["observed"]),
            ngettext(
                "said %(said)s, happened %(happened)s (%(rows)s forecast)",
                "said %(said)s, happened %(happened)s (%(rows)s forecasts)",
                group["rows"],
            )
            % {
                "said": percent(group["forecast"], 1),
                "happened": percent(group["observed"], 1),
                "rows": number_format(group["rows"], 0, force_grouping=True),
            },
            y.up(group["low"]),
            y.up(group["high"]),
        )
        for group in groups
    ]
    return Chart(_named(x, y), x, y, marks=marks, rules=[DIAGONAL])


def precision_recall(curves: dict[str, list], names: dict[str, str]) -> Chart:
    """Share of warnings that came true against share of what came true that was warned of."""
    x = shares(1.0, gettext("share of what happened that was warned of"), percent)
    y = shares(1.0, gettext("share of warnings that came true"), percent)
    lines = [
        Line(names.get(name, name), [(x.at(recall), y.up(share)) for recall, share in curve])
        for name, curve in curves.items()
    ]
    return Chart(_named(x, y), x, y, lines=lines)


def hits_by_month(months: list[dict]) -> Chart:
    """Incidents of each month, and how many fell near the places ranked highest."""
    y = counts(max([month["incidents"] for month in months], default=1), gettext("incidents"))
    named = [as_month(month["month"]) for month in months]
    ends = f"{named[0]} – {named[-1]}" if named else ""
    x = Scale(0, max(len(months), 1), ends)
    bars = []
    for number, month in enumerate(months):
        title = ngettext(
            "%(month)s: %(caught)s of %(incidents)s incident",
            "%(month)s: %(caught)s of %(incidents)s incidents",
            month["incidents"],
        ) % {
            "month": named[number],
            "incidents": month["incidents"],
            "caught": month["top_10"],
        }
        for kind, value in (("whole", month["incidents"]), ("part", month["top_10"])):
            bars.append(Bar(x.at(number), 0.8 * x.at(1), y.up(value), y.at(value), kind, title))
    return Chart(_named(x, y), x, y, bars=bars)


def _named(x: Scale, y: Scale) -> str:
    return f"{y.label} / {x.label}"
