"""What happened on an unknown day counts spread over its days, and never as news of the last one."""

import datetime

import numpy as np
import pytest

from strategies.brief.facts import gather
from strategies.reading.overview import overview
from tests.factories import (
    TODAY,
    ArmedActorFactory,
    CommunityFactory,
    IncidentActorFactory,
    IncidentFactory,
    ThreatFactory,
)
from threats.models import Incident
from threats.risk.kernels import terms_of_each
from threats.risk.sums import decayed_sums
from threats.scoring.evidence import load_evidence
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


@pytest.mark.parametrize("stored", [(TODAY, TODAY), (FIRST, TODAY)])
def test_an_unknown_day_of_december_does_not_top_the_killing_of_the_22nd(
    mission, member, signed_in, stored
):
    killing = IncidentFactory(
        mission=mission, start_date=TODAY.replace(day=22), kind="killing", place_name="Exact ford"
    )
    older = IncidentFactory(
        mission=mission, start_date=TODAY.replace(day=2), kind="killing", place_name="Old ford"
    )
    vague = IncidentFactory(
        mission=mission, start_date=stored[0], end_date=stored[1], date_precision="month",
        place_name="Vague ford",
    )  # fmt: skip
    user = member()
    newest = [killing, vague, older]
    assert overview(mission, user)["incidents"] == newest
    threat, actor = ThreatFactory(mission=mission), ArmedActorFactory(mission=mission)
    threat.incidents.set(newest)
    for incident in newest:
        IncidentActorFactory(incident=incident, actor=actor)
    place = CommunityFactory(mission=mission, longitude=20.0, latitude=5.0)
    for page in (threat, actor, place):
        text = signed_in(user).get(page.get_absolute_url()).content.decode()
        where = [text.index(name) for name in ("Exact ford", "Vague ford", "Old ford")]
        assert where == sorted(where), page


def test_where_the_middle_is_the_same_the_exact_day_comes_first(mission, member):
    vague = IncidentFactory(
        mission=mission, start_date=FIRST, end_date=FIRST + 4 * DAY, date_precision="days"
    )
    exact = IncidentFactory(mission=mission, start_date=FIRST + 2 * DAY)
    later = IncidentFactory(
        mission=mission, start_date=FIRST, end_date=FIRST + 4 * DAY, date_precision="days"
    )
    assert overview(mission, member())["incidents"] == [exact, later, vague]


def test_a_week_tells_only_of_what_counts_in_it(mission):
    """Stored from 1 to 31 December it was “the gravest” of the week of 28 November, which counts 0."""
    month = IncidentFactory(
        mission=mission, start_date=FIRST, end_date=TODAY, date_precision="month",
        civilian_deaths=50, deaths_best=50,
    )  # fmt: skip
    exact = IncidentFactory(mission=mission, start_date=TODAY.replace(day=22))
    mostly = IncidentFactory(
        mission=mission, start_date=TODAY.replace(day=27), date_precision="week"
    )
    typed = IncidentFactory(mission=mission, start_date=TODAY, date_precision="month")
    november = gather(mission, 2, datetime.date(2022, 11, 28))
    assert (november.week.incidents, november.incidents.rows) == (0, [])
    last = gather(mission, 2, datetime.date(2022, 12, 26)).incidents.rows
    assert mostly in last
    assert month not in last
    assert typed not in last
    assert gather(mission, 2, datetime.date(2022, 12, 19)).incidents.rows == [exact]


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


def weighs(mission):
    """What the mission's incidents add to each sum of a place beside them, today."""
    found, _ids = load_evidence(Incident.objects.filter(mission=mission))
    sums = decayed_sums(found, [20.0], [5.0], TODAY.toordinal())[0, 0]
    each = terms_of_each(found, 20.0, 5.0, TODAY.toordinal())
    np.testing.assert_allclose(each.sum(axis=0), sums, rtol=1e-9)
    return sums


@pytest.mark.parametrize(
    ("first", "last", "precision", "days"),
    [
        (FIRST, TODAY, "month", [FIRST + n * DAY for n in range(31)]),
        (TODAY, TODAY, "month", [FIRST + n * DAY for n in range(31)]),
        # Whichever day of a month was typed, it lies in all of them.
        (FIRST + 9 * DAY, FIRST + 9 * DAY, "month", [FIRST + n * DAY for n in range(31)]),
        (TODAY, TODAY, "week", [TODAY - n * DAY for n in range(6)]),  # a Saturday
        (FIRST, FIRST, "longer", [TODAY - n * DAY for n in range(365)]),
        (TODAY - 3 * DAY, TODAY, "days", [TODAY - n * DAY for n in range(4)]),
        # Four days of fighting known to the day are evidence of the last of them.
        (TODAY - 3 * DAY, TODAY, "day", [TODAY]),
    ],
)
def test_an_unknown_day_weighs_as_its_days_do_on_average(mission, first, last, precision, days):
    IncidentFactory(
        mission=mission, start_date=first, end_date=last, date_precision=precision,
        longitude=20.0, latitude=5.0,
    )  # fmt: skip
    vague = weighs(mission)
    Incident.objects.all().delete()
    for day in days:
        IncidentFactory(mission=mission, start_date=day, end_date=day, longitude=20.0, latitude=5.0)
    np.testing.assert_allclose(vague, weighs(mission) / len(days), rtol=1e-9)


def test_a_month_outweighs_no_killing_of_its_22nd(mission):
    for first, last, precision in (
        (FIRST, TODAY, "month"), (TODAY.replace(day=22), TODAY.replace(day=22), "day"),
    ):  # fmt: skip
        IncidentFactory(mission=mission, start_date=first, end_date=last, date_precision=precision)
    found, _ids = load_evidence(Incident.objects.filter(mission=mission).order_by("pk"))
    month, exact = terms_of_each(found, 20.0, 5.0, TODAY.toordinal())
    assert (month <= exact).all()
    assert month.sum() < exact.sum()


def test_known_civilian_dead_count_where_the_total_is_not_known(mission, member):
    day = TODAY - 3 * DAY
    dead = {"civilian_deaths": 30, "deaths_best": None, "deaths_low": None}
    IncidentFactory(
        mission=mission, start_date=day, end_date=day, longitude=20.0, latitude=5.0, **dead
    )
    with_civilians = weighs(mission)
    assert overview(mission, member())["figures"].recent_deaths == 30
    Incident.objects.update(deaths_best=30, civilian_deaths=None)
    np.testing.assert_allclose(with_civilians, weighs(mission), rtol=1e-9)
    Incident.objects.update(deaths_best=None, deaths_low=30)
    np.testing.assert_allclose(with_civilians, weighs(mission), rtol=1e-9)
    Incident.objects.update(deaths_low=None)
    assert weighs(mission).sum() < with_civilians.sum()


def test_a_siege_known_to_the_day_goes_on_until_its_last(mission, member):
    """Its length is no doubt about its day: it counts once wherever it goes on."""
    siege = IncidentFactory(
        mission=mission, kind="siege", start_date=TODAY - 121 * DAY, end_date=TODAY,
        date_precision="day", civilian_deaths=122, deaths_best=122,
    )  # fmt: skip
    found = suggest([siege.evidence_span], [], TODAY, CUTS)
    assert found.phase == "response"
    assert "the latest today." in found.reasons[0]
    figures = overview(mission, member())["figures"]
    assert (figures.recent, figures.before, figures.recent_inexact) == (1, 1, 0)
    assert figures.recent_deaths == 30  # of whom the day of death is not known
    week = gather(mission, 2, datetime.date(2022, 12, 26)).week
    assert (week.incidents, week.civilian_deaths, week.inexact) == (1, 6, 0)
    earlier = gather(mission, 2, datetime.date(2022, 8, 1)).week
    assert (earlier.incidents, earlier.civilian_deaths) == (None, None)  # no source speaks of it
