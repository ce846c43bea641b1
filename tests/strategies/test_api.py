from missions.choices import Role
from tests.battery import ResourceBattery
from tests.factories import ActivityFactory, ComponentFactory, ThreatFactory


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
