"""Where a mission replays a past day, what people did stands on its days; real ones are said to be."""

import datetime
import html
import re

import pytest
from django.utils import timezone

from missions.choices import Role
from strategies.models import Activity, Brief, Meeting, Strategy
from strategies.services.briefs import issue_brief, prepare_brief
from strategies.services.strategies import add_objective, approve_strategy, endorse_strategy
from tests.factories import TODAY, AssessmentFactory, StrategyFactory, ThreatFactory
from threats.models import Alert, ArmedActor, Assessment
from threats.services.threats import endorse_assessment

SAID = {"en": "recorded", "fr": "enregistré"}


def read(client, address, language):
    page = client.get(address, headers={"accept-language": language})
    assert page.status_code == 200, address
    main = re.search(r"<main.*</main>", page.content.decode(), re.DOTALL)
    assert main is not None
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main.group())).split())


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_page_of_the_demonstration_dates_a_deed_to_the_day_it_was_typed(
    demo, member, signed_in, language
):
    client = signed_in(member(Role.ADVISER, where=demo))
    records = [
        *(
            model.objects.filter(mission=demo).first()
            for model in (Brief, Meeting, Strategy, Alert)
        ),
        Assessment.objects.filter(mission=demo).first().threat,
        Activity.objects.filter(mission=demo, status="done").first(),
        ArmedActor.objects.filter(mission=demo, kind_decided_at__isnull=False).first(),
    ]
    lists = ("", "threats/", "alerts/", "activities/", "coverage/?since=2022-11-01", "briefs/")
    addresses = [one.get_absolute_url() for one in records] + [f"/MINUSCA/{path}" for path in lists]
    year, found = str(timezone.now().year), 0
    for address in addresses:
        text = read(client, address, language)
        for shown in re.finditer(year, text):
            found += 1
            before = text[max(0, shown.start() - 40) : shown.start()]
            assert SAID[language] in before, f"{address}: {before}{year}"
    assert (
        found >= 4
    )  # an assessment, two changes of status and a draft say when they were recorded


def test_the_strategy_of_the_demonstration_was_cleared_and_approved_in_its_first_month(
    demo, member, signed_in
):
    strategy = Strategy.objects.get(mission=demo)
    text = read(signed_in(member(where=demo)), strategy.get_absolute_url(), "en")
    assert "cleared by adviser on 14 January 2022" in text
    assert "approved by head_of_mission on 28 January 2022" in text


def test_history_of_an_activity_shows_the_day_in_the_mission(demo, member, signed_in):
    activity = Alert.objects.get(mission=demo, place_name="Bakouma").activities.get()
    text = read(signed_in(member(where=demo)), activity.get_absolute_url(), "en")
    assert "Planned 30 November 2022" in text
    assert "Done 1 December 2022" in text


def test_clearing_approving_endorsing_and_issuing_go_by_the_missions_clocks(mission, member):
    assert mission.reference_date == TODAY
    adviser = member(Role.ADVISER)
    strategy = StrategyFactory(mission=mission)
    add_objective(user=member(Role.PLANNER), strategy=strategy, title="Safer roads")
    strategy = endorse_strategy(strategy, user=adviser)
    strategy = approve_strategy(strategy, user=member(Role.HEAD_OF_MISSION))
    assessment = AssessmentFactory(mission=mission, threat=ThreatFactory(mission=mission))
    endorse_assessment(user=adviser, assessment=assessment)
    assessment.refresh_from_db()
    week = TODAY - datetime.timedelta(days=TODAY.weekday())
    brief = issue_brief(
        prepare_brief(user=adviser, mission=mission, week=week, classification=0), user=adviser
    )
    for moment in (
        strategy.endorsed_at, strategy.approved_at, assessment.endorsed_at, brief.issued_at,
    ):  # fmt: skip
        assert mission.local(moment).date() == TODAY
    assert str(TODAY.year) in brief.documents["en"]["issued"]
    assert strategy.modified_at.date() == timezone.now().date()
