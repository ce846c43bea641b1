"""Strategies: versions, objectives, indicators and what was measured."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from missions.choices import Role
from records.services import EditConflict
from records.versions import version_of
from strategies.models import Indicator, Measurement, Strategy
from strategies.services.strategies import (
    add_indicator,
    add_objective,
    approve_strategy,
    create_strategy,
    edit_indicator,
    edit_strategy,
    endorse_strategy,
    measure,
    new_version,
    withdraw_part,
)
from tests.battery import Changed, Followed, Listed, ResourceBattery, Unchanged, Withdrawn
from tests.factories import (
    TODAY,
    ActivityFactory,
    IndicatorFactory,
    MeasurementFactory,
    MissionFactory,
    ObjectiveFactory,
    StrategyFactory,
    ThreatFactory,
)

DAY = datetime.timedelta(days=1)


@pytest.fixture
def planner(member):
    return member(Role.PLANNER)


@pytest.fixture
def adviser(member):
    return member(Role.ADVISER)


@pytest.fixture
def head(member):
    return member(Role.HEAD_OF_MISSION)


@pytest.fixture
def strategy(mission, planner):
    made = create_strategy(
        user=planner, mission=mission, title="Two years of protection", start=TODAY,
        end=TODAY + 730 * DAY, threats=[ThreatFactory(mission=mission)],
    )  # fmt: skip
    objective = add_objective(user=planner, strategy=made, title="Alerts are answered")
    objective.activities.add(ActivityFactory(mission=mission))
    add_indicator(
        user=planner, objective=objective, title="Answered within a day", unit="%", baseline=20,
        target=80,
    )  # fmt: skip
    return made


def test_progress_runs_from_the_baseline_to_the_target(strategy, planner):
    indicator = Indicator.objects.get(objective__strategy=strategy)
    assert indicator.progress is None
    measure(user=planner, indicator=indicator, day=TODAY - 30 * DAY, value=50)
    measure(user=planner, indicator=indicator, day=TODAY - 60 * DAY, value=20)
    assert (indicator.latest.value, indicator.progress) == (50, 0.5)
    falling = IndicatorFactory(objective=indicator.objective, baseline=40, target=10)
    MeasurementFactory(indicator=falling, value=43)
    assert falling.progress == pytest.approx(-0.1)


def test_a_cleared_version_stands_and_the_next_continues_it(strategy, planner, adviser, head):
    with pytest.raises(PermissionDenied):
        endorse_strategy(strategy, user=planner)
    endorsed = endorse_strategy(strategy, user=adviser)
    assert (endorsed.status, endorsed.endorsed_by) == ("endorsed", adviser)
    objective = endorsed.objectives.get()
    indicator = objective.indicators.get()
    for attempt in (
        lambda: edit_strategy(endorsed, user=adviser, title="Another"),
        lambda: add_objective(user=adviser, strategy=endorsed, title="One more"),
        lambda: add_indicator(user=adviser, objective=objective, title="x", baseline=0, target=1),
        lambda: edit_indicator(indicator, user=adviser, target=90.0),
        lambda: withdraw_part(objective, user=adviser, reason="mistaken"),
        lambda: endorse_strategy(endorsed, user=adviser),
    ):
        with pytest.raises(ValidationError, match="next version"):
            attempt()
    measure(user=planner, indicator=indicator, day=TODAY - DAY, value=30)

    draft = new_version(endorsed, user=planner)
    assert (draft.version, draft.status, draft.previous) == (2, "draft", endorsed)
    assert list(draft.threats.all()) == list(endorsed.threats.all())
    copied = draft.objectives.get()
    assert list(copied.activities.all()) == list(objective.activities.all())
    continued = copied.indicators.get()
    measure(user=planner, indicator=continued, day=TODAY, value=40)
    assert [row.value for row in continued.series] == [30, 40]
    edit_indicator(continued, user=planner, target=90.0)
    with pytest.raises(ValidationError, match="only one"):
        new_version(endorsed, user=planner)
    endorse_strategy(draft, user=adviser)
    endorsed.refresh_from_db()
    assert endorsed.status == "endorsed"  # until the head of mission approves the next
    approve_strategy(draft, user=head)
    endorsed.refresh_from_db()
    assert endorsed.status == "replaced"
    third = new_version(Strategy.objects.get(pk=draft.pk), user=planner)
    assert [row.value for row in third.objectives.get().indicators.get().series] == [30, 40]


def test_nothing_to_endorse(mission, adviser):
    with pytest.raises(ValidationError, match="at least one objective"):
        endorse_strategy(StrategyFactory(mission=mission), user=adviser)


def test_what_is_wrong_is_said_by_the_field(mission, strategy, planner):
    objective = strategy.objectives.get()
    with pytest.raises(ValidationError, match="does not lie after the start"):
        edit_strategy(strategy, user=planner, end=TODAY - DAY)
    with pytest.raises(ValidationError, match="nothing would change"):
        add_indicator(user=planner, objective=objective, title="x", baseline=5.0, target=5.0)
    with pytest.raises(ValidationError, match="after the mission's today"):
        measure(user=planner, indicator=objective.indicators.get(), day=TODAY + DAY, value=1)
    with pytest.raises(ValidationError, match="another mission"):
        edit_strategy(strategy, user=planner, threats=[ThreatFactory()])


def test_two_people_change_one_strategy(strategy, planner, adviser):
    seen = version_of(Strategy.objects.get(pk=strategy.pk), planner)
    edit_strategy(strategy, user=adviser, expected=seen, title="By the adviser")
    with pytest.raises(EditConflict):
        edit_strategy(strategy, user=planner, expected=seen, title="By the planner")


def test_two_people_put_their_name_to_a_strategy(strategy, planner, adviser, head, member):
    with pytest.raises(ValidationError, match="has cleared it"):
        approve_strategy(strategy, user=head)
    with pytest.raises(PermissionDenied):
        endorse_strategy(strategy, user=head)
    cleared = endorse_strategy(strategy, user=adviser)
    assert (cleared.approved_by, cleared.approved_at) == (None, None)
    for other in (planner, adviser, member(Role.ADMIN), member(Role.HEAD_OF_OFFICE)):
        with pytest.raises(PermissionDenied):
            approve_strategy(cleared, user=other)
    approved = approve_strategy(cleared, user=head)
    assert (approved.status, approved.endorsed_by, approved.approved_by) == (
        "approved",
        adviser,
        head,
    )
    assert approved.approved_at >= approved.endorsed_at
    with pytest.raises(ValidationError, match="approved once"):
        approve_strategy(approved, user=head)
    with pytest.raises(ValidationError, match="next version"):
        edit_strategy(approved, user=adviser, title="Another")


# -- pages -----------------------------------------------------------------------------------


def test_from_a_blank_page_to_an_approved_strategy(mission, adviser, member, signed_in):
    client = signed_in(adviser)
    threat = ThreatFactory(mission=mission)
    client.post(
        f"/{mission.code}/strategies/write/",
        {"title": "A strategy", "start": "2022-12-31", "end": "2023-12-31", "classification": 0,
         "threats": [threat.pk]},
    )  # fmt: skip
    strategy = Strategy.objects.get(mission=mission)
    url = strategy.get_absolute_url()
    client.post(f"{url}objective/", {"title": "Fewer attacks"})
    objective = strategy.objectives.get()
    add = f"/{mission.code}/objectives/{objective.pk}/indicator/"
    wrong = client.post(add, {"title": "Attacks", "baseline": "many", "target": "10"})
    text = wrong.content.decode()
    assert wrong.status_code == 422
    assert "“many” is not a number" in text
    assert 'value="Attacks"' in text  # nothing typed is lost
    client.post(add, {"title": "Attacks a month", "baseline": "30", "target": "10"})
    indicator = objective.indicators.get()
    client.post(
        f"/{mission.code}/indicators/{indicator.pk}/measure/", {"day": "2022-12-30", "value": "25"}
    )
    page = client.get(url).content.decode()
    assert "25 %" in page  # of the way
    assert threat.title in page
    long = client.post(f"{url}objective/", {"title": "x" * 10_000})
    assert long.status_code == 422
    assert "250" in long.content.decode()
    head = signed_in(member(Role.HEAD_OF_MISSION))
    assert 'name="approve"' not in head.get(url).content.decode()  # not before it is cleared
    client.post(f"{url}decide/", {"endorse": ""})
    page = client.get(url).content.decode()
    assert f"cleared by {adviser}" in page
    assert "not yet approved by the head of mission" in page
    assert 'name="approve"' not in page
    assert client.post(f"{url}decide/", {"approve": ""}).status_code == 403
    assert 'name="approve"' in head.get(url).content.decode()
    head.post(f"{url}decide/", {"approve": ""})
    strategy.refresh_from_db()
    page = client.get(url).content.decode()
    assert f"approved by {strategy.approved_by}" in page
    assert "not yet approved" not in page
    assert "Add an objective" not in page
    client.post(f"{url}decide/", {"continue": ""})
    draft = Strategy.objects.get(mission=mission, version=2)
    client.post(
        f"{draft.get_absolute_url()}decide/",
        {"withdraw": f"indicator-{draft.objectives.get().indicators.get().pk}", "reason": "Vague."},
    )
    assert not draft.objectives.get().indicators.current().exists()
    assert objective.indicators.current().exists()


def test_pages_keep_to_roles_and_clearance(mission, strategy, member, signed_in):
    url = strategy.get_absolute_url()
    viewer = signed_in(member(Role.VIEWER))
    assert viewer.get(url).status_code == 200
    for path in ("edit/", "objective/"):
        assert viewer.get(url + path).status_code == 403
    assert viewer.post(url + "decide/", {"endorse": ""}).status_code == 403
    assert signed_in(member(where=MissionFactory())).get(url).status_code == 404
    Strategy.objects.filter(pk=strategy.pk).update(classification=2)
    low = signed_in(member(Role.PLANNER, clearance=1))
    objective = strategy.objectives.get()
    assert low.get(url).status_code == 404
    assert low.get(f"/{mission.code}/objectives/{objective.pk}/edit/").status_code == 404
    assert strategy.title not in low.get(f"/{mission.code}/strategies/").content.decode()
    assert objective.title not in low.get(f"/{mission.code}/activities/plan/").content.decode()


def test_the_page_takes_a_fixed_number_of_queries(mission, strategy, planner, signed_in):
    client = signed_in(planner)
    counts = []
    for _round in range(3):
        for _n in range(2):
            objective = ObjectiveFactory(strategy=strategy)
            objective.activities.add(ActivityFactory(mission=mission))
            strategy.threats.add(ThreatFactory(mission=mission))
            for _k in range(2):
                MeasurementFactory(indicator=IndicatorFactory(objective=objective))
        with CaptureQueriesContext(connection) as captured:
            assert client.get(strategy.get_absolute_url()).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1] == counts[2], counts


# -- API -------------------------------------------------------------------------------------


class TestStrategies(ResourceBattery):
    resource, factory, writer, refused = "strategies", StrategyFactory, Role.PLANNER, Role.ANALYST
    change = {"title": "Another title"}

    def payload(self, mission):
        return {
            "mission": mission.code, "title": "A strategy", "start": "2023-01-01",
            "end": "2024-01-01",
        }  # fmt: skip

    def test_endorse_and_continue(self, mission, member, api):
        made = ObjectiveFactory(strategy__mission=mission).strategy
        planner, adviser = api(member(Role.PLANNER)), api(member(Role.ADVISER))
        assert planner.post(f"{self.url(made.pk)}endorse/").status_code == 403
        assert adviser.post(f"{self.url(made.pk)}endorse/").json()["status"] == "endorsed"
        assert planner.patch(self.url(made.pk), self.change).status_code == 400
        assert adviser.post(f"{self.url(made.pk)}approve/").status_code == 403
        person = member(Role.HEAD_OF_MISSION)
        answer = api(person).post(f"{self.url(made.pk)}approve/").json()
        assert (answer["status"], answer["approved_by"]) == ("approved", person.pk)
        assert answer["approved_at"] >= answer["endorsed_at"]
        draft = planner.post(f"{self.url(made.pk)}versions/").json()
        assert (draft["version"], draft["previous"]) == (2, made.pk)


class Part(Listed, Followed):
    writer, refused = Role.PLANNER, Role.VIEWER

    def test_a_secret_strategy_hides_its_parts(self, mission, member, api):
        record = self.make(mission)
        Strategy.objects.filter(mission=mission).update(classification=2)
        assert api(member(clearance=1)).get(self.url(record.pk)).status_code == 404
        assert api(member(clearance=2)).get(self.url(record.pk)).status_code == 200


class TestObjectives(Part, Changed):
    resource, change = "objectives", {"title": "Another title"}

    def make(self, mission, **values):
        return ObjectiveFactory(strategy__mission=mission, **values)

    def payload(self, mission):
        return {"strategy": StrategyFactory(mission=mission).pk, "title": "An objective"}


class TestIndicators(Part, Changed):
    resource, change = "indicators", {"target": 99.0}

    def make(self, mission, **values):
        return IndicatorFactory(objective__strategy__mission=mission, **values)

    def payload(self, mission):
        objective = ObjectiveFactory(strategy__mission=mission)
        return {"objective": objective.pk, "title": "An indicator", "baseline": 1, "target": 2}

    def test_text_for_a_number(self, mission, member, api):
        body = self.payload(mission) | {"target": "many"}
        (error,) = api(member(self.writer)).post(self.url(), body).json()["errors"]
        assert error["field"] == "target"
        assert "“many” is not a number" in error["message"]


class TestMeasurements(Part, Unchanged, Withdrawn):
    resource = "measurements"

    def make(self, mission, **values):
        return MeasurementFactory(indicator__objective__strategy__mission=mission, **values)

    def payload(self, mission):
        indicator = IndicatorFactory(objective__strategy__mission=mission)
        return {"indicator": indicator.pk, "day": "2022-12-01", "value": 3}

    def test_withdraw(self, mission, member, api):
        super().test_withdraw(mission, member, api)
        record = Measurement.objects.get(withdrawn_reason="mistaken")
        assert Indicator.objects.get(pk=record.indicator_id).latest is None
