"""A date shows as precisely as it is known."""

import datetime
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.urls import reverse
from django.utils.translation import override

from missions.choices import Role
from records.search import search
from tests.factories import AlertFactory, IncidentFactory, MissionFactory
from tests.threats.test_imports import ACLED, write
from threats.choices import DatePrecision
from threats.models import Incident
from threats.services.incidents import edit_incident, report_incident
from threats.sources.loader import import_incidents
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
        (FIRST, FIRST, DatePrecision.LONGER, (datetime.date(2022, 1, 1), LAST)),
    ],
)  # fmt: skip
def test_a_span_is_all_it_may_be(first, last, precision, expected):
    assert known_span(first, last, precision) == expected


def test_a_month_is_never_shown_as_its_first_day():
    for last in (FIRST, LAST, LAST.replace(day=10)):  # typed, stored, stored on the 10th
        text = span_text(FIRST, last, DatePrecision.MONTH, "DATE_FORMAT")
        assert text == "December 2022, day unknown"
    incident = Incident(start_date=FIRST, end_date=LAST, date_precision=DatePrecision.MONTH)
    assert incident.when == "December 2022, day unknown"
    assert incident.when_short == "Dec 2022, day unknown"
    assert incident.when_of_year == "December, day unknown"
    with override("fr"):
        assert incident.when == "décembre 2022, jour inconnu"
    part = span_text(FIRST.replace(day=5), LAST, DatePrecision.MONTH, "DATE_FORMAT")
    assert part == "≈ 5 December 2022 – 31 December 2022"


def test_an_exact_day_is_shown_alone():
    incident = Incident(start_date=LAST, end_date=LAST)
    assert "–" not in incident.when_short
    assert "≈" not in incident.when_short


def test_a_list_shows_the_span_and_a_sheet_the_first_day(mission, member, signed_in):
    IncidentFactory(mission=mission, start_date=FIRST, end_date=LAST, date_precision="month")
    client = signed_in(member())
    page = client.get(f"/{mission.code}/incidents/").content.decode()
    assert "Dec 2022, day unknown" in page
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


def test_search_shows_the_span(mission, member):
    IncidentFactory(
        mission=mission, place_name="Zangba", start_date=FIRST, end_date=LAST,
        date_precision=DatePrecision.MONTH,
    )  # fmt: skip
    (part,) = search(mission, member(), "zangba")
    assert "Dec 2022, day unknown" in part.hits[0].title


def test_search_dates_an_alert_by_the_clocks_of_the_mission(member):
    mission = MissionFactory(time_zone="Africa/Juba", reference_date=None)
    received = datetime.datetime(2022, 12, 30, 23, 30, tzinfo=datetime.UTC)  # the 31st in Juba
    AlertFactory(mission=mission, place_name="Zangba", received_at=received)
    (part,) = search(mission, member(where=mission), "zangba")
    assert "31" in part.hits[0].note
    assert "30" not in part.hits[0].note


# What was typed, and the days that are stored of it; the mission's today is the 31st, a Saturday.
TYPED = [
    (datetime.date(2022, 12, 12), "month", (FIRST, LAST)),
    (datetime.date(2022, 2, 28), "month",
     (datetime.date(2022, 2, 1), datetime.date(2022, 2, 28))),
    (datetime.date(2022, 12, 28), "week", (datetime.date(2022, 12, 26), LAST)),
    (datetime.date(2022, 3, 3), "longer", (datetime.date(2022, 1, 1), LAST)),
    (datetime.date(2022, 12, 12), "day", (datetime.date(2022, 12, 12),) * 2),
]  # fmt: skip


@pytest.mark.parametrize(
    ("door", "typed", "precision", "stored"),
    [
        (door, *row)
        for door in ("form", "api", "bulk", "file")
        for row in TYPED
        if (door, row[1]) != ("file", "longer")  # of which ACLED has no word
    ],
)
def test_whichever_day_was_typed_the_whole_time_is_stored(
    mission, member, signed_in, api, tmp_path, door, typed, precision, stored
):
    user = member(Role.ANALYST)
    said = {"kind": "killing", "start_date": typed.isoformat(), "date_precision": precision}
    if door == "form":
        signed_in(user).post(reverse("incident-report", args=[mission.code]), said | {
            "time_of_day": "unknown", "place_precision": "country", "classification": 0,
            "source_kind": "patrol", "reliability": "B", "credibility": 2,
        })  # fmt: skip
    elif door == "api":
        answer = api(user).post("/api/v1/incidents/", said | {"mission": mission.code})
        assert answer.status_code == 201, answer.content
    elif door == "bulk":
        url = f"/api/v1/incidents/bulk?mission={mission.code}&source=hotline"
        api(user).post(url, [said | {"external_id": "1"}])
    else:
        precisions = {"day": "1", "week": "2", "month": "3"}
        row = ACLED | {"event_date": typed.isoformat(), "time_precision": precisions[precision]}
        file = write(tmp_path / "acled.csv", [row])
        import_incidents(mission=mission, path=file, format_name="acled")
    incident = Incident.objects.get(mission=mission)
    assert (incident.start_date, incident.end_date) == stored


def test_a_report_of_an_unknown_day_corrected_to_another_month_spans_that(mission, member):
    user = member(Role.ANALYST)
    incident = report_incident(
        user=user, mission=mission, kind="killing", start_date=LAST, date_precision="month"
    )
    november = datetime.date(2022, 11, 12)
    edit_incident(incident, user=user, start_date=november, end_date=november)
    incident.refresh_from_db()
    assert incident.span == (datetime.date(2022, 11, 1), datetime.date(2022, 11, 30))


def test_typed_days_on_record_are_spread_over_their_months(mission):
    incidents = {
        number: IncidentFactory(mission=mission, start_date=typed, end_date=typed)
        for number, (typed, _precision, _stored) in enumerate(TYPED)
    }
    for number, (_typed, precision, _stored) in enumerate(TYPED):
        Incident.objects.filter(pk=incidents[number].pk).update(date_precision=precision)
    migration = import_module("threats.migrations.0018_month_spans")
    migration.spread_typed_days(apps, connection.schema_editor())
    for number, (_typed, _precision, stored) in enumerate(TYPED):
        incidents[number].refresh_from_db()
        assert incidents[number].span == stored
