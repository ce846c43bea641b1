"""The end of the record is not peace: what no source tells of is not known, anywhere."""

import datetime
from pathlib import Path

import numpy as np
import pytest
from django.core.management import call_command

from missions.access import Reader
from missions.choices import Role
from missions.need_to_know import KEPT_APART
from strategies.brief.document import document
from strategies.brief.facts import gather
from strategies.models import Activity
from strategies.reading.overview import overview
from tests.factories import (
    TODAY,
    ActivityFactory,
    AlertFactory,
    CommunityFactory,
    IncidentActorFactory,
    IncidentFactory,
    MissionFactory,
    RiskScoreFactory,
    ThreatFactory,
)
from threats.choices import Phase
from threats.models import (
    Community,
    Incident,
    RecordSpan,
    RiskHistory,
    RiskScore,
    RiskState,
    Threat,
)
from threats.scoring import training
from threats.scoring.checks import check_scores
from threats.scoring.recompute import recompute_mission, request_daily_scores
from threats.scoring.record import joined, note_span, record_for, record_of
from threats.scoring.requests import request_recompute
from threats.scoring.signs import Reassurance, Sign
from threats.scoring.suggestions import suggest, suggestions_for
from threats.services.proposals import propose_threats, why_none
from threats.sources.loader import import_incidents

FILE = Path(__file__).parent / "ends-2025-12-28.csv.gz"  # UCDP's layout, made-up events
END = datetime.date(2025, 12, 31)  # its last event is of the 28th; its files are of whole months
DAY = datetime.timedelta(days=1)
CUTS = (0.02, 0.05, 0.15, 0.40)


def of_file(today, code="MONUSCO"):
    """A mission that has the file, trained and scored."""
    mission = MissionFactory(code=code, countries=["COD"], reference_date=today)
    import_incidents(mission=mission, path=FILE, format_name="ucdp")
    training.train(mission)
    request_recompute(mission)
    recompute_mission(mission.pk)
    return mission


def probabilities(mission, clearance=0):
    return dict(
        RiskScore.objects.filter(mission=mission, horizon=30, clearance=clearance).values_list(
            "community__name", "probability"
        )
    )


@pytest.mark.parametrize("later", [328, 4 * 365])
def test_an_old_file_says_what_it_said_at_its_end_and_not_that_there_is_peace(db, later):
    fresh = of_file(END, "FRESH")
    old = of_file(END + later * DAY, "OLD")
    assert round(100 * probabilities(old)["Beni"]) == 43
    assert probabilities(old) == pytest.approx(probabilities(fresh))
    assert RiskScore.objects.filter(mission=old).exclude(date=END).count() == 0
    assert check_scores(old).holds
    models = [mission.risk_models.get() for mission in (fresh, old)]
    assert models[0].coefficients == models[1].coefficients
    assert models[1].trained_until == END
    assert not RiskHistory.objects.filter(mission=old, date__gt=END).exists()


def test_forecasts_of_days_no_source_tells_of_are_not_judged(db, few_replicates):
    fresh, old = of_file(END, "FRESH"), of_file(END + 328 * DAY, "OLD")
    first = datetime.date(2024, 1, 1)
    judged = [training.judge(m, first=first, last=m.today) for m in (fresh, old)]
    assert judged[0].figures == judged[1].figures
    assert judged[1].last_day == END
    with pytest.raises(ValueError, match="is empty"):
        training.judge(old, first=END + DAY, last=old.today)
    assert training.judge_if_due(old) is None
    assert training.train_if_due(old) is None


def test_a_gap_between_two_files_teaches_nothing(mission):
    days = (2 * 365, 365 + 200)
    spans = [(TODAY - a * DAY, TODAY - b * DAY) for a, b in ((2000, days[0]), (days[1], 0))]
    for since, until in spans:
        note_span(mission, "ucdp", since, until, 0)
    record = record_of(mission, 0)
    first = np.array([spans[0][0], spans[0][1], spans[1][0]]).astype("datetime64[D]")
    numbers = first.astype(int) + datetime.date(1970, 1, 1).toordinal()
    assert record.covers(numbers, numbers + 30).tolist() == [True, False, True]


def test_each_source_knows_until_when_it_speaks(mission):
    import_incidents(mission=mission, path=FILE, format_name="ucdp", dry_run=True)
    assert not RecordSpan.objects.filter(mission=mission).exists()
    later = MissionFactory(code="LATER", countries=["COD"], reference_date=END + 90 * DAY)
    report = import_incidents(mission=later, path=FILE, format_name="ucdp")
    assert "It tells of nothing after 2025-12-31" in " ".join(report.notes)
    (told,) = record_of(later, 0).sources
    assert (told.dataset, told.until) == ("ucdp", END)
    declared = END + 31 * DAY
    import_incidents(mission=later, path=FILE, format_name="ucdp", until=declared)
    assert record_of(later, 0).end == declared
    import_incidents(mission=later, path=FILE, format_name="ucdp", until=END + 999 * DAY)
    assert record_of(later, 0).end == later.today


def test_own_reports_speak_from_the_first_to_today_as_long_as_some_are_filed(mission):
    assert record_of(mission, 2).end is None
    IncidentFactory(mission=mission, start_date=TODAY - 400 * DAY)
    assert record_of(mission, 2).end == TODAY - 400 * DAY
    IncidentFactory(mission=mission, start_date=TODAY - 80 * DAY)
    record = record_of(mission, 2)
    assert record.end == TODAY
    # Of the months between nobody told: they are no peace.
    assert record.sources[0].spans == ((TODAY - 400 * DAY,) * 2, (TODAY - 80 * DAY, TODAY))
    assert record.hole == (TODAY - 399 * DAY, TODAY - 81 * DAY)
    assert " to 11 October 2022 no source tells" in record.hole_sentence
    for days in (320, 240, 160):
        IncidentFactory(mission=mission, start_date=TODAY - days * DAY)
    record = record_of(mission, 2)
    assert record.sources[0].spans == ((TODAY - 400 * DAY, TODAY),)
    assert record.hole is None


@pytest.mark.parametrize("ago", [[0], [333, 0]])
def test_own_reports_after_the_end_of_a_file_make_no_months_of_peace(db, ago):
    mission = of_file(END + 328 * DAY)
    before = mission.risk_models.get()
    for days in ago:
        IncidentFactory(
            mission=mission, start_date=mission.today - days * DAY, longitude=29.47, latitude=0.49,
            kind="tension", against_civilians=False,
        )  # fmt: skip
    again = training.train(mission)
    assert again.coefficients == before.coefficients


def test_who_is_not_cleared_for_own_reports_does_not_learn_that_some_are_filed(mission, member):
    note_span(mission, "ucdp", TODAY - 900 * DAY, TODAY - 200 * DAY, 0)
    place = CommunityFactory(mission=mission)
    IncidentFactory(mission=mission, start_date=TODAY - 3 * DAY, classification=1)
    request_recompute(mission)
    recompute_mission(mission.pk)
    dates = dict(
        RiskScore.objects.filter(community=place, horizon=30).values_list("clearance", "date")
    )
    assert dates == {0: TODAY - 200 * DAY, 1: TODAY, 2: TODAY, KEPT_APART: TODAY}
    assert record_for(mission, member(clearance=0)).no_record_since == TODAY - 200 * DAY
    assert record_for(mission, member(clearance=1)).no_record_since is None
    assert check_scores(mission).holds


def test_scores_follow_when_the_record_comes_to_end_on_another_day(mission):
    CommunityFactory(mission=mission)
    note_span(mission, "ucdp", TODAY - 900 * DAY, TODAY - 40 * DAY, 0)
    request_recompute(mission)
    recompute_mission(mission.pk)
    assert set(RiskState.objects.get(mission=mission).ends) == {TODAY - 40 * DAY}
    IncidentFactory(mission=mission, kind="other")
    assert request_daily_scores() >= 1
    recompute_mission(mission.pk)
    assert set(RiskScore.objects.filter(mission=mission).values_list("date", flat=True)) == {TODAY}
    # What was said of the earlier day is kept.
    assert RiskHistory.objects.filter(mission=mission, date=TODAY - 40 * DAY).exists()


def test_spans_close_to_each_other_are_one():
    spans = [(TODAY, TODAY + DAY), (TODAY + 2 * DAY, TODAY + 3 * DAY), (TODAY + 9 * DAY,) * 2]
    assert len(joined(spans)) == 2
    assert joined(spans, gap=5) == [(TODAY, TODAY + 9 * DAY)]


# -- where it shows -----------------------------------------------------------------------


@pytest.fixture
def old(db):
    return of_file(END + 328 * DAY)


def test_pages_brief_and_api_say_since_when_nothing_is_on_record(old, member, signed_in, api):
    reader = member(where=old)
    client = signed_in(reader)
    place = Community.objects.filter(mission=old).first()
    threat = ThreatFactory(mission=old)
    threat.communities.add(place)
    pages = [
        "",
        "communities/",
        "coverage/",
        "threats/",
        f"communities/{place.pk}/",
        f"threats/{threat.pk}/",
    ]
    for page in pages:
        answer = client.get(f"/{old.code}/{page}")
        assert answer.status_code == 200, page
        assert "No record since 31 December 2025." in answer.content.decode(), page
    for page in ("", "communities/", f"communities/{place.pk}/"):
        assert "as of 31 Dec 2025" in client.get(f"/{old.code}/{page}").content.decode(), page
    caller = api(reader)
    figures = caller.get(f"/api/v1/overview/?mission={old.code}").json()
    assert figures["no_record_since"] == "2025-12-31"
    assert figures["sources"] == [{"source": "ucdp", "until": "2025-12-31"}]
    for resource in ("communities", "risk-scores"):
        row = caller.get(f"/api/v1/{resource}/?mission={old.code}").json()["results"][0]
        assert row["no_record_since"] == "2025-12-31", resource
    monday = old.today - datetime.timedelta(days=old.today.weekday())
    brief = document(gather(old, 0, monday), "en", [], None)
    said = str(brief)
    assert "No record since 31 December 2025: what happened since is not known" in said
    assert not brief["figures"][0]["value"].startswith("-")


def test_what_rose_before_the_end_is_no_news(old, member):
    RiskScore.objects.filter(mission=old).update(week_before=0.01)
    assert overview(old, member(where=old))["rising"] == []


def test_a_record_that_speaks_until_today_is_marked_nowhere(demo, member, signed_in):
    client = signed_in(member(where=demo))
    for page in ("", "communities/", "coverage/"):
        said = client.get(f"/{demo.code}/{page}").content.decode()
        assert "No record since" not in said
        assert 'mark-apart">as of' not in said


def test_the_proposals_say_why_there_are_none(db, member, signed_in, capsys):
    mission = of_file(END + 4 * 365 * DAY)
    assert propose_threats(mission) == []
    user = member(Role.ANALYST, where=mission)
    assert "No record since 31 December 2025." in why_none(mission, user)
    call_command("propose_threats", mission=mission.code)
    assert "No record since" in capsys.readouterr().out
    page = signed_in(user).get(f"/{mission.code}/threats/").content.decode()
    assert "nothing is proposed" in page


# -- suggestions ---------------------------------------------------------------------------


def test_suggestions_are_as_of_the_end_of_the_record(mission):
    harm = [TODAY - 330 * DAY, TODAY - 340 * DAY]
    found = suggest(harm, [], TODAY, CUTS, record_end=TODAY - 328 * DAY)
    then = suggest(harm, [], TODAY - 328 * DAY, CUTS)
    assert (found.phase, found.expected) == (then.phase, then.expected)
    assert found.figures["latest_days_ago"] == 2
    assert found.reasons[0].startswith("No record since 6 February 2022")


def test_from_a_record_that_ended_long_ago_nothing_is_suggested(mission, member):
    note_span(mission, "ucdp", TODAY - 2000 * DAY, TODAY - 1000 * DAY, 0)
    threat = ThreatFactory(mission=mission, status="active", phase=Phase.RESPONSE)
    found = suggestions_for(mission, member(), [threat])[threat.pk]
    assert (found.phase, found.status) == (Phase.RESPONSE, "")
    assert "nothing is suggested" in " ".join(found.reasons)


@pytest.mark.parametrize(
    ("signs", "silent", "phase", "status"),
    [
        ([], False, Phase.PREEMPTION, ""),
        ([10], False, Phase.CONSOLIDATION, ""),
        ([10], True, Phase.PREEMPTION, ""),
        ([61], False, Phase.PREEMPTION, ""),  # before the last violence
        ([91], False, Phase.PREEMPTION, ""),
    ],
)
def test_quiet_is_consolidation_only_with_a_good_sign_since(signs, silent, phase, status):
    reassured = Reassurance(tuple(Sign(TODAY - n * DAY, "a visit") for n in signs), silent)
    found = suggest([TODAY - 60 * DAY], [], TODAY, CUTS, status="active", reassured=reassured)
    assert (found.phase, found.status) == (phase, status)
    said = " ".join(found.reasons)
    assert ("A good sign since: a visit" in said) == (phase == Phase.CONSOLIDATION)


@pytest.mark.parametrize(("signs", "status"), [([], ""), ([5], "closed")])
def test_quiet_closes_only_with_a_good_sign(signs, status):
    reassured = Reassurance(tuple(Sign(TODAY - n * DAY, "a visit") for n in signs))
    found = suggest([TODAY - 200 * DAY], [], TODAY, CUTS, status="active", reassured=reassured)
    assert found.status == status
    assert ("Quiet is not yet peace" in " ".join(found.reasons)) == (status == "")


def test_what_people_chose_is_not_undone_for_want_of_a_sign():
    found = suggest([TODAY - 60 * DAY], [], TODAY, CUTS, phase=Phase.CONSOLIDATION)
    assert found.phase == Phase.CONSOLIDATION


def test_good_signs_are_activities_done_and_alerts_found_false(mission, member):
    user = member()
    threats = [ThreatFactory(mission=mission, status="active") for _n in range(3)]
    places = [CommunityFactory(mission=mission) for _n in range(3)]
    for threat, place in zip(threats, places, strict=True):
        threat.communities.add(place)
        IncidentFactory(mission=mission, start_date=TODAY - 200 * DAY)
        threat.incidents.add(
            IncidentFactory(mission=mission, start_date=TODAY - 200 * DAY, kind="killing")
        )
    visit = ActivityFactory(mission=mission, status="done", completed_on=TODAY - 2 * DAY)
    visit.communities.add(places[0])
    alert = AlertFactory(mission=mission, verification="false")
    alert.communities.add(places[1])
    type(alert).objects.filter(pk=alert.pk).update(verified_at=alert.received_at)
    found = suggestions_for(mission, user, threats)
    assert [found[threat.pk].status for threat in threats] == ["closed", "closed", ""]
    RiskScoreFactory(community=places[0], mission=mission, horizon=30, clearance=2, is_silent=True)
    found = suggestions_for(mission, user, threats)
    assert found[threats[0].pk].status == ""
    assert "nothing is heard" in " ".join(found[threats[0].pk].reasons)
    # A sign its reader is not cleared for reassures nobody.
    Activity.objects.update(classification=2)
    low = suggestions_for(mission, Reader.cleared(mission, 0), threats[:1])
    assert low[threats[0].pk].status == ""


def test_drafts_of_a_recent_end_stand_as_of_that_day(old):
    incident = Incident.objects.filter(mission=old, against_civilians=True).first()
    IncidentActorFactory(incident=incident)
    propose_threats(old)
    drafts = Threat.objects.filter(mission=old)
    assert all(
        draft.suggestion.get("no_record_since", "2025-12-31") == "2025-12-31" for draft in drafts
    )
