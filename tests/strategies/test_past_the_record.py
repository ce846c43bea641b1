"""Past the end of the record nothing is known: a figure of it is “–” or null, never 0."""

import datetime

import pytest

from strategies.brief.document import document
from strategies.brief.facts import gather
from strategies.reading.overview import overview
from tests.factories import IncidentFactory, MissionFactory
from threats.models import Incident, RecordSpan
from threats.scoring.record import record_of

END = datetime.date(2022, 12, 18)  # a Sunday
DAY = datetime.timedelta(days=1)
WEEK = datetime.date(2022, 12, 26)


def of_file(today: datetime.date, *, since: datetime.date = END - 300 * DAY):
    """A mission whose only source ends on the 18th: one attack on civilians a week before it."""
    mission = MissionFactory(reference_date=today)
    RecordSpan.objects.create(
        mission=mission, dataset="ucdp", since=since, until=END, classification=0
    )
    for weeks in range(5):
        IncidentFactory(
            mission=mission, start_date=END - 7 * weeks * DAY, dataset="ucdp", civilian_deaths=2,
            external_id=f"{weeks}",
        )  # fmt: skip
    return mission


def told(mission, week: datetime.date, language: str = "en") -> list[dict]:
    return document(gather(mission, 2, week), language, [], None)["figures"][:2]


def test_a_brief_past_the_record_says_no_0_incidents(db):
    mission = of_file(datetime.date(2022, 12, 31))
    week = gather(mission, 2, WEEK).week
    assert (week.incidents, week.civilian_deaths, week.clashes) == (None, None, None)
    for figure in told(mission, WEEK):
        assert figure["value"] == "–"
        assert figure["note"] == "no record since 18 Dec: not known"
    said = document(gather(mission, 2, WEEK), "en", [], None)
    (section,) = [part for part in said["sections"] if part["key"] == "incidents"]
    assert section["empty"] == "Nothing to judge: no source speaks of this week."


def test_its_means_are_of_the_weeks_on_record(db):
    """Of the four weeks before the 2 January, two are on record: a mean of four halved the figure."""
    mission = of_file(datetime.date(2023, 1, 8))
    IncidentFactory(mission=mission, start_date=datetime.date(2023, 1, 3), dataset="ucdp",
                    external_id="x")  # fmt: skip
    RecordSpan.objects.create(
        mission=mission, dataset="ucdp", since=datetime.date(2023, 1, 2),
        until=datetime.date(2023, 1, 8), classification=0,
    )  # fmt: skip
    incidents, deaths = told(mission, datetime.date(2023, 1, 2))
    assert (incidents["value"], incidents["note"]) == ("1", "1.0 a week in the 2 weeks before")
    assert deaths["note"] == "2.0 a week in the 2 weeks before"


def test_a_week_on_record_in_part_says_until_when(db):
    mission = of_file(datetime.date(2022, 12, 31))
    RecordSpan.objects.update(until=END + 3 * DAY)
    week = gather(mission, 2, END + DAY).week
    assert (week.incidents, week.on_record, week.days) == (0, 3, 7)
    (incidents, _deaths) = told(mission, END + DAY)
    assert incidents["value"] == "0"
    assert incidents["note"] == "on record until 21 Dec · 1.0 a week in the 4 weeks before"


def test_no_five_quiet_weeks_are_claimed_where_only_some_are_on_record(db):
    mission = of_file(END, since=END - 6 * DAY)
    Incident.objects.filter(mission=mission).delete()
    incidents, deaths = told(mission, END - 6 * DAY)
    assert incidents == {
        "value": "0", "label": "incidents against civilians",
        "note": "no whole week before is on record",
    }  # fmt: skip
    assert deaths["value"] == "0"


@pytest.mark.parametrize(
    ("days", "recent", "before"), [(10, 3, 2), (35, None, 4), (330, None, None)]
)
def test_the_overview_past_the_record_tells_none_and_not_0(
    member, signed_in, api, db, days, recent, before
):
    mission = of_file(END + days * DAY)
    user = member(where=mission)
    figures = overview(mission, user)["figures"]
    deaths = None if recent is None else figures.recent_deaths
    assert (figures.recent, figures.before, figures.recent_deaths) == (recent, before, deaths)
    answer = api(user).get(f"/api/v1/overview/?mission={mission.code}").json()
    assert (answer["recent"], answer["before"], answer["recent_deaths"]) == (recent, before, deaths)
    page = signed_in(user).get(f"/{mission.code}/").content.decode()
    page = " ".join(page.split())
    if recent is None:
        assert "no record since 18 December 2022: not known, and not taken for peace" in page
        assert "known dead" not in page
    else:
        assert "on record until 18 December 2022" in page


def test_what_is_on_record_in_a_week_no_source_speaks_of_is_told_all_the_same(db):
    mission = of_file(datetime.date(2022, 12, 31))
    IncidentFactory(mission=mission, start_date=WEEK, dataset="ucdp", external_id="late")
    week = gather(mission, 2, WEEK).week
    assert (week.incidents, week.on_record) == (1, 0)


def test_days_told_are_counted_once_however_many_sources_speak(db):
    mission = of_file(datetime.date(2022, 12, 31))
    RecordSpan.objects.create(
        mission=mission, dataset="acled", since=END - 2 * DAY, until=END + 2 * DAY, classification=1
    )
    both, one = record_of(mission, 1), record_of(mission, 0)
    assert both.days_told(END - DAY, END + 5 * DAY) == 4
    assert one.days_told(END - DAY, END + 5 * DAY) == 2
    assert one.count(0.0, END + DAY, END + 5 * DAY) is None
    assert both.count(0.0, END + DAY, END + 5 * DAY) == 0
