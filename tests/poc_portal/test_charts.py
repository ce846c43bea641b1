"""Charts: scales in numbers, and the SVG that every floor's charts become."""

from __future__ import annotations

import datetime
import xml.etree.ElementTree as xml

import pytest
from django.template.loader import render_to_string

from poc_portal.web.charts import Bar, Chart, Line, Mark, Scale, counts, days, shares
from threats import charts

SVG = "{http://www.w3.org/2000/svg}"


def drawn(chart: Chart) -> xml.Element:
    text = render_to_string("portal/chart.html", {"chart": chart})
    return xml.fromstring(text.replace("<svg", f'<svg xmlns="{SVG[1:-1]}"', 1))


def test_a_scale_goes_from_end_to_end_and_no_further():
    scale = Scale(10, 20)
    assert [scale.at(v) for v in (5, 10, 15, 20, 99)] == [0, 0, 50, 100, 100]
    assert scale.up(12) == 80
    assert Scale(3, 3).at(3) == 0  # nothing to divide by


@pytest.mark.parametrize(
    ("most", "high"), [(0, 0.05), (0.05, 0.05), (0.07, 0.1), (0.3, 0.5), (1, 1)]
)
def test_shares_end_at_a_round_one(most, high):
    scale = shares(most, "x", str)
    assert scale.high == high
    assert [tick.at for tick in scale.ticks] == [0, 20, 40, 60, 80, 100]
    assert float(scale.ticks[-1].label) == high


@pytest.mark.parametrize(("most", "high"), [(0, 5), (5, 5), (6, 10), (101, 105)])
def test_counts_have_whole_ticks(most, high):
    scale = counts(most, "x")
    assert scale.high == high
    assert all(tick.label.isdigit() for tick in scale.ticks)


def test_days_name_first_days_of_months():
    scale = days(datetime.date(2022, 1, 15), datetime.date(2022, 12, 31), str, 4)
    assert [tick.label for tick in scale.ticks] == [
        "2022-02-01",
        "2022-05-01",
        "2022-08-01",
        "2022-11-01",
    ]
    assert scale.ticks[0].at == round(100 * 17 / 350, 2)
    one = days(datetime.date(2022, 1, 15), datetime.date(2022, 1, 15), str, 4)
    assert one.ticks == ()
    assert one.at(datetime.date(2022, 1, 15).toordinal()) == 0


def test_a_history_has_axes_an_area_and_a_title_a_point():
    start = datetime.date(2022, 6, 1)
    points = [(start + n * datetime.timedelta(days=30), 0.01 * n) for n in range(1, 9)]
    chart = charts.history(points, "Probability in 30 days")
    svg = drawn(chart)
    assert svg.get("role") == "group"
    assert svg.get("aria-label") == "Probability over time"
    titles = [circle.find(f"{SVG}title").text for circle in svg.iter(f"{SVG}circle")]
    assert titles[0] == "1 Jul 2022 · 1.0 %"
    assert len(titles) == 8
    words = [text.text for text in svg.findall(f"{SVG}text")]
    assert {"Probability in 30 days", "10 %", "Jul 2022"} <= set(words)
    area = svg.find(f".//{SVG}polygon").get("points").split()
    assert area[0] == "0.0,100"
    assert area[-1] == "100.0,100"
    assert chart.marks[-1].y == 20.0  # 8 of 10 %
    assert charts.history([], "x") is None


def test_a_chart_survives_a_language_with_decimal_commas(settings):
    settings.LANGUAGE_CODE = "fr"
    chart = Chart(
        "x",
        Scale(0, 3),
        counts(2, "n"),
        [Line("a", [(0.5, 1.25)])],
        [Bar(1.5, 2.5, 0, 9.5, "part")],
    )
    svg = drawn(chart)
    assert svg.find(f"{SVG}rect").get("x") == "1.5%"
    assert svg.find(f".//{SVG}polyline").get("points") == "0.5,1.25"


def test_what_is_written_on_a_chart_is_text():
    svg = drawn(Chart("x", Scale(0, 1), shares(1, "y", str), marks=[Mark(1, 2, "<b> & so on")]))
    assert svg.find(f"{SVG}circle/{SVG}title").text == "<b> & so on"


def test_months_without_incidents_are_no_error():
    assert charts.hits_by_month([]).bars == []
    months = [{"month": "May 2022", "incidents": 4, "top_10": 1}] * 2
    bars = charts.hits_by_month(months).bars
    assert [(bar.kind, bar.x, bar.width, bar.height) for bar in bars] == [
        ("whole", 0, 40, 80), ("part", 0, 40, 20), ("whole", 50, 40, 80), ("part", 50, 40, 20)
    ]  # fmt: skip
