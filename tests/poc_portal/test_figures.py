"""Figures are rounded, not cut; short dates are written as the language writes them."""

import datetime

from django.utils import translation
from django.utils.formats import date_format

from poc_portal.templatetags.portal import duration, percent


def test_figures_are_rounded():
    assert percent(0.1758) == "18 %"
    assert percent(0.17568, 1) == "17.6 %"
    assert duration(datetime.timedelta(hours=7, minutes=5)) == "7.1 h"
    assert duration(datetime.timedelta(days=3, hours=23)) == "4.0 days"


def test_short_dates():
    day = datetime.date(2022, 12, 5)
    assert date_format(day, "SHORT_DATE_FORMAT") == "5 Dec 2022"
    with translation.override("fr"):
        assert date_format(day, "SHORT_DATE_FORMAT") == "5 déc. 2022"
        assert date_format(day, "MONTH_DAY_FORMAT") == "5 déc."
