"""What happened on an unknown day counts spread over its days, and never as news of the last one."""

import datetime

import numpy as np
import pytest

from strategies.brief.facts import gather
from strategies.reading.overview import overview
from tests.factories import TODAY, IncidentFactory
from threats.scoring.suggestions import suggest

DAY = datetime.timedelta(days=1)
FIRST = TODAY.replace(day=1)
CUTS = (0.02, 0.05, 0.15, 0.40)


def test_counts_take_the_share_of_the_days(mission, member):
    IncidentFactory(mission=mission, start_date=FIRST, end_date=TODAY, date_precision="month",
                    civilian_deaths=31, deaths_best=31)  # fmt: skip
    figures = overview(mission, member())["figures"]
    assert (figures.recent, figures.before, figures.recent_inexact) == (1, 0, 1)
    assert figures.recent_deaths == 30  # of the 31 days, 30 are among the last 30
    week = gather(mission, 2, datetime.date(2022, 12, 26)).week
    assert (week.incidents, week.civilian_deaths, week.inexact) == (0, 6, 1)


def test_a_month_is_never_nought_days_ago():
    found = suggest([(FIRST, TODAY)], [], TODAY, CUTS)
    assert found.figures["latest_days_ago"] == 15
    assert "the latest within the last 31 days, its day unknown." in found.reasons[0]
    assert " 0 days ago" not in found.reasons[0]
    exact = suggest([TODAY], [], TODAY, CUTS)
    assert found.expected < exact.expected
    assert found.expected == pytest.approx(
        np.mean([suggest([FIRST + n * DAY], [], TODAY, CUTS).expected for n in range(31)])
    )
