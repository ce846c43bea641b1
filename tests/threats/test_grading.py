"""A report nobody can judge (F6) counts for nothing until somebody verifies it, and says so."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from missions.choices import Role
from strategies.brief.facts import gather
from strategies.brief.figures import figures_of
from strategies.reading.overview import overview
from tests.factories import (
    AdminAreaFactory,
    AlertFactory,
    ArmedActorFactory,
    CommunityFactory,
    IncidentFactory,
    IncidentSourceFactory,
    ThreatFactory,
)
from tests.threats.test_safe_defaults import ALERT, REPORT
from threats.models import Incident, RiskScore
from threats.rules.grading import awaits
from threats.scoring.recompute import recompute_mission, recompute_pending
from threats.scoring.record import record_of
from threats.scoring.requests import request_recompute
from threats.scoring.suggestions import suggest_impact, suggestions_for
from threats.services.alerts import edit_alert, report_alert, take_step
from threats.services.grading import (
    add_source,
    edit_source,
    verify_incident,
    withdraw_source,
)
from threats.services.incidents import report_incident
from threats.services.merging import merge_incidents
from threats.services.proposals import propose_threats

F6 = {"kind": "community", "reliability": "F", "credibility": 6}
B2 = {"kind": "patrol", "reliability": "B", "credibility": 2}
SAYS = "It counts for nothing yet: graded F6"


@pytest.mark.parametrize(
    ("grades", "is_verified", "found"),
    [
        ([("F", 6)], False, True), ([("F", 6), ("F", 6)], False, True), ([("F", 6)], True, False),
        ([("F", 6), ("B", 2)], False, False), ([("F", 5)], False, False),
        ([("E", 6)], False, False), ([], False, False),
    ],
)  # fmt: skip
def test_only_what_no_source_of_it_can_be_judged_waits(grades, is_verified, found):
    assert awaits(grades, is_verified=is_verified) is found


@pytest.fixture
def place(mission):
    place = CommunityFactory(mission=mission, longitude=20.0, latitude=5.0)
    request_recompute(mission)
    recompute_mission(mission.pk)
    return place


@pytest.fixture
def analyst(member):
    return member(Role.ANALYST)


@pytest.fixture
def other(member):
    """Another pair of eyes."""
    return member(Role.ANALYST)


def expected(place) -> float:
    """What is expected near a place by those who see everything, as told now and made anew."""
    recompute_pending()
    score = RiskScore.objects.filter(community=place, horizon=30, clearance=2)
    incremental = score.get().expected
    request_recompute(place.mission)
    recompute_mission(place.mission_id)
    assert score.get().expected == pytest.approx(incremental, abs=1e-12)
    return incremental


def filed(user, mission, source=F6, **more) -> Incident:
    given = {
        "kind": "killing", "start_date": mission.today, "longitude": 20.0, "latitude": 5.0,
        "civilian_deaths": 3, "source": source,
    } | more  # fmt: skip
    return report_incident(user=user, mission=mission, **given)


def test_a_report_graded_f6_moves_no_score_until_somebody_verifies_it(
    mission, place, analyst, other
):
    quiet = expected(place)
    incident = filed(analyst, mission)
    assert incident.awaits_verification
    assert expected(place) == pytest.approx(quiet, abs=1e-12)
    verified = verify_incident(incident, user=other)
    assert (verified.verified_by, verified.awaits_verification) == (other, False)
    assert timezone.now() - verified.verified_at < timezone.timedelta(minutes=1)
    assert expected(place) > quiet
    with pytest.raises(ValidationError):
        verify_incident(verified, user=other)


def test_a_better_grade_or_a_second_source_lets_it_count_and_the_reverse(mission, place, analyst):
    quiet = expected(place)
    incident = filed(analyst, mission)
    second = add_source(user=analyst, incident=incident, **B2)
    told = expected(place)
    assert told > quiet
    withdraw_source(second, user=analyst, reason="the same person")
    assert expected(place) == pytest.approx(quiet, abs=1e-12)
    first = edit_source(incident.sources.current().get(), user=analyst, credibility=3)
    assert expected(place) == pytest.approx(told, abs=1e-12)
    edit_source(first, user=analyst, credibility=6)
    assert expected(place) == pytest.approx(quiet, abs=1e-12)
    assert Incident.objects.get(pk=incident.pk).awaits_verification


def test_taking_its_sources_away_lets_no_report_count(mission, place, analyst, other, api):
    quiet = expected(place)
    incident = filed(analyst, mission)
    address = f"/api/v1/incident-sources/{incident.sources.get().pk}/?reason=a+mistake"
    assert api(analyst).delete(address).status_code == 204
    assert Incident.objects.get(pk=incident.pk).awaits_verification
    assert expected(place) == pytest.approx(quiet, abs=1e-12)
    second = add_source(user=analyst, incident=incident, **B2)  # who knows it counts
    assert expected(place) > quiet
    withdraw_source(second, user=analyst, reason="a mistake")
    assert expected(place) == pytest.approx(quiet, abs=1e-12)
    verify_incident(incident, user=other)
    assert expected(place) > quiet
    told = filed(analyst, mission, source=B2)
    withdraw_source(told.sources.get(), user=analyst, reason="a mistake")
    assert not Incident.objects.get(pk=told.pk).awaits_verification  # as one that names none


def test_a_source_stays_with_its_incident(mission, analyst, api):
    incident, other = filed(analyst, mission), filed(analyst, mission, source=B2)
    source = incident.sources.get()
    address = f"/api/v1/incident-sources/{source.pk}/"
    answer = api(analyst).patch(address, {"incident": other.pk}, format="json")
    assert answer.status_code == 400
    assert "incident" in str(answer.json())
    assert api(analyst).patch(address, {"incident": incident.pk}, format="json").status_code == 200


def test_a_published_dataset_judges_its_sources_itself(mission, place, analyst):
    event = IncidentFactory(mission=mission, dataset="ucdp", external_id="1")
    add_source(user=analyst, incident=event, **F6)
    assert not Incident.objects.get(pk=event.pk).awaits_verification


def test_a_report_that_waits_moves_no_suggestion_and_no_draft(mission, place, analyst, other):
    area = AdminAreaFactory(mission=mission)
    actor = ArmedActorFactory(mission=mission)
    threat = ThreatFactory(mission=mission, admin_area=area, status="closed", phase="prevention")
    threat.perpetrators.add(actor)
    before = suggestions_for(mission, analyst, [threat])[threat.pk]
    incident = filed(analyst, mission, parts=[(actor, "perpetrator")])
    assert incident.admin_area == area
    threat.incidents.add(incident)
    assert suggestions_for(mission, analyst, [threat])[threat.pk] == before
    assert suggest_impact([incident], []) is None
    assert propose_threats(mission) == []
    verified = verify_incident(incident, user=other)
    assert suggestions_for(mission, analyst, [threat])[threat.pk].phase == "response"
    assert suggest_impact([verified], []) is not None
    assert [draft.kind for draft in propose_threats(mission)] == ["attacks"]


def test_a_report_that_waits_says_nothing_of_the_days_on_record(mission, analyst):
    filed(analyst, mission)
    report_alert(user=analyst, mission=mission, details="x")
    assert record_of(mission, 2).sources == ()
    filed(analyst, mission, source=B2)
    assert record_of(mission, 2).end == mission.today


def test_an_alert_graded_f6_counts_once_a_step_confirms_it(mission, place, analyst, other):
    quiet = expected(place)
    alert = report_alert(
        user=other, mission=mission, details="x", imminence="imminent", longitude=20.0,
        latitude=5.0,
    )  # fmt: skip
    threat = ThreatFactory(mission=mission, phase="prevention")
    alert.threats.add(threat)

    def warned() -> bool:
        return "imminent_alerts" in suggestions_for(mission, analyst, [threat])[threat.pk].figures

    assert alert.awaits_verification
    assert expected(place) == pytest.approx(quiet, abs=1e-12)
    assert not warned()
    alert = take_step(alert, user=analyst, step="verified", verification="unconfirmed")
    assert expected(place) == pytest.approx(quiet, abs=1e-12)
    alert = take_step(alert, user=analyst, step="verified", verification="partly")
    told = expected(place)
    assert told > quiet
    assert warned()
    alert = take_step(alert, user=analyst, step="verified", verification="false")
    assert expected(place) == pytest.approx(quiet, abs=1e-12)
    assert not warned()
    alert = take_step(alert, user=analyst, step="verified", verification="unconfirmed")
    edit_alert(alert, user=analyst, credibility=3)  # a grade that can be judged does it too
    assert expected(place) == pytest.approx(told, abs=1e-12)


def test_the_answer_the_page_and_the_row_say_that_it_counts_for_nothing_yet(
    mission, analyst, other, signed_in, api
):
    client = signed_in(analyst)
    text = client.post(f"/{mission.code}/incidents/report/", REPORT, follow=True).content.decode()
    assert text.count(SAYS) == 2  # the answer, and the page it leads to
    assert "count as harm" not in text
    incident = Incident.objects.get(mission=mission)
    rows = "/api/v1/incidents/"
    for asked, found in (("true", [incident.pk]), ("false", [])):
        answer = api(analyst).get(rows, {"awaits_verification": asked})
        assert [row["id"] for row in answer.json()["results"]] == found
    assert api(analyst).get(f"{rows}{incident.pk}/").json()["awaits_verification"] is True
    text = client.post(f"/{mission.code}/alerts/report/", ALERT, follow=True).content.decode()
    assert text.count(SAYS) == 2
    alerts = api(analyst).get("/api/v1/alerts/", {"awaits_verification": "true"}).json()["results"]
    assert [row["awaits_verification"] for row in alerts] == [True]
    assert not api(analyst).get("/api/v1/alerts/?awaits_verification=false").json()["results"]

    page = f"/{mission.code}/incidents/{incident.pk}/"
    text = signed_in(other).post(f"{page}verify/", follow=True).content.decode()
    assert SAYS not in text
    assert f"Verified by {other}" in text
    row = api(analyst).get(f"{rows}{incident.pk}/").json()
    assert (row["awaits_verification"], row["verified_by"]) == (False, other.pk)


def test_whoever_filed_a_report_does_not_verify_it_but_an_analyst_does(
    mission, member, analyst, signed_in, api
):
    reporter = member(Role.REPORTER)
    incident = filed(reporter, mission)
    page = f"/{mission.code}/incidents/{incident.pk}/"
    text = signed_in(reporter).get(page).content.decode()
    assert SAYS in text
    assert "verify/" not in text
    address = f"/api/v1/incidents/{incident.pk}/verify/"
    assert api(reporter).post(address).status_code == 403
    with pytest.raises(PermissionDenied):
        verify_incident(incident, user=reporter)
    unseeing = member(Role.ANALYST, 0)
    assert api(unseeing).post(address).status_code == 404
    answer = api(analyst).post(address)
    assert (answer.status_code, answer.json()["verified_by"]) == (200, analyst.pk)
    assert api(analyst).post(address).status_code == 400


def test_merging_undoes_nothing_that_counted_and_tells_of_no_secret(mission, place, analyst, other):
    waiting = filed(analyst, mission)
    event = filed(analyst, mission, source=None, dataset="ucdp", external_id="1")
    merge_incidents(user=analyst, keep=waiting, other=event)
    assert not Incident.objects.get(pk=waiting.pk).awaits_verification
    counted = filed(analyst, mission, source=None, dataset="ucdp", external_id="2")
    merge_incidents(user=analyst, keep=counted, other=filed(analyst, mission, classification=0))
    assert counted.sources.count() == 1
    assert not Incident.objects.get(pk=counted.pk).awaits_verification
    open_report = filed(analyst, mission, classification=0)
    secret = filed(analyst, mission, source=B2, classification=2)
    with pytest.raises(ValidationError, match="verify the report kept"):
        merge_incidents(user=analyst, keep=open_report, other=secret)
    verify_incident(open_report, user=other)
    merge_incidents(user=analyst, keep=open_report, other=secret)
    expected(place)


def test_merged_into_what_counts_an_unverified_report_lends_no_number_place_or_actor(
    mission, place, analyst, signed_in
):
    quiet = expected(place)
    nowhere = {"longitude": None, "latitude": None, "place_precision": "country"}
    clash = filed(analyst, mission, source=B2, kind="clash", civilian_deaths=None, **nowhere)
    before = expected(place)
    assert before == pytest.approx(quiet, abs=1e-12)
    actor = ArmedActorFactory(mission=mission)
    waiting = filed(
        analyst, mission, civilian_deaths=12, injured=4, deaths_best=12, abducted=1, displaced=50,
        victims={"girls": 2}, grave_violations=["abduction"], notes="Told on the road.",
        place_name="Bria", time_of_day="night", parts=[(actor, "perpetrator")],
        said_against_civilians=True,
    )  # fmt: skip
    client = signed_in(analyst)
    body = {"keep": clash.pk, "other": waiting.pk}
    answer = client.post(f"/{mission.code}/incidents/pairs/decide/", body, follow=True)
    assert "no number, place or actor was taken over" in answer.content.decode()
    clash.refresh_from_db()
    numbers = ("civilian_deaths", "injured", "deaths_best", "abducted", "displaced", "longitude")
    assert {getattr(clash, name) for name in numbers} == {None}
    assert (clash.victims, clash.grave, clash.time_of_day) == ({}, [], "unknown")
    assert not clash.against_civilians
    assert not clash.parts.exists()
    assert (clash.place_name, clash.notes) == ("Bria", "Told on the road.")
    assert clash.sources.count() == 2
    assert expected(place) == pytest.approx(before, abs=1e-12)
    waits = filed(analyst, mission, civilian_deaths=None)  # together they still count for nothing
    merge_incidents(user=analyst, keep=waits, other=filed(analyst, mission))
    waits.refresh_from_db()
    assert (waits.civilian_deaths, waits.awaits_verification) == (3, True)


def test_an_alert_nobody_verified_is_no_good_sign(mission, analyst, other):
    place = CommunityFactory(mission=mission, longitude=20.0, latitude=5.0)
    threat = ThreatFactory(mission=mission, status="active", phase="preemption")
    threat.communities.add(place)
    days = timezone.timedelta(days=60)
    threat.incidents.add(
        IncidentFactory(mission=mission, start_date=mission.today - days, kind="killing")
    )
    before = suggestions_for(mission, analyst, [threat])[threat.pk]
    alert = report_alert(
        user=other, mission=mission, details="x", longitude=20.0, latitude=5.0,
        communities=[place], received_at=mission.now - timezone.timedelta(days=3),
    )  # fmt: skip
    for step in ("acknowledged", "reported_back"):
        alert = take_step(alert, user=analyst, step=step)
    found = suggestions_for(mission, analyst, [threat])[threat.pk]
    assert alert.awaits_verification
    assert (found.phase, found.reasons) == (before.phase, before.reasons)
    assert "A good sign" not in " ".join(found.reasons)
    take_step(alert, user=analyst, step="verified", verification="confirmed")
    found = suggestions_for(mission, analyst, [threat])[threat.pk]
    assert found.phase == "consolidation"
    assert "A good sign" in " ".join(found.reasons)


def test_a_reader_sees_no_grade_of_a_report_above_their_clearance(
    mission, place, analyst, other, api
):
    secret = filed(analyst, mission, classification=2)
    source = IncidentSourceFactory(incident=secret)
    low = api(analyst.__class__.objects.create(username="nobody"))
    assert low.get(f"/api/v1/incident-sources/{source.pk}/").status_code == 404
    own = {
        row.clearance: row.expected for row in RiskScore.objects.filter(community=place, horizon=30)
    }
    verify_incident(secret, user=other)
    recompute_pending()
    now = {
        row.clearance: row.expected for row in RiskScore.objects.filter(community=place, horizon=30)
    }
    assert [now[level] == own[level] for level in (0, 1, 2)] == [True, True, False]


def test_alerts_of_known_grade_count_as_before(mission, place, analyst):
    assert not AlertFactory(mission=mission).awaits_verification


def test_nobody_verifies_what_they_filed_themselves(mission, analyst, other, signed_in, api):
    incident = filed(analyst, mission)
    page = f"/{mission.code}/incidents/{incident.pk}/"
    text = signed_in(analyst).get(page).content.decode()
    assert "You filed this report: somebody else must verify it." in text
    assert "verify/" not in text
    text = signed_in(analyst).post(f"{page}verify/", follow=True).content.decode()
    assert SAYS in text
    answer = api(analyst).post(f"/api/v1/incidents/{incident.pk}/verify/")
    assert answer.status_code == 400
    assert "somebody else must verify it" in str(answer.json())
    assert Incident.objects.get(pk=incident.pk).awaits_verification
    text = signed_in(other).get(page).content.decode()
    assert "You filed this report" not in text
    assert "verify/" in text


def test_no_figure_counts_the_dead_of_a_report_nobody_verified(
    mission, analyst, other, signed_in, api
):
    filed(analyst, mission, source=B2)
    waiting = filed(analyst, mission, civilian_deaths=50, deaths_best=50)
    figures = overview(mission, analyst)["figures"]
    assert (figures.recent, figures.recent_deaths, figures.recent_unverified) == (1, 3, 1)
    client = signed_in(analyst)
    home = f"/{mission.code}/"
    assert "1 more report unverified (F6), not counted" in client.get(home).content.decode()
    answer = api(analyst).get(f"/api/v1/overview/?mission={mission.code}").json()
    assert (answer["recent_deaths"], answer["recent_unverified"]) == (3, 1)
    monday = mission.today - timezone.timedelta(days=mission.today.weekday())
    facts = gather(mission, 2, monday)
    assert (facts.week.incidents, facts.week.civilian_deaths, facts.week.unverified) == (1, 3, 1)
    notes = [figure["note"] for figure in figures_of(facts)[:2]]
    assert all("1 more report unverified (F6), not counted" in note for note in notes)
    verify_incident(waiting, user=other)
    figures = overview(mission, analyst)["figures"]
    assert (figures.recent, figures.recent_deaths, figures.recent_unverified) == (2, 53, 0)


def test_a_list_of_incidents_says_how_many_of_them_nobody_verified(mission, analyst, signed_in):
    rows = f"/{mission.code}/incidents/"
    filed(analyst, mission, source=B2)
    assert "unverified" not in signed_in(analyst).get(rows).content.decode()
    filed(analyst, mission)
    filed(analyst, mission, kind="clash", civilian_deaths=None)
    assert "2 of them unverified (F6)" in signed_in(analyst).get(rows).content.decode()
    text = signed_in(analyst).get(f"{rows}?against_civilians=true").content.decode()
    assert "1 of them unverified (F6)" in text


def test_whoever_filed_an_alert_nobody_can_judge_does_not_confirm_it(mission, member):
    filer, other = member(Role.ANALYST), member(Role.ANALYST)
    alert = AlertFactory(mission=mission, reliability="F", credibility=6, created_by=filer)
    for user, words in ((filer, "somebody else must confirm it"), (other, "")):
        if words:
            with pytest.raises(ValidationError, match=words):
                take_step(alert, user=user, step="verified", verification="confirmed")
        else:
            take_step(alert, user=user, step="verified", verification="confirmed")
        alert.refresh_from_db()
        assert alert.awaits_verification is bool(words)
    mine = AlertFactory(mission=mission, reliability="F", credibility=6, created_by=filer)
    take_step(mine, user=filer, step="verified", verification="false")
    mine.refresh_from_db()
    assert mine.is_found_false
