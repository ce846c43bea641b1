"""A moment without an offset is of the mission's clocks, by whatever way it comes in."""

import datetime

import pytest
from drf_spectacular.generators import SchemaGenerator

from missions.choices import Role
from strategies.models import Activity
from tests import saying
from tests.factories import AlertFactory, ComponentFactory, IntakeFactory, MissionFactory
from threats.models import Alert, AlertStep

TODAY = datetime.date(2022, 12, 31)
SIX = datetime.datetime(2022, 12, 30, 16, 0, tzinfo=datetime.UTC)  # 18:00 in Juba
ALERT = saying.ALERT | {"details": "x", "place_name": "Kajo"}


@pytest.fixture
def user(planner_in_juba):
    return planner_in_juba


@pytest.mark.parametrize(
    "said",
    ["2022-12-30T18:00", "2022-12-30T18:00:00", "2022-12-30T16:00Z", "2022-12-30T17:00+01:00"],
)
def test_a_call_without_an_offset_means_the_missions_clocks(juba, user, api, said):
    client = api(user)
    row = ALERT | {"mission": juba.code, "received_at": said}
    made = client.post("/api/v1/alerts/", row)
    assert made.status_code == 201, made.json()
    alert = Alert.objects.get(mission=juba)
    assert alert.received_at == SIX
    address = f"/api/v1/alerts/{alert.pk}/"
    changed = client.patch(address, {"received_at": said.replace("-30T", "-29T")})
    assert changed.status_code == 200, changed.json()
    assert changed.json()["received_at"] == "2022-12-29T16:00:00.000000Z"


def test_the_hour_just_past_in_juba_is_not_of_the_future_in_a_call(juba, user, api):
    """The form's 19:53 was stored as 17:53Z; the same text in a call “lay in the future”."""
    said = (juba.now - datetime.timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M")
    made = api(user).post("/api/v1/alerts/", ALERT | {"mission": juba.code, "received_at": said})
    assert made.status_code == 201, made.json()


def test_rows_of_many_mean_it_too_made_and_changed(juba, user, api):
    for day in (30, 29):
        rows = [
            ALERT | {"mission": juba.code, "source": "desk", "external_id": n,
                     "received_at": f"2022-12-{day}T18:00"}
            for n in (1, 2)
        ]  # fmt: skip
        answer = api(user).post("/api/v1/alerts/bulk/", rows)
        assert answer.status_code == 200, answer.json()
        found = set(Alert.objects.filter(mission=juba).values_list("received_at", flat=True))
        assert found == {SIX.replace(day=day)}


def test_steps_and_corrections_mean_it_too(juba, user, api):
    alert = AlertFactory(mission=juba, received_at=SIX)
    client, address = api(user), f"/api/v1/alerts/{alert.pk}"
    answer = client.post(
        f"{address}/steps/", {"step": "acknowledged", "taken_at": "2022-12-30T18:30"}
    )
    assert answer.status_code == 200, answer.json()
    step = AlertStep.objects.get(alert=alert, step="acknowledged")
    assert step.taken_at == SIX.replace(minute=30)
    corrected = client.post(
        f"{address}/correct-step/", {"corrects": step.pk, "taken_at": "2022-12-30T18:45"}
    )
    assert corrected.json()["acknowledged_at"] == "2022-12-30T16:45:00.000000Z"


def test_the_hour_an_activity_is_due_means_it_too(juba, user, api):
    made = api(user).post(
        "/api/v1/activities/",
        {
            "mission": juba.code, "title": "Patrol", "tier": 2, "phase": "response",
            "lead_component": ComponentFactory(mission=juba).pk, "start": "2022-12-30",
            "due": "2022-12-30", "due_at": "2022-12-30T18:00",
        },
    )  # fmt: skip
    assert made.status_code == 201, made.json()
    assert Activity.objects.get(mission=juba).due_at == SIX


def test_submissions_and_sheets_mean_it_too(juba, user, api):
    intake = IntakeFactory(
        mission=juba, resource="alerts",
        mapping=saying.for_every_row("alerts") | {
            "details": {"from": "what"}, "received_at": {"from": "when", "first": "day"},
        },
    )  # fmt: skip
    said = ["30/12/2022 18:00", "2022-12-30T18:00", "2022-12-30T19:00+03:00"]
    for n, text in enumerate(said):
        answer = api(user).post(
            f"/api/v1/intakes/{intake.pk}/submissions/",
            {"_id": n, "_uuid": f"u{n}", "what": "x", "when": text},
        )
        assert answer.status_code == 200, answer.json()
    found = Alert.objects.filter(mission=juba).values_list("received_at", flat=True)
    assert list(found) == [SIX] * 3


def test_a_filter_without_an_offset_means_each_missions_clocks(juba, user, member, api):
    there = MissionFactory(time_zone="UTC", reference_date=TODAY)
    member(Role.VIEWER, where=there)
    in_juba = AlertFactory(mission=juba, received_at=SIX)
    AlertFactory(mission=juba, received_at=SIX - datetime.timedelta(minutes=1))

    def found(since: str) -> list[int]:
        answer = api(user).get("/api/v1/alerts/", {"mission": juba.code, "received_since": since})
        assert answer.status_code == 200, answer.json()
        return [row["id"] for row in answer.json()["results"]]

    assert found("2022-12-30T18:00") == found("2022-12-30T16:00Z") == [in_juba.pk]
    assert found("2022-12-30T19:00+03:00") == [in_juba.pk]
    refused = api(user).get("/api/v1/alerts/", {"received_since": "soon"})
    assert refused.status_code == 400
    assert "is not a moment" in refused.json()["errors"][0]["message"]


def test_the_schema_says_whose_clocks(juba):
    schemas = SchemaGenerator().get_schema(request=None, public=True)["components"]["schemas"]
    said = "Without an offset, by the clocks of the mission."
    for schema, name in (
        ("Alert", "received_at"), ("Activity", "due_at"), ("AlertStepRequest", "taken_at"),
        ("CorrectionRequest", "taken_at"),
    ):  # fmt: skip
        assert said in schemas[schema]["properties"][name]["description"], (schema, name)
