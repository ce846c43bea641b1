import contextlib
import datetime

import numpy as np
import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone, translation
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from missions.choices import Role
from missions.need_to_know import LAYERS
from records.declassifying import declassifying
from tests.factories import (
    TODAY,
    AlertFactory,
    CommunityFactory,
    IncidentFactory,
    MembershipFactory,
    MissionFactory,
)
from tests.proof import size
from threats.choices import HORIZONS
from threats.models import (
    Community,
    EvidenceChange,
    EvidenceSums,
    RecomputeLane,
    RecomputeRequest,
    RiskHistory,
    RiskScore,
    RiskState,
)
from threats.risk import kernels
from threats.scoring import history
from threats.scoring import recompute as scores
from threats.scoring.checks import check_scores
from threats.scoring.explanations import explain, terms_of
from threats.scoring.recompute import (
    recompute_mission,
    recompute_pending,
    recompute_whole,
    request_daily_scores,
)
from threats.scoring.requests import Scope, request_recompute
from threats.scoring.rows import stored_sums
from threats.services.communities import edit_community, withdraw_community
from threats.services.grading import (
    add_source,
    edit_source,
    verify_incident,
    withdraw_source,
)
from threats.services.incidents import (
    edit_incident,
    report_incident,
    withdraw_incident,
)
from threats.services.merging import merge_incidents

DAY = datetime.timedelta(days=1)


def stored(mission):
    """Every score of a mission as comparable values."""
    rows = RiskScore.objects.filter(mission=mission).order_by("pk")
    return [
        (s.pk, s.community_id, s.date, s.horizon, s.clearance, s.band, s.is_silent,
         round(s.expected, 10), s.week_before and round(s.week_before, 10))
        for s in rows
    ]  # fmt: skip


def sums_of(mission):
    """Stored sums as they are read today, by community in the order of ids."""
    ids = np.array(
        Community.objects.current()
        .filter(mission=mission)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    state = RiskState.objects.get(mission=mission)
    return kernels.moved(stored_sums(ids, mission=mission), (state.until - state.landmark).days)


def full(mission):
    request_recompute(mission)
    recompute_mission(mission.pk)
    return stored(mission)


def agree(first, second):
    """To 1e-9 relative to max(1, |x|)."""
    return bool((np.abs(first - second) <= 1e-9 * np.maximum(1, np.abs(second))).all())


@pytest.fixture
def places(mission):
    return [
        CommunityFactory(mission=mission, longitude=20.0 + 0.3 * n, latitude=5.0) for n in range(6)
    ]


def test_every_community_has_a_score_per_horizon_and_clearance(demo):
    today = RiskScore.objects.filter(mission=demo, date=TODAY)
    assert today.count() == 393 * 2 * LAYERS == RiskScore.objects.filter(mission=demo).count()
    assert not RecomputeRequest.objects.exists()
    assert not EvidenceChange.objects.exists()


def test_every_score_is_the_sum_of_its_contributions_for_each_clearance(demo, member):
    analyst = member(Role.ANALYST, where=demo)
    for level in (1, 2):
        for n in range(4):
            report_incident(
                user=analyst, mission=demo, kind="killing", longitude=20.0 + n, latitude=5.5,
                start_date=TODAY - n * DAY, classification=level, deaths_best=n,
            )  # fmt: skip
    recompute_mission(demo.pk)
    result = check_scores(demo)
    assert result.scores == 393 * 2 * LAYERS
    assert result.holds, result
    call_command("check_risk", mission=demo.code)
    score = RiskScore.objects.filter(mission=demo, clearance=2).order_by("-probability").first()
    RiskScore.objects.filter(pk=score.pk).update(expected=score.expected + 1e-6)
    assert not check_scores(demo).holds
    with pytest.raises(CommandError, match="not the sum"):
        call_command("check_risk", mission=demo.code)


def test_a_report_changes_the_scores_nearby_as_a_full_run_would(mission, places, member):
    analyst = member(Role.ANALYST)
    full(mission)
    before = Community.objects.visible_to(analyst).with_risk(analyst).get(pk=places[0].pk)
    incident = report_incident(
        user=analyst, mission=mission, kind="killing", longitude=20.0, latitude=5.0,
        start_date=TODAY - 40 * DAY,
    )  # fmt: skip
    recompute_pending()
    after = Community.objects.visible_to(analyst).with_risk(analyst).get(pk=places[0].pk)
    assert after.probability > before.probability
    incremental = sums_of(mission)
    full(mission)
    assert agree(incremental, sums_of(mission))

    edit_incident(incident, user=analyst, longitude=21.4, start_date=TODAY, end_date=TODAY)
    withdraw_incident(incident, user=analyst, reason="a rumour")
    recompute_pending()
    again = Community.objects.visible_to(analyst).with_risk(analyst).get(pk=places[0].pk)
    assert again.probability == pytest.approx(before.probability, abs=1e-12)


reports = st.tuples(
    st.just("report"), st.floats(19.5, 22.0), st.floats(4.5, 5.5), st.integers(0, 900),
    st.sampled_from(["killing", "clash", "tension", "unrest"]), st.integers(0, 2),
    st.sampled_from(["exact", "near", "district", "province", "linear", "country"]),
    st.one_of(st.none(), st.integers(0, 300)),
    st.sampled_from([None, "F6", "B2"]),
)  # fmt: skip
steps = st.one_of(
    reports,
    st.tuples(st.just("move"), st.integers(0, 20), st.floats(19.5, 22.0)),
    st.tuples(st.just("redate"), st.integers(0, 20), st.integers(0, 900)),
    st.tuples(st.just("blur"), st.integers(0, 20), st.sampled_from(["day", "week", "month"])),
    st.tuples(st.just("reclassify"), st.integers(0, 20), st.integers(0, 2)),
    st.tuples(st.just("withdraw"), st.integers(0, 20)),
    st.tuples(st.just("merge"), st.integers(0, 20), st.integers(0, 20)),
    st.tuples(st.just("source"), st.integers(0, 20), st.sampled_from(["F6", "B2"])),
    st.tuples(st.just("grade"), st.integers(0, 20), st.sampled_from(["F6", "B2"])),
    st.tuples(st.just("unsource"), st.integers(0, 20)),
    st.tuples(st.just("verify"), st.integers(0, 20)),
    st.tuples(st.just("later"), st.integers(1, 1_500)),
    st.tuples(st.just("resettle"), st.integers(0, 3), st.floats(19.5, 22.0)),
    st.tuples(st.just("run")),
)


def graded(grade):
    return {"reliability": grade[0], "credibility": int(grade[1])}


def play(sequence, mission, analyst, communities):
    incidents = []
    for step in sequence:
        name, *values = step
        if name == "report":
            lon, lat, ago, kind, level, precision, deaths, grade = values
            incidents.append(
                report_incident(
                    user=analyst,
                    mission=mission,
                    kind=kind,
                    longitude=lon,
                    latitude=lat,
                    start_date=mission.today - ago * DAY,
                    classification=level,
                    place_precision=precision,
                    deaths_best=deaths,
                    source=None if grade is None else {"kind": "patrol", **graded(grade)},
                )
            )
        elif name == "later":
            mission.reference_date += values[0] * DAY
            mission.save()
            request_daily_scores()
        elif name == "resettle":
            edit_community(communities[values[0]], user=analyst, longitude=values[1])
        elif name == "run":
            recompute_mission(mission.pk)
        elif incidents:
            change(incidents, analyst, name, *values)


def change(incidents, analyst, name, which, *values):
    """Change one of the incidents on record."""
    number = which % len(incidents)
    incident = incidents[number]
    if name == "move":
        edit_incident(incident, user=analyst, longitude=values[0])
    elif name == "redate":
        day = incident.mission.today - values[0] * DAY
        edit_incident(incident, user=analyst, start_date=day, end_date=day)
    elif name == "blur":
        edit_incident(incident, user=analyst, date_precision=values[0])
    elif name == "reclassify":
        with declassifying("it was in the news"):
            edit_incident(incident, user=analyst, classification=values[0])
    elif name == "withdraw":
        withdraw_incident(incidents.pop(number), user=analyst, reason="a rumour")
    elif name == "source":
        add_source(user=analyst, incident=incident, kind="patrol", **graded(values[0]))
    elif name in ("grade", "unsource"):
        for source in incident.sources.current()[:1]:
            if name == "grade":
                edit_source(source, user=analyst, **graded(values[0]))
            else:
                withdraw_source(source, user=analyst, reason="the same person")
    elif name == "verify":
        with contextlib.suppress(ValidationError):  # it waits for nothing
            other = MembershipFactory(mission=incident.mission, role=Role.ANALYST, clearance=2)
            verify_incident(incident, user=other.member)
    elif values[0] % len(incidents) != number:
        other = incidents[values[0] % len(incidents)]
        with contextlib.suppress(ValidationError):  # a secret one into one that waits
            merge_incidents(user=analyst, keep=incident, other=other)
            incidents.remove(other)


@pytest.mark.prove
@given(st.lists(steps, min_size=1, max_size=14))
@example([  # the record's end goes back by more than a year
    ("report", 20.373444534335253, 4.97293093203616, 100, "killing", 0, "exact", None, None),
    ("report", 20.373444534335253, 4.97293093203616, 100, "tension", 2, "exact", None, None),
    ("run",), ("move", 16, 19.5), ("move", 0, 21.518479823247844), ("redate", 16, 504),
    ("move", 11, 21.799623488774696), ("withdraw", 3),
])  # fmt: skip
@settings(
    max_examples=size(40, 400), deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
def test_any_sequence_of_changes_comes_to_what_a_full_run_comes_to(db, sequence):
    with transaction.atomic():
        mission = MissionFactory()
        analyst = MembershipFactory(mission=mission, role=Role.ANALYST, clearance=2).member
        communities = [
            CommunityFactory(mission=mission, longitude=20.0 + 0.4 * n, latitude=5.0)
            for n in range(4)
        ]
        full(mission)
        play(sequence, mission, analyst, communities)
        request_daily_scores()
        recompute_mission(mission.pk)
        incremental, by_difference = sums_of(mission), stored(mission)
        assert check_scores(mission).holds
        anew = full(mission)
        assert agree(incremental, sums_of(mission))
        for one, other in zip(by_difference, anew, strict=True):
            assert one[:5] == other[:5]
            assert one[7] == pytest.approx(other[7], abs=1e-9)
        transaction.set_rollback(True)


def test_what_is_no_news_of_the_week_is_told_apart_from_it(mission, places, member):
    user = member(Role.ANALYST)
    full(mission)
    IncidentFactory(mission=mission, start_date=TODAY.replace(day=1), end_date=TODAY,
                    date_precision="month")  # fmt: skip
    request_recompute(mission, Scope.WHOLE)
    RecomputeRequest.objects.filter(scope=Scope.HISTORY).delete()  # what was said stands
    recompute_mission(mission.pk)
    score = RiskScore.objects.visible_to(user).get(community=places[0], horizon=30)
    found = explain(score, places[0], user)
    said = {row.label: row.expected for row in found.changes}
    assert said["1 incident of recent weeks, its day unknown"] > 0
    assert not [label for label in said if "of the last week" in label]
    assert sum(said.values()) == pytest.approx(score.expected - found.week_before, abs=1e-9)


def full_and_a_report(mission, member):
    full(mission)
    report_incident(
        user=member(Role.ANALYST), mission=mission, kind="killing", longitude=20.0, latitude=5.0,
        start_date=TODAY,
    )  # fmt: skip


def test_changes_are_counted_once_however_often_the_worker_runs(mission, places, member):
    full_and_a_report(mission, member)
    assert recompute_mission(mission.pk) > 0
    once = stored(mission)
    assert recompute_mission(mission.pk) == 0
    assert stored(mission) == once


def test_an_interrupted_run_leaves_its_work_to_the_next(mission, places, member, monkeypatch):
    full_and_a_report(mission, member)
    before = stored(mission)

    def broken(*args):
        raise ConnectionError

    monkeypatch.setattr(scores, "upsert", broken)
    with pytest.raises(ConnectionError), transaction.atomic():
        recompute_mission(mission.pk)
    monkeypatch.undo()
    assert stored(mission) == before
    assert EvidenceChange.objects.filter(mission=mission).count() == 1
    recompute_mission(mission.pk)
    incremental = sums_of(mission)
    full(mission)
    assert agree(incremental, sums_of(mission))


@pytest.fixture
def beside(mission, places):
    """Another mission, computed as well."""
    other = MissionFactory()
    CommunityFactory(mission=other, longitude=20.0, latitude=5.0)
    full(mission)
    full(other)
    return other


def break_off(monkeypatch, mission):
    """Make every recompute of the mission fail, until what is returned is called."""
    do, said = scores._Run.do, "Jean of Le marché"

    def failing(run):
        if run.mission.pk == mission.pk:
            raise ValueError(said)
        return do(run)

    monkeypatch.setattr(scores._Run, "do", failing)
    return monkeypatch.undo


def test_a_mission_whose_recompute_fails_is_put_off_and_holds_up_no_other(
    mission, places, beside, member, monkeypatch, caplog
):
    for each in (mission, beside):
        report_incident(
            user=member(Role.ANALYST, where=each), mission=each, kind="killing", longitude=20.0,
            latitude=5.0, start_date=TODAY,
        )  # fmt: skip
    mend = break_off(monkeypatch, mission)
    assert recompute_pending() > 0
    assert set(EvidenceChange.objects.values_list("mission", flat=True)) == {mission.pk}
    lanes = RecomputeLane.objects.filter(mission=mission, is_whole=False)
    lane = lanes.get()
    assert (lane.tries, lane.leased_until) == (1, None)
    assert f"scores of mission {mission.pk}: try 1 failed, the next in 1 s" in caplog.text
    assert "ValueError" in caplog.text
    assert "Jean" not in caplog.text
    assert recompute_pending() == 0
    assert lanes.get().tries == 1  # not tried at every wake

    for _try in range(12):
        lanes.update(due_at=timezone.now())
        assert recompute_pending() == 0
    waits = lanes.get().due_at - timezone.now()
    assert datetime.timedelta(seconds=590) < waits <= datetime.timedelta(seconds=600)
    mend()
    lanes.update(due_at=timezone.now())
    assert recompute_pending() > 0
    assert lanes.get().tries == 0
    incremental = sums_of(mission)
    full(mission)
    assert agree(incremental, sums_of(mission))


def test_a_whole_recompute_that_fails_holds_up_no_other_and_a_command_mends_it(
    mission, places, beside, monkeypatch
):
    for each in (mission, beside):
        request_recompute(each)
    mend = break_off(monkeypatch, mission)
    assert recompute_whole() > 0
    assert set(RecomputeRequest.objects.values_list("mission", flat=True)) == {mission.pk}
    assert recompute_whole() == 0
    lanes = RecomputeLane.objects.filter(mission=mission)
    assert list(lanes.values_list("is_whole", "tries")) == [(True, 1)]
    mend()
    call_command("recompute_risk", mission=mission.code)
    assert not RecomputeRequest.objects.exists()
    assert lanes.get().tries == 0
    request_recompute(mission)
    assert recompute_whole() > 0  # at once, not when the last failure would have let it


def test_a_worker_that_lost_its_lane_stores_nothing(mission, places, member, monkeypatch):
    full_and_a_report(mission, member)
    before = stored(mission)
    do = scores._Run.do

    def overtaken(run):
        written = do(run)
        RecomputeLane.objects.update(leased_until=timezone.now())
        return written

    monkeypatch.setattr(scores._Run, "do", overtaken)
    assert recompute_pending() == 0
    assert stored(mission) == before
    assert EvidenceChange.objects.filter(mission=mission).exists()


def test_time_moves_by_one_multiplication_and_takes_in_what_it_reaches(mission, places, member):
    analyst = member(Role.ANALYST)
    IncidentFactory(mission=mission)
    report_incident(
        user=analyst, mission=mission, kind="killing", longitude=20.0, latitude=5.0,
        start_date=TODAY,
    )  # fmt: skip
    mission.reference_date = TODAY - 10 * DAY
    mission.save()
    full(mission)
    unmoved = list(EvidenceSums.objects.filter(mission=mission).values_list("values", flat=True))
    mission.reference_date = TODAY - 5 * DAY
    mission.save()
    request_daily_scores()
    recompute_mission(mission.pk)
    again = list(EvidenceSums.objects.filter(mission=mission).values_list("values", flat=True))
    assert again == unmoved
    mission.reference_date = TODAY + 2_000 * DAY
    mission.save()
    request_daily_scores()
    recompute_mission(mission.pk)
    state = RiskState.objects.get(mission=mission)
    assert state.landmark == state.until == mission.today
    incremental = sums_of(mission)
    full(mission)
    assert agree(incremental, sums_of(mission))


def test_moving_the_reference_date_back_is_a_full_run(mission, places):
    IncidentFactory(mission=mission)
    full(mission)
    mission.reference_date = TODAY - 400 * DAY
    mission.save()
    request_daily_scores()
    recompute_mission(mission.pk)
    assert sums_of(mission).sum() == 0


def test_each_clearance_has_scores_from_what_it_may_see(mission, places, member):
    IncidentFactory(mission=mission, classification=2)
    IncidentFactory(mission=mission, classification=1)
    full(mission)
    low, middle, high = (
        Community.objects.visible_to(user).with_risk(user).get(pk=places[0].pk).probability
        for user in (member(clearance=level) for level in (0, 1, 2))
    )
    assert low < middle < high


def test_unclassified_scores_do_not_know_of_secrets(mission, places):
    without = [row for row in full(mission) if row[4] == 0]
    IncidentFactory(mission=mission, classification=1)
    assert [row for row in full(mission) if row[4] == 0] == without


def test_places_known_only_to_the_country_count_nowhere(mission, places):
    before = full(mission)
    IncidentFactory(mission=mission, place_precision="country")
    IncidentFactory(mission=mission, longitude=None, latitude=None)
    IncidentFactory(mission=mission, kind="unrest", against_civilians=False)
    assert full(mission) == before


def test_a_warning_raises_the_score_less_than_an_attack(mission, places):
    background = full(mission)[0][7]
    warning = IncidentFactory(mission=mission, kind="tension", against_civilians=False)
    warned = full(mission)[0][7]
    warning.kind, warning.against_civilians = "killing", True
    warning.save()
    attacked = full(mission)[0][7]
    assert background < warned < attacked


def test_a_new_day_asks_for_scores_once(mission, places):
    full(mission)
    assert mission.pk not in _asked(request_daily_scores)
    mission.reference_date = TODAY + DAY
    mission.save()
    assert mission.pk in _asked(request_daily_scores)
    recompute_pending()
    assert {s.date for s in RiskScore.objects.filter(mission=mission)} == {mission.reference_date}
    assert mission.pk not in _asked(request_daily_scores)


def test_a_mission_without_communities_is_left_alone(db):
    empty = MissionFactory()
    assert empty.pk not in _asked(request_daily_scores)


def test_a_withdrawn_community_takes_its_scores_along(mission, places, member):
    full(mission)
    withdraw_community(places[0], user=member(Role.ANALYST), reason="a name twice")
    assert not RiskScore.objects.filter(community=places[0]).exists()
    assert not EvidenceSums.objects.filter(community=places[0]).exists()


def test_the_management_command_recomputes_at_once(mission, places):
    call_command("recompute_risk", mission=mission.code)
    assert RiskScore.objects.filter(mission=mission).count() == 6 * 2 * LAYERS


# -- explanations ----------------------------------------------------------------------------


def test_the_explanation_names_only_what_the_reader_may_see(mission, places, member):
    secret = IncidentFactory(mission=mission, classification=2)
    known = IncidentFactory(mission=mission, longitude=20.1)
    full(mission)
    for level, expected in ((0, {known}), (2, {known, secret})):
        user = member(clearance=level)
        score = RiskScore.objects.visible_to(user).get(community=places[0], horizon=30)
        found = explain(score, places[0], user)
        assert {row.incident for row in found.leading} == expected
        assert sum(part.expected for part in found.parts) == pytest.approx(score.expected, abs=1e-9)
        assert sum(terms_of(score).values()) == pytest.approx(score.expected, abs=1e-9)


def test_what_changed_in_a_week_sums_to_the_difference(mission, places, member):
    user = member(Role.ANALYST)
    IncidentFactory(mission=mission, start_date=TODAY - 30 * DAY, end_date=TODAY - 30 * DAY)
    full(mission)
    IncidentFactory(mission=mission, start_date=TODAY, end_date=TODAY)
    late = report_incident(
        user=user, mission=mission, kind="killing", longitude=20.05, latitude=5.0,
        start_date=TODAY - 20 * DAY,
    )  # fmt: skip
    request_recompute(mission, Scope.WHOLE)
    RecomputeRequest.objects.filter(scope=Scope.HISTORY).delete()  # what was said stands
    recompute_mission(mission.pk)
    for horizon in HORIZONS:
        score = RiskScore.objects.visible_to(user).get(community=places[0], horizon=horizon)
        found = explain(score, places[0], user)
        changes = sum(row.expected for row in found.changes)
        assert changes == pytest.approx(score.expected - found.week_before, abs=1e-9)
        assert [row.expected > 0 for row in found.changes] == [True, False, True]
    assert late.pk in {row.incident.pk for row in found.leading}


def test_an_alert_of_the_week_is_told_as_an_alert_and_not_as_an_incident(mission, places, member):
    user = member(Role.ANALYST)
    IncidentFactory(mission=mission, start_date=TODAY - 30 * DAY, end_date=TODAY - 30 * DAY)
    full(mission)
    AlertFactory(
        mission=mission, imminence="imminent", longitude=20.05, latitude=5.0, reliability="B",
        credibility=2, received_at=mission.now,
    )  # fmt: skip
    request_recompute(mission, Scope.WHOLE)
    RecomputeRequest.objects.filter(scope=Scope.HISTORY).delete()  # what was said stands
    recompute_mission(mission.pk)
    score = RiskScore.objects.visible_to(user).get(community=places[0], horizon=30)
    for language, said in (("en", "1 alert of the last week"), ("fr", "1 alerte")):
        with translation.override(language):
            labels = [row.label for row in explain(score, places[0], user).changes]
        assert labels[0].startswith(said)
        assert not any("incident" in label for label in labels)


def test_the_explanation_counts_in_words(mission, places, member):
    for days in (3, 10, 25):
        IncidentFactory(mission=mission, start_date=TODAY - days * DAY, end_date=TODAY - days * DAY)
    full(mission)
    user = member(Role.ANALYST)
    score = RiskScore.objects.visible_to(user).get(community=places[0], horizon=30)
    labels = [part.label for part in explain(score, places[0], user).parts]
    assert labels[0] == "3 attacks on civilians within 25 km in the last 30 days"


# -- history ---------------------------------------------------------------------------------


def test_what_was_said_is_kept_and_not_rewritten(mission, places, member):
    full(mission)
    said = {s.pk: s.probability for s in RiskScore.objects.filter(mission=mission)}
    mission.reference_date = TODAY + DAY
    mission.save()
    request_daily_scores()
    recompute_mission(mission.pk)
    kept = RiskHistory.objects.filter(mission=mission, date=TODAY)
    assert kept.count() == len(said)
    assert not kept.filter(is_reconstructed=True).exists()
    IncidentFactory(mission=mission, start_date=TODAY - DAY, end_date=TODAY - DAY)
    full(mission)
    before = sorted(kept.values_list("probability", flat=True))
    assert before == pytest.approx(sorted(said.values()))
    reconstructed = RiskHistory.objects.filter(mission=mission, is_reconstructed=True)
    assert reconstructed.filter(date=TODAY.replace(day=1)).exists()


def test_a_reconstructed_day_is_what_a_run_on_that_day_would_have_said(mission, places):
    IncidentFactory(mission=mission, start_date=TODAY - 100 * DAY, end_date=TODAY - 100 * DAY)
    IncidentFactory(mission=mission, start_date=TODAY - DAY, end_date=TODAY - DAY)
    full(mission)
    day = TODAY.replace(day=1)
    reconstructed = list(
        RiskHistory.objects.filter(mission=mission, date=day)
        .order_by("community", "horizon", "clearance").values_list("expected", flat=True)
    )  # fmt: skip
    mission.reference_date = day
    mission.save()
    full(mission)
    direct = RiskScore.objects.filter(mission=mission).order_by("community", "horizon", "clearance")
    assert reconstructed == pytest.approx(list(direct.values_list("expected", flat=True)), abs=1e-9)


def test_history_is_thinned_to_a_bounded_number_of_days(mission, places, member):
    full(mission)
    RiskHistory.objects.filter(mission=mission).delete()
    model = RiskState.objects.get(mission=mission).model
    RiskHistory.objects.bulk_create(
        RiskHistory(
            mission=mission, community=places[0], date=TODAY - n * DAY, horizon=30, clearance=0,
            expected=0.1, probability=0.1, band=1, model=model,
        )
        for n in range(1, 4_100)
    )  # fmt: skip
    history.thin(mission)
    dates = set(RiskHistory.objects.filter(mission=mission).values_list("date", flat=True))
    assert {TODAY - n * DAY for n in range(1, 32)} <= dates
    year = {TODAY - n * DAY for n in range(32, 366) if (TODAY - n * DAY).isoweekday() == 1}
    assert year <= dates
    assert datetime.date(2013, 3, 1) in dates
    assert datetime.date(2012, 12, 1) not in dates
    assert len(dates) <= 31 + 53 + 121


def _asked(function):
    RecomputeRequest.objects.all().delete()
    function()
    return set(RecomputeRequest.objects.values_list("mission_id", flat=True))


def test_a_difference_of_a_family_that_is_no_more_is_left_and_later_swept(mission, places):
    full(mission)
    EvidenceChange.objects.create(
        mission=mission, sign=1, family="gone", longitude=20.0, latitude=6.0,
        day=TODAY.toordinal(), first=TODAY.toordinal(), precision=0, deaths=0, layer=0,
    )  # fmt: skip
    assert recompute_pending() == 0  # and ends
    full(mission)
    assert not EvidenceChange.objects.exists()
