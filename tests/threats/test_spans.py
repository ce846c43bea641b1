"""A date shows as precisely as it is known."""

import datetime

import pytest
from django.urls import reverse

from missions.models import User
from records.search import search
from tests.factories import AlertFactory, IncidentFactory, MissionFactory
from threats.choices import DatePrecision
from threats.models import Incident
from threats.spans import known_span, span_text

FIRST, LAST = datetime.date(2022, 12, 1), datetime.date(2022, 12, 31)


@pytest.mark.parametrize(
    ("first", "last", "precision", "expected"),
    [
        (FIRST, FIRST, DatePrecision.DAY, (FIRST, FIRST)),
        (FIRST, LAST, DatePrecision.MONTH, (FIRST, LAST)),
        (LAST, LAST, DatePrecision.MONTH, (FIRST, LAST)),
        (FIRST, FIRST, DatePrecision.WEEK,
         (datetime.date(2022, 11, 28), datetime.date(2022, 12, 4))),
        (FIRST, LAST, DatePrecision.LONGER, (FIRST, LAST)),
    ],
)  # fmt: skip
def test_a_span_is_all_it_may_be(first, last, precision, expected):
    assert known_span(first, last, precision) == expected


def test_a_month_is_never_shown_as_its_first_day():
    text = span_text(FIRST, FIRST, DatePrecision.MONTH, "DATE_FORMAT")
    assert text.startswith("≈")
    assert "31" in text
    incident = Incident(start_date=FIRST, end_date=LAST, date_precision=DatePrecision.MONTH)
    assert "31" in incident.when_short
    assert "31" in incident.when
    assert "31" in incident.when_of_year


def test_an_exact_day_is_shown_alone():
    incident = Incident(start_date=LAST, end_date=LAST)
    assert "–" not in incident.when_short
    assert "≈" not in incident.when_short


def test_a_list_shows_the_span_and_a_sheet_the_first_day(mission, member, signed_in):
    IncidentFactory(mission=mission, start_date=FIRST, end_date=LAST, date_precision="month")
    client = signed_in(member())
    page = client.get(f"/{mission.code}/incidents/").content.decode()
    assert "≈ 1 Dec 2022 – 31 Dec 2022" in page
    rows = b"".join(client.get(f"/{mission.code}/incidents/?format=csv").streaming_content)
    assert "2022-12-01," in rows.decode()
    assert "≈" not in rows.decode()


def test_the_api_says_the_days_beside_the_first_one(mission, member, api):
    made = [
        IncidentFactory(mission=mission, start_date=first, end_date=last, date_precision=precision)
        for first, last in ((FIRST, FIRST), (FIRST, LAST))
        for precision in DatePrecision.values
    ]
    caller = api(member())
    listed = {
        row["id"]: row["when"]
        for row in caller.get(f"/api/v1/incidents/?mission={mission.code}").json()["results"]
    }
    for incident in made:
        alone = caller.get(f"/api/v1/incidents/{incident.pk}/").json()["when"]
        assert alone == listed[incident.pk] == incident.when_iso
    assert listed[made[0].pk] == "2022-12-01"
    assert listed[made[3].pk] == "≈ 2022-12-01 – 2022-12-31"


def test_search_and_administration_show_the_span(mission, member, client):
    IncidentFactory(
        mission=mission, place_name="Zangba", start_date=FIRST, end_date=LAST,
        date_precision=DatePrecision.MONTH,
    )  # fmt: skip
    reader = member()
    User.objects.filter(pk=reader.pk).update(is_staff=True, is_superuser=True)
    client.force_login(reader)
    page = client.get(reverse("admin:threats_incident_changelist")).content.decode()
    assert "≈" in page
    assert "31" in page[page.index("≈") :][:60]
    (part,) = search(mission, reader, "zangba")
    assert "31" in part.hits[0].title


def test_search_dates_an_alert_by_the_clocks_of_the_mission(member):
    mission = MissionFactory(time_zone="Africa/Juba", reference_date=None)
    received = datetime.datetime(2022, 12, 30, 23, 30, tzinfo=datetime.UTC)  # the 31st in Juba
    AlertFactory(mission=mission, place_name="Zangba", received_at=received)
    (part,) = search(mission, member(where=mission), "zangba")
    assert "31" in part.hits[0].note
    assert "30" not in part.hits[0].note
