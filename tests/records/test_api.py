from missions.choices import Role
from tests.battery import Changed, Followed, Listed, ResourceBattery
from tests.factories import (
    AdminAreaFactory,
    ComponentFactory,
    FieldOfficeFactory,
    IntakeFactory,
    MembershipFactory,
    UserFactory,
)


class TestComponents(Listed, Followed, Changed):
    resource, factory = "components", ComponentFactory
    writer, change = Role.ADMIN, {"name": "Riverine unit"}

    def payload(self, mission):
        return {"mission": mission.code, "kind": "military", "name": "Engineers"}


class TestFieldOffices(Listed, Followed, Changed):
    resource, factory = "field-offices", FieldOfficeFactory
    writer, change = Role.ADMIN, {"name": "Sibut"}

    def payload(self, mission):
        return {"mission": mission.code, "name": "Bria", "longitude": 22.0, "latitude": 6.5}


class TestAdminAreas(Listed, Followed, Changed):
    resource, factory = "admin-areas", AdminAreaFactory
    writer, change = Role.ADMIN, {"name": "Renamed"}

    def payload(self, mission):
        polygon = AdminAreaFactory.build(mission=mission).polygon
        return {
            "mission": mission.code, "code": "X-1", "name": "X", "level": 1, "polygon": polygon,
        }  # fmt: skip


class TestMemberships(Listed, Followed, Changed):
    resource, factory = "memberships", MembershipFactory
    reader = Role.ADMIN
    writer, change = Role.ADMIN, {"role": "analyst"}

    def payload(self, mission):
        return {"mission": mission.code, "member": UserFactory().pk, "role": "viewer"}

    def test_list_and_detail(self, mission, member, api):
        record = self.make(mission)
        assert api(member(Role.ADMIN)).get(self.url(record.pk)).status_code == 200
        assert api(record.member).get(self.url(record.pk)).status_code == 200
        assert api(member()).get(self.url(record.pk)).status_code == 404

    def test_csv_xlsx_and_geojson_hold_the_whole_list(self, mission, member, api):
        answer = api(member(Role.ADMIN)).get(self.url() + "?format=csv")
        assert answer.status_code == 200

    def test_fields_and_omit(self, mission, member, api):
        record = self.make(mission)
        assert set(api(record.member).get(self.url(record.pk) + "?fields=id").json()) == {"id"}

    def test_update_refused(self, mission, member, api):
        record = self.make(mission)
        assert api(record.member).patch(self.url(record.pk), self.change).status_code == 403

    def test_withdraw_refused(self, mission, member, api):
        record = self.make(mission)
        client = api(record.member)
        assert client.delete(self.url(record.pk) + "?reason=mistaken").status_code == 403

    def test_not_modified(self, mission, member, api):
        record = self.make(mission)
        etag = api(record.member).get(self.url(record.pk))["ETag"]
        again = api(record.member).get(self.url(record.pk), headers={"If-None-Match": etag})
        assert again.status_code == 304

    def test_fixed_number_of_queries(self, mission, member, api, django_assert_num_queries):
        client = api(member(Role.ADMIN))
        client.get(self.url())
        for _n in range(5):
            self.make(mission)
        with django_assert_num_queries(3):  # the rate, the keys, the records
            client.get(self.url())


def test_missions_are_ones_own(mission, member, api):
    (own,) = api(member()).get("/api/v1/missions/").json()["results"]
    assert own["code"] == mission.code
    assert own["today"] == "2022-12-31"


class TestIntakes(ResourceBattery):
    resource, factory = "intakes", IntakeFactory
    writer, change = Role.ADVISER, {"name": "renamed"}

    def payload(self, mission):
        mapping = {"kind": {"from": "type", "values": {"raid": "attack"}}}
        return {"mission": mission.code, "name": "x", "resource": "incidents", "mapping": mapping}
