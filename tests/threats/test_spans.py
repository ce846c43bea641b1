"""A date shows as precisely as it is known."""

import datetime

import pytest

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
