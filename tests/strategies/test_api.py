from missions.choices import Role
from tests.battery import ResourceBattery
from tests.factories import ActivityFactory, ComponentFactory, MembershipFactory, ThreatFactory


class TestActivities(ResourceBattery):
    resource, factory, writer = "activities", ActivityFactory, Role.PLANNER
    refused, change = Role.ANALYST, {"status": "under_way"}

    def payload(self, mission):
        return {
            "mission": mission.code, "title": "Night patrol", "tier": 2, "phase": "response",
            "lead_component": ComponentFactory(mission=mission).pk, "start": "2022-12-31",
            "due": "2023-01-05", "threats": [ThreatFactory(mission=mission).pk],
        }  # fmt: skip

    def test_due_before_start_is_refused_with_both_dates(self, mission, member, api):
        body = self.payload(mission) | {"due": "2022-12-01"}
        answer = api(member(Role.PLANNER)).post(self.url(), body)
        (error,) = answer.json()["errors"]
        assert error["field"] == "due"
        assert "2022-12-01" in error["message"]
        assert "2022-12-31" in error["message"]

    def test_a_planner_of_one_component_plans_for_no_other(self, mission, member, api):
        own, other = (ComponentFactory(mission=mission) for _n in range(2))
        client = api(member(Role.PLANNER, component=own))
        body = self.payload(mission)
        assert client.post(self.url(), body | {"lead_component": own.pk}).status_code == 201
        assert client.post(self.url(), body | {"lead_component": other.pk}).status_code == 403

    def test_another_missions_threat_is_refused_by_name(self, mission, member, api):
        planner = member(Role.PLANNER)
        elsewhere = ThreatFactory(title="A threat elsewhere")
        MembershipFactory(member=planner, mission=elsewhere.mission, role=Role.PLANNER)
        body = self.payload(mission) | {"threats": [elsewhere.pk]}
        answer = api(planner).post(self.url(), body)
        (error,) = answer.json()["errors"]
        assert (answer.status_code, error["field"]) == (400, "threats")
        assert "“A threat elsewhere” belongs to another mission" in error["message"]

    def test_a_title_of_10000_characters_is_refused(self, mission, member, api):
        answer = api(member(Role.PLANNER)).post(
            self.url(), self.payload(mission) | {"title": "x" * 10_000}
        )
        (error,) = answer.json()["errors"]
        assert error["field"] == "title"
        assert "250" in error["message"]
