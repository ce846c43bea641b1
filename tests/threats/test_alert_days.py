"""An alert counts on the day it was received, whenever somebody typed it."""

import datetime
from importlib import import_module

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection
from django.urls import reverse

from missions.access import Reader
from missions.services import change_mission
from strategies.brief.facts import gather
from tests.factories import (
    CommunityFactory,
    IncidentFactory,
    ThreatFactory,
    UserFactory,
)
from threats.alerts.figures import alert_figures
from threats.models import Alert, EvidenceChange, RecomputeRequest, RiskScore
from threats.scoring.checks import check_scores
from threats.scoring.recompute import recompute_mission
from threats.scoring.record import record_of
from threats.scoring.requests import request_recompute
from threats.scoring.suggestions import suggestions_for
from threats.services.alerts import edit_alert, report_alert, take_step

YEAR_END = datetime.date(2022, 12, 31)
WHERE = {"longitude": 20.0, "latitude": 5.0}
B2 = {"reliability": "B", "credibility": 2}


def at(mission, month: int, day: int, hour: int = 12, minute: int = 0) -> datetime.datetime:
    return datetime.datetime(2022, month, day, hour, minute, tzinfo=mission.zone)


@pytest.fixture
def mission(juba):
    return juba


@pytest.fixture
def planner(planner_in_juba):
    return planner_in_juba


def received(mission, user, moment, **values):
    return report_alert(
        user=user, mission=mission, details="x", imminence="imminent", kind="attack",
        received_at=moment, **WHERE, **B2, **values,
    )  # fmt: skip


def test_an_alert_of_november_typed_in_december_counts_in_november(mission, planner):
    alert = received(mission, planner, at(mission, 11, 1))
    assert alert.mission_day == datetime.date(2022, 11, 1)
    december = gather(mission, 2, datetime.date(2022, 12, 26))
    november = gather(mission, 2, datetime.date(2022, 10, 31))
    assert (december.week.alerts, november.week.alerts) == (0, 1)
    assert (december.alerts.rows, november.alerts.rows) == ([], [alert])
    assert [group.name for group in alert_figures(mission, planner).by_month] == ["2022-11"]
    (own,) = record_of(mission, 2).sources
    assert own.spans[0][0] == datetime.date(2022, 11, 1)


def test_an_alert_after_midnight_in_juba_counts_on_that_day(mission, planner):
    alert = received(mission, planner, at(mission, 12, 26, 0, 30))  # the 25th by UTC
    assert alert.mission_day == datetime.date(2022, 12, 26)
    assert gather(mission, 2, datetime.date(2022, 12, 26)).week.alerts == 1


def test_a_warning_of_september_has_faded_by_december(mission, planner):
    CommunityFactory(mission=mission, **WHERE)

    def score() -> float:
        recompute_mission(mission.pk)
        return RiskScore.objects.get(mission=mission, horizon=30, clearance=2).expected

    IncidentFactory(mission=mission, start_date=YEAR_END, longitude=24.0)  # the record goes on
    request_recompute(mission)
    without = score()
    alert = received(mission, planner, at(mission, 9, 1))
    old = score()
    edit_alert(alert, user=planner, received_at=at(mission, 12, 31, 0, 1))
    assert EvidenceChange.objects.filter(mission=mission).exists()
    new = score()  # by difference: the correction took the old day away and added the new
    assert check_scores(mission).holds
    assert new - without > 5 * (old - without) > 0
    alert.refresh_from_db()
    edit_alert(alert, user=planner, received_at=at(mission, 9, 1))
    assert score() == pytest.approx(old, abs=1e-12)


def test_a_reception_later_than_a_standing_step_is_refused_with_the_step(
    mission, planner, api, signed_in
):
    alert = received(mission, planner, at(mission, 12, 10, 8))
    take_step(
        alert, user=planner, step="decided", decision="no_response", note="Far.",
        taken_at=at(mission, 12, 10, 9),
    )  # fmt: skip
    alert.refresh_from_db()
    late, said = at(mission, 12, 10, 15), "“Decided” of 10 December 2022, 09:00 CAT"
    with pytest.raises(ValidationError, match=said) as refused:
        edit_alert(alert, user=planner, received_at=late)
    assert set(refused.value.message_dict) == {"received_at"}
    answer = api(planner).patch(f"/api/v1/alerts/{alert.pk}/", {"received_at": late.isoformat()})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "received_at"
    assert said in answer.json()["errors"][0]["message"]
    page = signed_in(planner).post(
        f"{alert.get_absolute_url()}edit/",
        {
            "imminence": "imminent", "kind": "attack", "received_at": "2022-12-10T15:00",
            "details": "x", "place_precision": "exact", "latitude": "5", "longitude": "20",
            "source_kind": "community", "reliability": "B", "credibility": "2",
            "classification": alert.classification,
        },
    )  # fmt: skip
    assert page.status_code == 422
    assert said in page.content.decode()
    edit_alert(alert, user=planner, received_at=at(mission, 12, 10, 9))  # the same minute
    assert alert_figures(mission, planner).whole.to_decision == datetime.timedelta(0)


def test_a_false_alarm_of_october_typed_in_december_is_no_sign_after_a_killing_of_november(
    mission, planner
):
    threat = ThreatFactory(mission=mission, status="active", phase="response")
    place = CommunityFactory(mission=mission, **WHERE)
    threat.communities.add(place)
    threat.incidents.add(
        IncidentFactory(mission=mission, start_date=datetime.date(2022, 11, 10), kind="killing")
    )
    alert = received(mission, planner, at(mission, 10, 1, 8), communities=[place])
    take_step(
        alert, user=planner, step="verified", verification="false",
        taken_at=at(mission, 10, 1, 10),
    )  # fmt: skip
    found = suggestions_for(mission, Reader.cleared(mission, 2), [threat])[threat.pk]
    assert found.phase != "consolidation"
    assert "A good sign" not in " ".join(found.reasons)
    # Found false after the killing, it reassures, and is dated as it happened.
    alert.refresh_from_db()
    take_step(
        alert, user=planner, step="verified", verification="false",
        taken_at=at(mission, 12, 1, 10),
    )  # fmt: skip
    Alert.objects.filter(pk=alert.pk).update(verified_at=at(mission, 12, 1, 10))
    found = suggestions_for(mission, Reader.cleared(mission, 2), [threat])[threat.pk]
    assert found.phase == "consolidation"
    assert "1 December 2022" in " ".join(map(str, found.reasons))


def test_alerts_that_stand_are_moved_to_the_day_they_were_received(mission, planner):
    request_recompute(mission)
    recompute_mission(mission.pk)
    moved = received(mission, planner, at(mission, 11, 1, 1))
    stays = received(mission, planner, at(mission, 12, 31, 0, 1))
    ours = Alert.objects.filter(mission=mission)
    ours.update(mission_day=YEAR_END)
    RecomputeRequest.objects.all().delete()
    before = Alert.objects.filter(pk=stays.pk).values().get()
    import_module("threats.migrations.0017_alert_days").count_by_reception(
        apps, type("Editor", (), {"connection": connection})
    )
    days = dict(ours.values_list("pk", "mission_day"))
    assert days == {moved.pk: datetime.date(2022, 11, 1), stays.pk: YEAR_END}
    assert Alert.objects.filter(pk=stays.pk).values().get() == before
    asked = RecomputeRequest.objects.filter(mission=mission).values_list("scope", flat=True)
    assert set(asked) == {"whole", "history"}


def test_other_clocks_of_the_mission_date_its_alerts_anew(mission, planner, client):
    alert = received(mission, planner, at(mission, 12, 26, 0, 30))
    late = received(mission, planner, mission.now)
    RecomputeRequest.objects.all().delete()
    mission.time_zone = "UTC"  # where it was the 25th still
    change_mission(mission)
    alert.refresh_from_db()
    assert alert.mission_day == datetime.date(2022, 12, 25)
    scopes = RecomputeRequest.objects.filter(mission=mission).values_list("scope", flat=True)
    assert set(scopes) == {"whole", "history"}
    administrator = UserFactory(is_staff=True, is_superuser=True)
    client.force_login(administrator)
    page = reverse("admin:missions_mission_change", args=[mission.pk])
    form = client.get(page).context["adminform"].form.initial
    values = {name: value for name, value in form.items() if value not in (None, [])}
    client.post(page, values | {
        "reference_date": "2022-12-30", "countries": "CAF", "languages": "en",
    })  # fmt: skip
    mission.refresh_from_db()
    assert mission.reference_date == datetime.date(2022, 12, 30)
    late.refresh_from_db()
    assert late.mission_day == mission.today


def test_a_mission_that_keeps_its_clocks_asks_for_no_scores(mission, planner):
    received(mission, planner, at(mission, 12, 26))
    RecomputeRequest.objects.all().delete()
    mission.name = "Another name"
    change_mission(mission)
    assert not RecomputeRequest.objects.exists()
