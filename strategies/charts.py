"""An indicator's measurements and activities over time, as charts."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext

from poc_portal.web.charts import Bar, Chart, Line, Mark, Rule, Scale, days
from strategies.choices import CellState
from strategies.models import Activity, Indicator

MONTHS_SHOWN = 12  # named on a timeline at most
SHORTEST = 0.4  # percent of the width, to be seen


def sparkline(indicator: Indicator, title: str) -> Chart | None:
    """An indicator's measurements over time between baseline and target; None without any."""
    series = indicator.series
    if not series:
        return None
    ends = [indicator.baseline, indicator.target, *(row.value for row in series)]
    y = Scale(min(ends), max(ends))
    x = Scale(series[0].day.toordinal(), series[-1].day.toordinal())
    points = [(x.at(row.day.toordinal()), y.up(row.value)) for row in series]
    if len(points) == 1:
        points = [(0.0, y.up(indicator.baseline)), (100.0, points[0][1])]
    target = y.up(indicator.target)
    return Chart(
        gettext("Measurements over time; the dashed line is the target"),
        lines=[Line(title, points)],
        marks=[Mark(*points[-1])],
        rules=[Rule(0, target, 100, target, "target")],
        kind="spark",
    )


@dataclass(frozen=True)
class Timeline:
    """Activities, each with its bar from start to due, under one head of months."""

    head: Chart
    rows: list[tuple[Activity, Chart]]


def timeline(activities: Sequence[Activity], today: datetime.date) -> Timeline | None:
    """Activities annotated with ``is_overdue``, over the months they take; None without any."""
    if not activities:
        return None
    first = min(activity.start for activity in activities).replace(day=1)
    last = max(max(activity.due for activity in activities), first + datetime.timedelta(days=27))
    end = last + datetime.timedelta(days=1)
    x = days(first, end, lambda day: date_format(day, "YEAR_MONTH_FORMAT"), MONTHS_SHOWN)
    at = x.at(today.toordinal())
    rules = [Rule(at, 0, at, 100, "today")] if first <= today <= last else []

    def row(activity: Activity) -> Chart:
        start, due = x.at(activity.start.toordinal()), x.at(activity.due.toordinal() + 1)
        state = CellState.OVERDUE if activity.is_overdue else activity.status  # type: ignore
        words = f"{date_format(activity.start, 'SHORT_DATE_FORMAT')} – {date_format(activity.due, 'SHORT_DATE_FORMAT')}"
        bar = Bar(start, max(round(due - start, 2), SHORTEST), 21, 58, state, words)
        return Chart(words, x, bars=[bar], rules=rules, kind="row")

    return Timeline(
        Chart("", x, kind="head"), [(activity, row(activity)) for activity in activities]
    )
